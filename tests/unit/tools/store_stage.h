/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run of the conformance checks on the store of tests/plugins, with one of that store's faults.
 */
#ifndef MSTR_TESTS_UNIT_TOOLS_STORE_STAGE_H
#define MSTR_TESTS_UNIT_TOOLS_STORE_STAGE_H

#include "support/registry.h"

#include "tools/store_calls.h"

#include <stdio.h>

static struct test_registry stage;

/* Setup and teardown of a test. */
static inline int stage_make(void **state)
{
    (void)state;
    test_services_make(&stage);
    stage.services.plugin_path = TEST_PLUGINS;
    return 0;
}

static inline int stage_drop(void **state)
{
    (void)state;
    test_registry_drop(&stage);
    return 0;
}

/* Both workers are live; `fault` "" = none. */
static inline void stage_begin(struct store_run *run, const char *fault)
{
    const struct mstr_header given[] = {{"fault", fault}, {NULL, NULL}};
    assert_true(store_run_init(run));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(store_instance_load(&stage.services, "fleet", "memory", &run->workers[i], NULL), MSTR_OK);
        assert_int_equal(store_instance_create(run->workers[i], given, NULL), MSTR_OK);
    }
}

static inline void stage_end(struct store_run *run)
{
    for (size_t i = 0; i < 2; i++) {
        store_instance_free(run->workers[i]);
    }
    store_run_release(run);
}

#endif
