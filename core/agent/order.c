/* SPDX-License-Identifier: Apache-2.0 */
/* What a POST of /v1 asks for. */
#include "order.h"

static bool refuse(struct request *request, const char *what)
{
    reply_problem(&request->reply, 400, "usage", "%s", what);
    return false;
}

/* A list of texts without NULs, or nothing at all. */
static bool read_list(struct order *order, const char *name, struct json_object **list, size_t *count)
{
    struct json_object *member = NULL;
    if (!json_object_object_get_ex(order->tree, name, &member)) {
        return true;
    }
    if (!json_object_is_type(member, json_type_array)) {
        return false;
    }
    *list = member;
    *count = json_object_array_length(member);
    for (size_t i = 0; i < *count; i++) {
        if (json_text(json_object_array_get_idx(member, i)) == NULL) {
            return false;
        }
    }
    return true;
}

static bool read_object(struct order *order, const char *name, struct json_object **object)
{
    return !json_object_object_get_ex(order->tree, name, object) || json_object_is_type(*object, json_type_object);
}

static bool read_flag(struct order *order)
{
    struct json_object *member = NULL;
    return !json_object_object_get_ex(order->tree, "refresh", &member) ||
           json_member_bool(order->tree, "refresh", &order->refresh);
}

bool order_read(struct request *request, size_t most, struct order *order)
{
    *order = (struct order){0};
    enum mstr_code code = json_read(buffer_text(&request->body), request->body.length, &order->tree);
    if (code == MSTR_E_MEMORY) {
        reply_busy(&request->reply, 503, 1, "out of memory");
        return false;
    }
    if (code != MSTR_OK || !json_object_is_type(order->tree, json_type_object)) {
        return refuse(request, "the body is no JSON object");
    }
    if (!read_list(order, "references", &order->references, &order->reference_count)) {
        return refuse(request, "\"references\" is no list of texts");
    }
    if (!read_list(order, "patterns", &order->patterns, &order->pattern_count)) {
        return refuse(request, "\"patterns\" is no list of texts");
    }
    if (!read_object(order, "fingerprints", &order->fingerprints)) {
        return refuse(request, "\"fingerprints\" is no object");
    }
    if (!read_object(order, "profiles", &order->profiles)) {
        return refuse(request, "\"profiles\" is no object");
    }
    if (!read_flag(order)) {
        return refuse(request, "\"refresh\" is neither true nor false");
    }
    if (order->reference_count > most || order->pattern_count > most) {
        reply_busy(&request->reply, 429, 1, "too many references at once");
        return false;
    }
    return true;
}

const char *order_reference(const struct order *order, size_t index)
{
    return json_text(json_object_array_get_idx(order->references, index));
}

const char *order_pattern(const struct order *order, size_t index)
{
    return json_text(json_object_array_get_idx(order->patterns, index));
}

void order_release(struct order *order)
{
    json_release(order->tree);
}
