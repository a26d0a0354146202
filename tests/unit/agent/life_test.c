/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/life.c */
#include "agent/life.h"

#include "support/context.h"

static int pass_over(const mstr_config_item *item, void *data)
{
    (void)item;
    (void)data;
    return 0;
}

/* What keeps an agent from beginning, and is told by a check as well; how one lives is
 * tests/integration/agent_test.py.
 */
static void an_agent_does_not_begin_with_a_configuration_of_no_use(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        const char *why;
    } cases[] = {{"[agent]\nallow_user = root\n", "allow and profiles"},
                 {"[agent]\nlisten = 127.0.0.1:0\nallow = a:b\nprofiles = x\n", "token_file"},
                 {"[agent]\nallow = nonsense\n", "no pattern"},
                 {"[agent]\nprofiles = apis\n", "clients cut URLs"},
                 {"[agent]\nallow_group = nobody-of-this-name\nallow = a:b\nprofiles = x\n", "does not know"},
                 {"[agent]\nsocket = /tmp/mstr-test/agent.sock\n", "below /tmp"},
                 {"[agent]\nidle = soon\n", "idle"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options options = {.context = MSTR_CONTEXT_OPTIONS_INIT};
        mstr_error *error = mstr_error_new();
        char *path = test_file(cases[i].config, strlen(cases[i].config));
        options.context.config_file = path;
        options.context.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
        assert_int_equal(life_run(&options, error), MSTR_E_CONFIG);
        assert_non_null(strstr(mstr_error_message(error), cases[i].why));
        mstr_error_clear(error);
        assert_int_equal(mstr_config_visit(&options.context, MSTR_CONFIG_PROBLEMS, pass_over, NULL, error),
                         MSTR_E_CONFIG);
        assert_non_null(strstr(mstr_error_message(error), cases[i].why));
        mstr_error_free(error);
        unlink(path);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agent_does_not_begin_with_a_configuration_of_no_use),
    };
    return RUN_TESTS("agent/life");
}
