/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/recent.c */
#include "agent/recent.h"

#include "support/unit.h"

static void a_secret_is_fetched_anew_once_in_five_seconds(void **state)
{
    (void)state;
    struct recent *recent = recent_new();
    assert_true(recent_may(recent, "st:a", 1000));
    assert_false(recent_may(recent, "st:a", 5999));
    assert_true(recent_may(recent, "st:b", 1000));
    assert_true(recent_may(recent, "st:a", 6000));
    recent_free(recent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_fetched_anew_once_in_five_seconds),
    };
    return RUN_TESTS("agent/recent");
}
