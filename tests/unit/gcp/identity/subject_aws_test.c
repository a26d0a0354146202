/* Subject tokens from AWS. */
#include "unit/gcp/external_account.h"

static void aws_request_is_signed_as_published(void **state)
{
    static const struct {
        const char *session;
        const char *signature;
    } cases[] = {{NULL, "fae09118e41357ad87677b120e1977871dadb5d8b4110e6d46fb50c8f7a4ff7f"},
                 {"session-token-EXAMPLE+/==", "4f84d7a2e60782a19cfc3da745556bd34fdf7b04e54a53fad06c8028450a1e8c"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_reset();
        plugin->invalidate(instance, NULL);
        fake_host_set_now(INT64_C(1597128922000)); /* 2020-08-11T06:55:22Z */
        fake_host_env("AWS_REGION", "us-east-2");
        fake_host_env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        fake_host_env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        fake_host_env("AWS_SESSION_TOKEN", cases[i].session);
        use_external(AWS, "{\"environment_id\":\"aws1\"}", "");
        answer_exchange();

        assert_resolves("gcp-sm://p/s", "hello");

        char *encoded = field(0, "subject_token");
        assert_contains(encoded, cases[i].signature);
        assert_contains(encoded, "x-goog-cloud-target-resource");
        buffer_free_text(encoded);
    }
}

static void containers_of_aws_sign_with_their_own_keys(void **state)
{
    (void)state;
    fake_host_env("AWS_REGION", "us-east-2");
    fake_host_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/task");
    use_external(AWS, "{\"environment_id\":\"aws1\",\"url\":\"http://169.254.169.254/latest/roles\"}", "");
    fake_host_answer("GET", "http://169.254.170.2/v2/credentials/task", 200, NULL,
                     "{\"AccessKeyId\":\"ASIATASK\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
                     "\"Expiration\":\"2026-01-15T18:00:00Z\"}");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    char *encoded = field(1, "subject_token");
    assert_contains(encoded, "ASIATASK%2F20260115%2Fus-east-2%2Fsts");
    assert_contains(encoded, "x-amz-security-token");
    buffer_free_text(encoded);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(aws_request_is_signed_as_published),
        TEST(containers_of_aws_sign_with_their_own_keys),
    };
    return RUN_TESTS("gcp/identity/subject_aws");
}
