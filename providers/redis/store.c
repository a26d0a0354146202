/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a fleet's store in Redis or Valkey. */
#include "redis/service/explain.h"
#include "redis/service/leases.h"
#include "redis/service/members.h"
#include "redis/service/messages.h"
#include "redis/service/records.h"
#include "sdk/host.h"

#include <mstr/store.h>
#include <stdlib.h>

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    if (!MSTR_HAS(host, struct mstr_host, trust_free)) {
        return host->error_set(error, MSTR_E_PLUGIN, "the Redis store needs a libmstr with provider ABI 1.4");
    }
    struct redis_store *store = calloc(1, sizeof(*store));
    enum mstr_code code = store != NULL ? settings_read(instance, &store->settings, error)
                                        : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK && (!scripts_init(&store->scripts) || !pool_init(&store->pool, &store->settings))) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code != MSTR_OK) {
        free(store);
        return code;
    }
    *self = store;
    return MSTR_OK;
}

static void destroy(void *self)
{
    struct redis_store *store = self;
    pool_destroy(&store->pool);
    free(store);
}

const struct mstr_store *mstr_store_entry(const struct mstr_host *table)
{
    static const struct mstr_store store = {
        .abi_major = MSTR_STORE_ABI_MAJOR,
        .size = sizeof(store),
        .option_size = sizeof(struct mstr_option),
        .name = "redis",
        .version = "1",
        .summary = "Redis and Valkey",
        .options = settings_options,
        .create = create,
        .destroy = destroy,
        .get = records_get,
        .put = records_put,
        .extend = records_extend,
        .remove = records_remove,
        .acquire = leases_acquire,
        .renew = leases_renew,
        .release = leases_release,
        .beat = members_beat,
        .leave = members_leave,
        .publish = messages_publish,
        .subscribe = messages_subscribe,
        .next = messages_next,
        .unsubscribe = messages_unsubscribe,
        .time = messages_time,
        .explain = explain_store,
    };
    host_take(table);
    return &store;
}
