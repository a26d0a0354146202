/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/prefetch.c */
#include "agent/prefetch.h"

#include "desk.h"
#include "support/store.h"

static void what_is_listed_is_there_before_it_is_asked_for_and_a_failure_stops_nothing(void **state)
{
    (void)state;
    desk_open("[agent]\nallow = st:*\nprefetch = nobody:x env:MSTR_TEST_NONE st:a  st:b\n");
    struct generation *generation = contexts_hold(desk.agent.contexts);
    store_reset("value");
    assert_int_equal(mstr_context_register(generation->context, "st", store_batching, NULL, NULL), MSTR_OK);
    prefetch_run(&desk.agent);
    assert_int_equal(store.requests, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(desk_ask("GET", i == 0 ? "/v1/secret?reference=st:a" : "/v1/secret?reference=st:b", ""),
                         200);
        assert_string_equal(desk_header("X-Mstr-Source"), "cache");
    }
    contexts_let_go(desk.agent.contexts, generation);
    desk_close();
}

static void nothing_listed_is_nothing_fetched(void **state)
{
    (void)state;
    desk_open("[agent]\n");
    prefetch_run(&desk.agent);
    desk_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_listed_is_there_before_it_is_asked_for_and_a_failure_stops_nothing),
        cmocka_unit_test(nothing_listed_is_nothing_fetched),
    };
    return RUN_TESTS("agent/prefetch");
}
