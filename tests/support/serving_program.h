/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shell script as a provider that stays, under the scheme "x". Its text is run for each question, with $id and
 * $body set to the question's own; `answer VALUE` answers it.
 */
#ifndef MSTR_TESTS_SUPPORT_SERVING_PROGRAM_H
#define MSTR_TESTS_SUPPORT_SERVING_PROGRAM_H

#include "support/context.h"
#include "support/folder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

/* A folder for the program, and a context that runs it. */
struct serving {
    struct folder folder;
    mstr_context *context;
};

/* `lines` are further ones of the section; caches are off. */
static inline void serving_start(struct serving *serving, const char *script, const char *lines)
{
    static const char program[] =
        "FOLDER='%s'\n"
        "answer_to() {\n"
        "  printf '{\"version\":1,\"id\":%%s,\"results\":[{\"value\":\"%%s\"}]}\\n' \"$1\" \"$2\"\n"
        "}\n"
        "answer() { answer_to \"$id\" \"$1\"; }\n"
        "next() {\n"
        "  IFS= read -r line || exit 0\n"
        "  id=${line#*'\"id\":'} id=${id%%%%,*}\n"
        "  body=${line#*'\"body\":\"'} body=${body%%%%'\"'*}\n"
        "}\n"
        "while next; do\n%s\ndone\n";
    char text[4096];
    char path[256];
    folder_make(&serving->folder);
    snprintf(text, sizeof(text), program, serving->folder.path, script);
    folder_write(&serving->folder, "program", text);
    folder_path(&serving->folder, "program", path);
    snprintf(text, sizeof(text),
             "[cache]\nttl = 0\nnegative_ttl = 0\n[provider x]\nplugin = exec\ncommand = /bin/sh %s\n"
             "protocol = lines\n%s\n",
             path, lines);
    serving->context = test_context(text);
}

static inline void serving_end(struct serving *serving)
{
    mstr_context_free(serving->context);
    folder_remove(&serving->folder);
}

/* The number that a reference gives, such as that of the process that answers. */
static inline long serving_number(const struct serving *serving, const char *reference)
{
    mstr_secret *secret = NULL;
    mstr_error *error = mstr_error_new();
    if (mstr_context_get(serving->context, reference, NULL, &secret, error) != MSTR_OK) {
        fail_msg("%s: %s", reference, mstr_error_message(error));
    }
    long number = strtol(mstr_secret_octets(secret), NULL, 10);
    mstr_secret_release(secret);
    mstr_error_free(error);
    return number;
}

/* Waits until there is no such process, not even a zombie of this one's. */
static inline void serving_await_end(long process)
{
    while (kill((pid_t)process, 0) == 0 || errno != ESRCH) {
        poll(NULL, 0, 1);
    }
}

#endif
