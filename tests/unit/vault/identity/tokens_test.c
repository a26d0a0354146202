/* SPDX-License-Identifier: Apache-2.0 */
/* The token of an instance: shared, renewed, replaced. */
#include "unit/vault/login.h"

#define LOGIN V1 "auth/approle/login"
#define RENEW V1 "auth/token/renew-self"

static int setup(void **state)
{
    int result = login_setup(state);
    fake_host_option("role_id", "r-1");
    return result;
}

static void later(int64_t seconds)
{
    fake_host_advance(seconds * 1000);
    fake_host_deadline(30000);
}

static const char *read_by(void)
{
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    return fake_exchange_header(fake_host_request(fake_host_requests() - 1), "X-Vault-Token");
}

static void one_login_serves_until_two_thirds_and_is_renewed_then(void **state)
{
    (void)state;
    log_in("approle");
    later(2000);
    read_by();
    assert_int_equal(fake_host_requests(), 4); /* look-up, login, and two reads */
    fake_host_answer("POST", RENEW, 200, NULL, AUTH("hvs.login", ""));
    later(500);
    assert_string_equal(read_by(), "hvs.login");
    assert_string_equal(sent("POST", "renew-self")->body, "{}"); /* no increment */
    assert_string_equal(fake_exchange_header(sent("POST", "renew-self"), "X-Vault-Token"), "hvs.login");
    assert_int_equal(fake_host_requests(), 6);
}

static void a_renewal_that_fails_in_passing_leaves_the_old_one(void **state)
{
    (void)state;
    log_in("approle");
    later(2500);
    fake_host_answer("POST", RENEW, 500, NULL, "{\"errors\":[\"internal error\"]}");
    assert_string_equal(read_by(), "hvs.login");
    assert_contains(fake_host_log(), "the old one goes on");
}

static void where_it_cannot_be_renewed_any_more_it_is_logged_in_anew(void **state)
{
    static const struct {
        int status;
        const char *body;
    } cases[] = {
        {500, "{\"errors\":[\"past the max TTL, cannot renew\"]}"},
        {400, "{\"errors\":[\"lease is not renewable\"]}"},
        {403, DENIED},
        {200, "{\"auth\":{\"client_token\":\"hvs.old\",\"lease_duration\":1000,\"renewable\":true}}"}, /* the end is
                                                                                                          near */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        plugin->invalidate(instance, NULL);
        fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.old", ""));
        assert_string_equal(read_by(), "hvs.old");
        later(2500);
        fake_host_answer("POST", RENEW, cases[i].status, NULL, cases[i].body);
        fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.new", ""));
        assert_string_equal(read_by(), "hvs.new");
    }
}

static void one_that_is_not_renewable_is_not_asked_to_be(void **state)
{
    (void)state;
    fake_host_answer("POST", LOGIN, 200, NULL,
                     "{\"auth\":{\"client_token\":\"hvb.x\",\"lease_duration\":60,\"renewable\":false}}");
    assert_string_equal(read_by(), "hvb.x");
    later(50);
    fake_host_answer("POST", LOGIN, 200, NULL,
                     "{\"auth\":{\"client_token\":\"hvb.y\",\"lease_duration\":60,\"renewable\":false}}");
    assert_string_equal(read_by(), "hvb.y");
    later(70); /* past its end */
    log_in("approle");
}

static void uses_are_counted_and_none_is_spent_on_the_token_itself(void **state)
{
    (void)state;
    plugin->destroy(instance);
    fake_host_option("kv", "2");
    assert_int_equal(plugin->create(fake_host_instance(NULL), &instance, NULL), MSTR_OK);
    fake_host_answer(
        "POST", LOGIN, 200, NULL,
        "{\"auth\":{\"client_token\":\"hvs.two\",\"lease_duration\":60,\"renewable\":true,\"num_uses\":2}}");
    assert_string_equal(read_by(), "hvs.two");
    later(50);
    fake_host_answer(
        "POST", LOGIN, 200, NULL,
        "{\"auth\":{\"client_token\":\"hvs.three\",\"lease_duration\":60,\"renewable\":true,\"num_uses\":2}}");
    assert_string_equal(read_by(), "hvs.three");
    assert_string_equal(read_by(), "hvs.three");
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.four", ""));
    assert_string_equal(read_by(), "hvs.four");
    assert_int_equal(fake_host_requests(), 7);
}

static void a_batch_token_is_not_given_back_as_nobody_can_revoke_it(void **state)
{
    (void)state;
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvb.a", ",\"token_type\":\"batch\""));
    assert_string_equal(read_by(), "hvb.a");
    size_t before = fake_host_requests();
    plugin->destroy(instance);
    assert_int_equal(fake_host_requests(), before);
    assert_int_equal(plugin->create(fake_host_instance(NULL), &instance, NULL), MSTR_OK);
}

static void renewals_and_logins_of_an_entity_are_one_identity(void **state)
{
    char before[64];
    (void)state;
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.a", ",\"entity_id\":\"e\""));
    struct mstr_request *request = resolve("vault:secret/a");
    strcpy(before, fake_request_identity(request));
    fake_request_free(request);

    later(2500);
    fake_host_answer("POST", RENEW, 200, NULL, AUTH("hvs.a", ""));
    request = resolve("vault:secret/a");
    assert_string_equal(fake_request_identity(request), before);
    fake_request_free(request);

    plugin->invalidate(instance, NULL);
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.b", ",\"entity_id\":\"e\""));
    request = resolve("vault:secret/a");
    assert_string_equal(fake_request_identity(request), before);
    fake_request_free(request);
}

static void a_token_without_an_end_is_kept(void **state)
{
    (void)state;
    fake_host_answer("POST", LOGIN, 200, NULL, "{\"auth\":{\"client_token\":\"root\",\"lease_duration\":0}}");
    assert_string_equal(read_by(), "root");
    later(1000000);
    assert_string_equal(read_by(), "root");
}

static void a_refused_token_is_replaced_once(void **state)
{
    static const char invalid[] =
        "{\"errors\":[\"2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token\\n\\n\"]}";
    (void)state;
    log_in("approle");
    fake_host_answer("GET", V1 "secret/data/a", 403, NULL, invalid);
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.second", ""));
    assert_string_equal(read_by(), "hvs.second");

    fake_host_answer("GET", V1 "secret/data/a", 403, NULL, invalid);
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.third", ""));
    fake_host_answer("GET", V1 "secret/data/a", 403, NULL, invalid);
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "does not take the token from login at auth/approle", NULL);
}

static void a_fresh_token_is_not_to_blame_for_its_policies(void **state)
{
    (void)state;
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.a", ""));
    fake_host_answer("GET", V1 "secret/data/a", 403, NULL, DENIED);
    assert_fails("vault:secret/a", MSTR_E_DENIED, "403: permission denied",
                 "a policy must allow to read secret/data/a; the token is from login at auth/approle");
    later(61);
    fake_host_answer("GET", V1 "secret/data/a", 403, NULL, DENIED);
    fake_host_answer("POST", V1 "auth/token/revoke-self", 204, NULL, "");
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.b", ""));
    assert_string_equal(read_by(), "hvs.b");
    assert_string_equal(fake_exchange_header(sent("POST", "revoke-self"), "X-Vault-Token"), "hvs.a");
}

/* To whoever reads db/creds/a next, by a login. */
static void give_lease(void)
{
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("db/", "database", "null"));
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.a", ""));
    fake_host_answer("GET", V1 "db/creds/a", 200, NULL,
                     "{\"lease_id\":\"db/creds/a/1\",\"lease_duration\":7200,\"data\":{}}");
}

static void one_by_which_a_lease_lives_is_not_given_back_when_it_is_replaced(void **state)
{
    (void)state;
    give_lease();
    assert_resolves("vault:db/creds/a", "{}");
    later(61);
    size_t before = fake_host_requests();
    fake_host_answer("GET", V1 "db/creds/b", 403, NULL, DENIED);
    fake_host_answer("POST", LOGIN, 200, NULL, AUTH("hvs.b", ""));
    fake_host_answer("GET", V1 "db/creds/b", 200, NULL, "{\"data\":{}}");
    assert_resolves("vault:db/creds/b", "{}");
    assert_int_equal(fake_host_requests(), before + 3);
}

static void a_lease_ends_with_its_token(void **state)
{
    (void)state;
    give_lease();
    struct mstr_request *request = resolve("vault:db/creds/a");
    assert_int_equal(fake_request_expires(request), FAKE_HOST_START + 3600000);
    fake_request_free(request);
}

static void a_batch_asks_once_for_the_token_that_it_cannot_have(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("vault:secret/a"), fake_request_new("vault:other/b")};
    (void)state;
    fake_host_answer("POST", LOGIN, 500, NULL, "{\"errors\":[\"internal error\"]}");
    plugin->resolve(instance, requests, 2, fake_host_call());
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_UNAVAILABLE);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_login_serves_until_two_thirds_and_is_renewed_then),
        TEST(a_renewal_that_fails_in_passing_leaves_the_old_one),
        TEST(where_it_cannot_be_renewed_any_more_it_is_logged_in_anew),
        TEST(one_that_is_not_renewable_is_not_asked_to_be),
        TEST(uses_are_counted_and_none_is_spent_on_the_token_itself),
        TEST(a_batch_token_is_not_given_back_as_nobody_can_revoke_it),
        TEST(renewals_and_logins_of_an_entity_are_one_identity),
        TEST(a_token_without_an_end_is_kept),
        TEST(a_refused_token_is_replaced_once),
        TEST(a_fresh_token_is_not_to_blame_for_its_policies),
        TEST(one_by_which_a_lease_lives_is_not_given_back_when_it_is_replaced),
        TEST(a_lease_ends_with_its_token),
        TEST(a_batch_asks_once_for_the_token_that_it_cannot_have),
    };
    return RUN_TESTS("vault/identity/tokens");
}
