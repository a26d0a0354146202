/* Which identity an instance acts by: looked for once, by one thread, and kept for all. */
#include "base/text.h"
#include "gcp/config/project.h"
#include "gcp/gcp.h"
#include "gcp/identity/adc.h"
#include "sdk/wait.h"

#include <stdlib.h>
#include <string.h>

bool gcp_init(struct gcp *gcp, const struct mstr_instance *instance)
{
    gcp->instance = instance;
    if (pthread_mutex_init(&gcp->mutex, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&gcp->found, NULL) != 0) {
        pthread_mutex_destroy(&gcp->mutex);
        return false;
    }
    return true;
}

void gcp_destroy(struct gcp *gcp)
{
    gcp_forget(gcp);
    pthread_cond_destroy(&gcp->found);
    pthread_mutex_destroy(&gcp->mutex);
}

void gcp_forget(struct gcp *gcp)
{
    pthread_mutex_lock(&gcp->mutex);
    struct gcp_identity *identity = gcp->identity;
    gcp->identity = NULL;
    free(gcp->project);
    gcp->project = NULL;
    pthread_mutex_unlock(&gcp->mutex);
    gcp_identity_release(identity);
}

/* With the mutex held, but not while it searches. */
static enum mstr_code search(struct gcp *gcp, const struct mstr_call *call, struct mstr_report *report,
                             struct mstr_error *error)
{
    struct gcp_identity *found = NULL;
    gcp->searching = true;
    pthread_mutex_unlock(&gcp->mutex);
    enum mstr_code code = adc_find(gcp->instance, call, report, &found, error);
    pthread_mutex_lock(&gcp->mutex);
    gcp->searching = false;
    if (code == MSTR_OK) {
        gcp_identity_release(gcp->identity);
        gcp->identity = found;
    }
    pthread_cond_broadcast(&gcp->found);
    return code;
}

enum mstr_code gcp_identity(struct gcp *gcp, const struct mstr_call *call, struct mstr_report *report,
                            struct gcp_identity **out, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&gcp->mutex);
    while (code == MSTR_OK && gcp->searching) {
        code = wait_a_little(&gcp->found, &gcp->mutex, call, "the search for an identity", error);
    }
    if (code == MSTR_OK && (gcp->identity == NULL || report != NULL)) {
        code = search(gcp, call, report, error);
    }
    *out = code == MSTR_OK ? gcp_identity_retain(gcp->identity) : NULL;
    pthread_mutex_unlock(&gcp->mutex);
    return code;
}

enum mstr_code gcp_complete(struct gcp *gcp, const struct gcp_identity *identity, const struct mstr_call *call,
                            struct resource *resource, struct mstr_error *error)
{
    struct buffer found = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (strcmp(resource->project, RESOURCE_OWN_PROJECT) != 0) {
        return MSTR_OK;
    }
    pthread_mutex_lock(&gcp->mutex);
    buffer_puts(&found, gcp->project != NULL ? gcp->project : "");
    pthread_mutex_unlock(&gcp->mutex);
    if (found.length == 0) {
        code = project_find(identity, call, &found, error);
    }
    if (code == MSTR_OK && !resource_set_project(resource, buffer_text(&found))) {
        code = host->error_set(error, MSTR_E_CONFIG, "the project of %s is no project id", identity->source);
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&gcp->mutex);
        gcp->project = gcp->project == NULL ? text_copy(buffer_text(&found)) : gcp->project;
        pthread_mutex_unlock(&gcp->mutex);
    }
    buffer_release(&found);
    return code;
}
