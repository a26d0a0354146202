/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for a login of IAM Identity Center. */
#include "support/aws_home.h"

static void an_sso_login_gives_keys_until_it_expires(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\nsso_session=dev\nsso_account_id=1\nsso_role_name=r\n[sso-session dev]\n"
                              "sso_region=us-east-1\nsso_start_url=https://x/start\n");
    assert_no_keys(MSTR_E_AUTHENTICATION, "no login is cached");
    write_file(".aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json",
               "{\"accessToken\":\"at\",\"expiresAt\":\"2026-01-15T12:30:00Z\"}");
    fake_host_answer("GET",
                     "https://portal.sso.us-east-1.amazonaws.com/federation/credentials[?]role_name=r&account_id=1",
                     200, NULL,
                     "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"x\",\"sessionToken\":\"t\","
                     "\"expiration\":1768482000000}}");
    assert_keys("SSO");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "x-amz-sso_bearer_token"), "at");
    fake_host_advance(31 * 60000);
    assert_no_keys(MSTR_E_AUTHENTICATION, "expired");
}

static void settings_that_are_not_whole_are_told(void **state)
{
    static const struct {
        const char *config, *message;
    } cases[] = {
        {"sso_session=dev\n", "sso-session named `dev` (referenced by profile `default`)"},
        {"sso_account_id=1\n", "if `sso_account_id` is set, then `sso_role_name` must also be set"},
        {"sso_start_url=https://x\nsso_region=us-east-1\n", "no sso_account_id"},
        {"sso_account_id=1\nsso_role_name=r\nsso_region=us-east-1\n", "no sso_start_url"},
        {"sso_account_id=1\nsso_role_name=r\nsso_start_url=https://x\n", "no sso_region"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_default_profile(cases[i].config);
        assert_no_keys(MSTR_E_CONFIG, cases[i].message);
    }
    assert_int_equal(fake_host_requests(), 0);
}

#define PORTAL "https://portal.sso.us-east-1.amazonaws.com/*"
#define GIVEN                                                                                                        \
    "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"x\",\"sessionToken\":\"t\","                \
    "\"expiration\":1768482000000}}"

static void write_login(void)
{
    write_default_profile("sso_start_url=https://x/start\nsso_region=us-east-1\nsso_account_id=1\nsso_role_name=r\n");
    write_file(".aws/sso/cache/f9bd89c67fef27fcb5df8d2e4b64eabe5bae45a4.json",
               "{\"accessToken\":\"at\",\"expiresAt\":\"2026-01-15T12:30:00Z\"}");
}

static void a_portal_that_fails_in_passing_is_asked_again(void **state)
{
    (void)state;
    write_login();
    settings.ca_file = "/ca.pem";
    fake_host_answer("GET", PORTAL, 429, NULL, "");
    fake_host_answer("GET", PORTAL, 503, "Retry-After: 2", "");
    fake_host_answer("GET", PORTAL, 200, NULL, GIVEN);
    assert_keys("SSO");
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(fake_exchange_header(fake_host_request(i), "x-amz-sso_bearer_token"), "at");
        assert_string_equal(fake_host_request(i)->ca_file, "/ca.pem");
        assert_int_equal(fake_host_request(i)->request.connect_timeout, 3100);
    }
}

static void a_token_that_the_portal_does_not_take_asks_for_a_login(void **state)
{
    (void)state;
    write_login();
    fake_host_answer("GET", PORTAL, 401, "x-amzn-ErrorType: UnauthorizedException", "{\"message\":\"m\"}");
    assert_no_keys_hint(MSTR_E_AUTHENTICATION, "the login is no longer valid", "aws sso login");
    fake_host_answer("GET", PORTAL, 403, "x-amzn-ErrorType: ForbiddenException", "{\"message\":\"no role\"}");
    assert_no_keys(MSTR_E_DENIED, "GetRoleCredentials: no role (ForbiddenException)");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(an_sso_login_gives_keys_until_it_expires),
        TEST(settings_that_are_not_whole_are_told),
        TEST(a_portal_that_fails_in_passing_is_asked_again),
        TEST(a_token_that_the_portal_does_not_take_asks_for_a_login),
    };
    return RUN_TESTS("aws/identity/sso");
}
