/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata service of EC2: its conversation, its switches, and keys that serve past their end. */
#include "aws/identity/imds.h"

#include "support/aws_home.h"
#include "support/vectors.h"

#define BASE     "http://169.254.169.254/latest/"
#define EXTENDED BASE "meta-data/iam/security-credentials-extended/"
#define PLAIN    BASE "meta-data/iam/security-credentials/"
#define KEYS_OF(id, time)                                                                                            \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"" id                                                                    \
    "\",\"SecretAccessKey\":\"sk\",\"Token\":\"t\",\"Expiration\":\"" time "\"}"
#define KEYS_UNTIL(time) KEYS_OF("ASIA", time)

static void answer_with(const char *keys)
{
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "session");
    fake_host_answer("GET", EXTENDED, 200, NULL, "role\n");
    fake_host_answer("GET", EXTENDED "role", 200, NULL, keys);
}

static void pass(int64_t minutes)
{
    fake_host_advance(minutes * 60000);
    fake_host_deadline(30000);
}

static void the_extended_path_is_asked_first(void **state)
{
    (void)state;
    answer_with(KEYS_UNTIL("2026-01-15T18:00:00Z"));
    assert_keys("ASIA");
    assert_int_equal(fake_host_requests(), 3);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
    for (size_t i = 0; i < 3; i++) {
        assert_true(fake_host_request(i)->request.flags & MSTR_HTTP_NO_PROXY);
        assert_int_equal(fake_host_request(i)->request.timeout, 1000);
    }
    assert_string_equal(fake_exchange_header(fake_host_request(2), "x-aws-ec2-metadata-token"), "session");
}

static void the_plain_path_is_asked_where_there_is_no_extended_one(void **state)
{
    (void)state;
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "session");
    fake_host_answer("GET", EXTENDED, 404, NULL, "");
    fake_host_answer("GET", PLAIN, 200, NULL, "role");
    fake_host_answer("GET", PLAIN "role", 200, NULL, KEYS_UNTIL("2026-01-15T18:00:00Z"));
    assert_keys("ASIA");
    for (size_t i = 0; i < fake_host_requests(); i++) {
        assert_true(fake_host_request(i)->request.flags & MSTR_HTTP_NO_PROXY);
        assert_int_equal(fake_host_request(i)->request.connect_timeout, 1000);
    }
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-aws-ec2-metadata-token"), "session");
}

static void a_role_by_name_is_not_looked_for(void **state)
{
    (void)state;
    fake_host_env("AWS_EC2_INSTANCE_PROFILE_NAME", "mine");
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "session");
    fake_host_answer("GET", EXTENDED "mine", 404, NULL, "");
    fake_host_answer("GET", PLAIN "mine", 200, NULL, KEYS_UNTIL("2026-01-15T18:00:00Z"));
    assert_keys("ASIA");
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "session");
    fake_host_answer("GET", EXTENDED "mine", 404, NULL, "");
    fake_host_answer("GET", PLAIN "mine", 404, NULL, "");
    assert_no_keys(MSTR_E_CONFIG, "knows no role mine");
    fake_host_env("AWS_EC2_INSTANCE_PROFILE_NAME", " ");
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "session");
    assert_no_keys(MSTR_E_CONFIG, "AWS_EC2_INSTANCE_PROFILE_NAME is blank");
}

static void a_token_that_is_not_known_any_more_is_replaced_once(void **state)
{
    (void)state;
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "old");
    fake_host_answer("GET", EXTENDED, 200, NULL, "role");
    fake_host_answer("GET", EXTENDED "role", 401, NULL, "");
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "new");
    fake_host_answer("GET", EXTENDED "role", 200, NULL, KEYS_UNTIL("2026-01-15T18:00:00Z"));
    assert_keys("ASIA");
    assert_string_equal(fake_exchange_header(fake_host_request(4), "x-aws-ec2-metadata-token"), "new");

    fake_host_answer_always("PUT", BASE "api/token", 200, NULL, "new");
    fake_host_answer_always("GET", EXTENDED, 401, NULL, "");
    assert_no_keys(MSTR_E_AUTHENTICATION, "status 401");
    assert_int_equal(fake_host_requests(), 5 + 4);
}

static void failures_are_tried_again_as_often_as_is_configured(void **state)
{
    static const struct {
        const char *attempts;
        size_t requests;
    } cases[] = {{NULL, 3}, {"1", 1}, {"5", 5}};
    (void)state;
    fake_host_answer_always("PUT", BASE "api/token", 503, NULL, "");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t before = fake_host_requests();
        fake_host_env("AWS_METADATA_SERVICE_NUM_ATTEMPTS", cases[i].attempts);
        assert_no_keys(MSTR_E_UNAVAILABLE, "status 503");
        assert_int_equal(fake_host_requests(), before + cases[i].requests);
    }
    fake_host_env("AWS_METADATA_SERVICE_TIMEOUT", "7");
    assert_no_keys(MSTR_E_UNAVAILABLE, "status 503");
    assert_int_equal(fake_host_request(fake_host_requests() - 1)->request.connect_timeout, 7000);
}

static void numbers_that_are_none_are_refused(void **state)
{
    static const char *const variables[] = {"AWS_METADATA_SERVICE_TIMEOUT", "AWS_METADATA_SERVICE_NUM_ATTEMPTS"};
    static const char *const values[] = {"0", "-1", "x", "1.5", "1000"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        for (size_t j = 0; j < COUNT_OF(values); j++) {
            fake_host_env(variables[i], values[j]);
            assert_no_keys(MSTR_E_CONFIG, variables[i]);
        }
        fake_host_env(variables[i], NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void switches_come_from_the_environment_or_the_profile(void **state)
{
    static const struct {
        const char *config, *variable, *value, *url; /* NULL = nothing is asked */
    } cases[] = {
        {"", "AWS_EC2_METADATA_DISABLED", "True", NULL},
        {"disable_ec2_metadata=true\n", NULL, NULL, NULL},
        {"disable_ec2_metadata=true\n", "AWS_EC2_METADATA_DISABLED", "false", "http://169.254.169.254/*"},
        {"", "AWS_EC2_METADATA_DISABLED", "1", "http://169.254.169.254/*"},
        {"", "AWS_IMDS_USE_IPV6", "true", "http://\\[fd00:ec2::254\\]/*"},
        {"imds_use_ipv6=true\n", NULL, NULL, "http://\\[fd00:ec2::254\\]/*"},
        {"imds_use_ipv6=true\n", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv4", "http://169.254.169.254/*"},
        {"ec2_metadata_service_endpoint=http://127.0.0.1:99/x/\n", NULL, NULL, "http://127.0.0.1:99/x/latest/*"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_default_profile(cases[i].config);
        if (cases[i].variable != NULL) {
            fake_host_env(cases[i].variable, cases[i].value);
        }
        size_t before = fake_host_requests();
        if (cases[i].url != NULL) {
            fake_host_answer("PUT", cases[i].url, 403, NULL, "");
            assert_no_keys(MSTR_E_AUTHENTICATION, "disabled");
        } else {
            assert_no_keys(MSTR_E_NOT_AVAILABLE, "AWS_EC2_METADATA_DISABLED is set");
        }
        assert_int_equal(fake_host_requests(), before + (cases[i].url != NULL));
        if (cases[i].variable != NULL) {
            fake_host_env(cases[i].variable, NULL);
        }
    }
}

static void a_role_that_ec2_may_not_take_is_told_with_what_to_do(void **state)
{
    (void)state;
    answer_with("{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"EC2 cannot assume the role\"}");
    assert_no_keys_hint(MSTR_E_AUTHENTICATION, "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role",
                        "trust policy");
}

static void silence_hints_at_the_hop_limit(void **state)
{
    (void)state;
    settings.credential_source = "imds";
    fake_host_fail("PUT", BASE "api/token", MSTR_E_TIMEOUT, "no answer");
    assert_no_keys(MSTR_E_NOT_AVAILABLE, "http://169.254.169.254 does not answer");
}

static void answers_of_others_mean_that_there_is_no_such_service(void **state)
{
    (void)state;
    settings.credential_source = "imds";
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "<html><h1>a portal</h1></html>");
    assert_no_keys(MSTR_E_NOT_AVAILABLE, "what answers at http://169.254.169.254 is no metadata service of AWS");
    fake_host_fail("PUT", BASE "api/token", MSTR_E_PROTOCOL, "answer of 169.254.169.254 is larger than 65536 octets");
    assert_no_keys(MSTR_E_NOT_AVAILABLE, "what answers at http://169.254.169.254 is no metadata service of AWS");
    fake_host_answer("PUT", BASE "api/token", 404, NULL, "<html>Not Found</html>"); /* as another cloud's */
    assert_no_keys(MSTR_E_NOT_AVAILABLE, "what answers at http://169.254.169.254 is no metadata service of AWS");
    assert_int_equal(fake_host_requests(), 3);
}

#define REGION BASE "meta-data/placement/region"

static void a_region_that_fails_is_not_one_that_is_absent(void **state)
{
    static const struct {
        int status; /* 0 = no answer */
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {500, MSTR_E_UNAVAILABLE, "placement/region with status 500"},
        {503, MSTR_E_UNAVAILABLE, "placement/region with status 503"},
        {429, MSTR_E_THROTTLED, "placement/region with status 429"},
        {403, MSTR_E_DENIED, "placement/region with status 403"},
        {0, MSTR_E_NETWORK, "cannot ask for the instance's region: reset"},
    };
    (void)state;
    fake_host_env("AWS_REGION", NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        answer_with(KEYS_UNTIL("2026-01-15T18:00:00Z"));
        for (int attempt = 0; attempt < (cases[i].status == 403 ? 1 : 3); attempt++) {
            if (cases[i].status != 0) {
                fake_host_answer("GET", REGION, cases[i].status, NULL, "");
            } else {
                fake_host_fail("GET", REGION, MSTR_E_NETWORK, "reset");
            }
        }
        assert_no_keys_hint(cases[i].code, cases[i].told, "AWS_REGION");
    }
    answer_with(KEYS_UNTIL("2026-01-15T18:00:00Z"));
    fake_host_answer("GET", REGION, 404, NULL, "");
    assert_keys("ASIA");
}

static void the_instance_s_region_may_fail_where_the_secret_has_its_own(void **state)
{
    struct renewable_keys renewable;
    struct aws_keys *keys = NULL;
    (void)state;
    fake_host_env("AWS_REGION", NULL);
    assert_true(renewable_keys_init(&renewable, &settings));
    answer_with(KEYS_UNTIL("2026-01-15T18:00:00Z"));
    fake_host_answer("GET", REGION, 403, NULL, "");
    assert_int_equal(renewable_keys_get(&renewable, "eu-west-1", fake_host_call(), &keys, NULL), MSTR_OK);
    aws_keys_release(keys);
    renewable_keys_destroy(&renewable);
}

static void a_service_that_fails_in_passing_is_asked_again(void **state)
{
    (void)state;
    fake_host_fail("PUT", BASE "api/token", MSTR_E_NETWORK, "reset");
    fake_host_answer("PUT", BASE "api/token", 429, NULL, "");
    fake_host_answer("PUT", BASE "api/token", 200, NULL, "session");
    fake_host_fail("GET", EXTENDED, MSTR_E_TIMEOUT, "slow");
    fake_host_answer("GET", EXTENDED, 200, NULL, "role");
    fake_host_answer("GET", EXTENDED "role", 503, NULL, "");
    fake_host_answer("GET", EXTENDED "role", 200, NULL, KEYS_UNTIL("2026-01-15T18:00:00Z"));
    assert_keys("ASIA");
    assert_int_equal(fake_host_slept(), 400);
}

static void keys_past_their_end_serve_for_ten_to_fifteen_minutes(void **state)
{
    struct renewable_keys renewable;
    (void)state;
    assert_true(renewable_keys_init(&renewable, &settings));
    answer_with(KEYS_UNTIL("2026-01-15T11:00:00Z"));
    assert_kept(&renewable, "ASIA");
    assert_contains(fake_host_log(), "warn the metadata service gave keys that have expired");
    assert_in_range(renewable.renewable.kept->end, FAKE_HOST_START + 10 * 60000, FAKE_HOST_START + 15 * 60000);
    pass(5);
    assert_kept(&renewable, "ASIA");
    assert_int_equal(fake_host_requests(), 3);

    pass(11);
    answer_with(KEYS_OF("NEXT", "2026-01-15T18:00:00Z"));
    assert_kept(&renewable, "NEXT");
    renewable_keys_destroy(&renewable);
}

static void keys_serve_past_their_end_while_the_service_is_silent(void **state)
{
    struct renewable_keys renewable;
    (void)state;
    assert_true(renewable_keys_init(&renewable, &settings));
    answer_with(KEYS_UNTIL("2026-01-15T13:00:00Z"));
    assert_kept(&renewable, "ASIA");
    pass(61);
    assert_kept(&renewable, "ASIA"); /* the service does not answer */
    assert_int_equal(fake_host_requests(), 4);
    assert_contains(fake_host_log(), "warn the AWS credentials could not be renewed, the old ones go on");
    pass(9);
    assert_kept(&renewable, "ASIA");
    assert_int_equal(fake_host_requests(), 4); /* and is left in peace */
    pass(7);
    answer_with(KEYS_OF("NEXT", "2026-01-15T18:00:00Z"));
    assert_kept(&renewable, "NEXT");
    renewable_keys_destroy(&renewable);
}

static void the_last_keys_stand_in_for_the_role_over_them(void **state)
{
    struct renewable_keys renewable;
    (void)state;
    write_file(".aws/config", "[default]\nrole_arn=arn:aws:iam::1:role/r\ncredential_source=Ec2InstanceMetadata\n");
    assert_true(renewable_keys_init(&renewable, &settings));
    answer_with(KEYS_UNTIL("2026-01-15T18:00:00Z"));
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);
    assert_kept(&renewable, "ASIAROLE");

    pass(50);
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);
    assert_kept(&renewable, "ASIAROLE");
    assert_contains(fake_host_log(), "warn the instance's last keys stand in");
    size_t asked = fake_host_requests();
    assert_contains(fake_exchange_header(fake_host_request(asked - 1), "Authorization"), "Credential=ASIA/");

    renewable_keys_forget(&renewable, NULL);
    struct aws_keys *keys = NULL;
    assert_int_equal(renewable_keys_get(&renewable, NULL, fake_host_call(), &keys, NULL), MSTR_E_CONFIG);
    renewable_keys_destroy(&renewable);
}

/* Cases that say nothing about this plugin. */
static const struct {
    const char *docs, *reason;
} left_out[] = {
    {"explicit endpoint override",
     "the endpoint is given in code, where the plugin has the environment and the profile"},
    {"explicit mode override", "the mode is given in code, where the plugin has the environment and the profile"},
    {"environment variable overrides endpoint mode override", "the mode is given in code, as before"},
};

static bool is_left_out(const char *docs)
{
    for (size_t i = 0; i < COUNT_OF(left_out); i++) {
        if (strcmp(docs, left_out[i].docs) == 0) {
            print_message("left out: %s: %s\n", docs, left_out[i].reason);
            return true;
        }
    }
    return false;
}

static void tls_trusts_there_whom_the_profile_says(void **state)
{
    (void)state;
    write_default_profile("ca_bundle = /profile.pem\nec2_metadata_service_endpoint = https://metadata.example/\n");
    fake_host_answer("PUT", "https://metadata.example/latest/api/token", 200, NULL, "session");
    fake_host_answer("GET", "https://metadata.example/*-extended/", 200, NULL, "role");
    fake_host_answer("GET", "https://metadata.example/*-extended/role", 200, NULL,
                     KEYS_UNTIL("2026-01-15T18:00:00Z"));
    assert_keys("ASIA");
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(fake_host_request(i)->ca_file, "/profile.pem");
    }
}

static void every_public_metadata_endpoint_is_found(void **state)
{
    (void)state;
    struct json_object *whole = vector_json("aws/chain/imds-endpoint-tests.json");
    struct json_object *cases = json_member(whole, "tests");
    for (size_t i = 0; whole != NULL && i < json_object_array_length(cases); i++) {
        struct json_object *test = json_object_array_get_idx(cases, i);
        struct json_object *result = json_member(test, "result");
        const char *text = json_member_text(json_member(test, "fs"), "config");
        struct shared_config *config = shared_config_new();
        struct buffer url = BUFFER_INIT;
        struct mstr_error *error = host->error_new();
        if (!is_left_out(json_member_text(test, "docs"))) {
            fake_host_reset();
            json_object_object_foreach(json_member(test, "env"), name, value)
            {
                fake_host_env(name, json_object_get_string(value));
            }
            shared_config_add(config, false, "config", text != NULL ? text : "", text != NULL ? strlen(text) : 0,
                              NULL);
            enum mstr_code code = imds_url(shared_config_find(config, SECTION_PROFILE, "default"), &url, error);
            if (json_member_text(result, "Ok") != NULL) {
                assert_int_equal(code, MSTR_OK);
                buffer_puts(&url, "/latest/api/token");
                assert_string_equal(buffer_text(&url), json_member_text(result, "Ok"));
            } else {
                assert_int_equal(code, MSTR_E_CONFIG);
                assert_contains(host->error_message(error), json_member_text(result, "Err"));
            }
        }
        shared_config_release(config);
        buffer_release(&url);
        host->error_free(error);
    }
    json_release(whole);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(the_extended_path_is_asked_first),
        TEST(the_plain_path_is_asked_where_there_is_no_extended_one),
        TEST(a_role_by_name_is_not_looked_for),
        TEST(a_token_that_is_not_known_any_more_is_replaced_once),
        TEST(failures_are_tried_again_as_often_as_is_configured),
        TEST(numbers_that_are_none_are_refused),
        TEST(switches_come_from_the_environment_or_the_profile),
        TEST(a_role_that_ec2_may_not_take_is_told_with_what_to_do),
        TEST(silence_hints_at_the_hop_limit),
        TEST(answers_of_others_mean_that_there_is_no_such_service),
        TEST(a_region_that_fails_is_not_one_that_is_absent),
        TEST(the_instance_s_region_may_fail_where_the_secret_has_its_own),
        TEST(a_service_that_fails_in_passing_is_asked_again),
        TEST(keys_past_their_end_serve_for_ten_to_fifteen_minutes),
        TEST(keys_serve_past_their_end_while_the_service_is_silent),
        TEST(the_last_keys_stand_in_for_the_role_over_them),
        TEST(tls_trusts_there_whom_the_profile_says),
        TEST(every_public_metadata_endpoint_is_found),
    };
    return RUN_TESTS("aws/identity/imds");
}
