/* SPDX-License-Identifier: Apache-2.0 */
/* The token of a web identity, as the environment names it. */
#include "support/aws_home.h"

static void a_web_identity_is_exchanged_without_a_signature(void **state)
{
    char path[256];
    (void)state;
    home_path("token", path);
    write_file("token", "a.jwt\n");
    fake_host_env("AWS_WEB_IDENTITY_TOKEN_FILE", path);
    assert_no_keys(MSTR_E_CONFIG, "AWS_ROLE_ARN is not");
    fake_host_env("AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);

    assert_keys("ASIAROLE");

    const struct fake_exchange *sent = fake_host_request(0);
    assert_null(fake_exchange_header(sent, "Authorization"));
    assert_contains(sent->body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam");
    assert_contains(sent->body, "&WebIdentityToken=a.jwt");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(a_web_identity_is_exchanged_without_a_signature),
    };
    return RUN_TESTS("aws/identity/web_identity");
}
