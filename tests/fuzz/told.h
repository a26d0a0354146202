/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every error must be, whatever its parts were read from: bounded lines without control characters.
 */
#ifndef MSTR_TESTS_FUZZ_TOLD_H
#define MSTR_TESTS_FUZZ_TOLD_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void check_told_text(const char *text)
{
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f) {
            abort();
        }
    }
    if (text != NULL && strlen(text) > ERROR_TEXT_MAX) {
        abort();
    }
}

/* The error of a failure with this code; MSTR_OK has none. Blanks it. */
static inline void check_told(enum mstr_code code, mstr_error *error)
{
    if (mstr_error_code(error) != code || (code != MSTR_OK && mstr_error_message(error)[0] == '\0')) {
        fprintf(stderr, "%s was returned, %s told: %s\n", mstr_code_name(code),
                mstr_code_name(mstr_error_code(error)), mstr_error_message(error));
        abort();
    }
    check_told_text(mstr_error_message(error));
    check_told_text(mstr_error_hint(error));
    check_told_text(mstr_error_service_code(error));
    check_told_text(mstr_error_request_id(error));
    mstr_error_clear(error);
}

/* What is read stands in none of these errors: they have but a few messages. */
static inline void check_quotes_nothing(const mstr_error *error)
{
    enum { MESSAGES_MAX = 24 };
    static char *known[MESSAGES_MAX];
    size_t index = 0;
    while (index < MESSAGES_MAX && known[index] != NULL && strcmp(known[index], mstr_error_message(error)) != 0) {
        index++;
    }
    if (index == MESSAGES_MAX) {
        abort();
    }
    known[index] = known[index] != NULL ? known[index] : strdup(mstr_error_message(error));
}

#endif
