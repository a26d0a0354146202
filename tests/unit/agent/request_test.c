/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/request.c */
#include "agent/request.h"

#include "support/unit.h"

static void headers_are_found_in_any_case_of_letters(void **state)
{
    (void)state;
    const struct request_header headers[] = {{"hOST", 4, "x", 1}, {"Hostess", 7, "y", 1}};
    const struct request request = {.headers = headers, .header_count = 2};
    assert_string_equal(request_header(&request, "Host"), "x");
    assert_null(request_header(&request, "Hos"));
}

static void a_value_with_control_octets_is_left_out(void **state)
{
    (void)state;
    struct reply reply = {0};
    const char *name = NULL;
    const char *value = NULL;
    size_t at = 0;
    reply_header(&reply, "A", "x\r\nSet-Cookie: y");
    reply_header(&reply, "B", "z");
    assert_true(reply_header_next(&reply, &at, &name, &value));
    assert_string_equal(name, "B");
    assert_string_equal(value, "z");
    assert_false(reply_header_next(&reply, &at, &name, &value));
    reply_release(&reply);
}

static void classes_of_errors_have_their_statuses(void **state)
{
    (void)state;
    static const struct {
        enum mstr_code code;
        int status;
    } cases[] = {{MSTR_E_CONFIG, 400},    {MSTR_E_AUTHENTICATION, 401}, {MSTR_E_DENIED, 403},
                 {MSTR_E_NOT_FOUND, 404}, {MSTR_E_THROTTLED, 429},      {MSTR_E_NETWORK, 502},
                 {MSTR_E_TLS, 502},       {MSTR_E_PLUGIN, 502},         {MSTR_E_UNAVAILABLE, 503},
                 {MSTR_E_TIMEOUT, 504}};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reply reply = {0};
        mstr_error_set(error, cases[i].code, "it \"failed\"");
        reply_error(&reply, error);
        assert_int_equal(reply.status, cases[i].status);
        assert_string_equal(reply.type, "application/problem+json");
        assert_non_null(strstr(buffer_text(&reply.body), "\"message\":\"it \\\"failed\\\"\"}}\n"));
        reply_release(&reply);
    }
    mstr_error_free(error);
}

static void whoever_is_put_off_is_told_for_how_long(void **state)
{
    (void)state;
    struct reply reply = {0};
    const char *name = NULL;
    const char *value = NULL;
    size_t at = 0;
    reply_busy(&reply, 429, 17, "later");
    assert_true(reply_header_next(&reply, &at, &name, &value));
    assert_string_equal(name, "X-Mstr-Agent");
    assert_string_equal(value, "busy");
    assert_true(reply_header_next(&reply, &at, &name, &value));
    assert_string_equal(name, "Retry-After");
    assert_string_equal(value, "17");
    reply_release(&reply);
}

static void how_long_a_client_waits_is_a_duration(void **state)
{
    static const struct {
        const char *value;
        int64_t expected; /* -1 = refused */
    } cases[] = {
        {"300ms", 300}, {"7s", 7000}, {"0", -1}, {"soon", -1}, {"-1s", -1}, {"", -1}, {"99999999999999999999h", -1}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct request_header header = {"X-Mstr-Timeout", 14, cases[i].value, strlen(cases[i].value)};
        const struct request request = {.headers = &header, .header_count = 1};
        int64_t timeout = 5;
        assert_int_equal(request_timeout(&request, &timeout), cases[i].expected >= 0);
        assert_true(cases[i].expected < 0 || timeout == cases[i].expected);
    }
    const struct request without = {.headers = NULL};
    int64_t timeout = 5;
    assert_true(request_timeout(&without, &timeout));
    assert_int_equal(timeout, 5);
}

static void what_the_agent_met_is_told_whole_and_is_no_sign_that_it_is_busy(void **state)
{
    (void)state;
    struct reply reply = {0};
    const char *name = NULL;
    const char *value = NULL;
    size_t at = 0;
    mstr_error *error = mstr_error_new();
    mstr_error_set(error, MSTR_E_UNAVAILABLE, "closed");
    reply_rest_error(&reply, error);
    assert_true(reply_header_next(&reply, &at, &name, &value));
    assert_string_equal(name, "X-Mstr-Agent");
    assert_string_equal(value, "failure");
    assert_non_null(
        strstr(buffer_text(&reply.body), "\"error\":{\"class\":\"unavailable\",\"message\":\"closed\"}}"));
    reply_release(&reply);
    mstr_error_free(error);
}

static void an_error_without_memory_says_so(void **state)
{
    (void)state;
    mstr_error *blank = mstr_error_new();
    const mstr_error *errors[] = {NULL, blank};
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        struct reply replies[] = {{0}, {0}};
        reply_error(&replies[0], errors[i]);
        reply_rest_error(&replies[1], errors[i]);
        for (size_t k = 0; k < COUNT_OF(replies); k++) {
            assert_int_equal(replies[k].status, 503);
            assert_non_null(strstr(buffer_text(&replies[k].body), "out of memory"));
            reply_release(&replies[k]);
        }
    }
    mstr_error_free(blank);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_found_in_any_case_of_letters),
        cmocka_unit_test(a_value_with_control_octets_is_left_out),
        cmocka_unit_test(classes_of_errors_have_their_statuses),
        cmocka_unit_test(whoever_is_put_off_is_told_for_how_long),
        cmocka_unit_test(how_long_a_client_waits_is_a_duration),
        cmocka_unit_test(what_the_agent_met_is_told_whole_and_is_no_sign_that_it_is_busy),
        cmocka_unit_test(an_error_without_memory_says_so),
    };
    return RUN_TESTS("agent/request");
}
