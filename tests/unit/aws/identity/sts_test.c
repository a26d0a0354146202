/* SPDX-License-Identifier: Apache-2.0 */
/* Roles that STS gives keys of, and what it says when it does not. */
#include "support/aws_home.h"

static int make_role(void **state)
{
    aws_home_make(state);
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    settings.role_arn = "arn:aws:iam::1:role/r";
    return 0;
}

static void a_refusal_of_sts_is_told_in_its_own_words(void **state)
{
    (void)state;
    fake_host_answer("POST", STS_URL, 403, NULL,
                     "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                     "<Message>User: &lt;me&gt; is not authorized</Message></Error></ErrorResponse>");
    assert_no_keys(MSTR_E_DENIED, "User: <me> is not authorized (AccessDenied)");
}

static void a_role_is_assumed_with_the_keys_found(void **state)
{
    (void)state;
    settings.external_id = "e&id";
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);
    assert_keys("ASIAROLE");
    assert_contains(fake_exchange_header(fake_host_request(0), "Authorization"), "Credential=ENV/");
    assert_contains(fake_host_request(0)->body,
                    "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1");
    assert_contains(fake_host_request(0)->body, "&ExternalId=e%26id");
}

/* Keys are others each time, and at each worker; who they are of is one. */
static void keys_of_a_role_are_of_whom_sts_says(void **state)
{
    static const struct {
        const char *user;
        const char *proof;
    } cases[] = {{"<AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/mstr</Arn></AssumedRoleUser>",
                  "arn:aws:sts::1:assumed-role/r/mstr"},
                 {"<AssumedRoleUser><Arn></Arn></AssumedRoleUser>", "ASIAROLE"},
                 {"", "ASIAROLE"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char answer[1024];
        struct aws_keys *keys = NULL;
        snprintf(answer, sizeof(answer), "<Answer>" ASSUMED "%s</Answer>", cases[i].user);
        fake_host_answer("POST", STS_URL, 200, NULL, answer);
        assert_int_equal(find_keys(&keys, NULL), MSTR_OK);
        assert_string_equal(aws_keys_proof(keys), cases[i].proof);
        aws_keys_release(keys);
    }
}

static void an_answer_without_whole_keys_is_refused(void **state)
{
    (void)state;
    fake_host_answer("POST", STS_URL, 200, NULL, "<Credentials><AccessKeyId>A</AccessKeyId></Credentials>");
    assert_no_keys_hint(MSTR_E_PROTOCOL, "STS answered without complete credentials", "proxy");
}

static void without_a_region_no_role_can_be_assumed(void **state)
{
    (void)state;
    fake_host_env("AWS_REGION", NULL);
    assert_no_keys_hint(MSTR_E_CONFIG, "no region is known in which to assume arn:aws:iam::1:role/r", "AWS_REGION");
    assert_int_equal(fake_host_requests(), 0);
}

/* Its signatures are of one region, whichever the user's is. */
static void the_endpoint_of_old_is_asked_where_the_user_says_so(void **state)
{
    (void)state;
    fake_host_env("AWS_REGION", "eu-west-1");
    fake_host_env("AWS_STS_REGIONAL_ENDPOINTS", "Legacy");
    fake_host_answer("POST", "https://sts.amazonaws.com/", 200, NULL, ASSUMED);
    assert_keys("ASIAROLE");
    assert_contains(fake_exchange_header(fake_host_request(0), "Authorization"), "/us-east-1/sts/");

    fake_host_env("AWS_STS_REGIONAL_ENDPOINTS", NULL);
    write_file(".aws/config", "[default]\nsts_regional_endpoints = legacy\n");
    fake_host_answer("POST", "https://sts.amazonaws.com/", 200, NULL, ASSUMED);
    assert_keys("ASIAROLE");

    fake_host_env("AWS_STS_REGIONAL_ENDPOINTS", "regional");
    fake_host_answer("POST", "https://sts.eu-west-1.amazonaws.com/", 200, NULL, ASSUMED);
    assert_keys("ASIAROLE");

    fake_host_env("AWS_STS_REGIONAL_ENDPOINTS", "global");
    assert_no_keys(MSTR_E_CONFIG, "\"global\"; it must be regional or legacy");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_role, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(a_role_is_assumed_with_the_keys_found),   TEST(a_refusal_of_sts_is_told_in_its_own_words),
        TEST(keys_of_a_role_are_of_whom_sts_says),     TEST(an_answer_without_whole_keys_is_refused),
        TEST(without_a_region_no_role_can_be_assumed), TEST(the_endpoint_of_old_is_asked_where_the_user_says_so),
    };
    return RUN_TESTS("aws/identity/sts");
}
