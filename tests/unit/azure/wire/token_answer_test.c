/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that hold a token: numbers and dates in all the shapes that they come in. */
#include "azure/wire/token_answer.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/json_parse.h"
#include "support/unit.h"

#include <stdio.h>

static enum mstr_code read_text(const char *text, struct token *token, struct mstr_error *error)
{
    struct json_object *body = json_parse(text, strlen(text));
    enum mstr_code code = token_answer_read(body, FAKE_HOST_START, "the service", token, error);
    json_release(body);
    return code;
}

static void lifetimes_are_read_in_all_their_shapes(void **state)
{
    static const struct {
        const char *members;
        int64_t seconds; /* from now on */
    } cases[] = {
        {"\"expires_in\":3599", 3599},
        {"\"expires_in\":\"3599\"", 3599},
        {"\"expires_in\":\"3599\",\"expires_on\":\"1768482000\"", 3599},
        {"\"expires_on\":1768482000", 3600},
        {"\"expires_on\":\"1768482000\",\"resource\":\"r\"", 3600},
        {"\"expires_on\":\"01/15/2026 13:00:00\"", 3600},
        {"\"expires_on\":\"01/15/2026 13:00:00 +00:00\"", 3600},
        {"\"expires_on\":\"1/15/2026 1:00:00 PM +00:00\"", 3600},
        {"\"expires_on\":\"01/16/2026 12:00:00 AM\"", 43200},
        {"\"expires_on\":\"01/15/2026 12:30:00 PM\"", 1800},
        {"\"expires_on\":\"2026-01-15 13:00:00\"", 3600},
        {"\"expires_on\":\"2026-01-15 13:00:00.25\"", 3600},
        {"\"expires_on\":\"2026-01-15T13:00:00Z\"", 3600},
        {"\"expires_on\":\"2026-01-15T15:00:00+02:00\"", 3600},
        {"\"expires_on\":\"Thu, 15 Jan 2026 13:00:00 GMT\"", 3600},
        {"\"expires_in\":0,\"expires_on\":1768482000", 3600},
        {"\"expires_in\":9000000000,\"expires_on\":1768482000", 3600},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        struct token token = {.text = NULL};
        snprintf(text, sizeof(text), "{\"access_token\":\"abc\",\"token_type\":\"bearer\",%s}", cases[i].members);
        if (read_text(text, &token, NULL) != MSTR_OK) {
            fail_msg("%s", text);
        }
        assert_string_equal(token.text, "abc");
        assert_int_equal((token.expires - FAKE_HOST_START) / 1000, cases[i].seconds);
        token_release(&token);
    }
}

static void numbers_of_seconds_are_points_in_time(void **state)
{
    int64_t milliseconds = 0;
    (void)state;

    assert_true(token_answer_time("1768482000", &milliseconds));
    assert_int_equal(milliseconds, FAKE_HOST_START + 3600000);
    assert_false(token_answer_time("", &milliseconds));
    assert_false(token_answer_time("9223372036854775807", &milliseconds));
    assert_false(token_answer_time("2026-01-15 13:00:00 and then so much more that no time could be as long as it",
                                   &milliseconds));
}

static void renewal_is_due_when_told_or_at_half_of_a_long_life(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds; /* from now on; 0 = left to the cache */
    } cases[] = {
        {"{\"access_token\":\"a\",\"expires_in\":3600}", 0},
        {"{\"access_token\":\"a\",\"expires_in\":3600,\"refresh_in\":\"1800\"}", 1800},
        {"{\"access_token\":\"a\",\"expires_in\":86400}", 43200},
        {"{\"access_token\":\"a\",\"expires_in\":86400,\"refresh_in\":50000}", 50000},
        {"{\"access_token\":\"a\",\"expires_in\":3600,\"refresh_on\":1768480200}", 1800},
        {"{\"access_token\":\"a\",\"expires_in\":3600,\"refresh_in\":7200}", 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct token token = {.text = NULL};
        assert_int_equal(read_text(cases[i].text, &token, NULL), MSTR_OK);
        assert_int_equal(token.renew, cases[i].seconds == 0 ? 0 : FAKE_HOST_START + cases[i].seconds * 1000);
        token_release(&token);
    }
}

static void life_without_end_is_cut(void **state)
{
    struct token token = {.text = NULL};
    (void)state;

    assert_int_equal(read_text("{\"access_token\":\"a\",\"expires_on\":9000000000000}", &token, NULL), MSTR_OK);

    assert_int_equal(token.expires - FAKE_HOST_START, INT64_C(7) * 24 * 3600 * 1000);
    token_release(&token);
}

static void unusable_answers_are_told(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"", "without an access token"},
        {"[]", "without an access token"},
        {"{\"access_token\":7,\"expires_in\":1}", "without an access token"},
        {"{\"access_token\":\"\",\"expires_in\":1}", "without a usable access token"},
        {"{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":1}", "without a usable access token"},
        {"{\"access_token\":\"a\\u0000b\",\"expires_in\":1}", "without a usable access token"},
        {"{\"access_token\":\"a\"}", "when its token expires"},
        {"{\"access_token\":\"a\",\"expires_in\":\"soon\"}", "when its token expires"},
        {"{\"access_token\":\"a\",\"expires_on\":\"13/40/2026 25:00:00\"}", "when its token expires"},
        {"{\"access_token\":\"a\",\"expires_on\":\"01/15/2026 13:00:00 PM\"}", "when its token expires"},
        {"{\"access_token\":\"a\",\"expires_on\":-1}", "when its token expires"},
        {"{\"access_token\":\"a\",\"expires_on\":1768478400}", "expired already"},
        {"{\"access_token\":\"a\",\"expires_in\":3599,\"expires_on\":\"1768478400\"}", "expired already"},
        {"{\"access_token\":\"a\",\"expires_in\":0}", "expired already"},
        {"{\"access_token\":\"a\",\"expires_in\":\"-1\"}", "expired already"},
        {"{\"access_token\":\"a\",\"token_type\":[\"Bearer\"],\"expires_in\":1}", "of type (no text)"},
        {"{\"access_token\":\"a\",\"token_type\":\"pop\",\"expires_in\":1}", "of type pop"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct token token = {.text = NULL};
        struct mstr_error *error = host->error_new();
        assert_int_equal(read_text(cases[i].text, &token, error), MSTR_E_PROTOCOL);
        assert_contains(host->error_message(error), cases[i].part);
        assert_null(token.text);
        host->error_free(error);
    }
}

int main(void)
{
#define ON_FAKE_HOST(test) cmocka_unit_test_setup_teardown(test, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        ON_FAKE_HOST(lifetimes_are_read_in_all_their_shapes),
        ON_FAKE_HOST(numbers_of_seconds_are_points_in_time),
        ON_FAKE_HOST(renewal_is_due_when_told_or_at_half_of_a_long_life),
        ON_FAKE_HOST(life_without_end_is_cut),
        ON_FAKE_HOST(unusable_answers_are_told),
    };
    return RUN_TESTS("azure/wire/token_answer");
}
