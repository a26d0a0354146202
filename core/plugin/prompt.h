/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a person, in the way that the program told: one question at a time, within the limits of the operation that
 * asks, and with the answer wiped unless it is good.
 */
#ifndef MSTR_PLUGIN_PROMPT_H
#define MSTR_PLUGIN_PROMPT_H

#include "base/error.h"
#include "base/gate.h"
#include "base/limits.h"

#include <mstr/context.h>

/* What is told where nobody can be asked; an agent's callers find it in the message, and ask by themselves. */
#define PROMPT_NOBODY "there is nobody to ask"

struct prompt {
    struct gate asking;
    pthread_mutex_t mutex; /* guards the rest */
    mstr_prompt_fn ask;    /* NULL = nobody can be asked */
    void *data;
};

bool prompt_init(struct prompt *prompt);
void prompt_destroy(struct prompt *prompt);
void prompt_set(struct prompt *prompt, mstr_prompt_fn ask, void *data);
/* As mstr_host::prompt. */
enum mstr_code prompt_ask(struct prompt *prompt, const char *text, const struct limits *limits, char *answer,
                          size_t size, mstr_error *error);

#endif
