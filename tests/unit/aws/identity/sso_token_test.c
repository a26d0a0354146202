/* SPDX-License-Identifier: Apache-2.0 */
/* Logins of IAM Identity Center: their renewal, and the cache that all programs of a user share. */
#include "support/aws_home.h"

#define SSO_FILE "aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json"
#define OIDC     "https://oidc.us-east-1.amazonaws.com/token"

/* A login that ends in three minutes, with what its renewal needs. */
static void write_renewable_login(void)
{
    write_file(".aws/config", "[default]\nsso_session=dev\nsso_account_id=1\nsso_role_name=r\n[sso-session dev]\n"
                              "sso_region=us-east-1\nsso_start_url=https://x/start\n");
    write_file(
        "." SSO_FILE,
        "{\"accessToken\":\"old\",\"expiresAt\":\"2026-01-15T12:03:00Z\",\"refreshToken\":\"rt\",\"clientId\":\"ci\","
        "\"clientSecret\":\"cs\",\"registrationExpiresAt\":\"2026-02-15T12:00:00Z\",\"startUrl\":\"https://x/"
        "start\"}");
    fake_host_answer_always(
        "GET", "https://portal.sso.us-east-1.amazonaws.com/*", 200, NULL,
        "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"x\",\"sessionToken\":\"t\","
        "\"expiration\":1768482000000}}");
}

static void an_sso_login_is_renewed_and_put_back(void **state)
{
    (void)state;
    write_renewable_login();
    fake_host_answer("POST", "https://oidc.us-east-1.amazonaws.com/token", 200, NULL,
                     "{\"accessToken\":\"new\",\"expiresIn\":3600,\"refreshToken\":\"rt2\"}");
    assert_keys("SSO");
    assert_string_equal(fake_host_request(0)->body,
                        "{\"clientId\":\"ci\",\"clientSecret\":\"cs\",\"grantType\":\"refresh_token\","
                        "\"refreshToken\":\"rt\"}");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-amz-sso_bearer_token"), "new");
    assert_keys("SSO"); /* from the file, without another renewal */
    assert_int_equal(fake_host_requests(), 3);
    assert_string_equal(fake_exchange_header(fake_host_request(2), "x-amz-sso_bearer_token"), "new");
    char path[512];
    struct stat status;
    struct buffer text = BUFFER_INIT;
    snprintf(path, sizeof(path), "%s/.%s", home, SSO_FILE);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(files_read(fake_host_call(), path, 4096, &text, NULL), MSTR_OK);
    assert_contains(buffer_text(&text), "\"refreshToken\":\"rt2\"");
    assert_contains(buffer_text(&text), "\"expiresAt\":\"2026-01-15T13:00:00Z\"");
    assert_contains(buffer_text(&text), "\"startUrl\":\"https://x/start\"");
    buffer_release(&text);
}

static void an_sso_login_that_cannot_be_renewed_serves_to_its_end(void **state)
{
    (void)state;
    write_renewable_login();
    fake_host_answer_always("POST", "https://oidc.us-east-1.amazonaws.com/token", 400, NULL,
                            "{\"error\":\"invalid_grant\",\"error_description\":\"gone\"}");
    assert_keys("SSO");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-amz-sso_bearer_token"), "old");
    fake_host_advance(4 * 60000);
    fake_host_deadline(30000);
    assert_no_keys(MSTR_E_AUTHENTICATION, "could not be renewed: CreateToken: gone (invalid_grant)");
}

static void a_service_that_fails_in_passing_is_asked_again(void **state)
{
    (void)state;
    write_renewable_login();
    fake_host_env("AWS_CA_BUNDLE", "/bundle.pem");
    fake_host_answer("POST", OIDC, 429, NULL, "");
    fake_host_fail("POST", OIDC, MSTR_E_NETWORK, "reset");
    fake_host_answer("POST", OIDC, 200, NULL, "{\"accessToken\":\"new\",\"expiresIn\":3600}");
    assert_keys("SSO");
    assert_string_equal(fake_exchange_header(fake_host_request(3), "x-amz-sso_bearer_token"), "new");
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(fake_host_request(i)->ca_file, "/bundle.pem");
    }
}

static void a_service_in_trouble_does_not_mean_that_the_login_has_expired(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
    } cases[] = {
        {500, "{\"error\":\"server_error\"}", MSTR_E_UNAVAILABLE},
        {429, "", MSTR_E_THROTTLED},
        {200, "<html>", MSTR_E_PROTOCOL},
    };
    (void)state;
    write_renewable_login();
    fake_host_advance(4 * 60000);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_deadline(30000);
        for (int attempt = 0; attempt < (cases[i].status == 200 ? 1 : 3); attempt++) {
            fake_host_answer("POST", OIDC, cases[i].status, NULL, cases[i].body);
        }
        assert_no_keys(cases[i].code, cases[i].status == 200 ? "no accessToken" : "CreateToken: ");
    }
}

static void a_token_that_no_header_can_hold_is_told_with_its_file(void **state)
{
    static const struct {
        const char *token, *told;
    } cases[] = {
        {"a\\r\\nX: y", "accessToken holds a line break, in /tmp/mstr-aws-"},
        {"a\\ny", "accessToken holds a line break, in /tmp/mstr-aws-"},
        {"a\\u0000y", "accessToken holds a NUL, in /tmp/mstr-aws-"},
    };
    (void)state;
    write_renewable_login();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[128];
        snprintf(text, sizeof(text), "{\"accessToken\":\"%s\",\"expiresAt\":\"2026-01-15T18:00:00Z\"}",
                 cases[i].token);
        write_file("." SSO_FILE, text);
        assert_no_keys(MSTR_E_CONFIG, cases[i].told);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void a_token_is_shown_without_a_line_s_end(void **state)
{
    (void)state;
    write_renewable_login();
    write_file("." SSO_FILE, "{\"accessToken\":\"at\\r\\n\",\"expiresAt\":\"2026-01-15T18:00:00Z\"}");
    fake_host_answer("GET", "*/federation/credentials*", 403, NULL, "{\"code\":\"ForbiddenException\"}");
    assert_no_keys(MSTR_E_DENIED, "GetRoleCredentials");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "x-amz-sso_bearer_token"), "at");
}

static void the_switches_of_endpoints_hold_for_it(void **state)
{
    (void)state;
    write_renewable_login();
    fake_host_env("AWS_USE_FIPS_ENDPOINT", "true");
    fake_host_env("AWS_USE_DUALSTACK_ENDPOINT", "true");
    fake_host_answer("POST", "https://oidc-fips.us-east-1.api.aws/token", 200, NULL,
                     "{\"accessToken\":\"new\",\"expiresIn\":3600}");
    fake_host_answer(
        "GET", "https://portal.sso-fips.us-east-1.api.aws/federation/*", 200, NULL,
        "{\"roleCredentials\":{\"accessKeyId\":\"FIPS\",\"secretAccessKey\":\"x\",\"sessionToken\":\"t\","
        "\"expiration\":1768482000000}}");
    assert_keys("FIPS");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(an_sso_login_is_renewed_and_put_back),
        TEST(an_sso_login_that_cannot_be_renewed_serves_to_its_end),
        TEST(a_service_that_fails_in_passing_is_asked_again),
        TEST(a_service_in_trouble_does_not_mean_that_the_login_has_expired),
        TEST(a_token_that_no_header_can_hold_is_told_with_its_file),
        TEST(a_token_is_shown_without_a_line_s_end),
        TEST(the_switches_of_endpoints_hold_for_it),
    };
    return RUN_TESTS("aws/identity/sso_token");
}
