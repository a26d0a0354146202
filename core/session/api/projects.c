/* SPDX-License-Identifier: Apache-2.0 */
/* Listing the projects that the user may see. */
#include "session/session.h"

#include "base/error.h"
#include "base/json.h"
#include "session/exchange/project.h"

#include <stdlib.h>
#include <string.h>

enum mstr_code mstr_session_projects(mstr_session *session, mstr_project_fn each, void *data, mstr_error *error)
{
    const struct limits limits = session_limits(session, NULL);
    struct json_object *list = NULL;
    enum mstr_code code = project_list(session, &limits, &list, error);
    size_t count = list != NULL ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count && code == MSTR_OK; i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        int64_t status = 0;
        json_member_int64(item, "status", &status);
        const char *name = json_member_text(item, "name");
        const mstr_project project = {sizeof(project),
                                      (int32_t)status,
                                      json_member_text(item, "id"),
                                      name != NULL ? name : "",
                                      json_member_text(item, "alias"),
                                      json_member_text(item, "description")};
        if (project.id != NULL && each(&project, data) != 0) {
            code = error_set(error, MSTR_E_CANCELLED, "the program ended the listing");
        }
    }
    json_release(list);
    return code;
}

enum mstr_code mstr_session_load_projects(mstr_session *session, mstr_error *error)
{
    const struct limits limits = session_limits(session, NULL);
    return project_load(session, &limits, error);
}

enum mstr_code mstr_session_project_id(mstr_session *session, const char *name, char id[33], mstr_error *error)
{
    const struct limits limits = session_limits(session, NULL);
    char *found = NULL;
    enum mstr_code code = project_find(session, name, &limits, &found, error);
    if (code == MSTR_OK && strlen(found) != PROJECT_ID_LENGTH) {
        code = error_set(error, MSTR_E_PROTOCOL, "the server gave project \"%s\" a malformed id", name);
    }
    if (code == MSTR_OK) {
        memcpy(id, found, PROJECT_ID_LENGTH + 1);
    }
    free(found);
    return code;
}
