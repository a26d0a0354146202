/* SPDX-License-Identifier: Apache-2.0 */
/* Which failures are worth another attempt, after which pause, at which price. */
#include "sdk/attempt.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

static const struct retry_policy plain = {.attempts = 4,
                                          .first_pause = 1000,
                                          .longest_pause = 3000,
                                          .jitter_low = 50,
                                          .jitter_high = 100,
                                          .unanswered = PASSING_UNANSWERED,
                                          .longest_asked = 20000};
static const struct retry_policy dear = {.attempts = 4,
                                         .first_pause = 50,
                                         .throttled_pause = 1000,
                                         .longest_pause = 20000,
                                         .jitter_low = 100,
                                         .jitter_high = 100,
                                         .longest_asked = 20000,
                                         .asked_is_cut = true,
                                         .asked_when_busy = true,
                                         .own_header_span = 5000,
                                         .cost = 14,
                                         .throttled_cost = 5};

/* The `count`th attempt ended so. */
static struct attempt ended(const struct retry_policy *policy, int count, enum mstr_code code, int status)
{
    struct attempt attempt = {.count = count - 1};
    attempt_begin(&attempt, policy, NULL);
    attempt.code = code;
    attempt.status = status;
    return attempt;
}

static int64_t judge(struct attempt attempt)
{
    return attempt_judge(&attempt, NULL, NULL);
}

static void pauses_differ_by_chance(void **state)
{
    const struct attempt third = ended(&plain, 3, MSTR_E_UNAVAILABLE, 503);
    int64_t first = judge(third);
    bool differ = false;
    (void)state;
    for (int i = 0; i < 50; i++) {
        differ = differ || judge(third) != first;
    }
    assert_true(differ);
}

static void an_answer_whose_body_tells_nothing_has_the_class_of_its_status(void **state)
{
    static const struct {
        int status;
        enum mstr_code code;
    } cases[] = {{429, MSTR_E_THROTTLED}, {408, MSTR_E_UNAVAILABLE}, {503, MSTR_E_UNAVAILABLE}, {404, MSTR_E_DENIED},
                 {401, MSTR_E_DENIED},    {302, MSTR_E_PROTOCOL},    {501, MSTR_E_PROTOCOL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(attempt_class(cases[i].status, MSTR_E_DENIED), cases[i].code);
    }
}

static void an_answer_passes_by_its_class_and_its_status_together(void **state)
{
    static const struct {
        enum mstr_code code;
        int status;
        bool again;
    } cases[] = {
        {MSTR_E_UNAVAILABLE, 503, true},    {MSTR_E_THROTTLED, 429, true},  {MSTR_E_UNAVAILABLE, 501, false},
        {MSTR_E_PROTOCOL, 503, false},      {MSTR_E_NOT_FOUND, 404, false}, {MSTR_E_DENIED, 403, false},
        {MSTR_E_NOT_AVAILABLE, 503, false}, {MSTR_E_NETWORK, 503, false},   {MSTR_OK, 200, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(judge(ended(&plain, 1, cases[i].code, cases[i].status)) != RETRY_NEVER, cases[i].again);
    }
}

static void the_reader_of_an_answer_may_know_better(void **state)
{
    struct attempt attempt = ended(&plain, 1, MSTR_E_UNAVAILABLE, 503);
    (void)state;
    attempt.again = AGAIN_NEVER;
    assert_int_equal(judge(attempt), RETRY_NEVER);
    attempt = ended(&plain, 1, MSTR_E_AUTHENTICATION, 404);
    attempt.again = AGAIN_LATER;
    assert_in_range(judge(attempt), 500, 1000);
    attempt.count = 4;
    assert_int_equal(judge(attempt), RETRY_NEVER);
    attempt.again = AGAIN_AT_ONCE;
    assert_int_equal(attempt_judge(&attempt, NULL, NULL), 0);
    assert_int_equal(attempt.count, 3); /* as if it had not been */
}

static void failures_without_an_answer_are_told_apart(void **state)
{
    static const struct {
        enum mstr_code code;
        const char *step;
        unsigned kind;
    } cases[] = {
        {MSTR_E_NETWORK, "connect", PASSING_CONNECT},
        {MSTR_E_NETWORK, NULL, PASSING_BREAK},
        {MSTR_E_TIMEOUT, NULL, PASSING_TIMEOUT},
        {MSTR_E_TLS, NULL, 0},
        {MSTR_E_CANCELLED, NULL, 0},
        {MSTR_E_PROTOCOL, NULL, 0},
    };
    struct mstr_error *error = host->error_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (unsigned kinds = 0; kinds <= PASSING_UNANSWERED; kinds++) {
            struct retry_policy policy = plain;
            policy.unanswered = kinds;
            struct attempt attempt = ended(&policy, 1, cases[i].code, 0);
            host->error_set(error, cases[i].code, "x");
            host->error_detail(error, MSTR_DETAIL_STEP, cases[i].step);
            assert_int_equal(attempt_judge(&attempt, NULL, error) != RETRY_NEVER, (kinds & cases[i].kind) != 0);
        }
    }
    host->error_free(error);
}

/* What an answer with these headers leads to. */
static int64_t judge_answer(const struct retry_policy *policy, int status, const char *headers)
{
    const struct mstr_http_request get = {.size = sizeof(get), .method = "GET", .url = "https://a.example/"};
    struct mstr_http_response *response = NULL;
    struct attempt attempt = ended(policy, 1, status == 429 ? MSTR_E_THROTTLED : MSTR_E_UNAVAILABLE, status);
    fake_host_answer("GET", "*", status, headers, "");
    assert_int_equal(host->http(fake_host_call(), &get, &response, NULL), MSTR_OK);
    attempt_observe(&attempt, NULL, response);
    host->http_free(response);
    return judge(attempt);
}

static void what_the_service_asks_for_is_the_least(void **state)
{
    static const struct {
        const char *headers;
        int64_t least;
        int64_t most;
    } cases[] = {
        {NULL, 500, 1000},
        {"Retry-After: 7", 7000, 7000},
        {"Retry-After: Thu, 15 Jan 2026 12:00:05 GMT", 5000, 5000},
        {"Retry-After: soon", 500, 1000},
        {"retry-after-ms: 1250\nRetry-After: 7", 1250, 1250},
        {"retry-after-ms: 1", 500, 1000},
        {"x-ms-retry-after-ms: 1300", 1300, 1300},
        {"retry-after-ms: -1\nRetry-After: 7", 7000, 7000},
        {"x-amz-retry-after: 7000", 500, 1000},
        {"Retry-After: 20", 20000, 20000},
        {"Retry-After: 21", RETRY_NEVER, RETRY_NEVER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t pause = judge_answer(&plain, 503, cases[i].headers);
        assert_true(pause >= cases[i].least && pause <= cases[i].most);
    }
}

static void a_policy_may_listen_otherwise(void **state)
{
    static const struct {
        int status;
        const char *headers;
        int64_t pause;
    } cases[] = {
        {503, NULL, 50},
        {429, NULL, 1000},
        {503, "x-amz-retry-after: 1500", 1500},
        {503, "x-amz-retry-after: 0", 50},
        {503, "x-amz-retry-after: 10000", 5050},
        {503, "Retry-After: 7", 7000},
        {503, "Retry-After: 100", 20000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(judge_answer(&dear, cases[i].status, cases[i].headers), cases[i].pause);
    }
}

static void what_is_asked_for_counts_only_where_the_service_is_busy(void **state)
{
    (void)state;
    assert_int_equal(judge_answer(&dear, 500, "Retry-After: 7"), 50);
}

/* 500 units; a good end gives back what its last attempt took, or one. */
static void the_quota_ends_what_would_press_a_service_in_trouble(void **state)
{
    struct retry_quota quota = {.spent = 0};
    struct attempt attempt = ended(&dear, 1, MSTR_E_UNAVAILABLE, 503);
    const struct attempt first = ended(&dear, 1, MSTR_OK, 200);
    int again = 0;
    (void)state;
    while (attempt_judge(&attempt, &quota, NULL) != RETRY_NEVER) {
        again++;
    }
    assert_int_equal(again, 500 / 14);
    attempt_succeeded(&attempt, &quota);
    assert_int_equal(quota.spent, 490 - 14);
    attempt_succeeded(&first, &quota);
    assert_int_equal(quota.spent, 490 - 15);
    attempt.code = MSTR_E_THROTTLED;
    assert_int_not_equal(attempt_judge(&attempt, &quota, NULL), RETRY_NEVER);
    assert_int_equal(quota.spent, 490 - 15 + 5);
}

/* More than four minutes off the clock that it was signed by. */
static void a_refusal_by_the_clock_passes_where_the_clock_is_off(void **state)
{
    static const struct {
        int64_t skew;
        int64_t told;
        bool again;
    } cases[] = {
        {0, 600000, true}, {0, -600000, true}, {0, 240000, false}, {600000, 600000, false}, {600000, 0, true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct attempt attempt = ended(&plain, 1, MSTR_E_AUTHENTICATION, 400);
        attempt.skew = cases[i].skew;
        attempt.told_skew = cases[i].told;
        assert_int_equal(judge(attempt), RETRY_NEVER);
        attempt.clock = true;
        assert_int_equal(judge(attempt) != RETRY_NEVER, cases[i].again);
    }
}

static void an_attempt_begins_by_the_services_clock(void **state)
{
    const struct clock_skew clock = {.ahead = 600000};
    struct attempt attempt = {.count = 0};
    (void)state;
    attempt_begin(&attempt, &plain, &clock);
    assert_int_equal(attempt.count, 1);
    assert_int_equal(attempt.now, FAKE_HOST_START + 600000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pauses_differ_by_chance),
        TEST(an_answer_whose_body_tells_nothing_has_the_class_of_its_status),
        TEST(an_answer_passes_by_its_class_and_its_status_together),
        TEST(the_reader_of_an_answer_may_know_better),
        TEST(failures_without_an_answer_are_told_apart),
        TEST(what_the_service_asks_for_is_the_least),
        TEST(a_policy_may_listen_otherwise),
        TEST(what_is_asked_for_counts_only_where_the_service_is_busy),
        TEST(the_quota_ends_what_would_press_a_service_in_trouble),
        TEST(a_refusal_by_the_clock_passes_where_the_clock_is_off),
        TEST(an_attempt_begins_by_the_services_clock),
    };
    return RUN_TESTS("sdk/attempt");
}
