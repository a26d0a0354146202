/* Calls with the keys of an instance: where they go, and keys that expire on the way. */
#include "unit/aws/support.h"

#define URL     "https://secretsmanager.eu-west-1.amazonaws.com/"
#define AGENT   "http://169.254.170.2/keys"
#define EXPIRED "{\"__type\":\"ExpiredTokenException\",\"message\":\"old\"}"
#define GOOD    "{\"SecretString\":\"x\"}"
#define KEYS(id)                                                                                                     \
    "{\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"sk\",\"Token\":\"t\",\"Expiration\":\"2026-01-15T18:00:"      \
    "00Z\"}"
#define ASSUMED                                                                                                      \
    "<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>k</SecretAccessKey>"                           \
    "<SessionToken>t</SessionToken><Expiration>2026-01-15T13:00:00Z</Expiration></Credentials>"

static int make_instance(void **state)
{
    return service_setup("secretsmanager", state);
}

static int make_instance_with_options(void **state)
{
    fake_host_setup(state);
    fake_host_option("role_arn", "arn:aws:iam::1:role/r");
    fake_host_option("endpoint", "https://vpce.example/own/");
    fake_host_option("ca_file", "/ca.pem");
    fake_host_env("AWS_CA_BUNDLE", "/bundle.pem");
    return service_create("secretsmanager");
}

static void assert_signed_by(size_t index, const char *access_key)
{
    assert_contains(fake_exchange_header(fake_host_request(index), "Authorization"), access_key);
}

static void keys_that_expire_on_the_way_are_renewed(void **state)
{
    (void)state;
    fake_host_env("AWS_ACCESS_KEY_ID", NULL);
    fake_host_env("AWS_SECRET_ACCESS_KEY", NULL);
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", AGENT);
    fake_host_answer("GET", AGENT, 200, NULL, KEYS("ASIAOLD"));
    fake_host_answer("POST", URL, 400, NULL, EXPIRED);
    fake_host_answer("GET", AGENT, 200, NULL, KEYS("ASIANEW"));
    fake_host_answer("POST", URL, 200, NULL, GOOD);

    assert_resolves("aws-sm:a", "x");

    assert_signed_by(1, "Credential=ASIAOLD/");
    assert_signed_by(3, "Credential=ASIANEW/");
}

static void they_are_renewed_but_once(void **state)
{
    (void)state;
    fake_host_answer("POST", URL, 400, NULL, EXPIRED);
    fake_host_answer("POST", URL, 400, NULL, EXPIRED);
    assert_fails("aws-sm:a", MSTR_E_AUTHENTICATION, "old (ExpiredTokenException)", "renew");
    assert_int_equal(fake_host_requests(), 2);
}

static void other_refusals_leave_the_keys_alone(void **state)
{
    (void)state;
    fake_host_answer("POST", URL, 400, NULL, "{\"__type\":\"UnrecognizedClientException\"}");
    assert_fails("aws-sm:a", MSTR_E_AUTHENTICATION, "UnrecognizedClientException", NULL);
    assert_int_equal(fake_host_requests(), 1);
}

static void an_endpoint_of_the_users_own_is_asked_in_place_of_the_regions(void **state)
{
    (void)state;
    fake_host_env("AWS_ENDPOINT_URL", "http://127.0.0.1:1/general");
    fake_host_env("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:4566/own/");
    fake_host_answer("POST", "http://127.0.0.1:4566/own/", 200, NULL, GOOD);
    assert_resolves("aws-sm:a", "x");
}

static void the_option_names_the_endpoint_of_the_secrets_not_of_the_way_to_them(void **state)
{
    (void)state;
    fake_host_answer("POST", "https://sts.eu-west-1.amazonaws.com/", 200, NULL, ASSUMED);
    fake_host_answer("POST", "https://vpce.example/own/", 200, NULL, GOOD);

    assert_resolves("aws-sm:a", "x");

    assert_signed_by(1, "Credential=ASIAROLE/");
    assert_string_equal(fake_host_request(0)->ca_file, "/ca.pem");
    assert_string_equal(fake_host_request(1)->ca_file, "/ca.pem");
}

static void a_missing_permission_is_named_with_that_for_the_key(void **state)
{
    (void)state;
    fake_host_answer("POST", URL, 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}");
    assert_fails("aws-sm:a", MSTR_E_DENIED, "no (AccessDeniedException)",
                 "allow this identity secretsmanager:GetSecretValue on the resource, and kms:Decrypt on its key");
}

int main(void)
{
#define TEST(name)              cmocka_unit_test_setup_teardown(name, make_instance, plugin_teardown)
#define TEST_WITH_OPTIONS(name) cmocka_unit_test_setup_teardown(name, make_instance_with_options, plugin_teardown)
    const struct CMUnitTest tests[] = {
        TEST(keys_that_expire_on_the_way_are_renewed),
        TEST(they_are_renewed_but_once),
        TEST(other_refusals_leave_the_keys_alone),
        TEST(an_endpoint_of_the_users_own_is_asked_in_place_of_the_regions),
        TEST_WITH_OPTIONS(the_option_names_the_endpoint_of_the_secrets_not_of_the_way_to_them),
        TEST(a_missing_permission_is_named_with_that_for_the_key),
    };
    return RUN_TESTS("aws/service/aws");
}
