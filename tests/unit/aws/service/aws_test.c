/* SPDX-License-Identifier: Apache-2.0 */
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

static void the_secrets_region_serves_sts_where_no_other_is_configured(void **state)
{
    (void)state;
    fake_host_env("AWS_REGION", NULL);
    for (size_t i = 0; i < 2; i++) { /* the option's endpoint is the secret's own */
        fake_host_answer("POST", i == 0 ? "https://sts.eu-south-2.amazonaws.com/" : "https://vpce.example/own/", 200,
                         NULL, i == 0 ? ASSUMED : GOOD);
    }
    assert_resolves("aws-sm:a?region=eu-south-2", "x");
    assert_contains(fake_exchange_header(fake_host_request(0), "Authorization"), "/eu-south-2/sts/");
    assert_contains(fake_exchange_header(fake_host_request(1), "Authorization"), "/eu-south-2/secretsmanager/");
}

#define METADATA "http://169.254.169.254/latest/"

/* The metadata service tells an instance's keys, and its region unless that is NULL. */
static void be_on_ec2(const char *region)
{
    fake_host_env("AWS_REGION", NULL);
    fake_host_env("AWS_ACCESS_KEY_ID", NULL);
    fake_host_env("AWS_SECRET_ACCESS_KEY", NULL);
    fake_host_answer("PUT", METADATA "api/token", 200, NULL, "session");
    fake_host_answer("GET", METADATA "meta-data/iam/security-credentials-extended/", 200, NULL, "role");
    fake_host_answer("GET", METADATA "meta-data/iam/security-credentials-extended/role", 200, NULL, KEYS("ASIAHOST"));
    fake_host_answer("GET", METADATA "meta-data/placement/region", region != NULL ? 200 : 404, NULL,
                     region != NULL ? region : "<html>");
}

static void an_instances_region_is_the_last_resort(void **state)
{
    (void)state;
    be_on_ec2("eu-south-2\n");
    fake_host_answer_always("POST", "https://secretsmanager.eu-south-2.amazonaws.com/", 200, NULL, GOOD);
    assert_resolves("aws-sm:a", "x");
    assert_resolves("aws-sm:b", "x"); /* it is kept with the keys */
    assert_int_equal(fake_host_requests(), 6);
}

static void an_instances_region_comes_with_renewed_keys_anew(void **state)
{
    (void)state;
    be_on_ec2("eu-south-1");
    fake_host_answer("POST", "https://secretsmanager.eu-south-1.amazonaws.com/", 400, NULL, EXPIRED);
    be_on_ec2("eu-south-2");
    fake_host_answer("POST", "https://secretsmanager.eu-south-2.amazonaws.com/", 200, NULL, GOOD);
    assert_resolves("aws-sm:a", "x");
}

static void a_role_over_the_instances_keys_is_where_the_instance_is(void **state)
{
    (void)state;
    be_on_ec2("eu-south-2");
    fake_host_answer("POST", "https://sts.eu-south-2.amazonaws.com/", 200, NULL, ASSUMED);
    fake_host_answer("POST", "https://vpce.example/own/", 200, NULL, GOOD);
    assert_resolves("aws-sm:a", "x");
    assert_contains(fake_exchange_header(fake_host_request(5), "Authorization"), "/eu-south-2/secretsmanager/");
}

static void where_no_region_is_known_it_is_told_what_to_set(void **state)
{
    (void)state;
    be_on_ec2(NULL);
    assert_fails("aws-sm:a", MSTR_E_CONFIG, "no AWS region is configured", "AWS_REGION");
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
        TEST_WITH_OPTIONS(the_secrets_region_serves_sts_where_no_other_is_configured),
        TEST(an_instances_region_is_the_last_resort),
        TEST(an_instances_region_comes_with_renewed_keys_anew),
        TEST_WITH_OPTIONS(a_role_over_the_instances_keys_is_where_the_instance_is),
        TEST(where_no_region_is_known_it_is_told_what_to_set),
        TEST(a_missing_permission_is_named_with_that_for_the_key),
    };
    return RUN_TESTS("aws/service/aws");
}
