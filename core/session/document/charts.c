/* SPDX-License-Identifier: Apache-2.0 */
/* Visualizations in the definition of a dashboard. */
#include "session/document/charts.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

enum { LISTED_MAX = 50 };

struct search {
    const char *name;
    char *key;          /* of the one that was found */
    size_t found;       /* how many have the name */
    struct buffer list; /* of all that there are */
    size_t count;
};

static size_t length_of(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

/* A key goes before a name; it stands in a path, so what could not be an id is none. */
static void look_at(struct search *search, struct json_object *chart)
{
    const char *key = json_member_text(chart, "key");
    const char *name = json_member_text(chart, "name");
    if (key == NULL || *key == '\0' || strlen(key) >= REPORT_ID_MAX) {
        return;
    }
    bool is_key = search->name != NULL && strcmp(search->name, key) == 0;
    if (is_key || (search->name != NULL && name != NULL && strcmp(search->name, name) == 0)) {
        search->found = is_key ? 1 : search->found + 1;
        memcpy(search->key, key, strlen(key) + 1);
        search->name = is_key ? NULL : search->name;
    }
    if (search->count++ < LISTED_MAX) {
        buffer_printf(&search->list, "%s%s \"%s\"", search->count > 1 ? ", " : "", key, name != NULL ? name : "");
    }
}

static void look_through(struct search *search, struct json_object *definition)
{
    struct json_object *chapters = json_member(definition, "chapters");
    for (size_t i = 0; i < length_of(chapters); i++) {
        struct json_object *pages = json_member(json_object_array_get_idx(chapters, i), "pages");
        for (size_t j = 0; j < length_of(pages); j++) {
            struct json_object *charts = json_member(json_object_array_get_idx(pages, j), "visualizations");
            for (size_t k = 0; k < length_of(charts); k++) {
                look_at(search, json_object_array_get_idx(charts, k));
            }
        }
    }
}

static enum mstr_code tell(const struct search *search, const struct report *document, const char *name,
                           mstr_error *error)
{
    const char *list = search->count > 0 ? buffer_text(&search->list) : "none";
    const char *more = search->count > LISTED_MAX ? ", …" : "";
    if (search->found == 1) {
        return MSTR_OK;
    }
    if (name == NULL) {
        error_set(error, MSTR_E_USAGE, "CSV is of one visualization; %s has %s%s", document->object, list, more);
    } else if (search->found > 1) {
        error_set(error, MSTR_E_USAGE, "%zu visualizations are named \"%.200s\": %s%s", search->found, name, list,
                  more);
    } else {
        error_set(error, MSTR_E_USAGE, "%s has no visualization \"%.200s\"; it has %s%s", document->object, name,
                  list, more);
    }
    error_set_hint(error, "name one of them by its key");
    return MSTR_E_USAGE;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the search writes the key */
enum mstr_code charts_find(const struct report *document, const char *name, char key[REPORT_ID_MAX],
                           mstr_error *error)
{
    struct search search = {.name = name, .key = key, .list = BUFFER_INIT};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *answer = NULL;
    struct json_object *definition = NULL;
    char path[2 * REPORT_ID_MAX];
    size_t length = 0;
    snprintf(path, sizeof(path), "v2/dossiers/%s/definition", document->object);
    request.path = path;
    enum mstr_code code = report_send(document, &request, &answer, error);
    if (code == MSTR_OK) {
        const char *body = mstr_response_body(answer, &length);
        code = json_read(body, length, &definition);
        if (code != MSTR_OK) {
            error_set(error, code, code == MSTR_E_MEMORY ? "out of memory" : "the dashboard's definition is no JSON");
        }
    }
    if (code == MSTR_OK) {
        look_through(&search, definition);
        code = search.list.failed ? error_set(error, MSTR_E_MEMORY, "out of memory")
                                  : tell(&search, document, name, error);
    }
    json_release(definition);
    mstr_response_free(answer);
    buffer_release(&search.list);
    return code;
}
