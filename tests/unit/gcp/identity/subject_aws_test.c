/* SPDX-License-Identifier: Apache-2.0 */
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

#define ZONE        "http://169.254.169.254/zone"
#define ROLES       "http://169.254.169.254/roles"
#define SESSION     "http://169.254.169.254/session"
#define KEYS_OF(id) "{\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"s\",\"Token\":\"t\"}"

/* The signed request of an exchange has it. */
static void assert_signed(size_t request, const char *part)
{
    char *encoded = field(request, "subject_token");
    assert_contains(encoded, part);
    buffer_free_text(encoded);
}

static void instances_of_aws_are_asked_at_the_urls_of_the_file(void **state)
{
    (void)state;
    use_external(AWS,
                 "{\"environment_id\":\"aws1\",\"url\":\"" ROLES "\",\"region_url\":\"" ZONE
                 "\",\"imdsv2_session_token_url\":\"" SESSION "\"}",
                 "");
    fake_host_answer("PUT", SESSION, 200, NULL, "session");
    fake_host_answer("GET", ROLES, 200, NULL, "role");
    fake_host_answer("GET", ROLES "/role", 200, NULL, KEYS_OF("ASIAROLE"));
    fake_host_answer("GET", ZONE, 200, NULL, "eu-west-3b");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    for (size_t i = 1; i < 4; i++) {
        assert_string_equal(fake_exchange_header(fake_host_request(i), "X-aws-ec2-metadata-token"), "session");
    }
    assert_signed(4, "ASIAROLE%2F20260115%2Feu-west-3%2Fsts");
}

static void instances_of_aws_are_asked_without_a_session_where_the_file_has_no_url_for_it(void **state)
{
    (void)state;
    use_external(AWS, "{\"environment_id\":\"aws1\",\"url\":\"" ROLES "\",\"region_url\":\"" ZONE "\"}", "");
    fake_host_answer("GET", ROLES, 200, NULL, "role");
    fake_host_answer("GET", ROLES "/role", 200, NULL, KEYS_OF("ASIAROLE"));
    fake_host_answer("GET", ZONE, 200, NULL, "eu-west-3b");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_int_equal(fake_host_request(0)->request.header_count, 0);
    assert_signed(3, "ASIAROLE%2F20260115%2Feu-west-3%2Fsts");
}

/* Google's libraries ask for no more than is missing. */
static void keys_of_the_environment_need_the_instance_for_the_region_alone(void **state)
{
    (void)state;
    fake_host_env("AWS_ACCESS_KEY_ID", "AKIAMINE");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "s");
    use_external(AWS, "{\"environment_id\":\"aws1\",\"region_url\":\"" ZONE "\"}", "");
    fake_host_answer("GET", ZONE, 200, NULL, "eu-west-3b");
    answer_exchange();
    assert_resolves("gcp-sm://p/s", "hello");
    assert_signed(1, "AKIAMINE%2F20260115%2Feu-west-3%2Fsts");

    plugin->invalidate(instance, NULL);
    use_external(AWS, "{\"environment_id\":\"aws1\"}", "");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "neither the environment nor the file tells the AWS region", NULL);
}

/* It is there, as the file says: that it fails is no reason to look elsewhere. */
static void instances_of_aws_that_do_not_answer_are_told_as_that(void **state)
{
    static const struct {
        int status; /* 0 = none */
        enum mstr_code code;
    } cases[] = {{0, MSTR_E_NETWORK}, {503, MSTR_E_UNAVAILABLE}, {404, MSTR_E_AUTHENTICATION}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_reset();
        plugin->invalidate(instance, NULL);
        fake_host_env("AWS_REGION", "us-east-2");
        fake_host_env("AWS_EC2_METADATA_DISABLED", "true"); /* of AWS's own search */
        use_external(
            AWS, "{\"environment_id\":\"aws1\",\"url\":\"" ROLES "\",\"imdsv2_session_token_url\":\"" SESSION "\"}",
            "");
        for (int j = 0; j < 3 && cases[i].status == 0; j++) {
            fake_host_fail("PUT", SESSION, MSTR_E_NETWORK, "silence");
        }
        fake_host_answer_always("PUT", SESSION, 200, NULL, "session");
        fake_host_answer_always("GET", ROLES, cases[i].status, NULL, "");
        assert_fails("gcp-sm://p/s", cases[i].code, "IMDS", NULL);
    }
}

/* AWS's credentials file is what comes through this pipe, which is to be closed. */
static int use_profile(const char *text)
{
    char path[32];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    fake_host_env("AWS_SHARED_CREDENTIALS_FILE", path);
    return ends[0];
}

/* Where the file does not say that this is an instance, AWS's own search goes through everything, and its files are
 * read but once: what came through a pipe is gone. */
static void profiles_of_aws_sign_where_the_file_has_no_metadata_service(void **state)
{
    int pipe = use_profile("[default]\nregion=eu-west-3\naws_access_key_id=AKIAPROFILE\naws_secret_access_key=s\n");
    (void)state;
    use_external(AWS, "{\"environment_id\":\"aws1\"}", "");
    fake_host_answer("POST", STS, 200, NULL, "{\"access_token\":\"federated\",\"expires_in\":\"3600\"}");
    fake_host_answer("GET", SERVICE, 401, NULL, "{}");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_signed(0, "AKIAPROFILE%2F20260115%2Feu-west-3%2Fsts");
    assert_signed(2, "AKIAPROFILE%2F20260115%2Feu-west-3%2Fsts");
    close(pipe);
}

static void profiles_of_aws_do_not_stand_before_the_instance(void **state)
{
    int pipe = use_profile("[default]\naws_access_key_id=AKIAPROFILE\naws_secret_access_key=s\n");
    (void)state;
    fake_host_env("AWS_REGION", "us-east-2");
    use_external(AWS, "{\"environment_id\":\"aws1\",\"url\":\"" ROLES "\"}", "");
    fake_host_answer("GET", ROLES, 200, NULL, "role");
    fake_host_answer("GET", ROLES "/role", 200, NULL, KEYS_OF("ASIAROLE"));
    answer_exchange();
    assert_resolves("gcp-sm://p/s", "hello");
    assert_signed(2, "ASIAROLE");
    close(pipe);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(aws_request_is_signed_as_published),
        TEST(containers_of_aws_sign_with_their_own_keys),
        TEST(instances_of_aws_are_asked_at_the_urls_of_the_file),
        TEST(instances_of_aws_are_asked_without_a_session_where_the_file_has_no_url_for_it),
        TEST(keys_of_the_environment_need_the_instance_for_the_region_alone),
        TEST(instances_of_aws_that_do_not_answer_are_told_as_that),
        TEST(profiles_of_aws_sign_where_the_file_has_no_metadata_service),
        TEST(profiles_of_aws_do_not_stand_before_the_instance),
    };
    return RUN_TESTS("gcp/identity/subject_aws");
}
