/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/wait.c: looking until it is over, has failed, or time is up */
#include "cli/wait.h"

#include "cli/deadline.h"
#include "unit/cli/harness.h"

struct script {
    const enum wait_state *states;
    int looks;
    int64_t timeout;
    sig_atomic_t interrupted;
};

static int look(struct tool *tool, void *data, enum wait_state *state)
{
    struct script *script = data;
    *state = script->states[script->looks++];
    return script->looks == 4 ? tool_problem(tool, STATUS_UNEXPECTED, "the look failed") : STATUS_DONE;
}

static int wait_for(void *data)
{
    static const struct command command = {.name = "refresh"};
    struct script *script = data;
    struct tool tool = harness_tool(&command);
    tool.interrupted = &script->interrupted;
    if (script->timeout > 0) {
        deadline_set(&tool, script->timeout);
    }
    int status = wait_until_over(&tool, "the work", look, script);
    harness_tool_free(&tool);
    return status;
}

static void it_is_over_when_a_look_says_so(void **state)
{
    static const enum wait_state good[] = {WAIT_NOTHING, WAIT_RUNNING, WAIT_OVER};
    static const enum wait_state endless[] = {WAIT_NOTHING, WAIT_NOTHING, WAIT_NOTHING, WAIT_NOTHING};
    struct script script = {.states = good};
    (void)state;
    assert_outcome(harness_call(wait_for, &script), STATUS_DONE, "", "");
    assert_int_equal(script.looks, 3);

    script = (struct script){.states = endless};
    assert_outcome(harness_call(wait_for, &script), STATUS_UNEXPECTED, "", "mstr: the look failed\n");

    script = (struct script){.states = endless, .timeout = 1};
    assert_outcome(harness_call(wait_for, &script), 8, "", "mstr: the work has not ended in time\n");

    script = (struct script){.states = endless, .interrupted = 2};
    assert_int_equal(harness_call(wait_for, &script)->status, 130);
    assert_int_equal(script.looks, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLI_TEST(it_is_over_when_a_look_says_so)};
    return RUN_CLI_TESTS("cli/wait");
}
