/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret store inside the test: counts what it is asked, and does what the test tells it to.
 */
#ifndef MSTR_TESTS_SUPPORT_STORE_H
#define MSTR_TESTS_SUPPORT_STORE_H

#include "support/context.h"

#include <pthread.h>
#include <stdatomic.h>

/* One store a program: tests set it up with store_reset(). */
struct store {
    atomic_int calls;    /* of resolve */
    atomic_int requests; /* answered or failed */
    atomic_int inside;   /* calls under way */
    atomic_int most;     /* calls that were under way at once */
    atomic_int meet;     /* a call waits until so many are under way */
    atomic_bool closed;  /* calls wait until it is opened, or until their deadline */
    atomic_int code;     /* of a failure; MSTR_OK = answer with `value` */
    atomic_uint flags;   /* of the answer's meta */
    _Atomic int64_t expires;
    const char *_Atomic value;
};
static struct store store;
static const struct mstr_host *store_host;

static inline void store_reset(const char *value)
{
    store = (struct store){.value = value};
}

static enum mstr_code store_create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

/* MSTR_OK once the store is open and all who shall meet are there. */
static inline enum mstr_code store_wait(const struct mstr_call *call)
{
    while (store.closed || store.most < store.meet) {
        if (store_host->cancelled(call)) {
            return MSTR_E_CANCELLED;
        }
        if (store_host->remaining(call) == 0) {
            return MSTR_E_TIMEOUT;
        }
        usleep(200);
    }
    return MSTR_OK;
}

static void store_resolve(void *self, struct mstr_request *const *requests, size_t count,
                          const struct mstr_call *call)
{
    (void)self;
    store.calls++;
    int now = ++store.inside;
    int most = store.most;
    while (now > most && !atomic_compare_exchange_weak(&store.most, &most, now)) {
    }
    enum mstr_code code = store_wait(call);
    code = code == MSTR_OK ? (enum mstr_code)store.code : code;
    for (size_t i = 0; i < count; i++) {
        const char *value = store.value != NULL ? store.value : requests[i]->reference->body;
        const struct mstr_meta meta = {
            .size = sizeof(meta), .flags = store.flags, .expires = store.expires, .version = "v1"};
        store.requests++;
        if (code == MSTR_OK) {
            store_host->set_value(requests[i], value, strlen(value), &meta);
        } else {
            store_host->set_error(requests[i], code, "the store says no");
            store_host->error_detail(requests[i]->error, MSTR_DETAIL_SERVICE_CODE, "SaysNo");
        }
    }
    store.inside--;
}

#define STORE_PROVIDER(function, its_flags)                                                                          \
    static inline const struct mstr_provider *function(const struct mstr_host *table)                                \
    {                                                                                                                \
        static const struct mstr_provider provider = {                                                               \
            .abi_major = MSTR_ABI_MAJOR,                                                                             \
            .size = sizeof(provider),                                                                                \
            .flags = its_flags,                                                                                      \
            .option_size = sizeof(struct mstr_option),                                                               \
            .name = "store",                                                                                         \
            .version = "1",                                                                                          \
            .create = store_create,                                                                                  \
            .resolve = store_resolve,                                                                                \
        };                                                                                                           \
        store_host = table;                                                                                          \
        return &provider;                                                                                            \
    }
STORE_PROVIDER(store_batching, MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH)
STORE_PROVIDER(store_single, MSTR_PROVIDER_THREAD_SAFE)
STORE_PROVIDER(store_serial, 0)

/* A context with the store under the schemes st (all at once), one (one by one) and serial (not thread-safe). */
static inline mstr_context *store_context(const char *config)
{
    mstr_context *context = test_context(config);
    assert_int_equal(mstr_context_register(context, "st", store_batching, NULL, NULL), MSTR_OK);
    assert_int_equal(mstr_context_register(context, "one", store_single, NULL, NULL), MSTR_OK);
    assert_int_equal(mstr_context_register(context, "serial", store_serial, NULL, NULL), MSTR_OK);
    return context;
}

#endif
