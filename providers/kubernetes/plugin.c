/* The Kubernetes plugin's table: Secrets of a cluster, read as kubectl and its client libraries would be let in. */
#include "kubernetes/identity/active_identity.h"
#include "kubernetes/service/secrets.h"
#include "sdk/host.h"
#include "sdk/identity_digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mstr_option options[] = {
    {"kubeconfig", MSTR_OPTION_PATH, 0, NULL, "kubeconfig file, before all other places"},
    {"context", MSTR_OPTION_STRING, 0, NULL, "context of the kubeconfig in place of its current one"},
    {"namespace", MSTR_OPTION_STRING, 0, NULL, "namespace of references that name none"},
    {"server", MSTR_OPTION_URL, 0, NULL, "URL of the API server in place of the one that was found"},
    {"token_file", MSTR_OPTION_PATH, 0, NULL, "file with the token to use in place of the one that was found"},
    {"ca_file", MSTR_OPTION_PATH, 0, NULL, "PEM bundle to trust for the API server"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    if (!MSTR_HAS(host, struct mstr_host, subject_token)) {
        return host->error_set(error, MSTR_E_PLUGIN, "the Kubernetes plugin needs a libmstr with provider ABI 1.2");
    }
    struct renewable *active = calloc(1, sizeof(*active));
    if (active == NULL || !active_identity_init(active, instance)) {
        free(active);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *self = active;
    return MSTR_OK;
}

/* What a reference names; MSTR_E_CONFIG tells why it names nothing. */
static enum mstr_code read_reference(const struct mstr_reference *reference, struct secret_name *name,
                                     struct mstr_error *error)
{
    const char *problem = secret_name_parse(reference, name);
    return problem == NULL ? MSTR_OK : host->error_set(error, MSTR_E_CONFIG, "the reference %s", problem);
}

static void complete(const struct identity *identity, struct secret_name *name)
{
    if (name->namespace[0] == '\0') {
        snprintf(name->namespace, sizeof(name->namespace), "%s", identity->cluster.namespace);
    }
}

/* One reference of a batch: which secret it is of. */
struct wanted {
    struct secret_name name;
    struct mstr_error *error;
    enum mstr_code code;
    size_t fetch;
};

/* The batch: as many fetches as there are secrets. */
struct batch {
    struct wanted *wanted;
    struct fetch *fetches;
    size_t count;
    size_t fetch_count;
    struct identity *identity;
};

static void add_fetch(struct batch *batch, struct wanted *wanted)
{
    for (size_t i = 0; i < batch->fetch_count; i++) {
        const struct secret_name *other = &batch->fetches[i].name;
        if (strcmp(other->namespace, wanted->name.namespace) == 0 && strcmp(other->name, wanted->name.name) == 0) {
            wanted->fetch = i;
            return;
        }
    }
    wanted->fetch = batch->fetch_count;
    batch->fetches[batch->fetch_count++] = (struct fetch){.name = wanted->name, .error = host->error_new()};
}

/* The whole, or an entry. */
static void give(struct mstr_request *request, const struct batch *batch, struct wanted *wanted)
{
    const struct fetch *fetch = &batch->fetches[wanted->fetch];
    char identity[IDENTITY_SIZE];
    char hint[512];
    struct buffer whole = BUFFER_INIT;
    const struct buffer *value = &whole;
    snprintf(hint, sizeof(hint), "it is no text; its octets are given by k8s://%s/%s?key=ENTRY",
             wanted->name.namespace, wanted->name.name);
    kubernetes_identity_digest(batch->identity, fetch->proof, identity);
    const struct mstr_meta meta = {.size = sizeof(meta),
                                   .version = fetch->secret.version[0] != '\0' ? fetch->secret.version : NULL,
                                   .identity = identity,
                                   .null_hint = wanted->name.key == NULL ? hint : NULL};
    if (wanted->name.key != NULL) {
        value = secret_entry(&fetch->secret, wanted->name.key);
    } else if (!secret_put_json(&fetch->secret, &whole)) {
        wanted->code = host->error_set(wanted->error, MSTR_E_MEMORY, "out of memory");
    }
    if (value == NULL) {
        wanted->code = secret_tell_missing(&fetch->secret, wanted->name.name, wanted->name.key, wanted->error);
    }
    if (wanted->code == MSTR_OK) {
        host->set_value(request, buffer_text(value), value->length, &meta);
    } else {
        request_fail(request, wanted->code, wanted->error);
    }
    buffer_release(&whole);
}

static void answer(struct mstr_request *request, const struct batch *batch, struct wanted *wanted)
{
    const struct fetch *fetch = &batch->fetches[wanted->fetch];
    if (wanted->code != MSTR_OK) {
        request_fail(request, wanted->code, wanted->error);
    } else if (fetch->code != MSTR_OK) {
        request_fail(request, fetch->code, fetch->error);
    } else {
        give(request, batch, wanted);
    }
}

/* Those that name something, by one identity. */
static void fetch_all(struct renewable *active, const struct mstr_call *call, struct batch *batch)
{
    struct mstr_error *why = host->error_new();
    enum mstr_code code = active_identity_get(active, call, NULL, &batch->identity, why);
    for (size_t i = 0; i < batch->count; i++) {
        struct wanted *wanted = &batch->wanted[i];
        if (wanted->code == MSTR_OK && code != MSTR_OK) {
            wanted->code = code;
            host->error_copy(wanted->error, why);
        } else if (wanted->code == MSTR_OK) {
            complete(batch->identity, &wanted->name);
            add_fetch(batch, wanted);
        }
    }
    if (code == MSTR_OK) {
        secrets_fetch(batch->identity, call, batch->fetches, batch->fetch_count);
    }
    host->error_free(why);
}

static void release(struct batch *batch)
{
    for (size_t i = 0; i < batch->fetch_count; i++) {
        fetch_release(&batch->fetches[i]);
        host->error_free(batch->fetches[i].error);
    }
    for (size_t i = 0; batch->wanted != NULL && i < batch->count; i++) {
        host->error_free(batch->wanted[i].error);
    }
    identity_release(batch->identity);
    free(batch->fetches);
    free(batch->wanted);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    struct batch batch = {.wanted = calloc(count, sizeof(*batch.wanted)),
                          .fetches = calloc(count, sizeof(*batch.fetches)),
                          .count = count};
    bool memory = batch.wanted != NULL && batch.fetches != NULL;
    bool named = false;
    for (size_t i = 0; memory && i < count; i++) {
        struct wanted *wanted = &batch.wanted[i];
        wanted->error = host->error_new();
        wanted->code = read_reference(requests[i]->reference, &wanted->name, wanted->error);
        named = named || wanted->code == MSTR_OK;
    }
    if (named) {
        fetch_all(self, call, &batch);
    }
    for (size_t i = 0; i < count; i++) {
        if (memory) {
            answer(requests[i], &batch, &batch.wanted[i]);
        } else {
            host->set_error(requests[i], MSTR_E_MEMORY, "out of memory");
        }
    }
    release(&batch);
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

static enum mstr_code explain_identity(struct identity *identity, struct mstr_report *report,
                                       const struct mstr_call *call, struct mstr_error *error)
{
    struct proof *proof = NULL;
    int64_t start = host->monotonic();
    enum mstr_code code = identity_prove(identity, call, &proof, error);
    tell(report, "credentials", code, identity->kind->name, start, error);
    if (identity->context.context.name != NULL) {
        host->report_step(report, MSTR_STEP_INFO, "context", identity->context.context.name, NULL, 0);
    }
    host->report_step(report, MSTR_STEP_INFO, "own namespace", identity->cluster.namespace, NULL, 0);
    kept_release((struct kept *)(void *)proof);
    return code;
}

static enum mstr_code explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                              const struct mstr_call *call, struct mstr_error *error)
{
    struct fetch fetch = {.error = error};
    struct identity *identity = NULL;
    enum mstr_code code = read_reference(reference, &fetch.name, error);
    code = code == MSTR_OK ? active_identity_get(self, call, report, &identity, error) : code;
    code = code == MSTR_OK ? explain_identity(identity, report, call, error) : code;
    if (code == MSTR_OK) {
        int64_t start = host->monotonic();
        complete(identity, &fetch.name);
        secrets_fetch(identity, call, &fetch, 1);
        code = fetch.code;
        if (code == MSTR_OK && fetch.name.key != NULL && secret_entry(&fetch.secret, fetch.name.key) == NULL) {
            code = secret_tell_missing(&fetch.secret, fetch.name.name, fetch.name.key, error);
        }
        tell(report, "API server", code, "the secret can be read", start, error);
    }
    fetch_release(&fetch);
    identity_release(identity);
    return code;
}

/* With everything, the identity too, so that a new kubeconfig is read. */
static void invalidate(void *self, const struct mstr_reference *reference)
{
    if (reference == NULL) {
        renewable_drop(self, NULL);
    }
}

static void destroy(void *self)
{
    renewable_destroy(self);
    free(self);
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "kubernetes",
        .version = "1",
        .summary = "Kubernetes Secrets",
        .options = options,
        .create = create,
        .resolve = resolve,
        .explain = explain,
        .invalidate = invalidate,
        .destroy = destroy,
    };
    host_take(table);
    return &provider;
}
