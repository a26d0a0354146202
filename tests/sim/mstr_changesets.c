/* SPDX-License-Identifier: Apache-2.0 */
/* model/changesets of the modeling service: each belongs to a session, and its calls carry its id. */
#include "mstr.h"

#include <string.h>

enum { CHANGESETS_MAX = 64 };

static struct changeset {
    char id[LIBRARY_ID_LENGTH + 1]; /* "" = free */
    uint64_t iserver;
    bool schema;
    bool committed;
} changesets[CHANGESETS_MAX];

void library_changesets_unload(void)
{
    memset(changesets, 0, sizeof(changesets));
}

static struct json_object *describe(const struct changeset *changeset)
{
    struct json_object *object = json_object_new_object();
    json_object_object_add(object, "id", json_object_new_string(changeset->id));
    json_object_object_add(object, "status", json_object_new_string(changeset->committed ? "Committed" : "Ready"));
    json_object_object_add(object, "schemaEdit", json_object_new_boolean(changeset->schema));
    return object;
}

void library_changeset_begin(struct library_call *call)
{
    const char *schema = sim_query(call->request, "schemaEdit");
    struct changeset *changeset = changesets;
    while (changeset < changesets + CHANGESETS_MAX && changeset->id[0])
        changeset++;
    if (changeset == changesets + CHANGESETS_MAX) {
        library_error(call->reply, 500, 2, 0, "There are too many changesets.");
        return;
    }
    *changeset = (struct changeset){.iserver = call->session->iserver, .schema = schema && !strcmp(schema, "true")};
    sim_random_text(changeset->id, LIBRARY_ID_LENGTH, "0123456789ABCDEF");
    sim_reply_json(call->reply, 201, describe(changeset));
}

/* The session's changeset of the path; NULL with a reply. */
static struct changeset *find_changeset(struct library_call *call)
{
    for (size_t i = 0; i < CHANGESETS_MAX; i++)
        if (changesets[i].id[0] && !strcmp(changesets[i].id, call->arguments[0]) &&
            changesets[i].iserver == call->session->iserver)
            return &changesets[i];
    library_error(call->reply, 404, 4, 0, "There is no such changeset.");
    return NULL;
}

void library_changeset_commit(struct library_call *call)
{
    struct changeset *changeset = find_changeset(call);
    const char *id = sim_header(call->request, "X-MSTR-MS-Changeset");
    if (!changeset)
        return;
    if (!id || strcmp(id, changeset->id) != 0) {
        library_error(call->reply, 400, 5, 0, "The header X-MSTR-MS-Changeset is missing.");
        return;
    }
    changeset->committed = true;
    sim_count("mstr", "commits");
    sim_reply_json(call->reply, 201, describe(changeset));
}

void library_changeset_delete(struct library_call *call)
{
    struct changeset *changeset = find_changeset(call);
    if (!changeset)
        return;
    changeset->id[0] = '\0';
    sim_count("mstr", "changesets_deleted");
    call->reply->status = 204;
}
