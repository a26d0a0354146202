/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes. */
#include "vault/wire/answer.h"

#include "unit/vault/support.h"

static struct vault_answer answer;

static enum mstr_code take(const char *body)
{
    const struct mstr_http_answer http = {.status = 200, .body = body, .body_length = strlen(body)};
    vault_answer_release(&answer);
    return vault_answer_read(&http, &answer, error);
}

static void parts_are_found(void **state)
{
    (void)state;
    assert_int_equal(
        take("{\"lease_id\":\"database/creds/x/1\",\"lease_duration\":60,\"data\":{\"a\":1},\"auth\":null,"
             "\"mount_type\":\"new\"}"),
        MSTR_OK);
    assert_string_equal(answer.lease_id, "database/creds/x/1");
    assert_int_equal(answer.lease_duration, 60000);
    assert_non_null(answer.data);
    assert_null(answer.auth);

    assert_int_equal(take("{\"lease_id\":\"\",\"lease_duration\":99999999999,\"data\":null}"), MSTR_OK);
    assert_null(answer.lease_id);
    assert_null(answer.data);
    assert_int_equal(answer.lease_duration / 1000, 10 * 365 * 24 * 3600);
    vault_answer_release(&answer);
}

static void what_is_no_envelope_is_refused(void **state)
{
    static const char *const bodies[] = {"",
                                         "<html>",
                                         "[]",
                                         "{\"data\":",
                                         "{\"data\":[]}",
                                         "{\"data\":\"x\"}",
                                         "{\"auth\":1}",
                                         "{\"lease_duration\":-1}",
                                         "{\"lease_duration\":\"soon\"}"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        assert_int_equal(take(bodies[i]), MSTR_E_PROTOCOL);
    }
    vault_answer_release(&answer);
}

static void warnings_are_logged(void **state)
{
    (void)state;
    assert_int_equal(take("{\"warnings\":[\"TTL of x exceeded\",\"two\",3]}"), MSTR_OK);
    vault_answer_log_warnings(&answer, NULL, fake_host_instance(NULL), "renewing the token");
    assert_string_equal(fake_host_log(), "warn renewing the token: Vault warns: TTL of x exceeded\n"
                                         "warn renewing the token: Vault warns: two\n");
    assert_true(vault_answer_warns(&answer, "exceeded"));
    assert_false(vault_answer_warns(&answer, "three"));
    vault_answer_release(&answer);
}

static void warnings_that_repeat_a_secret_are_not_told(void **state)
{
    static const char *const bodies[] = {
        "{\"warnings\":[\"hunter2 is weak\"],\"data\":{\"data\":{\"list\":[\"hunter2\"]}}}",
        "{\"warnings\":[\"made hvs.new\"],\"auth\":{\"client_token\":\"hvs.new\"}}",
        "{\"warnings\":[\"secret id s-1234 is old\"]}",
    };
    static const char request[] = "{\"secret_id\":\"s-1234\",\"n\":\"is\"}";
    struct json_object *sent = NULL;
    (void)state;
    assert_int_equal(json_read(request, strlen(request), &sent), MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        assert_int_equal(take(bodies[i]), MSTR_OK);
        vault_answer_log_warnings(&answer, sent, fake_host_instance(NULL), "asking");
    }
    assert_string_equal(fake_host_log(), "warn asking: Vault warns: (hidden, as it repeats a secret)\n"
                                         "warn asking: Vault warns: (hidden, as it repeats a secret)\n"
                                         "warn asking: Vault warns: (hidden, as it repeats a secret)\n");
    json_release(sent);
    vault_answer_release(&answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, error_setup, error_teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(parts_are_found),
        TEST(what_is_no_envelope_is_refused),
        TEST(warnings_are_logged),
        TEST(warnings_that_repeat_a_secret_are_not_told),
    };
    return RUN_TESTS("vault/wire/answer");
}
