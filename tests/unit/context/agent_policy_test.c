/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/agent_policy.c; patterns: reference/pattern_test.c */
#include "context/agent_policy.h"

#include "support/unit.h"

struct asked {
    const char *allow;
    const char *scheme;
    const char *body;
    bool local;
    bool allowed;
};

static const struct asked cases[] = {
    {"st:prod/*", "st", "prod/a", false, true},
    {"st:prod/*", "st", "prod/a/b", false, false},
    {"*:**", "env", "a", true, false},
    {"env:A*", "env", "AB", true, true},
    {NULL, "st", "a", false, true},
    {NULL, "env", "a", true, false},
    {"", "st", "a", false, false},
};

static void patterns_say_what_may_be_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct asked *asked = &cases[i];
        struct buffer problem = BUFFER_INIT;
        struct policy *policy = policy_new(asked->allow, NULL, &problem);
        const struct agent_reference reference = {
            .scheme = asked->scheme, .body = asked->body, .local = asked->local};
        assert_non_null(policy);
        if (policy_allows(policy, &reference) != asked->allowed) {
            fail_msg("%s: %s:%s", asked->allow, asked->scheme, asked->body);
        }
        policy_free(policy);
    }
}

static void what_is_no_pattern_is_told(void **state)
{
    (void)state;
    struct buffer problem = BUFFER_INIT;
    assert_null(policy_new("st:a nonsense", NULL, &problem));
    assert_string_equal(buffer_text(&problem), "\"nonsense\" is no pattern of references, such as store:prod/*");
    buffer_release(&problem);
}

static void profiles_are_named_in_full(void **state)
{
    (void)state;
    struct buffer problem = BUFFER_INIT;
    struct policy *policy = policy_new("", " a  bc ", &problem);
    assert_true(policy_allows_profile(policy, "a"));
    assert_true(policy_allows_profile(policy, "bc"));
    assert_false(policy_allows_profile(policy, "b"));
    assert_false(policy_allows_profile(policy, ""));
    policy_free(policy);
    policy = policy_new(NULL, NULL, &problem);
    assert_true(policy_allows_profile(policy, "any"));
    policy_free(policy);
}

static void a_single_pattern_takes_local_ones_too(void **state)
{
    (void)state;
    struct buffer problem = BUFFER_INIT;
    struct policy *policy = policy_of_pattern("*:**", &problem);
    const struct agent_reference reference = {.scheme = "env", .body = "A", .local = true};
    assert_true(policy_allows(policy, &reference));
    policy_free(policy);
    assert_null(policy_of_pattern("x", &problem));
    buffer_release(&problem);
}

static void a_pattern_lets_nothing_through_that_a_store_may_read_as_something_else(void **state)
{
    (void)state;
    struct buffer problem = BUFFER_INIT;
    const struct agent_reference reference = {.scheme = "file", .body = "/a/b", .local = true, .dotted = true};
    struct policy *policy = policy_new("file:/a/b file:/**", NULL, &problem);
    assert_false(policy_allows(policy, &reference));
    policy_free(policy);
    policy = policy_of_pattern("file:/a/b", &problem); /* of what is to be forgotten */
    assert_true(policy_allows(policy, &reference));
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_say_what_may_be_asked_for),
        cmocka_unit_test(what_is_no_pattern_is_told),
        cmocka_unit_test(profiles_are_named_in_full),
        cmocka_unit_test(a_single_pattern_takes_local_ones_too),
        cmocka_unit_test(a_pattern_lets_nothing_through_that_a_store_may_read_as_something_else),
    };
    return RUN_TESTS("context/agent_policy");
}
