/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent again, by which policy, after which pause. */
#include "base/retry_policy.h"

#include "support/unit.h"

static const struct retry_policy plain = {.attempts = 4,
                                          .first_pause = 1000,
                                          .longest_pause = 3000,
                                          .jitter_low = 50,
                                          .jitter_high = 100,
                                          .unanswered = PASSING_CONNECT | PASSING_BREAK,
                                          .longest_asked = 20000};

static struct retry_case answered(int count, int status)
{
    return (struct retry_case){
        .count = count, .status = status, .asked = RETRY_NOT_ASKED, .own_asked = RETRY_NOT_ASKED};
}

static void pauses_double_up_to_the_longest_and_end_with_the_attempts(void **state)
{
    static const int64_t most[] = {1000, 2000, 3000};
    struct retry_case sent = answered(4, 503);
    (void)state;
    assert_int_equal(retry_pause(&plain, &sent, 0), RETRY_NEVER);
    for (sent.count = 1; sent.count <= 3; sent.count++) {
        assert_int_equal(retry_pause(&plain, &sent, 0), most[sent.count - 1] / 2);
        assert_int_equal(retry_pause(&plain, &sent, UINT32_MAX), most[sent.count - 1]);
    }
}

static void throttling_may_have_a_pause_of_its_own(void **state)
{
    struct retry_policy policy = plain;
    struct retry_case sent = answered(2, 429);
    (void)state;
    sent.throttled = true;
    assert_int_equal(retry_pause(&policy, &sent, UINT32_MAX), 2000);
    policy.throttled_pause = 1400;
    assert_int_equal(retry_pause(&policy, &sent, UINT32_MAX), 2800);
}

static void statuses_that_pass_are_few_unless_a_policy_lists_its_own(void **state)
{
    static const int own[] = {429, 503, 0};
    static const int passing[] = {408, 429, 500, 502, 503, 504};
    static const int lasting[] = {0, 200, 302, 400, 401, 403, 404, 409, 501, 505};
    struct retry_policy policy = plain;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(passing); i++) {
        const struct retry_case sent = answered(1, passing[i]);
        policy.statuses = NULL;
        assert_true(retry_status_passes(NULL, passing[i]));
        assert_true(retry_may_mend(&policy, &sent));
        policy.statuses = own;
        assert_int_equal(retry_may_mend(&policy, &sent), passing[i] == 429 || passing[i] == 503);
    }
    for (size_t i = 0; i < COUNT_OF(lasting); i++) {
        const struct retry_case sent = answered(1, lasting[i]);
        assert_false(retry_status_passes(NULL, lasting[i]));
        assert_false(retry_may_mend(&plain, &sent));
    }
}

static void failures_without_an_answer_are_told_apart(void **state)
{
    static const struct {
        enum mstr_code code;
        const char *step;
        unsigned kind;
    } cases[] = {
        {MSTR_E_NETWORK, "connect", PASSING_CONNECT},
        {MSTR_E_NETWORK, "receive", PASSING_BREAK},
        {MSTR_E_NETWORK, NULL, PASSING_BREAK},
        {MSTR_E_TIMEOUT, "connect", PASSING_TIMEOUT},
        {MSTR_E_TLS, "connect", 0},
        {MSTR_E_CANCELLED, NULL, 0},
        {MSTR_OK, NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct retry_case sent = {.unanswered = retry_unanswered(cases[i].code, cases[i].step)};
        assert_int_equal(sent.unanswered, cases[i].kind);
        assert_int_equal(retry_may_mend(&plain, &sent), (cases[i].kind & plain.unanswered) != 0);
    }
}

/* RFC 9110 9.2.2; without a connection nothing was executed. */
static void what_may_not_be_executed_twice_is_sent_again_only_where_no_connection_came_about(void **state)
{
    static const char *const methods[] = {"GET", "PUT", NULL};
    static const struct {
        const char *method;
        bool repeatable;
    } cases[] = {{"GET", true}, {"PUT", true}, {"POST", false}, {"get", false}, {NULL, true}};
    struct retry_policy policy = plain;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct retry_case sent = answered(1, 503);
        sent.method = cases[i].method;
        policy.methods = NULL;
        assert_true(retry_may_mend(&policy, &sent));
        policy.methods = methods;
        assert_int_equal(retry_may_mend(&policy, &sent), cases[i].repeatable);
        sent.status = 0;
        sent.unanswered = PASSING_BREAK;
        assert_int_equal(retry_may_mend(&policy, &sent), cases[i].repeatable);
        sent.unanswered = PASSING_CONNECT;
        assert_true(retry_may_mend(&policy, &sent));
    }
}

static void what_the_service_asks_for_is_the_least_and_too_much_ends_it(void **state)
{
    static const struct {
        bool is_cut;
        bool when_busy;
        int status;
        int64_t asked;
        int64_t own_asked;
        int64_t own_span;
        int64_t pause;
    } cases[] = {
        {false, false, 503, 7000, RETRY_NOT_ASKED, 0, 7000},
        {false, false, 503, 7, RETRY_NOT_ASKED, 0, 1000},
        {false, false, 503, 20000, RETRY_NOT_ASKED, 0, 20000},
        {false, false, 503, 20001, RETRY_NOT_ASKED, 0, RETRY_NEVER},
        {true, false, 503, 20001, RETRY_NOT_ASKED, 0, 20000},
        {false, true, 503, 7000, RETRY_NOT_ASKED, 0, 7000},
        {false, true, 500, 7000, RETRY_NOT_ASKED, 0, 1000},
        {false, false, 503, 7000, 1500, 0, 7000},
        {false, false, 503, 7000, 1500, 5000, 1500},
        {false, false, 503, RETRY_NOT_ASKED, 0, 5000, 1000},
        {false, false, 503, RETRY_NOT_ASKED, 9000, 5000, 6000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct retry_policy policy = plain;
        struct retry_case sent = answered(1, cases[i].status);
        policy.asked_is_cut = cases[i].is_cut;
        policy.asked_when_busy = cases[i].when_busy;
        policy.own_header_span = cases[i].own_span;
        sent.asked = cases[i].asked;
        sent.own_asked = cases[i].own_asked;
        assert_int_equal(retry_pause(&policy, &sent, UINT32_MAX), cases[i].pause);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_double_up_to_the_longest_and_end_with_the_attempts),
        cmocka_unit_test(throttling_may_have_a_pause_of_its_own),
        cmocka_unit_test(statuses_that_pass_are_few_unless_a_policy_lists_its_own),
        cmocka_unit_test(failures_without_an_answer_are_told_apart),
        cmocka_unit_test(what_may_not_be_executed_twice_is_sent_again_only_where_no_connection_came_about),
        cmocka_unit_test(what_the_service_asks_for_is_the_least_and_too_much_ends_it),
    };
    return RUN_TESTS("base/retry_policy");
}
