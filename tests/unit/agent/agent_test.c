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
    mstr_error *error = mstr_error_new();
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    assert_int_equal(contexts_new(&options, &given, &agent.contexts, error), MSTR_OK);
    assert_int_equal(truncate(path, 3), 0);
    agent.sessions = sessions_new(agent.contexts);
    assert_int_equal(agent_reload(&agent, error), MSTR_E_CONFIG);
    assert_true(agent.stale);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(agent_reload(&agent, error), MSTR_OK);
    assert_false(agent.stale);
    sessions_free(agent.sessions);
    contexts_free(agent.contexts);
    mstr_error_free(error);
    unlink(path);
    free(path);
}

static void nothing_in_the_log_acts_upon_a_terminal(void **state)
{
    (void)state;
    int ends[2];
    char line[64] = "";
    int before = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    agent_log(MSTR_LEVEL_ERROR, "%s", "a\x1b[2J\nb");
    dup2(before, STDERR_FILENO);
    assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
    assert_string_equal(line, "mstr-agent: agent: a?[2J?b\n");
    close(ends[0]);
    close(ends[1]);
    close(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_serving_thread_can_be_woken_up),
        cmocka_unit_test(a_configuration_of_no_use_is_remembered_until_one_is),
        cmocka_unit_test(nothing_in_the_log_acts_upon_a_terminal),
    };
    return RUN_TESTS("agent/agent");
}
