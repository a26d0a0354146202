/* SPDX-License-Identifier: Apache-2.0 */
/* Looking things up in a section of the seed, and putting them into an answer. */
#include "sim.h"

#include "base/json.h"

#include <string.h>

size_t sim_length(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

struct json_object *sim_at(struct json_object *list, size_t i)
{
    return json_object_array_get_idx(list, i);
}

const char *sim_text_of(struct json_object *object, const char *member)
{
    const char *text = json_member_text(object, member);
    return text ? text : "";
}

struct json_object *sim_find(struct json_object *list, const char *member, const char *value)
{
    for (size_t i = 0; list && value && i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        const char *text = json_member_text(item, member);
        if (text && !strcmp(text, value))
            return item;
    }
    return NULL;
}

bool sim_lists(struct json_object *list, const char *text)
{
    for (size_t i = 0; list && text && i < json_object_array_length(list); i++)
        if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), text))
            return true;
    return false;
}

bool sim_flag(struct json_object *object, const char *member)
{
    bool value = false;
    json_member_bool(object, member, &value);
    return value;
}

void sim_put(struct json_object *object, const char *name, const char *text)
{
    json_object_object_add(object, name, text ? json_object_new_string(text) : NULL);
}

void sim_put_int(struct json_object *object, const char *name, int64_t number)
{
    json_object_object_add(object, name, json_object_new_int64(number));
}

void sim_put_bool(struct json_object *object, const char *name, bool value)
{
    json_object_object_add(object, name, json_object_new_boolean(value));
}
