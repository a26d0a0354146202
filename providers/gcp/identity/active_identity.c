/* SPDX-License-Identifier: Apache-2.0 */
/* The identity that an instance acts by. */
#include "gcp/identity/active_identity.h"

#include "base/text.h"
#include "gcp/identity/adc.h"
#include "gcp/identity/project.h"

#include <stdlib.h>
#include <string.h>

static enum mstr_code search(struct renewable *renewable, const struct mstr_call *call, struct kept **out,
                             struct mstr_error *error)
{
    struct gcp_identity *found = NULL;
    enum mstr_code code = adc_find(renewable->instance, call, NULL, &found, error);
    *out = code == MSTR_OK ? &found->kept : NULL;
    return code;
}

bool active_identity_init(struct active_identity *active, const struct mstr_instance *instance)
{
    static const struct renewable_kind kind = {.name = "the search for an identity", .fetch = search};
    return renewable_init(&active->renewable, &kind, instance);
}

void active_identity_destroy(struct active_identity *active)
{
    renewable_destroy(&active->renewable);
    free(active->project);
}

void active_identity_forget(struct active_identity *active)
{
    renewable_drop(&active->renewable, NULL);
    pthread_mutex_lock(&active->renewable.mutex);
    free(active->project);
    active->project = NULL;
    pthread_mutex_unlock(&active->renewable.mutex);
}

enum mstr_code active_identity_get(struct active_identity *active, const struct mstr_call *call,
                                   struct mstr_report *report, struct gcp_identity **out, struct mstr_error *error)
{
    struct kept *kept = NULL;
    if (report != NULL) {
        return adc_find(active->renewable.instance, call, report, out, error);
    }
    enum mstr_code code = renewable_get(&active->renewable, call, &kept, error);
    *out = (struct gcp_identity *)(void *)kept;
    return code;
}

enum mstr_code active_identity_complete(struct active_identity *active, const struct gcp_identity *identity,
                                        const struct mstr_call *call, struct resource *resource,
                                        struct mstr_error *error)
{
    struct buffer found = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (strcmp(resource->project, RESOURCE_OWN_PROJECT) != 0) {
        return MSTR_OK;
    }
    pthread_mutex_lock(&active->renewable.mutex);
    buffer_puts(&found, active->project != NULL ? active->project : "");
    pthread_mutex_unlock(&active->renewable.mutex);
    if (found.length == 0) {
        code = project_find(identity, call, &found, error);
    }
    if (code == MSTR_OK && !resource_set_project(resource, buffer_text(&found))) {
        code = host->error_set(error, MSTR_E_CONFIG, "the project of %s is no project id", identity->source);
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&active->renewable.mutex);
        active->project = active->project == NULL ? text_copy(buffer_text(&found)) : active->project;
        pthread_mutex_unlock(&active->renewable.mutex);
    }
    buffer_release(&found);
    return code;
}
