/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of JSON as `mstr push` reads them, against the reader of whole JSON: what is taken is an object of these
 * scalars there too. */
#include "base/json.h"
#include "base/text.h"
#include "cli/json_line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMBERS = 64 };

static void need(bool good)
{
    if (!good) {
        abort();
    }
}

/* Texts and words to the octet; a number's digits are the line's own. */
static void check_value(const struct json_line_member *member, struct json_object *value)
{
    need((member->text == NULL) == (value == NULL));
    if (json_object_is_type(value, json_type_string)) {
        need(member->length == (size_t)json_object_get_string_len(value) &&
             memcmp(member->text, json_object_get_string(value), member->length) == 0);
    } else if (json_object_is_type(value, json_type_boolean)) {
        need(*member->text == (json_object_get_boolean(value) ? 't' : 'f'));
    } else if (value != NULL) {
        need(json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double));
    }
}

/* The last of a name is the one that the other reader has. */
static void check_members(const struct json_line_member *members, size_t count, struct json_object *object)
{
    need(json_object_is_type(object, json_type_object));
    for (size_t i = 0; i < count; i++) {
        char *name = strndup(members[i].name, members[i].name_length);
        struct json_object *value = NULL;
        bool again = false;
        for (size_t k = i + 1; k < count; k++) {
            again |= members[k].name_length == members[i].name_length &&
                     memcmp(members[k].name, name, members[i].name_length) == 0;
        }
        need(json_object_object_get_ex(object, name, &value));
        if (!again) {
            check_value(&members[i], value);
        }
        free(name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_line_member members[MEMBERS];
    size_t count = 0;
    char *line = malloc(size > 0 ? size : 1); /* without a NUL behind it, for the sanitizer */
    struct json_object *object = NULL;
    memcpy(line, data, size);
    const char *wrong = json_line_read(line, size, members, MEMBERS, &count);
    for (size_t i = 0; i < count; i++) {
        need(members[i].name >= line && members[i].name + members[i].name_length <= line + size);
        need(members[i].text == NULL ||
             (members[i].text >= line && members[i].text + members[i].length <= line + size));
    }
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    /* The other reader takes no names with a NUL in them, and only UTF-8. */
    if (wrong == NULL && text_is_utf8(text, size) && strstr(text, "\\u0000") == NULL) {
        need(json_read(text, size, &object) == MSTR_OK);
        check_members(members, count, object);
    }
    json_release(object);
    free(text);
    free(line);
    return 0;
}
