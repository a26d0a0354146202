/* SPDX-License-Identifier: Apache-2.0 */
/* Logins: what is posted, what is taken, and that no refused one is repeated. */
#include "unit/vault/login.h"

#define LOGIN V1 "auth/approle/login"

static int setup(void **state)
{
    fake_host_reset();
    int result = login_setup(state);
    fake_host_option("role_id", "r-1");
    fake_host_option("secret_id", "s-1");
    return result;
}

static void it_goes_to_its_mount_and_namespace_without_a_token(void **state)
{
    (void)state;
    plugin->destroy(instance);
    fake_host_option("auth_mount", "team/app role");
    fake_host_option("auth_namespace", "admin");
    fake_host_option("namespace", "admin/team");
    assert_int_equal(plugin->create(fake_host_instance(NULL), &instance, NULL), MSTR_OK);
    fake_host_answer("POST", V1 "auth/team/app%20role/login", 200, "X-Vault-Index: aWR4", AUTH("hvs.x", ""));
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");

    const struct fake_exchange *login = fake_host_request(0);
    assert_string_equal(login->url, V1 "auth/team/app%20role/login");
    assert_null(fake_exchange_header(login, "X-Vault-Token"));
    assert_string_equal(fake_exchange_header(login, "X-Vault-Namespace"), "admin");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "X-Vault-Namespace"), "admin/team");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "X-Vault-Index"), "aWR4");
}

static void a_refused_one_is_not_repeated_with_the_same_proof(void **state)
{
    (void)state;
    fake_host_answer("POST", LOGIN, 400, NULL, "{\"errors\":[\"invalid role or secret ID\"]}");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "400: invalid role or secret ID", "used-up");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "not tried again with the same proof", "used-up");
    assert_int_equal(fake_host_requests(), 1);

    fake_host_option("secret_id", "s-2");
    log_in("approle");
}

static void it_may_be_tried_again_after_a_while(void **state)
{
    (void)state;
    fake_host_answer("POST", LOGIN, 403, NULL, DENIED);
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "403", "15 minutes");
    fake_host_advance(5 * 60 * 1000);
    fake_host_deadline(30000);
    log_in("approle");
}

static void it_may_be_tried_again_when_all_is_forgotten(void **state)
{
    (void)state;
    fake_host_answer("POST", LOGIN, 403, NULL, DENIED);
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "403", NULL);
    plugin->invalidate(instance, NULL);
    log_in("approle");
}

static void what_is_no_token_is_refused(void **state)
{
    static const struct {
        const char *body;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"{\"auth\":null}", MSTR_E_PROTOCOL, "client_token"},
        {"{\"auth\":{\"client_token\":\"\"}}", MSTR_E_PROTOCOL, "client_token"},
        {"{\"auth\":{\"client_token\":\"a\\nb\"}}", MSTR_E_PROTOCOL, "client_token"},
        {"{\"auth\":{\"client_token\":\"t\",\"lease_duration\":-5}}", MSTR_E_PROTOCOL, "lease_duration"},
        {"{\"auth\":{\"client_token\":\"\",\"mfa_requirement\":{\"mfa_request_id\":\"1\"}}}", MSTR_E_AUTHENTICATION,
         "needs MFA"},
        {"<html>", MSTR_E_PROTOCOL, "no JSON object"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("POST", LOGIN, 200, NULL, cases[i].body);
        assert_fails("vault:secret/a", cases[i].code, cases[i].part, NULL);
    }
}

static void what_fails_in_passing_is_no_refusal(void **state)
{
    (void)state;
    fake_host_answer("POST", LOGIN, 500, NULL, "{\"errors\":[\"internal error\"]}");
    assert_fails("vault:secret/a", MSTR_E_UNAVAILABLE, "internal error", NULL);
    log_in("approle");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_goes_to_its_mount_and_namespace_without_a_token),
        TEST(a_refused_one_is_not_repeated_with_the_same_proof),
        TEST(it_may_be_tried_again_after_a_while),
        TEST(it_may_be_tried_again_when_all_is_forgotten),
        TEST(what_is_no_token_is_refused),
        TEST(what_fails_in_passing_is_no_refusal),
    };
    return RUN_TESTS("vault/identity/login");
}
