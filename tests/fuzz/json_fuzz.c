/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as core reads it, against json-c's own parser at its strictest: what both accept is the same tree. */
#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* json-c wants to see the NUL at the end, or a number could go on. */
static struct json_object *parse(const char *text, size_t length)
{
    struct json_tokener *tokener = json_tokener_new();
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *value = json_tokener_parse_ex(tokener, text, (int)length + 1);
    if (json_tokener_get_error(tokener) != json_tokener_success || json_tokener_get_parse_end(tokener) < length) {
        json_object_put(value);
        value = NULL;
    }
    json_tokener_free(tokener);
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct json_object *ours = NULL;
    memcpy(text, data, size);
    text[size] = '\0';
    enum mstr_code code = json_read(text, size, &ours);
    struct json_object *theirs = parse(text, size);
    if ((code == MSTR_OK) != (ours != NULL) || (ours != NULL && theirs != NULL && !json_object_equal(ours, theirs))) {
        abort();
    }
    json_release(ours);
    json_object_put(theirs);
    free(text);
    return 0;
}
