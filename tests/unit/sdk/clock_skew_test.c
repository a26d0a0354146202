/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that is off, told by the Date of an answer. */
#include "sdk/clock_skew.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

static void clock_that_is_off_is_told(void **state)
{
    static const struct {
        const char *headers;
        const char *hint; /* NULL = none */
    } cases[] = {
        {"Date: Thu, 15 Jan 2026 12:00:30 GMT", NULL},
        {"Date: Thu, 15 Jan 2026 11:59:01 GMT", NULL},
        {"Date: Thu, 15 Jan 2026 11:50:00 GMT", "600 s ahead of the server's"},
        {"Date: Thu, 15 Jan 2026 12:10:00 GMT", "600 s behind the server's"},
        {"Date: yesterday", NULL},
        {NULL, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_http_request request = {.size = sizeof(request), .method = "GET", .url = "https://server/"};
        struct mstr_http_response *response = NULL;
        struct mstr_error *error = host->error_new();
        fake_host_answer("GET", "https://server/", 401, cases[i].headers, "");
        assert_int_equal(host->http(fake_host_call(), &request, &response, error), MSTR_OK);
        clock_skew_tell(response, error);
        if (cases[i].hint != NULL) {
            assert_contains(host->error_text(error, MSTR_DETAIL_HINT), cases[i].hint);
        } else {
            assert_null(host->error_text(error, MSTR_DETAIL_HINT));
        }
        host->http_free(response);
        host->error_free(error);
    }
}

/* By the middle of the way there and back. */
static void a_clock_is_learnt_from_answers_that_know_the_time(void **state)
{
    static const struct {
        const char *headers;
        int64_t latency;
        int64_t ahead; /* 7 = as before */
    } cases[] = {
        {"Date: Thu, 15 Jan 2026 12:10:00 GMT", 2000, 600000 - 1000},
        {"Date: Thu, 15 Jan 2026 12:10:00 GMT\nAge: 3", 0, 7},
        {"Date: Thu, 15 Jan 2026 12:10:00 GMT", 16 * 60000, 7},
        {"Date: yesterday", 0, 7},
        {NULL, 0, 7},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_http_request request = {.size = sizeof(request), .method = "GET", .url = "https://server/"};
        struct mstr_http_response *response = NULL;
        struct clock_skew clock = {.ahead = 7};
        int64_t ahead = 7;
        fake_host_setup(state);
        fake_host_latency(cases[i].latency);
        fake_host_answer("GET", "https://server/", 200, cases[i].headers, "");
        assert_int_equal(host->http(fake_host_call(), &request, &response, NULL), MSTR_OK);
        clock_skew_learn(&clock, response, &ahead);
        assert_int_equal(clock_skew_get(&clock), cases[i].ahead);
        assert_int_equal(ahead, cases[i].ahead);
        host->http_free(response);
    }
    assert_int_equal(clock_skew_get(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(clock_that_is_off_is_told, fake_host_setup, fake_host_teardown),
        cmocka_unit_test_setup_teardown(a_clock_is_learnt_from_answers_that_know_the_time, fake_host_setup,
                                        fake_host_teardown),
    };
    return RUN_TESTS("sdk/clock_skew");
}
