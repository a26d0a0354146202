/* providers/aws/wire/send.c, through calls of services: what goes over the wire, and how often */
#include "unit/aws/support.h"

#define SECRETS "https://secretsmanager.eu-west-1.amazonaws.com/"
#define STS     "https://sts.eu-west-1.amazonaws.com/"
#define GOOD    "{\"SecretString\":\"x\"}"
#define ASSUMED                                                                                                      \
    "<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>k</SecretAccessKey>"                           \
    "<SessionToken>tok</SessionToken><Expiration>2026-01-15T13:00:00Z</Expiration></Credentials>"

static int make_instance(void **state)
{
    return service_setup("secretsmanager", state);
}

static int make_with_role(void **state)
{
    fake_host_setup(state);
    fake_host_option("role_arn", "arn:aws:iam::1:role/r");
    return service_create("secretsmanager");
}

static int make_with_person(void **state)
{
    fake_host_setup(state);
    fake_host_option("role_arn", "arn:aws:iam::1:role/r");
    fake_host_option("mfa_serial", "arn:aws:iam::1:mfa/ann");
    fake_host_person("123456");
    return service_create("secretsmanager");
}

static void a_call_is_signed_json_with_its_target(void **state)
{
    (void)state;
    fake_host_answer("POST", SECRETS, 200, NULL, GOOD);
    assert_resolves("aws-sm:a", "x");

    const struct fake_exchange *sent = fake_host_request(0);
    assert_string_equal(sent->body, "{\"SecretId\":\"a\"}");
    assert_string_equal(fake_exchange_header(sent, "Content-Type"), "application/x-amz-json-1.1");
    assert_string_equal(fake_exchange_header(sent, "X-Amz-Target"), "secretsmanager.GetSecretValue");
    assert_string_equal(fake_exchange_header(sent, "X-Amz-Date"), "20260115T120000Z");
    assert_contains(fake_exchange_header(sent, "Authorization"),
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/eu-west-1/secretsmanager/aws4_request, "
                    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=");
    assert_null(fake_exchange_header(sent, "X-Amz-Security-Token"));
    assert_null(fake_exchange_header(sent, "Host")); /* which the host of the plugin sends itself */
}

static void a_call_of_the_query_protocol_is_a_form_and_its_keys_bring_a_token(void **state)
{
    (void)state;
    fake_host_answer("POST", STS, 200, NULL, ASSUMED);
    fake_host_answer("POST", SECRETS, 200, NULL, GOOD);
    assert_resolves("aws-sm:a", "x");

    const struct fake_exchange *form = fake_host_request(0);
    assert_string_equal(fake_exchange_header(form, "Content-Type"),
                        "application/x-www-form-urlencoded; charset=utf-8");
    assert_null(fake_exchange_header(form, "X-Amz-Target"));
    assert_contains(fake_exchange_header(form, "Authorization"), "/eu-west-1/sts/aws4_request");
    const struct fake_exchange *sent = fake_host_request(1);
    assert_string_equal(fake_exchange_header(sent, "X-Amz-Security-Token"), "tok");
    assert_contains(fake_exchange_header(sent, "Authorization"),
                    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target");
}

static void each_sending_is_bounded(void **state)
{
    (void)state;
    fake_host_answer("POST", SECRETS, 200, NULL, GOOD);
    assert_resolves("aws-sm:a", "x");
    const struct mstr_http_request *sent = &fake_host_request(0)->request;
    assert_int_equal(sent->response_limit, 8 * 1024 * 1024);
    assert_int_equal(sent->connect_timeout, 3100);
    assert_int_equal(sent->timeout, 15000);
}

static void the_bundle_of_the_environment_is_trusted_where_it_names_one(void **state)
{
    static const char *const bundles[] = {NULL, "", "/bundle.pem"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bundles); i++) {
        fake_host_env("AWS_CA_BUNDLE", bundles[i]);
        fake_host_answer("POST", SECRETS, 200, NULL, GOOD);
        assert_resolves("aws-sm:a", "x");
        const char *used = fake_host_request(i)->ca_file;
        assert_string_equal(used != NULL ? used : "the system's", i < 2 ? "the system's" : bundles[i]);
    }
}

static void what_fails_in_passing_is_sent_again_with_a_signature_of_its_time(void **state)
{
    (void)state;
    fake_host_answer("POST", SECRETS, 500, NULL, "{\"__type\":\"InternalServiceError\"}");
    fake_host_fail("POST", SECRETS, MSTR_E_NETWORK, "broken");
    fake_host_answer("POST", SECRETS, 200, NULL, GOOD);
    fake_host_latency(5000);
    assert_resolves("aws-sm:a", "x");
    assert_int_equal(fake_host_requests(), 3);
    assert_string_not_equal(fake_exchange_header(fake_host_request(2), "X-Amz-Date"), "20260115T120000Z");
}

static void what_is_refused_is_sent_once(void **state)
{
    (void)state;
    fake_host_answer("POST", SECRETS, 400, NULL, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"none\"}");
    assert_fails("aws-sm:a", MSTR_E_NOT_FOUND, "GetSecretValue: none (ResourceNotFoundException)", NULL);
    assert_int_equal(fake_host_requests(), 1);
}

/* A code of a device may have been used up by the first sending. */
static void what_is_good_for_one_sending_is_sent_once(void **state)
{
    (void)state;
    fake_host_answer("POST", STS, 500, NULL, "<Error><Code>InternalFailure</Code></Error>");
    assert_fails("aws-sm:a", MSTR_E_UNAVAILABLE, "InternalFailure", NULL);
    assert_int_equal(fake_host_requests(), 1);
    assert_contains(fake_host_request(0)->body, "&TokenCode=123456");
    assert_true(fake_host_request(0)->request.flags & MSTR_HTTP_SINGLE_SHOT);
}

static void a_missing_permission_is_named(void **state)
{
    (void)state;
    fake_host_answer("POST", STS, 403, NULL, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    assert_fails("aws-sm:a", MSTR_E_DENIED, "AssumeRole: no (AccessDenied)",
                 "allow this identity sts:AssumeRole on the resource");
}

int main(void)
{
#define TEST(name, make) cmocka_unit_test_setup_teardown(name, make, plugin_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_call_is_signed_json_with_its_target, make_instance),
        TEST(a_call_of_the_query_protocol_is_a_form_and_its_keys_bring_a_token, make_with_role),
        TEST(each_sending_is_bounded, make_instance),
        TEST(the_bundle_of_the_environment_is_trusted_where_it_names_one, make_instance),
        TEST(what_fails_in_passing_is_sent_again_with_a_signature_of_its_time, make_instance),
        TEST(what_is_refused_is_sent_once, make_instance),
        TEST(what_is_good_for_one_sending_is_sent_once, make_with_person),
        TEST(a_missing_permission_is_named, make_with_role),
    };
    return RUN_TESTS("aws/wire/send");
}
