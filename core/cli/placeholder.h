/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of a text that belongs to others where a value is wanted: ${SCHEME:…}, or between other marks, where there
 * is a provider of that name. All else between such marks is somebody else's and stays.
 */
#ifndef MSTR_CLI_PLACEHOLDER_H
#define MSTR_CLI_PLACEHOLDER_H

#include "octets.h"

#include <mstr/context.h>

/* What stands around a reference; a doubled `$` before the usual marks says that they are meant as they are. */
struct marks {
    const char *open;
    const char *close;
};
extern const struct marks placeholder_marks; /* ${ and } */

struct placeholder {
    const char *start; /* of its mark, or of the `$` before it */
    const char *end;
    const char *reference; /* without the blanks around it */
    size_t length;
    bool known;  /* names a provider that there is */
    bool quoted; /* is meant as it is written, but for the first `$` */
};

/* The next one from `at` on; false if there is none. */
bool placeholder_next(mstr_context *context, const struct marks *marks, const char *at, const char *end,
                      struct placeholder *found);
/* Writes a text in the grammar of settings, in which all ${…} are references: those that name no provider are written
 * so that they stay. False where there is no other, and without memory. */
bool placeholder_keep_others(mstr_context *context, const char *text, struct octets *out);

#endif
