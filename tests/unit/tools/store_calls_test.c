/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/store_calls.c, with the store of tests/plugins: what calls come to is told where it is not what was
 * wanted */
#include "store_stage.h"

static void calls_do_what_they_are_named_for(void **state)
{
    struct store_run run;
    struct mstr_store_lease lease = {0};
    struct mstr_store_get got = {0};
    (void)state;
    stage_begin(&run, "");
    assert_true(store_acquire(&run, 0, "r", 0, KEEP_MS, &lease, MSTR_STORE_DONE));
    assert_true(store_put(&run, 0, "r", lease.fence, "text", MSTR_STORE_DONE));
    assert_true(store_holds(&run, 1, "r", "text", lease.fence));
    assert_true(store_renew(&run, 0, "r", MSTR_STORE_DONE));
    assert_true(store_extend(&run, "r", lease.fence, MSTR_STORE_DONE));
    assert_true(store_release(&run, 0, "r", MSTR_STORE_DONE));
    assert_true(store_remove(&run, "r", 0, MSTR_STORE_DONE));
    assert_true(store_get(&run, 1, "r", &got, MSTR_STORE_ABSENT));
    assert_true(store_beat(&run, 0, "one", KEEP_MS, 1));
    assert_string_equal(run.told, "");
    assert_false(run.failed);
    stage_end(&run);
}

static void what_a_call_came_to_otherwise_is_told(void **state)
{
    struct store_run run;
    struct mstr_store_get got = {0};
    (void)state;
    stage_begin(&run, "");
    assert_false(store_get(&run, 0, "r", &got, MSTR_STORE_DONE));
    assert_string_equal(run.told, "get comes to ABSENT, not to DONE");
    assert_false(store_is_so(&run, false, "something else")); /* what was told first stays */
    assert_string_equal(run.told, "get comes to ABSENT, not to DONE");
    assert_false(run.failed);
    stage_end(&run);
}

static void a_call_that_fails_is_told_with_its_error(void **state)
{
    struct store_run run;
    struct mstr_store_get got = {0};
    (void)state;
    stage_begin(&run, "denied");
    assert_false(store_get(&run, 0, "r", &got, MSTR_STORE_ABSENT));
    assert_true(run.failed);
    assert_non_null(strstr(run.told, "get fails: "));
    stage_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(calls_do_what_they_are_named_for, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(what_a_call_came_to_otherwise_is_told, stage_make, stage_drop),
        cmocka_unit_test_setup_teardown(a_call_that_fails_is_told_with_its_error, stage_make, stage_drop),
    };
    return RUN_TESTS("tools/store_calls");
}
