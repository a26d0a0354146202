/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON for tests, which have no use for the reason why a text is none.
 */
#ifndef MSTR_TESTS_SUPPORT_JSON_PARSE_H
#define MSTR_TESTS_SUPPORT_JSON_PARSE_H

#include "base/json.h"

/* NULL where json_read() fails. */
static inline struct json_object *json_parse(const char *text, size_t length)
{
    struct json_object *value = NULL;
    json_read(text, length, &value);
    return value;
}

#endif
