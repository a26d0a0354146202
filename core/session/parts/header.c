/* SPDX-License-Identifier: Apache-2.0 */
/* Headers that a program may set. */
#include "session/parts/header.h"

#include "base/text.h"

#include <string.h>

/* Headers that are the library's own. */
static const char *const reserved[] = {
    "X-MSTR-AuthToken", "X-MSTR-ProjectID",  "Cookie", "Content-Type", "Content-Length", "Host", "Connection",
    "Upgrade",          "Transfer-Encoding", "Expect", "TE",           "Trailer"};

bool header_is_value(const char *value)
{
    while (*value == '\t' || ((unsigned char)*value >= 0x20 && *value != 0x7f)) {
        value++;
    }
    return *value == '\0';
}

bool header_is_allowed(const char *name, const char *value)
{
    if (text_empty(name) || !text_is_made_of(name, "!#$%&'*+-.^_`|~") || value == NULL || !header_is_value(value)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
        if (text_equal_nocase(name, reserved[i])) {
            return false;
        }
    }
    return true;
}
