/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/verbs.c */
#include "agent/verbs.h"

#include "support/context.h"

/* What they say to an agent that runs is tests/integration/agent_life_test.py. */
static int run(enum verb verb, const char *config)
{
    char *path = test_file(config, strlen(config));
    struct options options = {.verb = verb, .context = MSTR_CONTEXT_OPTIONS_INIT};
    options.context.config_file = path;
    options.given.socket = verb == VERB_ENV ? NULL : "/nonexistent/agent.sock";
    int status = verbs_run(&options);
    unlink(path);
    free(path);
    return status;
}

static void without_an_agent_they_say_so(void **state)
{
    (void)state;
    assert_int_equal(run(VERB_STATUS, ""), 7);
    assert_int_equal(run(VERB_STOP, ""), 7);
    assert_int_equal(run(VERB_FLUSH, "["), 7); /* a broken configuration is no obstacle */
}

static void the_environment_needs_a_tcp_listener(void **state)
{
    (void)state;
    assert_int_equal(run(VERB_ENV, ""), 3);
    assert_int_equal(run(VERB_ENV, "[agent]\nlisten = 127.0.0.1:1\ntoken_file = /t\n"), 0);
}

static void units_are_printed(void **state)
{
    (void)state;
    assert_int_equal(run(VERB_UNIT, ""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_agent_they_say_so),
        cmocka_unit_test(the_environment_needs_a_tcp_listener),
        cmocka_unit_test(units_are_printed),
    };
    return RUN_TESTS("agent/verbs");
}
