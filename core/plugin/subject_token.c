/* SPDX-License-Identifier: Apache-2.0 */
/* Subject tokens out of the program itself. */
#include "plugin/subject_token.h"

#include <string.h>

enum mstr_code subject_token_get(const struct subject_source *source, const char *audience, const char *type,
                                 const struct limits *limits, char *token, size_t size, mstr_error *error)
{
    const mstr_subject subject = {.size = sizeof(subject),
                                  .audience = audience,
                                  .type = type,
                                  .timeout = limits_remaining(limits),
                                  .cancelled = cancel_descriptor(limits->cancel)};
    token[0] = '\0';
    enum mstr_code code =
        source->give != NULL ? source->give(&subject, token, size, source->data) : MSTR_E_NOT_AVAILABLE;
    bool fits = memchr(token, '\0', size) != NULL;
    code = code == MSTR_OK && !fits ? MSTR_E_USAGE : code;
    code = code == MSTR_OK ? limits_check(limits) : code;
    code = code == MSTR_OK && token[0] == '\0' ? MSTR_E_NOT_AVAILABLE : code;
    if (code != MSTR_OK) {
        explicit_bzero(token, size);
        error_set(error, code,
                  source->give != NULL ? "the program gave no subject token for %s"
                                       : "the program has no subject tokens, such as for %s",
                  audience);
    }
    return code;
}
