/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the prompts of a report are answered: by words of the command line, a file, their defaults, or whoever sits at
 * the terminal.
 */
#ifndef MSTR_CLI_ANSWERS_H
#define MSTR_CLI_ANSWERS_H

#include "names.h"
#include "tool.h"

struct progress;

struct answers {
    mstr_prompt_answer *items;
    struct names *values; /* of each answer */
    size_t count;
    struct names texts; /* contents of files, owned */
    const char *json;   /* the API's own answers; among the texts */
    bool defaults;
    bool ask;
    struct tool *tool;         /* while somebody may be asked */
    struct progress *progress; /* held meanwhile; may be NULL */
    char typed[1024];
    struct names chosen; /* out of what was typed */
};

/* Takes KEY=VALUE, KEY or KEY=@FILE in; STATUS_DONE, or a status after having told what is wrong. */
int answers_add(struct tool *tool, struct answers *answers, char *word);
/* Takes "default", "ask" or the name of a file in; likewise. */
int answers_mode(struct tool *tool, struct answers *answers, const char *how);
/* Has the request answered so; all of it must outlive the opening of the table. */
void answers_apply(struct answers *answers, struct tool *tool, struct progress *progress,
                   mstr_table_request *request);
void answers_release(struct answers *answers);

#endif
