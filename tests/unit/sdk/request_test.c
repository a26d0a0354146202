/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of an imagined service: what is prepared for each attempt, what is read, and where it ends. */
#include "sdk/request.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <stdio.h>

#define URL "https://service.example/"

static const struct traffic traffic = {.retry = {.attempts = 3,
                                                 .first_pause = 1000,
                                                 .longest_pause = 8000,
                                                 .jitter_low = 100,
                                                 .jitter_high = 100,
                                                 .unanswered = PASSING_BREAK,
                                                 .longest_asked = 60000},
                                       .flags = MSTR_HTTP_NO_PROXY,
                                       .connect_timeout = 11,
                                       .timeout = 22,
                                       .answer_limit = 33};

/* One who asks, and what he saw. */
struct asker {
    const char *path;
    const struct asker *leader; /* whose answer he waits for */
    bool answered;
    int prepared;
    char nonce[32]; /* a new one each time */
    struct mstr_header header;
    char url[64];
    enum mstr_code refuses; /* to prepare */
};

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct asker *asker = data;
    if (asker->refuses != MSTR_OK) {
        return host->error_set(error, asker->refuses, "will not");
    }
    if (asker->leader != NULL && !asker->leader->answered) {
        return MSTR_OK;
    }
    snprintf(asker->nonce, sizeof(asker->nonce), "%d of %d", ++asker->prepared, attempt->count);
    snprintf(asker->url, sizeof(asker->url), URL "%s", asker->path);
    asker->header = (struct mstr_header){"Nonce", asker->nonce};
    http->method = "GET";
    http->url = asker->url;
    http->headers = &asker->header;
    http->header_count = 1;
    return MSTR_OK;
}

/* 401 wants another nonce at once, 498 may be the clock's fault. */
static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    struct asker *asker = data;
    const struct mstr_http_answer *answer = host->http_answer(response);
    asker->answered = asker->answered || answer->status == 200;
    attempt->again = answer->status == 401 ? AGAIN_AT_ONCE : AGAIN_BY_POLICY;
    attempt->clock = answer->status == 498;
    return answer->status == 200   ? MSTR_OK
           : answer->status == 503 ? host->error_set(error, MSTR_E_UNAVAILABLE, "not now")
                                   : host->error_set(error, MSTR_E_AUTHENTICATION, "no");
}

static struct request request_of(struct asker *asker)
{
    return (struct request){.traffic = &traffic, .prepare = prepare, .read = read, .data = asker};
}

static const char *nonce_of(size_t index)
{
    return fake_exchange_header(fake_host_request(index), "Nonce");
}

static void each_attempt_is_prepared_anew(void **state)
{
    struct asker asker = {.path = "a"};
    struct request request = request_of(&asker);
    (void)state;
    fake_host_answer("GET", URL "a", 503, NULL, "");
    fake_host_fail("GET", URL "a", MSTR_E_NETWORK, "reset");
    fake_host_answer("GET", URL "a", 200, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK);

    assert_string_equal(nonce_of(0), "1 of 1");
    assert_string_equal(nonce_of(2), "3 of 3");
    assert_int_equal(fake_host_slept(), 3000);
}

static void traffic_and_trust_are_the_services(void **state)
{
    struct asker asker = {.path = "a"};
    struct request request = request_of(&asker);
    (void)state;
    request.ca_file = "/ca.pem";
    fake_host_answer("GET", URL "a", 200, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK);

    const struct fake_exchange *sent = fake_host_request(0);
    assert_int_equal(sent->request.flags, MSTR_HTTP_NO_PROXY);
    assert_int_equal(sent->request.connect_timeout, 11);
    assert_int_equal(sent->request.timeout, 22);
    assert_int_equal(sent->request.response_limit, 33);
    assert_string_equal(sent->ca_file, "/ca.pem");
}

static void attempts_end_with_the_last_failure(void **state)
{
    struct asker asker = {.path = "a"};
    struct request request = request_of(&asker);
    (void)state;
    request.error = host->error_new();
    fake_host_answer_always("GET", URL "a", 503, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_E_UNAVAILABLE);

    assert_int_equal(fake_host_requests(), 3);
    assert_string_equal(host->error_message(request.error), "not now");
    host->error_free(request.error);
}

static void what_is_not_of_the_policy_is_final(void **state)
{
    struct asker asker = {.path = "a"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct request request = request_of(&asker);
        if (i == 0) {
            fake_host_answer("GET", URL "a", 403, NULL, "");
        } /* else nobody is there to connect to */
        request.error = host->error_new();
        assert_int_equal(request_send(&request, fake_host_call()), i == 0 ? MSTR_E_AUTHENTICATION : MSTR_E_NETWORK);
        host->error_free(request.error);
    }
    assert_int_equal(fake_host_requests(), 2);
}

static void another_attempt_at_once_is_not_counted(void **state)
{
    struct asker asker = {.path = "a"};
    struct request request = request_of(&asker);
    (void)state;
    fake_host_answer("GET", URL "a", 503, NULL, "");
    fake_host_answer("GET", URL "a", 503, NULL, "");
    fake_host_answer("GET", URL "a", 401, NULL, "");
    fake_host_answer("GET", URL "a", 200, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK);

    assert_string_equal(nonce_of(3), "4 of 3");
    assert_int_equal(fake_host_slept(), 3000);
}

static void the_clock_is_put_right_for_the_next_attempt(void **state)
{
    static const char date[] = "Date: Thu, 15 Jan 2026 12:10:00 GMT";
    struct clock_skew clock = {.ahead = 0};
    struct asker asker = {.path = "a"};
    struct request request = request_of(&asker);
    (void)state;
    request.clock = &clock;
    fake_host_answer("GET", URL "a", 498, date, "");
    fake_host_answer("GET", URL "a", 200, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK);

    assert_int_equal(clock.ahead, 600000);
    assert_int_equal(request.attempt.now, FAKE_HOST_START + 1000 + 600000);
}

static void nobody_waits_past_the_deadline(void **state)
{
    struct asker asker = {.path = "a"};
    struct request request = request_of(&asker);
    (void)state;
    fake_host_deadline(1000);
    fake_host_answer("GET", URL "a", 503, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_E_UNAVAILABLE);

    assert_int_equal(fake_host_slept(), 0);
}

static enum mstr_code read_and_cancel(void *data, struct attempt *attempt, struct mstr_http_response *response,
                                      struct mstr_error *error)
{
    fake_host_cancel();
    return read(data, attempt, response, error);
}

static void who_cancels_while_waiting_is_told_so(void **state)
{
    struct asker asker = {.path = "a"};
    struct request request = request_of(&asker);
    (void)state;
    request.read = read_and_cancel;
    fake_host_answer("GET", URL "a", 503, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_E_CANCELLED);
}

static void an_answer_is_kept_for_who_asks_for_it(void **state)
{
    struct asker asker = {.path = "a"};
    struct request request = request_of(&asker);
    (void)state;
    request.keeps_answer = true;
    fake_host_answer("GET", URL "a", 503, NULL, "bad");
    fake_host_answer("GET", URL "a", 200, NULL, "good");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK);

    assert_string_equal(host->http_answer(request.answer)->body, "good");
    host->http_free(request.answer);
}

static void what_is_always_the_same_needs_no_preparation(void **state)
{
    const struct mstr_http_request fixed = {
        .method = "PUT", .url = URL "a", .body = "x", .body_length = 1, .timeout = 7, .ca_pem = "PEM"};
    struct request request = {.traffic = &traffic, .ca_file = "/ca.pem", .fixed = &fixed};
    (void)state;
    fake_host_fail("PUT", URL "a", MSTR_E_NETWORK, "reset");
    fake_host_answer("PUT", URL "a", 500, NULL, "");

    assert_int_equal(request_send(&request, fake_host_call()), MSTR_OK); /* any answer will do */

    const struct fake_exchange *sent = fake_host_request(1);
    assert_string_equal(sent->body, "x");
    assert_int_equal(sent->request.flags, MSTR_HTTP_NO_PROXY);
    assert_int_equal(sent->request.connect_timeout, 11);
    assert_int_equal(sent->request.timeout, 7);
    assert_null(sent->ca_file);
    assert_string_equal(sent->ca_pem, "PEM");
}

static void several_go_side_by_side_each_at_its_own_pace(void **state)
{
    enum { COUNT = 70 };
    static struct asker askers[COUNT];
    static struct request requests[COUNT];
    static char paths[COUNT][16];
    (void)state;
    memset(askers, 0, sizeof(askers));
    fake_host_answer("GET", URL "7", 503, NULL, "");
    fake_host_answer("GET", URL "8", 403, NULL, "");
    fake_host_answer_always("GET", URL "*", 200, NULL, "");
    for (int i = 0; i < COUNT; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%d", i);
        askers[i].path = paths[i];
        requests[i] = request_of(&askers[i]);
    }
    askers[9].refuses = MSTR_E_CONFIG;

    request_send_many(requests, COUNT, fake_host_call());

    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(requests[i].code, i == 8 ? MSTR_E_AUTHENTICATION : i == 9 ? MSTR_E_CONFIG : MSTR_OK);
    }
    assert_int_equal(fake_host_requests(), COUNT - 1 + 1);
    assert_int_equal(fake_host_slept(), 1000);
}

static void one_may_be_held_until_another_has_its_answer(void **state)
{
    struct asker leader = {.path = "a"};
    struct asker follower = {.path = "b", .leader = &leader};
    struct request requests[] = {request_of(&leader), request_of(&follower)};
    (void)state;
    fake_host_answer("GET", URL "a", 503, NULL, "");
    fake_host_answer("GET", URL "a", 200, NULL, "");
    fake_host_answer("GET", URL "b", 200, NULL, "");

    request_send_many(requests, COUNT_OF(requests), fake_host_call());

    assert_int_equal(requests[0].code, MSTR_OK);
    assert_int_equal(requests[1].code, MSTR_OK);
    assert_string_equal(nonce_of(2), "1 of 1");
}

static void one_that_is_held_for_ever_is_given_up(void **state)
{
    struct asker leader = {.path = "a"};
    struct asker follower = {.path = "b", .leader = &leader};
    struct request request = request_of(&follower);
    (void)state;
    assert_int_equal(request_send(&request, fake_host_call()), MSTR_E_TIMEOUT);
    assert_int_equal(fake_host_requests(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_attempt_is_prepared_anew),
        TEST(traffic_and_trust_are_the_services),
        TEST(attempts_end_with_the_last_failure),
        TEST(what_is_not_of_the_policy_is_final),
        TEST(another_attempt_at_once_is_not_counted),
        TEST(the_clock_is_put_right_for_the_next_attempt),
        TEST(nobody_waits_past_the_deadline),
        TEST(who_cancels_while_waiting_is_told_so),
        TEST(an_answer_is_kept_for_who_asks_for_it),
        TEST(what_is_always_the_same_needs_no_preparation),
        TEST(several_go_side_by_side_each_at_its_own_pace),
        TEST(one_may_be_held_until_another_has_its_answer),
        TEST(one_that_is_held_for_ever_is_given_up),
    };
    return RUN_TESTS("sdk/request");
}
