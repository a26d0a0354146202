/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/store_checks.c, with the store of tests/plugins: what it is told to be wrong in is found */
#include "store_stage.h"

#include "tools/store_checks.h"

/* How many checks fail on a store with this fault. */
static int failures_with(const char *fault)
{
    struct store_run run;
    stage_begin(&run, fault);
    store_checks_run(&run);
    stage_end(&run);
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
        cmocka_unit_test_setup_teardown(a_good_store_passes, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(a_store_that_takes_any_write_is_found_out, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(a_store_whose_fences_begin_anew_is_found_out, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(each_fault_is_found_out, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(a_store_that_denies_everything_fails_everything, stage_make, stage_drop),
    };
    return RUN_TESTS("tools/store_checks");
}
