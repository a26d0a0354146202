/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as identities give them: what is refused, when they end, and what they sign. */
#include "aws/wire/keys.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <string.h>

static enum mstr_code read(const char *json, bool outlives, struct aws_keys **keys, struct mstr_error *error)
{
    const struct aws_keys_parts known = {.identity = "IMDS", .outlives = outlives};
    return aws_keys_from_json(&known, json, strlen(json), keys, error);
}

static void names_count_in_any_case_and_by_either_spelling(void **state)
{
    static const char *const answers[] = {
        "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\",\"Token\":\"t\",\"Expiration\":\"2026-01-15T13:00:00Z\"}",
        "{\"accesskeyid\":\"a\",\"secretaccesskey\":\"s\",\"sessiontoken\":\"t\",\"expiresat\":\"2026-01-15T13:00:"
        "00Z\","
        "\"code\":\"Success\"}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct aws_keys *keys = NULL;
        assert_int_equal(read(answers[i], false, &keys, NULL), MSTR_OK);
        assert_string_equal(keys->identity, "IMDS");
        assert_string_equal(keys->access_key, "a");
        assert_string_equal(keys->secret_key, "s");
        assert_string_equal(keys->session_token, "t");
        assert_int_equal(keys->expires, FAKE_HOST_START + 3600000);
        aws_keys_release(keys);
    }
}

static void what_is_not_whole_is_told_with_the_identity_that_gave_it(void **state)
{
    static const struct {
        const char *json;
        enum mstr_code code;
        const char *message;
    } cases[] = {
        {"[]", MSTR_E_PROTOCOL, "IMDS: the answer is no JSON object"},
        {"{\"SecretAccessKey\":\"s\"}", MSTR_E_PROTOCOL, "IMDS: no AccessKeyId in the answer"},
        {"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"\"}", MSTR_E_PROTOCOL, "IMDS: no SecretAccessKey"},
        {"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\",\"Expiration\":\"soon\"}", MSTR_E_PROTOCOL,
         "IMDS: Expiration is no RFC 3339 time"},
        {"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2026-01-15T12:00:00Z\"}",
         MSTR_E_AUTHENTICATION, "IMDS: the credentials have expired"},
        {"{\"AccessKeyId\":\"a,b\",\"SecretAccessKey\":\"s\"}", MSTR_E_PROTOCOL,
         "IMDS: AccessKeyId holds a character that no key has"},
        {"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\",\"Token\":\"t\\r\\nX: y\"}", MSTR_E_PROTOCOL,
         "IMDS: SessionToken holds a character that no key has"},
        {"{\"Code\":\"Refused\",\"Message\":\"go away\",\"AccessKeyId\":\"a\"}", MSTR_E_AUTHENTICATION,
         "IMDS: Refused: go away"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aws_keys *keys = NULL;
        struct mstr_error *error = host->error_new();
        assert_int_equal(read(cases[i].json, false, &keys, error), cases[i].code);
        assert_null(keys);
        assert_contains(host->error_message(error), cases[i].message);
        host->error_free(error);
    }
}

static void keys_that_outlive_their_end_have_it_put_off(void **state)
{
    struct aws_keys *keys = NULL;
    (void)state;
    assert_int_equal(read("{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2026-01-15T11:00:00Z\"}",
                          true, &keys, NULL),
                     MSTR_OK);
    assert_true(keys->extended);
    assert_in_range(keys->expires, FAKE_HOST_START + 10 * 60000, FAKE_HOST_START + 15 * 60000);
    assert_null(keys->session_token);
    aws_keys_release(keys);
}

/* The derived key that is kept must not outlive its region, service and day. */
static void a_signature_is_that_of_its_own_scope_whatever_was_signed_before(void **state)
{
    static const struct mstr_header headers[] = {{"Host", "h"}};
    static const struct sigv4_request request = {
        .method = "POST", .path = "/", .headers = headers, .header_count = 1, .body = "", .body_length = 0};
    static const struct sigv4_keys signer = {"a", "s", NULL};
    static const struct {
        const char *region, *service;
        int64_t time;
    } scopes[] = {
        {"eu-west-1", "ssm", 0}, {"eu-west-1", "ssm", 1000}, {"eu-west-1", "ssm", 86400000},
        {"eu-west-2", "ssm", 0}, {"eu-west-1", "sts", 0},    {"eu-west-1", "ssm", 0},
    };
    struct aws_keys *keys = NULL;
    (void)state;
    assert_int_equal(read("{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\"}", false, &keys, NULL), MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        struct sigv4_signature ours, plain;
        assert_int_equal(aws_keys_sign(keys, scopes[i].region, scopes[i].service, scopes[i].time, &request, &ours),
                         MSTR_OK);
        assert_int_equal(
            sigv4_sign(&signer, scopes[i].region, scopes[i].service, scopes[i].time, &request, NULL, &plain),
            MSTR_OK);
        assert_string_equal(ours.text, plain.text);
        sigv4_release(&ours);
        sigv4_release(&plain);
    }
    aws_keys_release(keys);
}

static void keys_live_until_the_last_owner_lets_go(void **state)
{
    struct aws_keys *keys = NULL;
    (void)state;
    assert_int_equal(read("{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\"}", false, &keys, NULL), MSTR_OK);
    struct aws_keys *mine = aws_keys_retain(keys);
    aws_keys_release(keys);
    assert_string_equal(mine->secret_key, "s");
    aws_keys_release(mine);
    aws_keys_release(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(names_count_in_any_case_and_by_either_spelling),
        TEST(what_is_not_whole_is_told_with_the_identity_that_gave_it),
        TEST(keys_that_outlive_their_end_have_it_put_off),
        TEST(a_signature_is_that_of_its_own_scope_whatever_was_signed_before),
        TEST(keys_live_until_the_last_owner_lets_go),
    };
    return RUN_TESTS("aws/wire/keys");
}
