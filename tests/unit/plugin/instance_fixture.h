/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An instance of a provider that breaks the contract as the test says, or of the store, for tests of instance.c.
 */
#ifndef MSTR_TESTS_UNIT_PLUGIN_INSTANCE_FIXTURE_H
#define MSTR_TESTS_UNIT_PLUGIN_INSTANCE_FIXTURE_H

#include "support/registry.h"

#include <stdio.h>

/* A provider that is not thread-safe and breaks the contract as the test says. */
static struct corp {
    int entries;
    int destructions;
    int explanations;
    struct mstr_provider table;
    enum mstr_code create;
    bool mute;           /* what fails does not say why */
    size_t answers;      /* of each batch, so many are answered */
    char forgotten[64];  /* what invalidate was told last */
    atomic_bool closed;  /* explain waits until it is opened */
    atomic_bool entered; /* explain has begun */
} corp;
static const struct mstr_host *corp_host;

static inline enum mstr_code corp_create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    *self = &corp;
    return corp.create == MSTR_OK || corp.mute
               ? corp.create
               : corp_host->error_set(error, corp.create, "%s stays shut", instance->name);
}

static inline void corp_resolve(void *self, struct mstr_request *const *requests, size_t count,
                                const struct mstr_call *call)
{
    (void)call;
    assert_ptr_equal(self, &corp);
    for (size_t i = 0; i < count && i < corp.answers; i++) {
        corp_host->set_value(requests[i], "value", 5, NULL);
    }
}

static inline enum mstr_code corp_explain(void *self, const struct mstr_reference *reference,
                                          struct mstr_report *report, const struct mstr_call *call,
                                          struct mstr_error *error)
{
    (void)call;
    assert_ptr_equal(self, &corp);
    corp.explanations++;
    corp.entered = true;
    while (corp.closed) {
        usleep(200);
    }
    corp_host->report_step(report, MSTR_STEP_INFO, "door", reference->body, NULL, 0);
    return corp.mute ? MSTR_E_DENIED : corp_host->error_set(error, MSTR_E_DENIED, "locked away");
}

static inline void corp_invalidate(void *self, const struct mstr_reference *reference)
{
    assert_ptr_equal(self, &corp);
    snprintf(corp.forgotten, sizeof(corp.forgotten), "%s", reference != NULL ? reference->text : "everything");
}

static inline void corp_destroy(void *self)
{
    assert_ptr_equal(self, &corp);
    corp.destructions++;
}

static inline const struct mstr_provider *corp_entry(const struct mstr_host *host)
{
    corp_host = host;
    corp.entries++;
    return &corp.table;
}

static struct test_registry test;
static struct instance instance;
static mstr_error *error;

static inline int begin(void **state)
{
    static const char *const services[] = {"door", "window", NULL};
    static const struct mstr_option options[] = {{"pin", MSTR_OPTION_SECRET, 0, NULL, "opens it"},
                                                 {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};
    (void)state;
    corp = (struct corp){.answers = SIZE_MAX,
                         .table = {
                             .abi_major = MSTR_ABI_MAJOR,
                             .size = sizeof(struct mstr_provider),
                             .flags = MSTR_PROVIDER_BATCH,
                             .option_size = sizeof(struct mstr_option),
                             .name = "corp",
                             .version = "1",
                             .services = services,
                             .options = options,
                             .create = corp_create,
                             .resolve = corp_resolve,
                             .explain = corp_explain,
                             .invalidate = corp_invalidate,
                             .destroy = corp_destroy,
                         }};
    store_reset(NULL);
    test_registry_make(&test, "", NULL);
    error = mstr_error_new();
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    test_registry_drop(&test);
    return 0;
}

/* `instance` with this provider, to be released. */
static inline void put_in(provider_entry entry, const char *service)
{
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", service));
    instance.entry = entry;
    instance.registered = true;
}

static inline enum mstr_code load(const struct mstr_provider **table)
{
    const struct limits limits = test_limits(1000);
    return instance_load(&instance, &limits, table, error);
}

static inline void make_live(provider_entry entry)
{
    const struct mstr_provider *table = NULL;
    put_in(entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);
    assert_int_equal(instance_create(&instance, NULL, error), MSTR_OK);
    assert_true(instance_is_live(&instance));
}

#endif
