/* SPDX-License-Identifier: Apache-2.0 */
/* The Google plugin's table: Secret Manager, by Application Default Credentials. */
#include "gcp/identity/active_identity.h"
#include "gcp/identity/metadata.h"
#include "gcp/service/secret_manager.h"
#include "gcp/wire/metadata_client.h"

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
    struct active_identity *active = calloc(1, sizeof(*active));
    if (active == NULL || !active_identity_init(active, instance)) {
        free(active);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *self = active;
    return MSTR_OK;
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

static enum mstr_code read(struct batch_item *item)
{
    return read_reference(item->reference, &((struct access *)(void *)item)->resource, item->error);
}

static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    struct resource resource;
    (void)instance;
    return read_reference(reference, &resource, error);
}

static void answer(struct batch_item *item)
{
    const struct access *access = (const void *)item;
    const struct mstr_meta meta = {
        .size = sizeof(meta), .version = access->payload.version, .identity = access->reader};
    batch_answer(item, buffer_text(&access->payload.octets), access->payload.octets.length, &meta);
}

/* Those that wait, by one identity, whose own project stands where they leave it open. */
static void access_by(const struct batch *batch, struct gcp_identity *identity)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct access *access = (struct access *)(void *)batch_at(batch, i);
        if (batch_waits(&access->item)) {
            access->item.code =
                active_identity_complete(batch->self, identity, batch->call, &access->resource, access->item.error);
        }
    }
    secret_manager_access(batch, identity);
}

static void fetch(const struct batch *batch)
{
    struct gcp_identity *identity = NULL;
    struct mstr_error *why = host->error_new();
    enum mstr_code code = active_identity_get(batch->self, batch->call, NULL, &identity, why);
    if (code == MSTR_OK) {
        access_by(batch, identity);
    } else {
        batch_fail(batch, code, why);
    }
    gcp_identity_release(identity);
    host->error_free(why);
}

static const struct batch_kind kind = {sizeof(struct access), read, fetch, answer, access_release};

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    batch_resolve(&kind, self, requests, count, call);
}

/* Whom the metadata server's tokens stand for, which they do not tell. */
static void tell_machine(const struct gcp_identity *identity, const struct mstr_call *call,
                         struct mstr_report *report)
{
    struct buffer email = BUFFER_INIT;
    int64_t start = host->monotonic();
    if (metadata_text(identity->instance, call, "instance/service-accounts/default/email", &email, NULL) == MSTR_OK) {
        host->report_step(report, MSTR_STEP_INFO, "service account", buffer_text(&email), NULL,
                          host->monotonic() - start);
    }
    buffer_release(&email);
}

static enum mstr_code explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                              const struct mstr_call *call, struct mstr_error *error)
{
    struct access access = {.resource = {.project = ""}};
    const struct batch alone = {.kind = &kind, .self = self, .call = call, .items = &access, .count = 1};
    struct gcp_identity *identity = NULL;
    struct token token = {.text = NULL};
    access.item = (struct batch_item){.batch = &alone, .reference = reference, .error = error};
    enum mstr_code code = read(&access.item);
    code = code == MSTR_OK ? active_identity_get(self, call, report, &identity, error) : code;
    int64_t start = host->monotonic();
    if (code == MSTR_OK) {
        code = gcp_identity_token(identity, call, &token, error);
        const char *who = identity->principal != NULL ? identity->principal : identity->source;
        report_done(report, "access token", code, who, error, start);
    }
    if (code == MSTR_OK && identity->kind == &metadata_identity) {
        tell_machine(identity, call, report);
    }
    if (code == MSTR_OK) {
        start = host->monotonic();
        access_by(&alone, identity);
        code = access.item.code;
        report_done(report, "Secret Manager", code, "the version can be read", error, start);
    }
    access_release(&access.item);
    token_release(&token);
    gcp_identity_release(identity);
    return code;
}

/* With everything, the identity too, so that a new key file is read. */
static void invalidate(void *self, const struct mstr_reference *reference)
{
    if (reference == NULL) {
        active_identity_forget(self);
    }
}

static void destroy(void *self)
{
    active_identity_destroy(self);
    free(self);
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
        .check = check,
    };
    host_take(table);
    return &provider;
}
