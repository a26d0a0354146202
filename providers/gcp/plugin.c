/* The Google plugin's table: Secret Manager, by Application Default Credentials. */
#include "gcp/adc.h"
#include "gcp/gcp.h"

#include <stdlib.h>

static const struct mstr_option options[] = {
    {"endpoint", MSTR_OPTION_URL, 0, NULL, "URL of Secret Manager in place of Google's"},
    {"ca_file", MSTR_OPTION_PATH, 0, NULL, "PEM bundle to trust for Google's services"},
    {"credentials_file", MSTR_OPTION_PATH, 0, NULL, "credential file, before all other places"},
    {"quota_project", MSTR_OPTION_STRING, 0, NULL, "project that requests are counted and billed to"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    struct gcp *gcp = calloc(1, sizeof(*gcp));
    if (gcp == NULL || pthread_mutex_init(&gcp->mutex, NULL) != 0) {
        free(gcp);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    gcp->instance = instance;
    *self = gcp;
    return MSTR_OK;
}

/* Takes `found` over, unless another thread was first. */
static struct credential *adopt(struct gcp *gcp, struct credential *found)
{
    pthread_mutex_lock(&gcp->mutex);
    if (gcp->credential == NULL) {
        gcp->credential = found;
        found = NULL;
    }
    struct credential *credential = credential_retain(gcp->credential);
    pthread_mutex_unlock(&gcp->mutex);
    credential_release(found);
    return credential;
}

enum mstr_code gcp_identity(struct gcp *gcp, const struct mstr_call *call, struct mstr_report *report,
                            struct credential **out, struct mstr_error *error)
{
    pthread_mutex_lock(&gcp->mutex);
    *out = report == NULL && gcp->credential != NULL ? credential_retain(gcp->credential) : NULL;
    pthread_mutex_unlock(&gcp->mutex);
    if (*out != NULL) {
        return MSTR_OK;
    }
    struct credential *found = NULL;
    enum mstr_code code = adc_find(gcp->instance, call, report, &found, error);
    if (code == MSTR_OK) {
        *out = adopt(gcp, found);
    }
    return code;
}

static void answer(struct gcp *gcp, struct mstr_request *request, const struct mstr_call *call)
{
    struct resource resource;
    struct credential *credential = NULL;
    struct payload payload = {.octets = BUFFER_INIT};
    struct mstr_error *error = host->error_new();
    const struct mstr_reference *reference = request->reference;
    const char *problem = resource_parse(reference->body, &resource);
    enum mstr_code code;
    if (problem != NULL || reference->query_count > 0) {
        code = host->error_set(error, MSTR_E_CONFIG, "the reference %s",
                               problem != NULL ? problem : "has a query, but there are no query keys");
    } else {
        code = gcp_identity(gcp, call, NULL, &credential, error);
    }
    if (code == MSTR_OK) {
        code = secret_manager_access(credential, &resource, call, &payload, error);
    }
    if (code == MSTR_OK) {
        const struct mstr_meta meta = {.size = sizeof(meta), .version = payload.version};
        host->set_value(request, buffer_text(&payload.octets), payload.octets.length, &meta);
    } else {
        request_fail(request, code, error);
    }
    payload_release(&payload);
    credential_release(credential);
    host->error_free(error);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    for (size_t i = 0; i < count; i++) {
        answer(self, requests[i], call);
    }
}

/* One step of a report, by the outcome of what was done since `start`. */
static void tell(struct mstr_report *report, const char *name, enum mstr_code code, const char *detail, int64_t start,
                 const struct mstr_error *error)
{
    bool good = code == MSTR_OK;
    host->report_step(report, good ? MSTR_STEP_USED : MSTR_STEP_FAILED, name,
                      good ? detail : host->error_message(error),
                      good ? NULL : host->error_text(error, MSTR_DETAIL_HINT), host->monotonic() - start);
}

static enum mstr_code explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                              const struct mstr_call *call, struct mstr_error *error)
{
    struct resource resource;
    struct credential *credential = NULL;
    struct token token = {.text = NULL};
    struct payload payload = {.octets = BUFFER_INIT};
    const char *problem = resource_parse(reference->body, &resource);
    enum mstr_code code = problem != NULL ? host->error_set(error, MSTR_E_CONFIG, "the reference %s", problem)
                                          : gcp_identity(self, call, report, &credential, error);
    int64_t start = host->monotonic();
    if (code == MSTR_OK) {
        code = credential_token(credential, call, &token, error);
        tell(report, "access token", code, credential->principal != NULL ? credential->principal : credential->source,
             start, error);
    }
    if (code == MSTR_OK) {
        start = host->monotonic();
        code = secret_manager_access(credential, &resource, call, &payload, error);
        tell(report, "Secret Manager", code, "the version can be read", start, error);
    }
    payload_release(&payload);
    token_release(&token);
    credential_release(credential);
    return code;
}

/* With everything, the identity too, so that a new key file is read. */
static void invalidate(void *self, const struct mstr_reference *reference)
{
    struct gcp *gcp = self;
    if (reference == NULL) {
        pthread_mutex_lock(&gcp->mutex);
        struct credential *credential = gcp->credential;
        gcp->credential = NULL;
        pthread_mutex_unlock(&gcp->mutex);
        credential_release(credential);
    }
}

static void destroy(void *self)
{
    struct gcp *gcp = self;
    credential_release(gcp->credential);
    pthread_mutex_destroy(&gcp->mutex);
    free(gcp);
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE,
        .option_size = sizeof(struct mstr_option),
        .name = "gcp",
        .version = "1",
        .summary = "Google Cloud Secret Manager",
        .options = options,
        .create = create,
        .resolve = resolve,
        .explain = explain,
        .invalidate = invalidate,
        .destroy = destroy,
    };
    host = table;
    return &provider;
}
