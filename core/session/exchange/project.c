/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a project by its name. */
#include "session/exchange/project.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "session/exchange/exchange.h"
#include "session/parts/server_error.h"
#include "session/parts/url.h"

#include <stdlib.h>
#include <string.h>

static bool is_id(const char *project)
{
    return strlen(project) == PROJECT_ID_LENGTH && strspn(project, "0123456789abcdefABCDEF") == PROJECT_ID_LENGTH;
}

enum mstr_code project_list(mstr_session *session, const struct limits *limits, struct json_object **list,
                            mstr_error *error)
{
    struct mstr_http_response *answer = NULL;
    struct buffer url = BUFFER_INIT;
    char *base = NULL;
    *list = NULL;
    enum mstr_code code = mstr_session_is_open(session)
                              ? session_base(session, &base, error)
                              : error_set(error, MSTR_E_SESSION, "there is no valid session");
    code = code == MSTR_OK ? url_join(base, "projects", NULL, 0, &url, error) : code;
    if (code == MSTR_OK) {
        const struct exchange get = {.method = "GET",
                                     .url = buffer_text(&url),
                                     .response_limit = SESSION_LIST_LIMIT,
                                     .authenticated = true,
                                     .moving = &url,
                                     .base_length = strlen(base)};
        code = session_exchange(session, &get, limits, &answer, error);
    }
    if (code == MSTR_OK && http_answer(answer)->status >= 400) {
        code = server_error_tell(answer, "GET projects", error);
    } else if (code == MSTR_OK && http_answer(answer)->status != 204) {
        code = http_json(answer, list);
        const struct mstr_http_answer *body = http_answer(answer);
        if (code == MSTR_OK && !json_show_nuls(*list, body->body, body->body_length)) {
            json_release(*list);
            *list = NULL;
            code = MSTR_E_MEMORY;
        }
        if (code == MSTR_E_MEMORY) {
            error_set(error, code, "out of memory");
        } else if (!json_object_is_type(*list, json_type_array)) {
            json_release(*list);
            *list = NULL;
            code = error_set(error, MSTR_E_PROTOCOL, "GET projects: the answer is not a list of projects");
        }
    }
    http_response_free(answer);
    buffer_release(&url);
    free(base);
    return code;
}

enum mstr_code project_load(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    struct json_object *list = NULL;
    enum mstr_code code = project_list(session, limits, &list, error);
    size_t count = list != NULL ? json_object_array_length(list) : 0;
    struct project_entry *entries = calloc(count + 1, sizeof(*entries));
    if (code == MSTR_OK && entries == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    size_t kept = 0;
    for (size_t i = 0; code == MSTR_OK && i < count; i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        const char *id = json_member_text(item, "id");
        const char *name = json_member_text(item, "name");
        if (id == NULL || name == NULL) {
            continue;
        }
        entries[kept] = (struct project_entry){text_copy(id), text_copy(name)};
        if (entries[kept].id == NULL || entries[kept].name == NULL) {
            code = error_set(error, MSTR_E_MEMORY, "out of memory");
        }
        kept++;
    }
    json_release(list);
    if (code != MSTR_OK) {
        project_entries_free(entries, kept);
        return code;
    }
    session_keep_projects(session, entries, kept);
    return MSTR_OK;
}

/* How many known projects have this name; the id of the last of them. */
static size_t look_up(mstr_session *session, const char *name, char **id)
{
    size_t found = 0;
    pthread_mutex_lock(&session->mutex);
    for (size_t i = 0; i < session->project_count; i++) {
        if (strcmp(session->projects[i].name, name) == 0) {
            free(*id);
            *id = text_copy(session->projects[i].id);
            found++;
        }
    }
    pthread_mutex_unlock(&session->mutex);
    return found;
}

enum mstr_code project_find(mstr_session *session, const char *project, const struct limits *limits, char **id,
                            mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    *id = NULL;
    if (is_id(project)) {
        *id = text_copy(project);
        return *id != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    size_t found = look_up(session, project, id);
    if (found == 0) {
        code = project_load(session, limits, error);
        found = code == MSTR_OK ? look_up(session, project, id) : 0;
    }
    if (code == MSTR_OK && found == 0) {
        code = error_set(error, MSTR_E_NOT_FOUND, "there is no project \"%s\" that this user may see", project);
        error_set_hint(error, "names are compared exactly; \"mstr projects\" lists them");
    } else if (found > 1) {
        code = error_set(error, MSTR_E_USAGE, "%zu projects are named \"%s\"", found, project);
        error_set_hint(error, "use the project's id");
    } else if (code == MSTR_OK && *id == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code != MSTR_OK) {
        free(*id);
        *id = NULL;
    }
    return code;
}
