/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/store_checks.c, with the store of tests/plugins: what it is told to be wrong in is found */
#include "support/registry.h"

#include "tools/store_checks.h"

#include <stdio.h>

static struct test_registry test;

static int begin(void **state)
{
    (void)state;
    test_services_make(&test);
    test.services.plugin_path = TEST_PLUGINS;
    return 0;
}

static int end(void **state)
{
    (void)state;
    test_registry_drop(&test);
    return 0;
}

/* How many checks fail on a store with this fault. */
static int failures_with(const char *fault)
{
    const struct mstr_header given[] = {{"fault", fault}, {NULL, NULL}};
    struct store_run run;
    assert_true(store_run_init(&run));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(store_instance_load(&test.services, "fleet", "memory", &run.workers[i], NULL), MSTR_OK);
        assert_int_equal(store_instance_create(run.workers[i], given, NULL), MSTR_OK);
    }
    store_checks_run(&run);
    for (size_t i = 0; i < 2; i++) {
        store_instance_free(run.workers[i]);
    }
    store_run_release(&run);
    return run.failures;
}

static void a_good_store_passes(void **state)
{
    (void)state;
    assert_int_equal(failures_with(""), 0);
}

static void a_store_that_takes_any_write_is_found_out(void **state)
{
    (void)state;
    assert_true(failures_with("lax") >= 3); /* without the lease, under an earlier fence, after its end */
}

static void a_store_whose_fences_begin_anew_is_found_out(void **state)
{
    (void)state;
    assert_true(failures_with("repeats") >= 3);
}

static void a_store_that_denies_everything_fails_everything(void **state)
{
    (void)state;
    assert_true(failures_with("denied") > 25);
}

/* Faults of one kind each, and the fewest checks that have to find them. */
static void each_fault_is_found_out(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        int checks;
    } cases[] = {{"odd", 1}, {"full", 10}, {"mute", 25}, {"network", 25}, {"loading", 25}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int failures = failures_with(cases[i].fault);
        if (failures < cases[i].checks) {
            fail_msg("of \"%s\" tell %d checks alone", cases[i].fault, failures);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_store_passes, begin, end),
        cmocka_unit_test_setup_teardown(a_store_that_takes_any_write_is_found_out, begin, end),
        cmocka_unit_test_setup_teardown(a_store_whose_fences_begin_anew_is_found_out, begin, end),
        cmocka_unit_test_setup_teardown(each_fault_is_found_out, begin, end),
        cmocka_unit_test_setup_teardown(a_store_that_denies_everything_fails_everything, begin, end),
    };
    return RUN_TESTS("tools/store_checks");
}
