/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/agent_rules.c; its refusals are told by config_check_test.c and by the agent's settings_test.c */
#include "context/agent_rules.h"
#include "support/context.h"

static void lists_are_read(void **state)
{
    (void)state;
    const struct agent_rules_text text = {
        .allow = "st:a/*", .profiles = " one\ttwo ", .allow_user = "root 4711", .allow_group = "4712"};
    struct agent_rules rules;
    const char *key = NULL;
    assert_int_equal(agent_rules_read(&text, &rules, &key, NULL), MSTR_OK);
    assert_int_equal(rules.user_count, 2);
    assert_int_equal(rules.users[0], 0);
    assert_int_equal(rules.users[1], 4711);
    assert_int_equal(rules.group_count, 1);
    assert_int_equal(rules.groups[0], 4712);
    assert_true(policy_allows_profile(rules.policy, "two"));
    assert_false(policy_allows_profile(rules.policy, "three"));
    agent_rules_release(&rules);
}

static void the_setting_that_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        struct agent_rules_text text;
        const char *key;
    } cases[] = {
        {{.allow = "x"}, "allow"},
        {{.profiles = "API"}, "profiles"},
        {{.allow_user = "nobody-of-this-name"}, "allow_user"},
        {{.allow_group = "nobody-of-this-name"}, "allow_group"},
        {{.allow_group = "0"}, "allow_group"},
        {{.listen = "127.0.0.1:1", .token_file = "/t"}, "listen"},
        {{.listen = "127.0.0.1:1", .allow = "a:b", .profiles = "p"}, "listen"},
        {{.tcp = "a socket", .token_file = "/t", .allow = "a:b"}, "a socket"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct agent_rules rules;
        const char *key = NULL;
        assert_int_equal(agent_rules_read(&cases[i].text, &rules, &key, NULL), MSTR_E_CONFIG);
        assert_string_equal(key, cases[i].key);
        agent_rules_release(&rules);
    }
}

static void only_what_may_be_asked_for_is_fetched_ahead(void **state)
{
    (void)state;
    mstr_context *context = test_context("[provider st]\nplugin = newer\n");
    const struct agent_rules_text text = {.allow = "st:a/*"};
    struct agent_rules rules;
    struct agent_reference *reference = NULL;
    const char *key = NULL;
    assert_int_equal(agent_rules_read(&text, &rules, &key, NULL), MSTR_OK);
    assert_int_equal(agent_rules_prefetch(context, rules.policy, "st:a/b#field", &reference, NULL), MSTR_OK);
    assert_string_equal(reference->body, "a/b");
    agent_reference_free(reference);
    assert_int_equal(agent_rules_prefetch(context, rules.policy, "st:a/../b", &reference, NULL), MSTR_E_CONFIG);
    assert_null(reference);
    assert_int_equal(agent_rules_prefetch(context, rules.policy, "st:", &reference, NULL), MSTR_E_CONFIG);
    agent_rules_release(&rules);
    mstr_context_free(context);
}

static enum mstr_code join(const char *word, void *data)
{
    buffer_printf(data, "%s,", word);
    return strcmp(word, "stop") == 0 ? MSTR_E_CANCELLED : MSTR_OK;
}

static void words_are_told_up_to_one_that_fails(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    assert_int_equal(agent_rules_each(NULL, join, &told), MSTR_OK);
    assert_int_equal(agent_rules_each(" a\tb  c ", join, &told), MSTR_OK);
    assert_string_equal(buffer_text(&told), "a,b,c,");
    assert_int_equal(agent_rules_each("d stop e", join, &told), MSTR_E_CANCELLED);
    assert_string_equal(buffer_text(&told), "a,b,c,d,stop,");
    buffer_release(&told);
}

static void a_socket_is_where_nobody_else_may_put_one(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    assert_int_equal(agent_rules_socket("/run/mstr/agent.sock", error), MSTR_OK);
    assert_int_equal(agent_rules_socket("/tmp/agent.sock", error), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(error),
                        "the agent's socket /tmp/agent.sock is below /tmp, where anybody may be first");
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(the_setting_that_is_wrong_is_named),
        cmocka_unit_test(only_what_may_be_asked_for_is_fetched_ahead),
        cmocka_unit_test(a_socket_is_where_nobody_else_may_put_one),
        cmocka_unit_test(words_are_told_up_to_one_that_fails),
    };
    return RUN_TESTS("context/agent_rules");
}
