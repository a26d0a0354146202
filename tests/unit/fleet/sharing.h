/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker of a fleet that shares secrets through the store of tests/plugins, for tests of what stands on it: its
 * registry, a fetch that gives "REFERENCE of NAME" as the identity that the test says, and its cache.
 */
#ifndef MSTR_TESTS_UNIT_FLEET_SHARING_H
#define MSTR_TESTS_UNIT_FLEET_SHARING_H

#include "support/folder.h"
#include "support/registry.h"

#include "fleet/fetch_shared.h"
#include "resolve/cache_memory.h"
#include "secret/secret.h"

#include <stdio.h>

struct sharing_fetch {
    struct fetch fetch; /* first */
    const char *name;
    const char *identity; /* NULL = none is told */
    int pause;            /* ms that it takes */
    atomic_int asked;     /* references */
};

struct sharer {
    struct test_registry test;
    struct sharing_fetch inner;
    struct cache_hot *hot;
    struct shared_store_options options;
};

static struct folder sharing_folder; /* with the file "control" of the store */

static void sharing_run(struct fetch *fetch, const struct fetch_order *order)
{
    struct sharing_fetch *inner = (struct sharing_fetch *)(void *)fetch;
    usleep((useconds_t)inner->pause * 1000);
    for (size_t i = 0; i < order->count; i++) {
        char text[128];
        const struct secret_facts facts = {.identity = inner->identity, .fetched = 1};
        snprintf(text, sizeof(text), "%s of %s", order->references[i]->parts.text, inner->name);
        mstr_secret *secret = secret_make(text, strlen(text), &facts);
        inner->asked++;
        order->each(order->data, i, &(struct fetched){.secret = secret, .keep = true});
        mstr_secret_release(secret);
    }
}

static inline void sharing_begin(void)
{
    folder_make(&sharing_folder);
    folder_write(&sharing_folder, "control", "");
}

static inline void sharing_end(void)
{
    folder_remove(&sharing_folder);
}

static inline void sharer_make(struct sharer *sharer, const char *name)
{
    char config[1024];
    snprintf(config, sizeof(config),
             "[fleet]\nstore = memory\ncontrol = %s/control\nshare_secrets = st:prod/*\nseal_key = "
             "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n[provider st]\nplugin = echo\n",
             sharing_folder.path);
    test_registry_make(&sharer->test, config, TEST_PLUGINS);
    sharer->inner.fetch.run = sharing_run;
    sharer->inner.name = name;
    sharer->inner.identity = "me";
    sharer->inner.pause = 0;
    sharer->inner.asked = 0;
    sharer->hot = cache_hot_new();
    sharer->options = (struct shared_store_options){.registry = sharer->test.registry,
                                                    .section = "fleet",
                                                    .inner = &sharer->inner.fetch,
                                                    .cache = cache_memory_new(&cache_defaults, sharer->hot),
                                                    .ttl = 300000};
}

static inline void sharer_drop(struct sharer *sharer)
{
    cache_memory_free(sharer->options.cache);
    cache_hot_free(sharer->hot);
    test_registry_drop(&sharer->test);
}

#endif
