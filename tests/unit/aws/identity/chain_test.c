/* SPDX-License-Identifier: Apache-2.0 */
/* The chain: which identity decides, how it fails, and the public cases, replayed: environment and files of each, the
 * answers of its traffic, and what must come out. */
#include "aws/identity/chain.h"

#include "support/aws_home.h"
#include "support/vectors.h"

static void the_environment_comes_before_the_profile(void **state)
{
    (void)state;
    write_file(".aws/credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=x\n");
    assert_keys("FILE");
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    assert_keys("ENV");
}

static void a_profile_that_is_configured_leaves_the_environment_out(void **state)
{
    (void)state;
    write_file(".aws/credentials", "[p]\naws_access_key_id=FILE\naws_secret_access_key=x\n");
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    settings.profile = "p";
    assert_keys("FILE");
}

/* Under the plugin of another store the same names mean other things. */
static void options_are_not_read_here(void **state)
{
    static const char *const names[] = {"profile", "region", "credential_source", "role_arn", "endpoint"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        fake_host_option(names[i], "another's");
    }
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    assert_keys("ENV");
    assert_int_equal(fake_host_requests(), 0);
}

static void what_is_configured_but_broken_ends_the_chain(void **state)
{
    static const struct {
        const char *config, *profile, *message;
    } cases[] = {
        {"[default]\naws_access_key_id=A\n", NULL, "profile missing aws_secret_access_key"},
        {"[default]\n", "nobody", "there is no profile \"nobody\""},
        {"[default\n", NULL, "config:1: "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_file(".aws/config", cases[i].config);
        fake_host_env("AWS_PROFILE", cases[i].profile);
        assert_no_keys(MSTR_E_CONFIG, cases[i].message);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void with_nothing_configured_every_identity_tells_its_reason(void **state)
{
    (void)state;
    assert_no_keys(MSTR_E_NOT_AVAILABLE,
                   "no AWS identity is available here: environment: AWS_ACCESS_KEY_ID is not set [0 ms]; profile: "
                   "there is no profile \"default\" [0 ms]; web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set "
                   "[0 ms]; container: ");
    assert_int_equal(fake_host_requests(), 1); /* the metadata service, once */
    fake_host_env("AWS_EC2_METADATA_DISABLED", "TRUE");
    assert_no_keys(MSTR_E_NOT_AVAILABLE, "AWS_EC2_METADATA_DISABLED is set");
    assert_int_equal(fake_host_requests(), 1);
}

static void a_failure_tells_what_was_asked_before_it(void **state)
{
    (void)state;
    write_default_profile("aws_access_key_id=A\n");
    assert_no_keys_hint(MSTR_E_CONFIG,
                        "profile missing aws_secret_access_key: \"default\" holds half a key pair (before it: "
                        "environment: AWS_ACCESS_KEY_ID is not set [0 ms])",
                        "~/.aws/credentials");
}

static void an_identity_that_is_pinned_is_asked_alone(void **state)
{
    (void)state;
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    settings.credential_source = "Web_Identity";
    assert_no_keys_hint(MSTR_E_NOT_AVAILABLE, "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set", "AWS_ROLE_ARN");
    settings.credential_source = "environment";
    assert_keys("ENV");
}

/* It must not pass for "not available here", which makes way for alternatives. */
static void a_pinned_identity_that_does_not_exist_is_a_mistake(void **state)
{
    (void)state;
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    settings.credential_source = "ecs";
    assert_no_keys(MSTR_E_CONFIG, "credential_source \"ecs\" is none of environment, profile, ");
}

#define IMDS_EXTENDED "http://169.254.169.254/latest/meta-data/iam/security-credentials-extended/"

static struct json_object *case_file(const char *name, const char *file)
{
    char path[256];
    snprintf(path, sizeof(path), "aws/chain/%s/%s", name, file);
    return vector_json(path);
}

/* What an event is about, NULL when it is about something else. */
static struct json_object *action(struct json_object *events, size_t i, const char *kind, const char *inner)
{
    struct json_object *event = json_object_array_get_idx(events, i);
    return json_member(json_member(json_member(event, "action"), kind), inner);
}

/* The host's network answers as the traffic's did. */
static void put_answers(struct json_object *events)
{
    struct json_object *request = NULL;
    int64_t status = 0;
    for (size_t i = 0; i < json_object_array_length(events); i++) {
        struct json_object *asked = action(events, i, "Request", "request");
        struct json_object *answered = json_member(action(events, i, "Response", "response"), "Ok");
        const char *body = json_member_text(action(events, i, "Data", "data"), "Utf8");
        if (asked != NULL) {
            request = asked;
            status = 0;
        } else if (answered != NULL) {
            assert_true(json_member_int64(answered, "status", &status));
        } else if (body != NULL && status != 0) {
            fake_host_answer(json_member_text(request, "method"), json_member_text(request, "uri"), (int)status, NULL,
                             body);
        }
    }
}

/* Those headers of a request that belong to the protocol and not to the program or the transport. */
static void check_headers(const struct fake_exchange *sent, struct json_object *headers)
{
    static const char *const compared[] = {"accept", "content-type", "x-aws-ec2-metadata-token",
                                           "x-aws-ec2-metadata-token-ttl-seconds"};
    for (size_t i = 0; i < COUNT_OF(compared); i++) {
        struct json_object *values = json_member(headers, compared[i]);
        const char *value = fake_exchange_header(sent, compared[i]);
        if (values != NULL) {
            assert_contains(value != NULL ? value : "", json_object_get_string(json_object_array_get_idx(values, 0)));
        }
    }
}

/* What was sent is what the traffic holds, but for the newest list of roles, which is younger than the cases. */
static void check_requests(struct json_object *events)
{
    size_t next = 0;
    for (size_t i = 0; i < json_object_array_length(events); i++) {
        struct json_object *request = action(events, i, "Request", "request");
        if (request == NULL) {
            continue;
        }
        while (next < fake_host_requests() && strcmp(fake_host_request(next)->url, IMDS_EXTENDED) == 0) {
            next++;
        }
        const struct fake_exchange *sent = fake_host_request(next++);
        assert_string_equal(sent->method, json_member_text(request, "method"));
        assert_string_equal(sent->url, json_member_text(request, "uri"));
        check_headers(sent, json_member(request, "headers"));
    }
    assert_int_equal(fake_host_requests(), next);
}

/* Account ids are not compared: nothing here asks for them, so none is kept. */
static void check_keys(const struct aws_keys *keys, struct json_object *expected)
{
    const char *token = json_member_text(expected, "session_token");
    int64_t expiry = 0;
    json_member_int64(expected, "expiry", &expiry);
    assert_string_equal(keys->access_key, json_member_text(expected, "access_key_id"));
    assert_string_equal(keys->secret_key, json_member_text(expected, "secret_access_key"));
    assert_string_equal(keys->session_token != NULL ? keys->session_token : "", token != NULL ? token : "");
    assert_int_equal(keys->expires, expiry * 1000);
}

static void replay(const char *name, struct json_object *test, struct json_object *env, struct json_object *traffic)
{
    char root[4096];
    char folder[256];
    struct aws_keys *keys = NULL;
    struct mstr_error *error = host->error_new();
    struct json_object *expected = json_member(json_member(test, "result"), "Ok");
    struct json_object *events = json_member(traffic, "events");
    int64_t expiry = 0;
    snprintf(folder, sizeof(folder), "aws/chain/%s/fs", name);
    vector_path(folder, root);
    fake_host_reset();
    json_object_object_foreach(env, variable, value)
    {
        fake_host_env(variable, json_object_get_string(value));
    }
    if (json_member_int64(expected, "expiry", &expiry)) {
        fake_host_set_now((expiry - 3600) * 1000); /* the cases are of another time */
    }
    put_answers(events);
    fake_host_answer_always("GET", IMDS_EXTENDED, 404, NULL, "");
    files_root = root;
    enum mstr_code code = find_keys(&keys, error);
    files_root = "";
    if (code != MSTR_OK) {
        fail_msg("%s: %s", name, host->error_message(error));
    }
    check_keys(keys, expected);
    check_requests(events);
    aws_keys_release(keys);
    host->error_free(error);
}

static void every_public_environment_gives_the_expected_keys(void **state)
{
    static const char *const names[] = {"ecs_credentials",    "environment_variables", "imds_default_chain_success",
                                        "prefer_environment", "profile_name",          "web_identity_token_env"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct json_object *test = case_file(names[i], "test-case.json");
        struct json_object *env = case_file(names[i], "env.json");
        struct json_object *traffic = case_file(names[i], "http-traffic.json");
        if (test != NULL && env != NULL && traffic != NULL) {
            replay(names[i], test, env, traffic);
        }
        json_release(test);
        json_release(env);
        json_release(traffic);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(the_environment_comes_before_the_profile),
        TEST(a_profile_that_is_configured_leaves_the_environment_out),
        TEST(options_are_not_read_here),
        TEST(what_is_configured_but_broken_ends_the_chain),
        TEST(with_nothing_configured_every_identity_tells_its_reason),
        TEST(a_failure_tells_what_was_asked_before_it),
        TEST(an_identity_that_is_pinned_is_asked_alone),
        TEST(a_pinned_identity_that_does_not_exist_is_a_mistake),
        TEST(every_public_environment_gives_the_expected_keys),
    };
    return RUN_TESTS("aws/identity/chain");
}
