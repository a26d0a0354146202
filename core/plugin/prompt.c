/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a person. */
#include "plugin/prompt.h"

#include <string.h>

bool prompt_init(struct prompt *prompt)
{
    *prompt = (struct prompt){.ask = NULL};
    if (!gate_init(&prompt->asking)) {
        return false;
    }
    if (pthread_mutex_init(&prompt->mutex, NULL) != 0) {
        gate_destroy(&prompt->asking);
        return false;
    }
    return true;
}

void prompt_destroy(struct prompt *prompt)
{
    pthread_mutex_destroy(&prompt->mutex);
    gate_destroy(&prompt->asking);
}

void prompt_set(struct prompt *prompt, mstr_prompt_fn ask, void *data)
{
    pthread_mutex_lock(&prompt->mutex);
    prompt->ask = ask;
    prompt->data = data;
    pthread_mutex_unlock(&prompt->mutex);
}

static enum mstr_code put_question(struct prompt *prompt, const char *text, const struct limits *limits, char *answer,
                                   size_t size)
{
    const mstr_question question = {.size = sizeof(question),
                                    .text = text,
                                    .timeout = limits_remaining(limits),
                                    .cancelled = cancel_descriptor(limits->cancel)};
    pthread_mutex_lock(&prompt->mutex);
    mstr_prompt_fn ask = prompt->ask;
    void *data = prompt->data;
    pthread_mutex_unlock(&prompt->mutex);
    enum mstr_code code = ask != NULL ? ask(&question, answer, size, data) : MSTR_E_NOT_AVAILABLE;
    answer[size - 1] = '\0';
    /* An answer that is there is worth keeping only while the operation can still use it. */
    return code == MSTR_OK ? limits_check(limits) : code;
}

static enum mstr_code tell(enum mstr_code code, const char *text, mstr_error *error)
{
    switch (code) {
    case MSTR_OK:
        return MSTR_OK;
    case MSTR_E_NOT_AVAILABLE:
        return error_set(error, code, PROMPT_NOBODY " for the %s", text);
    case MSTR_E_TIMEOUT:
        error_set(error, code, "the deadline ended before the %s was given", text);
        error_set_hint(error, "give the operation a longer timeout");
        return code;
    case MSTR_E_CANCELLED:
        return error_set(error, code, "cancelled when asked for the %s", text);
    default:
        return error_set(error, code, "asking for the %s failed", text);
    }
}

enum mstr_code prompt_ask(struct prompt *prompt, const char *text, const struct limits *limits, char *answer,
                          size_t size, mstr_error *error)
{
    if (size == 0) {
        return error_set(error, MSTR_E_USAGE, "no room for the %s", text);
    }
    answer[0] = '\0';
    enum mstr_code code = gate_enter(&prompt->asking, limits);
    if (code == MSTR_OK) {
        code = limits_check(limits);
        code = code == MSTR_OK ? put_question(prompt, text, limits, answer, size) : code;
        gate_leave(&prompt->asking);
    }
    if (code != MSTR_OK) {
        explicit_bzero(answer, size);
    }
    return tell(code, text, error);
}
