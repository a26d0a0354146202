/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that a command was given, as ids: looked for in a list of the server's. 32 hexadecimal digits are an id,
 * which is never looked for.
 */
#ifndef MSTR_CLI_LOOKUP_H
#define MSTR_CLI_LOOKUP_H

#include "tool.h"

enum { LOOKUP_ID = 33 };

struct lookup {
    const char *what;                /* in messages: "cube" */
    const char *path;                /* of the list */
    const char *list;                /* where it is in the answer: "/result" */
    const struct mstr_header *query; /* beside the name */
    size_t query_count;              /* at most 4 */
    bool by_name;                    /* the server looks for the name */
    const int64_t *subtypes;         /* that are meant, ended by 0; NULL = all */
    bool of_project;                 /* else of the whole server */
};

/* STATUS_DONE, or a status after having told that there is none, or that there are several. */
int lookup_id(struct tool *tool, mstr_session *session, const struct lookup *lookup, const char *project,
              const char *name, char id[LOOKUP_ID]);

extern const struct lookup lookup_cube, lookup_event, lookup_subscription;

#endif
