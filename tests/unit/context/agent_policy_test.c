/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/agent_policy.c */
#include "context/agent_policy.h"

#include "support/unit.h"

struct asked {
    const char *allow;
    const char *scheme;
    const char *body;
    const char *key; /* of a query; NULL = none */
    const char *value;
    bool local;
    bool allowed;
};

static const struct asked cases[] = {
    {"st:prod/*", "st", "prod/a", NULL, NULL, false, true},
    {"st:prod/*", "st", "prod/a/b", NULL, NULL, false, false},
    {"st:prod/**", "st", "prod/a/b", NULL, NULL, false, true},
    {"st:prod/*", "st", "prod/", NULL, NULL, false, true},
    {"st:prod/*", "st", "prod", NULL, NULL, false, false},
    {"st:prod/*", "su", "prod/a", NULL, NULL, false, false},
    {"st:a su:b", "su", "b", NULL, NULL, false, true},
    {"st:*-x", "st", "a-x-x", NULL, NULL, false, true},
    {"st:*-x", "st", "a-x-y", NULL, NULL, false, false},
    {"st:a", "st", "ab", NULL, NULL, false, false},
    {"st:a%20b", "st", "a b", NULL, NULL, false, true},
    {"st:a%2A", "st", "a*", NULL, NULL, false, true},
    {"st:a%2A", "st", "ab", NULL, NULL, false, false},
    {"st:x/../a", "st", "a", NULL, NULL, false, true},
    {"st:arn:aws:s:eu:12:secret:n-AbC123", "st", "arn:12:eu:n", NULL, NULL, false, true},
    {"st:a", "st", "a", "version", "1", false, false},
    {"st:a?version=*", "st", "a", "version", "1", false, true},
    {"st:a?version=2", "st", "a", "version", "1", false, false},
    {"st:a?version=1", "st", "a", NULL, NULL, false, true},
    {"st:a?x=1&version=1", "st", "a", "version", "1", false, true},
    {"*:**", "st", "a", NULL, NULL, false, true},
    {"*:**", "env", "a", NULL, NULL, true, false},
    {"env:A*", "env", "AB", NULL, NULL, true, true},
    {NULL, "st", "a", NULL, NULL, false, true},
    {NULL, "env", "a", NULL, NULL, true, false},
    {"", "st", "a", NULL, NULL, false, false},
};

static void patterns_say_what_may_be_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct asked *asked = &cases[i];
        struct buffer problem = BUFFER_INIT;
        struct policy *policy = policy_new(asked->allow, NULL, &problem);
        const struct mstr_query query = {.key = asked->key, .value = asked->value};
        const struct agent_reference reference = {.scheme = asked->scheme,
                                                  .body = asked->body,
                                                  .query = &query,
                                                  .query_count = asked->key != NULL,
                                                  .local = asked->local};
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
    static const char *const wrong[] = {"x", ":a", "st:", "st:a#f", "st:a?x", "st:%zz", "S T:a?=1", "st:a?=1"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct buffer problem = BUFFER_INIT;
        assert_null(policy_new(wrong[i], NULL, &problem));
        assert_non_null(strstr(buffer_text(&problem), "is no pattern of references"));
        buffer_release(&problem);
    }
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

/* Which would take years if each star were tried with each end. */
static void many_stars_take_no_time(void **state)
{
    (void)state;
    struct buffer problem = BUFFER_INIT;
    char body[2001] = {0};
    struct policy *policy = policy_new("st:*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", NULL, &problem);
    const struct agent_reference reference = {.scheme = "st", .body = body};
    memset(body, 'a', sizeof(body) - 1);
    assert_false(policy_allows(policy, &reference));
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
        cmocka_unit_test(many_stars_take_no_time),
    };
    return RUN_TESTS("context/agent_policy");
}
