/* SPDX-License-Identifier: Apache-2.0 */
/* Values, and why there is none. */
#include "vault/service/value.h"

#include "unit/vault/support.h"

static struct vault_value value;

static int value_teardown(void **state)
{
    vault_value_release(&value);
    return error_teardown(state);
}

static enum mstr_code take(enum vault_kv kv, const char *body)
{
    struct vault_answer answer;
    const struct mstr_http_answer http = {
        .status = 200, .body = body, .body_length = strlen(body), .received = FAKE_HOST_START};
    vault_value_release(&value);
    enum mstr_code code = vault_answer_read(&http, &answer, error);
    if (code == MSTR_OK) {
        code = vault_value_read(&http, &answer, kv, &value, error);
    }
    vault_answer_release(&answer);
    return code;
}

static void a_version_is_its_data_with_digits_untouched(void **state)
{
    (void)state;
    assert_int_equal(
        take(VAULT_KV_2, VERSION_3("{ \"n\" : 12345678901234567890, \"x\" : 1.50 , \"o\":{\"a\": []} }")), MSTR_OK);
    assert_string_equal(value.text, "{\"n\":12345678901234567890,\"x\":1.50,\"o\":{\"a\":[]}}");
    assert_string_equal(value.version, "3");
    assert_int_equal(value.expires, 0);
    assert_int_equal(take(VAULT_KV_2, VERSION_3("{}")), MSTR_OK);
    assert_string_equal(value.text, "{}");
}

static void a_deletion_to_come_is_the_end(void **state)
{
    (void)state;
    assert_int_equal(take(VAULT_KV_2, "{\"data\":{\"data\":{\"a\":1},\"metadata\":{\"version\":1,\"deletion_time\":"
                                      "\"2026-01-15T13:00:00.5Z\",\"destroyed\":false}}}"),
                     MSTR_OK);
    assert_int_equal(value.expires, FAKE_HOST_START + 3600500);
}

static void a_version_that_holds_null_is_not_found(void **state)
{
    (void)state;
    assert_int_equal(take(VAULT_KV_2, VERSION_3("null")), MSTR_E_NOT_FOUND);
    assert_contains(host->error_message(error), "version 3");
}

static void version_1_has_no_end_by_its_hint(void **state)
{
    (void)state;
    assert_int_equal(
        take(VAULT_KV_1, "{\"lease_id\":\"\",\"lease_duration\":2764800,\"data\":{\"a\":\"b\",\"ttl\":\"1h\"}}"),
        MSTR_OK);
    assert_string_equal(value.text, "{\"a\":\"b\",\"ttl\":\"1h\"}");
    assert_string_equal(value.version, "");
    assert_int_equal(value.expires, 0);
    assert_false(value.leased);
}

static void a_lease_is_the_end(void **state)
{
    (void)state;
    assert_int_equal(
        take(VAULT_KV_NONE, "{\"lease_id\":\"database/creds/x/1\",\"lease_duration\":60,\"data\":{\"a\":1}}"),
        MSTR_OK);
    assert_int_equal(value.expires, FAKE_HOST_START + 60000);
    assert_true(value.leased);
    assert_false(value.fleeting);
    assert_int_equal(
        take(VAULT_KV_NONE, "{\"lease_id\":\"database/creds/x/1\",\"lease_duration\":0,\"data\":{\"a\":1}}"),
        MSTR_OK);
    assert_true(value.fleeting);
}

static void answers_without_data_are_refused(void **state)
{
    static const struct {
        enum vault_kv kv;
        const char *body;
    } cases[] = {{VAULT_KV_1, "{\"data\":null}"},
                 {VAULT_KV_1, "{}"},
                 {VAULT_KV_2, "{\"data\":{\"a\":1}}"},
                 {VAULT_KV_2, "{\"data\":{\"data\":{}}}"},
                 {VAULT_KV_2, "{\"data\":{\"data\":[],\"metadata\":{\"version\":1}}}"},
                 {VAULT_KV_2, "{\"data\":{\"data\":{},\"metadata\":{\"version\":\"one\"}}}"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(take(cases[i].kv, cases[i].body), MSTR_E_PROTOCOL);
        assert_null(value.text);
    }
}

static bool tell_gone(const char *body)
{
    struct vault_answer answer;
    const struct mstr_http_answer http = {.status = 404, .body = body, .body_length = strlen(body)};
    assert_int_equal(vault_answer_read(&http, &answer, NULL), MSTR_OK);
    bool told = vault_value_tell_gone(&answer, "reading secret/data/app", error);
    vault_answer_release(&answer);
    return told;
}

static void what_became_of_a_version_is_told(void **state)
{
    (void)state;
    assert_true(tell_gone("{\"data\":{\"data\":null,\"metadata\":{\"version\":2,\"deletion_time\":\"2026-01-01T00:00:"
                          "00Z\",\"destroyed\":false}}}"));
    assert_string_equal(host->error_message(error),
                        "reading secret/data/app: version 2 was deleted at 2026-01-01T00:00:00Z");
    assert_contains(host->error_text(error, MSTR_DETAIL_HINT), "undelete");
    assert_true(tell_gone(
        "{\"data\":{\"data\":null,\"metadata\":{\"version\":1,\"deletion_time\":\"\",\"destroyed\":true}}}"));
    assert_string_equal(host->error_message(error), "reading secret/data/app: version 1 was destroyed");
    assert_false(tell_gone("{\"data\":null,\"warnings\":[\"Invalid path\"]}"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, error_setup, value_teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(a_version_is_its_data_with_digits_untouched),
        TEST(a_deletion_to_come_is_the_end),
        TEST(a_version_that_holds_null_is_not_found),
        TEST(version_1_has_no_end_by_its_hint),
        TEST(a_lease_is_the_end),
        TEST(answers_without_data_are_refused),
        TEST(what_became_of_a_version_is_told),
    };
    return RUN_TESTS("vault/service/value");
}
