/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/quota.c */
#include "agent/quota.h"

#include "support/unit.h"

static const struct peer one = {.uid = 1};
static const struct peer two = {.uid = 2};
static const struct peer tcp = {.tcp = true, .uid = (uid_t)-1};

static void connections_are_counted_by_user_and_in_all(void **state)
{
    (void)state;
    const struct quota_limits limits = {.connections = 4, .user_connections = 2};
    struct quota *quota = quota_new(100);
    assert_true(quota_connect(quota, &one, &limits));
    assert_true(quota_connect(quota, &one, &limits));
    assert_false(quota_connect(quota, &one, &limits));
    assert_true(quota_connect(quota, &two, &limits));
    assert_true(quota_connect(quota, &tcp, &limits));
    assert_false(quota_connect(quota, &two, &limits));
    quota_disconnect(quota, &one);
    assert_true(quota_connect(quota, &two, &limits));
    assert_int_equal(quota_connections(quota), 4);
    quota_free(quota);
}

static void there_are_no_more_than_there_can_be(void **state)
{
    (void)state;
    const struct quota_limits limits = {.connections = 4, .user_connections = 2};
    struct quota *quota = quota_new(1);
    assert_true(quota_connect(quota, &one, &limits));
    assert_false(quota_connect(quota, &two, &limits));
    quota_free(quota);
}

static void fetches_are_counted_by_the_minute(void **state)
{
    (void)state;
    const struct quota_limits limits = {.user_fetches = 10};
    struct quota *quota = quota_new(100);
    assert_int_equal(quota_fetch(quota, &one, 7, &limits, 1000), 0);
    assert_int_equal(quota_fetch(quota, &one, 4, &limits, 31000), 31);
    assert_int_equal(quota_fetch(quota, &one, 3, &limits, 31000), 0);
    assert_int_equal(quota_fetch(quota, &two, 10, &limits, 31000), 0);
    assert_int_equal(quota_fetch(quota, &one, 11, &limits, 61000), 0);
    assert_int_equal(quota_fetch(quota, &one, 1, &limits, 62000), 60);
    quota_free(quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_counted_by_user_and_in_all),
        cmocka_unit_test(there_are_no_more_than_there_can_be),
        cmocka_unit_test(fetches_are_counted_by_the_minute),
    };
    return RUN_TESTS("agent/quota");
}
