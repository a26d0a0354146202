/* SPDX-License-Identifier: Apache-2.0 */
/* providers/aws/plugin.c: the plugin's table */
#include "unit/aws/support.h"

#define SECRETS "https://secretsmanager.eu-west-1.amazonaws.com/"
#define STS     "https://sts.eu-west-1.amazonaws.com/"
#define AGENT   "http://169.254.170.2/keys"
#define GOOD    "{\"SecretString\":\"x\"}"
#define CALLER  "<GetCallerIdentityResult><Arn>arn:aws:iam::1:user/ann</Arn></GetCallerIdentityResult>"
#define KEYS(id)                                                                                                     \
    "{\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"sk\",\"Token\":\"t\",\"Expiration\":\"2026-01-15T18:00:"      \
    "00Z\"}"

static int make_secrets_manager(void **state)
{
    return service_setup("secretsmanager", state);
}

static int make_ssm(void **state)
{
    return service_setup("ssm", state);
}

static int make_with_options(void **state)
{
    fake_host_setup(state);
    fake_host_option("region", "us-gov-west-1");
    fake_host_option("endpoint", "https://vpce.example/own/");
    fake_host_option("ca_file", "/ca.pem");
    return service_create(NULL);
}

static void the_table_tells_what_there_is(void **state)
{
    static const char *const options[] = {"region",      "profile",    "credential_source", "role_arn",
                                          "external_id", "mfa_serial", "endpoint",          "ca_file"};
    (void)state;
    assert_string_equal(plugin->name, "aws");
    assert_int_equal(plugin->abi_major, MSTR_ABI_MAJOR);
    assert_int_equal(plugin->flags, MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH);
    assert_string_equal(plugin->services[0], "secretsmanager");
    assert_string_equal(plugin->services[1], "ssm");
    assert_null(plugin->services[2]);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        assert_string_equal(plugin->options[i].name, options[i]);
    }
    assert_null(plugin->options[COUNT_OF(options)].name);
}

static void malformed_references_are_refused_without_asking(void **state)
{
    (void)state;
    assert_malformed("aws-sm:a?stage=x", "unknown query key \"stage\": there are version-id, version-stage", NULL);
    assert_malformed("aws-sm:arn:aws:ssm:eu-west-1:1:parameter/a", "is no ARN of a Secrets Manager secret", NULL);
    assert_malformed("aws-sm:a?region=no%20region", "region", NULL);
    assert_malformed("aws-sm:caf%E9", "the reference holds octets that are no UTF-8", NULL);
    assert_malformed("aws-sm:a?version-stage=%FF", "the reference holds octets that are no UTF-8", NULL);
}

static void an_instance_is_of_the_service_it_was_made_for(void **state)
{
    (void)state;
    assert_malformed("aws-ssm:arn:aws:ssm:eu-west-1:1:parameter", "is no ARN of a parameter", NULL);
    assert_malformed("aws-ssm:/a?version-id=x", "unknown query key \"version-id\": there is only region", NULL);
    fake_host_answer("POST", "https://ssm.eu-west-1.amazonaws.com/", 200, NULL,
                     "{\"Parameter\":{\"Name\":\"/a\",\"Value\":\"x\",\"Version\":1}}");
    assert_resolves("aws-ssm:/a", "x");
    assert_contains(fake_exchange_header(fake_host_request(0), "X-Amz-Target"), "AmazonSSM.GetParameter");
}

static void options_stand_over_the_environment(void **state)
{
    (void)state;
    fake_host_env("AWS_CA_BUNDLE", "/bundle.pem");
    fake_host_answer("POST", "https://vpce.example/own/", 200, NULL, GOOD);
    assert_resolves("aws-sm:a", "x");
    assert_contains(fake_exchange_header(fake_host_request(0), "Authorization"), "/us-gov-west-1/secretsmanager/");
    assert_string_equal(fake_host_request(0)->ca_file, "/ca.pem");
}

static void keys_are_kept_until_everything_is_invalid(void **state)
{
    const struct mstr_reference one = {sizeof(one), 0, "aws-sm:a", "aws-sm", "a", NULL};
    (void)state;
    fake_host_env("AWS_ACCESS_KEY_ID", NULL);
    fake_host_env("AWS_SECRET_ACCESS_KEY", NULL);
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", AGENT);
    fake_host_answer_always("POST", SECRETS, 200, NULL, GOOD);
    fake_host_answer("GET", AGENT, 200, NULL, KEYS("ASIAFIRST"));
    assert_resolves("aws-sm:a", "x");

    plugin->invalidate(instance, &one);
    assert_resolves("aws-sm:a", "x");
    plugin->invalidate(instance, NULL);
    fake_host_answer("GET", AGENT, 200, NULL, KEYS("ASIASECOND"));
    assert_resolves("aws-sm:a", "x");

    assert_contains(fake_exchange_header(fake_host_request(2), "Authorization"), "ASIAFIRST");
    assert_contains(fake_exchange_header(fake_host_request(4), "Authorization"), "ASIASECOND");
}

/* The report of an explanation that ends so. */
static const char *explain_reference(const char *text, enum mstr_code code)
{
    struct mstr_request *request = fake_request_new(text);
    struct mstr_error *error = host->error_new();
    assert_int_equal(
        plugin->explain(instance, request->reference, fake_host_report_object(), fake_host_call(), error), code);
    host->error_free(error);
    fake_request_free(request);
    return fake_host_report();
}

static const char *explain(enum mstr_code code)
{
    return explain_reference("aws-sm:a", code);
}

static void an_explanation_tells_each_step(void **state)
{
    (void)state;
    fake_host_answer("POST", STS, 200, NULL, CALLER);
    const char *report = explain(MSTR_OK);
    assert_contains(report, "info region: eu-west-1\n");
    assert_contains(report, "used environment");
    assert_contains(report, "info caller: arn:aws:iam::1:user/ann\n");
    assert_contains(report, "info endpoint: https://secretsmanager.eu-west-1.amazonaws.com");
    assert_null(strstr(report, "info clock"));
    assert_null(strstr(report, "wJalrXUtnFEMI"));
    assert_contains(fake_host_request(0)->body, "Action=GetCallerIdentity");
}

static void the_references_own_region_is_explained(void **state)
{
    static const struct {
        const char *reference, *report;
    } cases[] = {
        {"aws-sm:a?region=us-east-2", "info region: us-east-2\ninfo caller: arn:aws:iam::1:user/ann\n"
                                      "info endpoint: https://secretsmanager.us-east-2.amazonaws.com\n"},
        {"aws-sm:arn:aws:secretsmanager:eu-west-2:1:secret:a",
         "info region: eu-west-2\ninfo caller: arn:aws:iam::1:user/ann\n"
         "info endpoint: https://secretsmanager.eu-west-2.amazonaws.com\n"},
    };
    (void)state;
    fake_host_answer_always("POST", STS, 200, NULL, CALLER);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_contains(explain_reference(cases[i].reference, MSTR_OK), cases[i].report);
    }
    fake_host_env("AWS_REGION", NULL);
    fake_host_answer("POST", "https://sts.us-east-2.amazonaws.com/", 200, NULL, CALLER);
    assert_contains(explain_reference(cases[0].reference, MSTR_OK), cases[0].report);
}

static void a_reference_that_cannot_be_asked_for_is_a_failure(void **state)
{
    (void)state;
    explain_reference("aws-sm:a?stage=x", MSTR_E_CONFIG);
}

/* A secret may be had without STS. */
static void a_caller_that_sts_does_not_tell_is_no_failure(void **state)
{
    (void)state;
    fake_host_fail("POST", STS, MSTR_E_NETWORK, "a broken way to STS");
    fake_host_fail("POST", STS, MSTR_E_NETWORK, "no way to STS");
    const char *report = explain(MSTR_OK);
    assert_contains(report, "info caller: no way to STS");
    assert_contains(report, "info endpoint: ");
    assert_int_equal(fake_host_requests(), 2);
}

static void a_clock_that_is_wrong_is_told(void **state)
{
    (void)state;
    fake_host_answer("POST", STS, 200, "Date: Thu, 15 Jan 2026 12:10:00 GMT", CALLER);
    assert_contains(explain(MSTR_OK),
                    "info clock: this machine's is 600 s behind AWS's (set it; requests are signed by AWS's)\n");
}

static void a_caller_is_asked_for_again_by_the_clock_of_aws(void **state)
{
    (void)state;
    fake_host_answer("POST", STS, 403, "Date: Thu, 15 Jan 2026 12:10:00 GMT",
                     "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message>"
                     "</Error></ErrorResponse>");
    fake_host_answer("POST", STS, 200, "Date: Thu, 15 Jan 2026 12:10:00 GMT", CALLER);
    assert_contains(explain(MSTR_OK), "info caller: arn:aws:iam::1:user/ann\n");
    assert_contains(fake_exchange_header(fake_host_request(1), "X-Amz-Date"), "20260115T121000Z");
}

static void without_region_or_keys_the_explanation_says_so(void **state)
{
    (void)state;
    fake_host_env("AWS_REGION", NULL);
    fake_host_env("AWS_ACCESS_KEY_ID", NULL);
    fake_host_env("AWS_SECRET_ACCESS_KEY", NULL);
    fake_host_env("AWS_EC2_METADATA_DISABLED", "true");
    const char *report = explain(MSTR_E_NOT_AVAILABLE);
    assert_contains(report,
                    "info region: none is configured (set AWS_REGION, or region in the section or profile)\n");
    assert_contains(report, "skipped environment: AWS_ACCESS_KEY_ID is not set");
    assert_null(strstr(report, "info caller"));
}

int main(void)
{
#define TEST(name, make) cmocka_unit_test_setup_teardown(name, make, plugin_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_table_tells_what_there_is, make_secrets_manager),
        TEST(malformed_references_are_refused_without_asking, make_secrets_manager),
        TEST(an_instance_is_of_the_service_it_was_made_for, make_ssm),
        TEST(options_stand_over_the_environment, make_with_options),
        TEST(keys_are_kept_until_everything_is_invalid, make_secrets_manager),
        TEST(an_explanation_tells_each_step, make_secrets_manager),
        TEST(the_references_own_region_is_explained, make_secrets_manager),
        TEST(a_reference_that_cannot_be_asked_for_is_a_failure, make_secrets_manager),
        TEST(a_caller_is_asked_for_again_by_the_clock_of_aws, make_secrets_manager),
        TEST(a_caller_that_sts_does_not_tell_is_no_failure, make_secrets_manager),
        TEST(a_clock_that_is_wrong_is_told, make_secrets_manager),
        TEST(without_region_or_keys_the_explanation_says_so, make_secrets_manager),
    };
    return RUN_TESTS("aws/plugin");
}
