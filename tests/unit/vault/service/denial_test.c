/* SPDX-License-Identifier: Apache-2.0 */
/* What a 403 means. */
#include "unit/vault/support.h"

static void what_is_denied_both_ways_names_both(void **state)
{
    (void)state;
    fake_host_answer_always("GET", V1 "s*", 403, NULL, DENIED);
    fake_host_answer("GET", V1 "auth/token/lookup-self", 200, NULL,
                     "{\"data\":{\"policies\":[\"default\",\"other\"],\"ttl\":60}}");
    assert_fails(
        "vault:secret/app", MSTR_E_DENIED, "secret/data/app and secret/app",
        "a policy must allow to read secret/data/app; the token is from VAULT_TOKEN and has policies default, other; "
        "ends in 60 s");
    assert_string_equal(fake_host_request(1)->url, V1 "secret/data/app");
    assert_string_equal(fake_host_request(2)->url, V1 "secret/app");
}

static void a_token_that_is_unknown_is_told_from_one_that_may_not(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("vault:secret/a?namespace=team"),
                                       fake_request_new("vault:secret/b?namespace=team")};
    (void)state;
    fake_host_answer_always("GET", V1 "secret/data/*", 403, NULL, DENIED);
    fake_host_answer("GET", V1 "auth/token/lookup-self", 403, NULL, DENIED);
    plugin->resolve(instance, requests, 2, fake_host_call());
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_AUTHENTICATION);
        assert_contains(fake_request_message(requests[i]), "expired, was revoked, or is of another namespace");
        fake_request_free(requests[i]);
    }

    fake_host_answer("GET", V1 "auth/token/lookup-self", 200, NULL, "{\"data\":{\"policies\":[]}}");
    assert_fails("vault:secret/a?namespace=team", MSTR_E_DENIED, "403: permission denied",
                 "read secret/data/a in namespace team; the token is from VAULT_TOKEN and has no policies");
    assert_fails("vault:secret/a?namespace=x", MSTR_E_NETWORK, "", NULL);
}

static void a_refusal_that_names_the_token_needs_no_look_up(void **state)
{
    (void)state;
    fake_host_answer("GET", V1 "secret/data/a", 403, NULL,
                     "{\"errors\":[\"2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token\\n\\n\"]}");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "token from VAULT_TOKEN", NULL);
    assert_int_equal(fake_host_requests(), 2);
}

#define TEST(name)    cmocka_unit_test_setup_teardown(name, token_setup, plugin_teardown)
#define KV_TEST(name) cmocka_unit_test_setup_teardown(name, kv_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_denied_both_ways_names_both),
        KV_TEST(a_token_that_is_unknown_is_told_from_one_that_may_not),
        KV_TEST(a_refusal_that_names_the_token_needs_no_look_up),
    };
    return RUN_TESTS("vault/service/denial");
}
