/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for a report and its like. */
#include "session/table/object.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "session/parts/response.h"

#include <mstr/json-c.h>
#include <string.h>

enum { SUBTYPE_CUBE = 776, SUBTYPE_SUPER_CUBE = 779, TOLD_MAX = 5 };

static const struct {
    const char *what;
    const char *type; /* which the search takes */
} kinds[] = {
    [OBJECT_REPORT] = {"report", "3"},
    [OBJECT_CUBE] = {"cube", "3"},
    [OBJECT_DOCUMENT] = {"document", "55"},
    [OBJECT_DATASET] = {"dataset", "3"},
};

/* A type has several kinds. */
static bool is_kind(int64_t subtype, enum object_kind kind)
{
    bool pushed = subtype == SUBTYPE_SUPER_CUBE;
    bool cube = pushed || subtype == SUBTYPE_CUBE;
    return kind == OBJECT_CUBE ? cube : kind == OBJECT_DATASET ? pushed : !cube;
}

static bool is_id(const char *name)
{
    return strlen(name) == OBJECT_ID - 1 && strspn(name, "0123456789ABCDEFabcdef") == OBJECT_ID - 1;
}

/* The search's name may be taken for less than exact. */
static bool is_meant(struct json_object *item, enum object_kind kind, const char *name)
{
    int64_t subtype = 0;
    const char *found = json_member_text(item, "name");
    const char *id = json_member_text(item, "id");
    json_member_int64(item, "subtype", &subtype);
    return found != NULL && strcmp(found, name) == 0 && id != NULL && is_id(id) && is_kind(subtype, kind);
}

/* Several of one name are told with the folders that they are in, where the server told these. */
static void put_found(struct json_object *item, struct buffer *found)
{
    struct json_object *ancestors = json_member(item, "ancestors");
    size_t count = json_object_is_type(ancestors, json_type_array) ? json_object_array_length(ancestors) : 0;
    const char *folder = count > 0 ? json_member_text(json_object_array_get_idx(ancestors, count - 1), "name") : NULL;
    buffer_printf(found, "%s%s%s%s", found->length > 0 ? ", " : "", json_member_text(item, "id"),
                  folder != NULL ? " in " : "", folder != NULL ? folder : "");
}

static enum mstr_code choose(struct json_object *list, enum object_kind kind, const char *name, char id[OBJECT_ID],
                             mstr_error *error)
{
    const char *what = kinds[kind].what;
    struct buffer found = BUFFER_INIT;
    size_t count = 0;
    size_t length = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < length; i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        if (is_meant(item, kind, name) && count++ < TOLD_MAX) {
            memcpy(id, json_member_text(item, "id"), OBJECT_ID);
            put_found(item, &found);
        }
    }
    enum mstr_code code = count == 1 ? MSTR_OK : count == 0 ? MSTR_E_NOT_FOUND : MSTR_E_USAGE;
    if (code == MSTR_E_NOT_FOUND) {
        error_set(error, code, "the project has no %s \"%.200s\"", what, name);
        error_set_hint(error, "names are looked for in the quick search, which may lack what is new; use the id");
    } else if (code == MSTR_E_USAGE) {
        error_set(error, code, "%zu of the %ss are named \"%.200s\": %s", count, what, name, buffer_text(&found));
        error_set_hint(error, "use the id");
    }
    buffer_release(&found);
    return code;
}

enum mstr_code object_find(mstr_session *session, enum object_kind kind, const char *name, const char *project,
                           const mstr_call_options *call, char id[OBJECT_ID], mstr_error *error)
{
    const struct mstr_header query[] = {
        {"name", name}, {"pattern", "2"}, {"type", kinds[kind].type}, {"getAncestors", "true"}, {"limit", "100"}};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *answer = NULL;
    if (is_id(name)) {
        memcpy(id, name, OBJECT_ID);
        return MSTR_OK;
    }
    request.path = "searches/results";
    request.project = project;
    request.query = query;
    request.query_count = sizeof(query) / sizeof(*query);
    request.call = call;
    enum mstr_code code = mstr_session_send(session, &request, &answer, error);
    struct json_object *list = code == MSTR_OK ? mstr_response_json(answer) : NULL;
    if (code == MSTR_OK) {
        code = list != NULL ? choose(json_member(list, "result"), kind, name, id, error)
                            : response_tell_absent(error, MSTR_E_PROTOCOL, "the search's answer is no JSON");
    }
    mstr_response_free(answer);
    return code;
}
