/*
 * The public cases of the default chain, replayed: environment and files of each, the answers of its traffic, and
 * what must come out. And the public cases of where containers and instances are asked for keys.
 */
#include "aws/identity/chain.h"

#include "aws/config/files.h"
#include "aws/identity/container.h"
#include "aws/identity/imds.h"
#include "support/fake_host.h"
#include "support/unit.h"
#include "support/vectors.h"

#include "sdk/host.h"

#define IMDS_EXTENDED "http://169.254.169.254/latest/meta-data/iam/security-credentials-extended/"

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
static void check_identity(const struct identity *identity, struct json_object *expected)
{
    const char *token = json_member_text(expected, "session_token");
    int64_t expiry = 0;
    json_member_int64(expected, "expiry", &expiry);
    assert_string_equal(identity->access_key, json_member_text(expected, "access_key_id"));
    assert_string_equal(identity->secret_key, json_member_text(expected, "secret_access_key"));
    assert_string_equal(identity->session_token != NULL ? identity->session_token : "", token != NULL ? token : "");
    assert_int_equal(identity->expires, expiry * 1000);
}

static void replay(const char *name, struct json_object *test, struct json_object *env, struct json_object *traffic)
{
    char root[4096];
    char folder[256];
    struct identity *identity = NULL;
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
    enum mstr_code code =
        chain_walk(fake_host_instance("secretsmanager"), fake_host_call(), NULL, NULL, &identity, error);
    files_root = "";
    if (code != MSTR_OK) {
        fail_msg("%s: %s", name, host->error_message(error));
    }
    check_identity(identity, expected);
    check_requests(events);
    identity_release(identity);
    host->error_free(error);
}

static void every_public_environment_gives_the_expected_identity(void **state)
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

static void every_public_container_address_is_judged_as_expected(void **state)
{
    (void)state;
    struct json_object *whole = vector_json("aws/chain/ecs-tests.json");
    struct json_object *cases = json_member(whole, "tests");
    for (size_t i = 0; whole != NULL && i < json_object_array_length(cases); i++) {
        struct json_object *test = json_object_array_get_idx(cases, i);
        const char *expected = json_member_text(json_member(test, "result"), "Ok");
        struct buffer url = BUFFER_INIT;
        fake_host_reset();
        json_object_object_foreach(json_member(test, "env"), name, value)
        {
            fake_host_env(name, json_object_get_string(value));
        }
        enum mstr_code code = container_url(&url, NULL);
        assert_int_equal(code == MSTR_OK, expected != NULL);
        if (expected != NULL) {
            assert_string_equal(buffer_text(&url), expected);
        }
        buffer_release(&url);
    }
    json_release(whole);
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
        struct shared_config config = {NULL, 0};
        struct buffer url = BUFFER_INIT;
        struct mstr_error *error = host->error_new();
        if (!is_left_out(json_member_text(test, "docs"))) {
            fake_host_reset();
            json_object_object_foreach(json_member(test, "env"), name, value)
            {
                fake_host_env(name, json_object_get_string(value));
            }
            shared_config_add(&config, false, "config", text != NULL ? text : "", text != NULL ? strlen(text) : 0,
                              NULL);
            shared_config_settle_default(&config);
            enum mstr_code code = imds_url(shared_config_find(&config, SECTION_PROFILE, "default"), &url, error);
            if (json_member_text(result, "Ok") != NULL) {
                assert_int_equal(code, MSTR_OK);
                buffer_puts(&url, "/latest/api/token");
                assert_string_equal(buffer_text(&url), json_member_text(result, "Ok"));
            } else {
                assert_int_equal(code, MSTR_E_CONFIG);
                assert_contains(host->error_message(error), json_member_text(result, "Err"));
            }
        }
        shared_config_release(&config);
        buffer_release(&url);
        host->error_free(error);
    }
    json_release(whole);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_public_environment_gives_the_expected_identity),
        TEST(every_public_container_address_is_judged_as_expected),
        TEST(every_public_metadata_endpoint_is_found),
    };
    return RUN_TESTS("aws/identity/chain_replay");
}
