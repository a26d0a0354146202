/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/agent.c */
#include "agent/agent.h"

#include "support/context.h"

#include <sys/eventfd.h>

static void the_serving_thread_can_be_woken_up(void **state)
{
    (void)state;
    uint64_t count = 0;
    struct agent agent = {.wakes = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    agent_wake(&agent);
    assert_int_equal(read(agent.wakes, &count, sizeof(count)), sizeof(count));
    close(agent.wakes);
}

static void a_configuration_of_no_use_is_remembered_until_one_is(void **state)
{
    (void)state;
    const struct given given = {.socket = NULL};
    char *path = test_file("[agent]\n", strlen("[agent]\n"));
    struct agent agent = {.contexts = NULL};
    struct generation *old = NULL;
    mstr_error *error = mstr_error_new();
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    assert_int_equal(contexts_new(&options, &given, &agent.contexts, error), MSTR_OK);
    assert_int_equal(truncate(path, 3), 0);
    assert_int_equal(agent_reload(&agent, &old, error), MSTR_E_CONFIG);
    assert_true(agent.stale);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(agent_reload(&agent, &old, error), MSTR_OK);
    assert_false(agent.stale);
    contexts_retire(agent.contexts, old);
    contexts_free(agent.contexts);
    mstr_error_free(error);
    unlink(path);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_serving_thread_can_be_woken_up),
        cmocka_unit_test(a_configuration_of_no_use_is_remembered_until_one_is),
    };
    return RUN_TESTS("agent/agent");
}
