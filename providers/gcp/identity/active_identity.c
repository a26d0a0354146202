/* The identity that an instance acts by. */
#include "gcp/identity/active_identity.h"

#include "base/text.h"
#include "gcp/identity/adc.h"
#include "gcp/identity/project.h"
#include "sdk/wait.h"

#include <stdlib.h>
#include <string.h>

bool active_identity_init(struct active_identity *active, const struct mstr_instance *instance)
{
    active->instance = instance;
    if (pthread_mutex_init(&active->mutex, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&active->found, NULL) != 0) {
        pthread_mutex_destroy(&active->mutex);
        return false;
    }
    return true;
}

void active_identity_destroy(struct active_identity *active)
{
    active_identity_forget(active);
    pthread_cond_destroy(&active->found);
    pthread_mutex_destroy(&active->mutex);
}

void active_identity_forget(struct active_identity *active)
{
    pthread_mutex_lock(&active->mutex);
    struct gcp_identity *identity = active->identity;
    active->identity = NULL;
    free(active->project);
    active->project = NULL;
    pthread_mutex_unlock(&active->mutex);
    gcp_identity_release(identity);
}

/* With the mutex held, but not while it searches. */
static enum mstr_code search(struct active_identity *active, const struct mstr_call *call, struct mstr_report *report,
                             struct mstr_error *error)
{
    struct gcp_identity *found = NULL;
    active->searching = true;
    pthread_mutex_unlock(&active->mutex);
    enum mstr_code code = adc_find(active->instance, call, report, &found, error);
    pthread_mutex_lock(&active->mutex);
    active->searching = false;
    if (code == MSTR_OK) {
        gcp_identity_release(active->identity);
        active->identity = found;
    }
    pthread_cond_broadcast(&active->found);
    return code;
}

enum mstr_code active_identity_get(struct active_identity *active, const struct mstr_call *call,
                                   struct mstr_report *report, struct gcp_identity **out, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&active->mutex);
    while (code == MSTR_OK && active->searching) {
        code = wait_a_little(&active->found, &active->mutex, call, "the search for an identity", error);
    }
    if (code == MSTR_OK && (active->identity == NULL || report != NULL)) {
        code = search(active, call, report, error);
    }
    *out = code == MSTR_OK ? gcp_identity_retain(active->identity) : NULL;
    pthread_mutex_unlock(&active->mutex);
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
    pthread_mutex_lock(&active->mutex);
    buffer_puts(&found, active->project != NULL ? active->project : "");
    pthread_mutex_unlock(&active->mutex);
    if (found.length == 0) {
        code = project_find(identity, call, &found, error);
    }
    if (code == MSTR_OK && !resource_set_project(resource, buffer_text(&found))) {
        code = host->error_set(error, MSTR_E_CONFIG, "the project of %s is no project id", identity->source);
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&active->mutex);
        active->project = active->project == NULL ? text_copy(buffer_text(&found)) : active->project;
        pthread_mutex_unlock(&active->mutex);
    }
    buffer_release(&found);
    return code;
}
