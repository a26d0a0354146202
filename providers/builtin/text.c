/* SPDX-License-Identifier: Apache-2.0 */
/* text:VALUE gives its own body, which may be empty: a default, or a value that a configuration cannot hold
 * otherwise. */
#include "builtin/builtin.h"
#include "sdk/host.h"

#include <string.h>

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    static const struct mstr_meta meta = {.size = sizeof(meta), .flags = MSTR_META_NO_CACHE};
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        const char *value = requests[i]->reference->body;
        host->set_value(requests[i], value, strlen(value), &meta);
    }
}

const struct mstr_provider *text_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "text",
        .version = "1",
        .summary = "the text itself",
        .create = create_nothing,
        .resolve = resolve,
    };
    host_take(table);
    return &provider;
}
