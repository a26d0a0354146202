/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/service/secret.c: what an answer must be. */
#include "unit/kubernetes/support.h"

#include "kubernetes/service/secret.h"

static enum mstr_code read_body(const char *body, struct secret *secret, struct mstr_error *error)
{
    const struct mstr_http_answer answer = {
        .size = sizeof(answer), .status = 200, .body = body, .body_length = strlen(body)};
    return secret_read(&answer, "ns1", "app", secret, error);
}

static void entries_are_decoded(void **state)
{
    (void)state;
    struct secret secret = {.count = 0};
    struct buffer json = BUFFER_INIT;
    assert_int_equal(read_body(APP(DATA), &secret, NULL), MSTR_OK);
    assert_string_equal(secret.version, "17");
    assert_int_equal(secret_entry(&secret, "blob")->length, 2);
    assert_memory_equal(secret_entry(&secret, "blob")->data, "\xff\0", 2);
    assert_null(secret_entry(&secret, "none"));
    assert_true(secret_put_json(&secret, &json));
    assert_string_equal(buffer_text(&json), APP_VALUE);
    buffer_release(&json);
    secret_release(&secret);
}

static void a_secret_may_be_empty(void **state)
{
    (void)state;
    static const char *const bodies[] = {APP("\"type\":\"Opaque\""), APP("\"data\":null"), APP("\"data\":{}"),
                                         APP("\"data\":{\"k\":\"\"}")};
    static const char *const values[] = {"{}", "{}", "{}", "{\"k\":\"\"}"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct secret secret = {.count = 0};
        struct buffer json = BUFFER_INIT;
        assert_int_equal(read_body(bodies[i], &secret, NULL), MSTR_OK);
        assert_true(secret_put_json(&secret, &json));
        assert_string_equal(buffer_text(&json), values[i]);
        buffer_release(&json);
        secret_release(&secret);
    }
}

static void what_is_no_such_secret_is_refused_whole(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *part;
    } cases[] = {
        {"", "no Secret in JSON"},
        {"<html>SECRET", "no Secret in JSON"},
        {"{\"kind\":\"Secret\",\"metadata\":{\"name\":\"app\"", "no Secret in JSON"},
        {"{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"app\",\"namespace\":\"ns1\"}}", "no Secret in JSON"},
        {"{\"kind\":\"Secret\",\"metadata\":{\"name\":\"other\",\"namespace\":\"ns1\"}}", "another secret"},
        {"{\"kind\":\"Secret\",\"metadata\":{\"name\":\"app\",\"namespace\":\"ns2\"}}", "another secret"},
        {"{\"kind\":\"Secret\"}", "another secret"},
        {APP("\"data\":[\"SECRET\"]"), "data that are no object"},
        {APP("\"data\":{\"good\":\"eA==\",\"bad\":12}"), "an entry \"bad\" that is no text"},
        {APP("\"data\":{\"bad\":null}"), "an entry \"bad\" that is no text"},
        {APP("\"data\":{\"good\":\"eA==\",\"bad\":\"SECRET!\"}"), "an entry \"bad\" that is no base64"},
        {APP("\"data\":{\"bad\":\"eA\"}"), "an entry \"bad\" that is no base64"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct secret secret = {.count = 0};
        struct mstr_error *error = host->error_new();
        assert_int_equal(read_body(cases[i].body, &secret, error), MSTR_E_PROTOCOL);
        assert_contains(host->error_message(error), cases[i].part);
        assert_null(strstr(host->error_message(error), "SECRET"));
        host->error_free(error);
        secret_release(&secret);
    }
}

static void a_missing_entry_is_told_with_those_that_are_there(void **state)
{
    (void)state;
    struct secret secret = {.count = 0};
    struct mstr_error *error = host->error_new();
    assert_int_equal(secret_tell_missing(&secret, "app", "x", error), MSTR_E_NOT_FOUND);
    assert_string_equal(host->error_text(error, MSTR_DETAIL_HINT), "it has no entries at all");
    assert_int_equal(read_body(APP(DATA), &secret, NULL), MSTR_OK);
    assert_int_equal(secret_tell_missing(&secret, "app", "x", error), MSTR_E_NOT_FOUND);
    assert_string_equal(host->error_text(error, MSTR_DETAIL_HINT), "its entries: user, password, blob");
    host->error_free(error);
    secret_release(&secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entries_are_decoded),
        TEST(a_secret_may_be_empty),
        TEST(what_is_no_such_secret_is_refused_whole),
        TEST(a_missing_entry_is_told_with_those_that_are_there),
    };
    return RUN_TESTS("kubernetes/service/secret");
}
