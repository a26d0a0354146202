/* SPDX-License-Identifier: Apache-2.0 */
/* env:NAME gives an environment variable. An empty one is a value; an unset one is not found. */
#include "builtin/builtin.h"
#include "sdk/host.h"

#include "base/error.h"

#include <string.h>

static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    (void)instance;
    return reference->query_count == 0
               ? MSTR_OK
               : error_set(error, MSTR_E_CONFIG, "env: takes no query, found \"%s\"", reference->query[0].key);
}

/* Variables change at any time at no cost to read, so there is nothing to gain from keeping them. */
static void answer(struct mstr_request *request)
{
    static const struct mstr_meta meta = {.size = sizeof(meta), .flags = MSTR_META_NO_CACHE};
    const struct mstr_reference *reference = request->reference;
    if (check(NULL, reference, request->error) != MSTR_OK) {
        request_fail(request, MSTR_E_CONFIG, request->error);
        return;
    }
    const char *value = host->environment(reference->body);
    if (value == NULL) {
        host->set_error(request, MSTR_E_NOT_FOUND, "environment variable %s is not set", reference->body);
        return;
    }
    host->set_value(request, value, strlen(value), &meta);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        answer(requests[i]);
    }
}

const struct mstr_provider *env_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "env",
        .version = "1",
        .summary = "environment variables",
        .create = create_nothing,
        .resolve = resolve,
        .check = check,
    };
    host_take(table);
    return &provider;
}
