/* The Google plugin's table: Secret Manager, by Application Default Credentials. */
#include "gcp/adc.h"
#include "gcp/gcp.h"
#include "gcp/metadata_client.h"
#include "gcp/project.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

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

/* What a reference names; MSTR_E_CONFIG tells why it names nothing. */
static enum mstr_code read_reference(const struct mstr_reference *reference, struct resource *resource,
                                     struct mstr_error *error)
{
    const char *problem = resource_parse(reference->body, resource);
    if (problem == NULL && reference->query_count > 0) {
        problem = "has a query, but there are no query keys";
    }
    return problem == NULL ? MSTR_OK : host->error_set(error, MSTR_E_CONFIG, "the reference %s", problem);
}

static void answer(struct mstr_request *request, const struct access *access)
{
    const struct mstr_meta meta = {.size = sizeof(meta), .version = access->payload.version};
    if (access->code == MSTR_OK) {
        host->set_value(request, buffer_text(&access->payload.octets), access->payload.octets.length, &meta);
    } else {
        request_fail(request, access->code, access->error);
    }
}

/* Puts the identity's own project where a reference leaves it open. */
static enum mstr_code complete(struct gcp *gcp, const struct credential *credential, const struct mstr_call *call,
                               struct access *access)
{
    struct buffer found = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (strcmp(access->resource.project, RESOURCE_OWN_PROJECT) != 0) {
        return MSTR_OK;
    }
    pthread_mutex_lock(&gcp->mutex);
    buffer_puts(&found, gcp->project != NULL ? gcp->project : "");
    pthread_mutex_unlock(&gcp->mutex);
    if (found.length == 0) {
        code = project_find(credential, call, &found, access->error);
    }
    if (code == MSTR_OK && !resource_set_project(&access->resource, buffer_text(&found))) {
        code =
            host->error_set(access->error, MSTR_E_CONFIG, "the project of %s is no project id", credential->source);
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&gcp->mutex);
        if (gcp->project == NULL) {
            gcp->project = text_copy(buffer_text(&found));
        }
        pthread_mutex_unlock(&gcp->mutex);
    }
    buffer_release(&found);
    return code;
}

/* Those that name something, by one identity. */
static void fetch(struct gcp *gcp, const struct mstr_call *call, struct access *accesses, size_t count)
{
    struct credential *credential = NULL;
    struct mstr_error *why = host->error_new();
    enum mstr_code code = gcp_identity(gcp, call, NULL, &credential, why);
    for (size_t i = 0; i < count; i++) {
        host->error_copy(accesses[i].error, why);
        accesses[i].code = code == MSTR_OK ? complete(gcp, credential, call, &accesses[i]) : code;
    }
    if (code == MSTR_OK) {
        secret_manager_access(credential, call, accesses, count);
    }
    credential_release(credential);
    host->error_free(why);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    struct access *accesses = calloc(count, sizeof(*accesses));
    size_t *places = calloc(count, sizeof(*places)); /* of each access among the requests */
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        if (accesses == NULL || places == NULL) {
            host->set_error(requests[i], MSTR_E_MEMORY, "out of memory");
            continue;
        }
        struct access *access = &accesses[named];
        access->error = host->error_new();
        access->code = read_reference(requests[i]->reference, &access->resource, access->error);
        if (access->code == MSTR_OK) {
            places[named++] = i;
        } else {
            answer(requests[i], access);
            host->error_free(access->error);
        }
    }
    if (named > 0) {
        fetch(self, call, accesses, named);
    }
    for (size_t i = 0; i < named; i++) {
        answer(requests[places[i]], &accesses[i]);
        access_release(&accesses[i]);
        host->error_free(accesses[i].error);
    }
    free(places);
    free(accesses);
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

/* Whom the metadata server's tokens stand for, which they do not tell. */
static void tell_machine(const struct credential *credential, const struct mstr_call *call,
                         struct mstr_report *report)
{
    struct buffer email = BUFFER_INIT;
    int64_t start = host->monotonic();
    if (metadata_text(credential, call, "instance/service-accounts/default/email", &email, NULL) == MSTR_OK) {
        host->report_step(report, MSTR_STEP_INFO, "service account", buffer_text(&email), NULL,
                          host->monotonic() - start);
    }
    buffer_release(&email);
}

static enum mstr_code explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                              const struct mstr_call *call, struct mstr_error *error)
{
    struct access access = {.error = error};
    struct credential *credential = NULL;
    struct token token = {.text = NULL};
    enum mstr_code code = read_reference(reference, &access.resource, error);
    code = code == MSTR_OK ? gcp_identity(self, call, report, &credential, error) : code;
    int64_t start = host->monotonic();
    if (code == MSTR_OK) {
        code = credential_token(credential, call, &token, error);
        tell(report, "access token", code, credential->principal != NULL ? credential->principal : credential->source,
             start, error);
    }
    if (code == MSTR_OK && credential->type == &credential_metadata) {
        tell_machine(credential, call, report);
    }
    if (code == MSTR_OK) {
        start = host->monotonic();
        access.code = complete(self, credential, call, &access);
        secret_manager_access(credential, call, &access, 1);
        code = access.code;
        tell(report, "Secret Manager", code, "the version can be read", start, error);
    }
    access_release(&access);
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
        free(gcp->project);
        gcp->project = NULL;
        pthread_mutex_unlock(&gcp->mutex);
        credential_release(credential);
    }
}

static void destroy(void *self)
{
    struct gcp *gcp = self;
    credential_release(gcp->credential);
    pthread_mutex_destroy(&gcp->mutex);
    free(gcp->project);
    free(gcp);
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
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
