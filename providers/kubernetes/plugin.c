/* SPDX-License-Identifier: Apache-2.0 */
/* The Kubernetes plugin's table: Secrets of a cluster, read as kubectl and its client libraries would be let in. */
#include "base/text.h"
#include "kubernetes/identity/active_identity.h"
#include "kubernetes/service/secrets.h"
#include "sdk/batch.h"
#include "sdk/host.h"

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
    const char *namespace = host->option(instance, "namespace");
    if (!text_empty(namespace) && !secret_name_is_namespace(namespace)) {
        return host->error_set(error, MSTR_E_CONFIG, "\"%.100s\" is no name of a namespace", namespace);
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

/* One reference of a batch, and the secret that it is of. */
struct wanted {
    struct batch_item item; /* first */
    struct secret_name name;
    struct fetch *fetch; /* shared by all of that secret */
};

static enum mstr_code read(struct batch_item *item)
{
    return read_reference(item->reference, &((struct wanted *)(void *)item)->name, item->error);
}

static struct fetch *find_fetch(struct fetch *fetches, size_t count, const struct secret_name *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fetches[i].name.namespace, name->namespace) == 0 &&
            strcmp(fetches[i].name.name, name->name) == 0) {
            return &fetches[i];
        }
    }
    return NULL;
}

/* The whole, or an entry. */
static void give(struct wanted *wanted, const struct identity *identity)
{
    struct batch_item *item = &wanted->item;
    const struct fetch *fetch = wanted->fetch;
    char whose[IDENTITY_SIZE];
    char hint[512];
    struct buffer whole = BUFFER_INIT;
    const struct buffer *value = wanted->name.key != NULL ? secret_entry(&fetch->secret, wanted->name.key) : &whole;
    snprintf(hint, sizeof(hint), "it is no text; its octets are given by k8s://%s/%s?key=ENTRY",
             wanted->name.namespace, wanted->name.name);
    identity_whose(identity, fetch->proof, whose);
    const struct mstr_meta meta = {.size = sizeof(meta),
                                   .version = fetch->secret.version[0] != '\0' ? fetch->secret.version : NULL,
                                   .identity = whose,
                                   .null_hint = wanted->name.key == NULL ? hint : NULL};
    if (value == NULL) {
        item->code = secret_tell_missing(&fetch->secret, wanted->name.name, wanted->name.key, item->error);
    } else if (wanted->name.key == NULL && !secret_put_json(&fetch->secret, &whole)) {
        item->code = host->error_set(item->error, MSTR_E_MEMORY, "out of memory");
    } else {
        batch_answer(item, buffer_text(value), value->length, &meta);
    }
    buffer_release(&whole);
}

/* By one identity, with as many requests as there are secrets. */
static void fetch_by(const struct batch *batch, struct identity *identity, struct fetch *fetches)
{
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct wanted *wanted = (struct wanted *)(void *)batch_at(batch, i);
        if (batch_waits(&wanted->item)) {
            complete(identity, &wanted->name);
            wanted->fetch = find_fetch(fetches, count, &wanted->name);
        }
        if (batch_waits(&wanted->item) && wanted->fetch == NULL) {
            wanted->fetch = &fetches[count++];
            *wanted->fetch = (struct fetch){.name = wanted->name, .error = host->error_new()};
        }
    }
    secrets_fetch(identity, batch->call, fetches, count);
    for (size_t i = 0; i < batch->count; i++) {
        struct wanted *wanted = (struct wanted *)(void *)batch_at(batch, i);
        if (batch_waits(&wanted->item) && wanted->fetch->code == MSTR_OK) {
            give(wanted, identity);
        } else if (batch_waits(&wanted->item)) {
            wanted->item.code = wanted->fetch->code;
            host->error_copy(wanted->item.error, wanted->fetch->error);
        }
    }
    for (size_t i = 0; i < count; i++) {
        fetch_release(&fetches[i]);
        host->error_free(fetches[i].error);
    }
}

static void fetch(const struct batch *batch)
{
    struct identity *identity = NULL;
    struct fetch *fetches = calloc(batch->count, sizeof(*fetches));
    struct mstr_error *why = host->error_new();
    enum mstr_code code = fetches != NULL ? active_identity_get(batch->self, batch->call, NULL, &identity, why)
                                          : host->error_set(why, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK) {
        fetch_by(batch, identity, fetches);
    } else {
        batch_fail(batch, code, why);
    }
    identity_release(identity);
    host->error_free(why);
    free(fetches);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    static const struct batch_kind kind = {.size = sizeof(struct wanted), .read = read, .fetch = fetch};
    batch_resolve(&kind, self, requests, count, call);
}

static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    struct secret_name name;
    (void)instance;
    return read_reference(reference, &name, error);
}

static enum mstr_code explain_identity(struct identity *identity, struct mstr_report *report,
                                       const struct mstr_call *call, struct mstr_error *error)
{
    struct proof *proof = NULL;
    int64_t start = host->monotonic();
    enum mstr_code code = identity_prove(identity, call, &proof, error);
    report_done(report, "credentials", code, identity->kind->name, error, start);
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
    struct fetch alone = {.error = error};
    struct identity *identity = NULL;
    enum mstr_code code = read_reference(reference, &alone.name, error);
    code = code == MSTR_OK ? active_identity_get(self, call, report, &identity, error) : code;
    code = code == MSTR_OK ? explain_identity(identity, report, call, error) : code;
    if (code == MSTR_OK) {
        int64_t start = host->monotonic();
        complete(identity, &alone.name);
        secrets_fetch(identity, call, &alone, 1);
        code = alone.code;
        if (code == MSTR_OK && alone.name.key != NULL && secret_entry(&alone.secret, alone.name.key) == NULL) {
            code = secret_tell_missing(&alone.secret, alone.name.name, alone.name.key, error);
        }
        report_done(report, "API server", code, "the secret can be read", error, start);
    }
    fetch_release(&alone);
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
        .check = check,
    };
    host_take(table);
    return &provider;
}
