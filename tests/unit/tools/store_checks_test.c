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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_store_passes, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(a_store_that_takes_any_write_is_found_out, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(a_store_whose_fences_begin_anew_is_found_out, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(a_store_that_denies_everything_fails_everything, stage_make, stage_drop),
    };
    return RUN_TESTS("tools/store_checks");
}
