/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of a session, and what a listener is told. */
#include "session/parts/events.h"

#include "unit/session/answer.h"

struct heard {
    unsigned count;
    mstr_event last;
    char url[128];
    char ticket[64];
};

static void listen(const mstr_event *event, void *data)
{
    struct heard *heard = data;
    heard->count++;
    heard->last = *event;
    strncpy(heard->url, event->url != NULL ? event->url : "none", sizeof(heard->url) - 1);
    strncpy(heard->ticket, event->ticket != NULL ? event->ticket : "none", sizeof(heard->ticket) - 1);
}

static void what_is_done_is_counted_by_its_kind_and_outcome(void **state)
{
    static const struct {
        mstr_event event;
        size_t counter; /* offset of the one that grows, 0 = none */
    } cases[] = {
        {{.kind = MSTR_EVENT_REQUEST}, offsetof(mstr_counters, requests)},
        {{.kind = MSTR_EVENT_RETRY}, offsetof(mstr_counters, retries)},
        {{.kind = MSTR_EVENT_RESPONSE, .status = 399}, 0},
        {{.kind = MSTR_EVENT_RESPONSE, .status = 400}, offsetof(mstr_counters, failures)},
        {{.kind = MSTR_EVENT_RESPONSE, .code = MSTR_E_NETWORK}, offsetof(mstr_counters, failures)},
        {{.kind = MSTR_EVENT_LOGIN}, offsetof(mstr_counters, logins)},
        {{.kind = MSTR_EVENT_LOGIN, .code = MSTR_E_AUTHENTICATION}, 0},
        {{.kind = MSTR_EVENT_LOGOUT}, offsetof(mstr_counters, logouts)},
        {{.kind = MSTR_EVENT_LOGOUT, .code = MSTR_E_TIMEOUT}, 0},
        {{.kind = MSTR_EVENT_KEEPALIVE}, offsetof(mstr_counters, keepalives)},
        {{.kind = MSTR_EVENT_KEEPALIVE, .code = MSTR_E_SESSION}, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct events events = {.each = NULL};
        mstr_counters counters = MSTR_COUNTERS_INIT;
        mstr_counters expected = MSTR_COUNTERS_INIT;

        events_tell(&events, &cases[i].event);

        events_count(&events, &counters);
        if (cases[i].counter != 0) {
            *(uint64_t *)(void *)((char *)&expected + cases[i].counter) = 1;
        }
        assert_memory_equal(&counters, &expected, sizeof(expected));
    }
}

static void a_login_again_counts_as_a_login_too(void **state)
{
    struct events events = {.each = NULL};
    mstr_counters counters = MSTR_COUNTERS_INIT;
    (void)state;

    events_tell(&events, &(mstr_event){.kind = MSTR_EVENT_LOGIN});
    events_tell(&events, &(mstr_event){.kind = MSTR_EVENT_RELOGIN});

    events_count(&events, &counters);
    assert_int_equal(counters.logins, 2);
    assert_int_equal(counters.relogins, 1);
}

static void an_older_program_gets_the_counters_that_it_knows(void **state)
{
    struct events events = {.each = NULL};
    mstr_counters counters = MSTR_COUNTERS_INIT;
    counters.size = offsetof(mstr_counters, failures);
    counters.failures = 77;
    (void)state;

    events_tell(&events, &(mstr_event){.kind = MSTR_EVENT_REQUEST});
    events_tell(&events, &(mstr_event){.kind = MSTR_EVENT_RESPONSE, .status = 500});

    events_count(&events, &counters);
    assert_int_equal(counters.requests, 1);
    assert_int_equal(counters.failures, 77);
    assert_int_equal(counters.size, offsetof(mstr_counters, failures));
}

static void a_listener_hears_the_url_without_query_and_fragment(void **state)
{
    static const char *const urls[][2] = {
        {"https://h/api/x?password=s3cret", "https://h/api/x"}, {"https://h/x#f?", "https://h/x"}, {NULL, "none"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct heard heard = {0};
        struct events events = {.each = listen, .data = &heard};

        events_tell(&events, &(mstr_event){.kind = MSTR_EVENT_REQUEST, .url = urls[i][0]});

        assert_int_equal(heard.count, 1);
        assert_int_equal(heard.last.size, sizeof(mstr_event));
        assert_string_equal(heard.url, urls[i][1]);
    }
}

static void a_refusal_is_heard_with_its_status_and_ticket(void **state)
{
    struct heard heard = {0};
    struct events events = {.each = listen, .data = &heard};
    mstr_event event = {.kind = MSTR_EVENT_REQUEST, .number = events_number(&events)};
    struct mstr_http_response *answer =
        test_answer(500, NULL, "{\"code\":\"ERR002\",\"message\":\"m\",\"ticketId\":\"t-9\"}");
    (void)state;

    events_answered(&events, &event, answer, MSTR_OK);

    assert_int_equal(heard.last.kind, MSTR_EVENT_RESPONSE);
    assert_int_equal(heard.last.number, 1);
    assert_int_equal(heard.last.status, 500);
    assert_string_equal(heard.ticket, "t-9");
    http_response_free(answer);
}

static void a_sending_without_an_answer_is_heard_with_its_failure(void **state)
{
    struct heard heard = {0};
    struct events events = {.each = listen, .data = &heard};
    mstr_event event = {.kind = MSTR_EVENT_REQUEST};
    (void)state;

    events_answered(&events, &event, NULL, MSTR_E_TLS);

    assert_int_equal(heard.last.code, MSTR_E_TLS);
    assert_int_equal(heard.last.status, 0);
}

static void requests_are_numbered_from_one(void **state)
{
    struct events events = {.each = NULL};
    (void)state;

    assert_int_equal(events_number(&events), 1);
    assert_int_equal(events_number(&events), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_done_is_counted_by_its_kind_and_outcome),
        cmocka_unit_test(a_login_again_counts_as_a_login_too),
        cmocka_unit_test(an_older_program_gets_the_counters_that_it_knows),
        cmocka_unit_test(a_listener_hears_the_url_without_query_and_fragment),
        cmocka_unit_test(a_refusal_is_heard_with_its_status_and_ticket),
        cmocka_unit_test(a_sending_without_an_answer_is_heard_with_its_failure),
        cmocka_unit_test(requests_are_numbered_from_one),
    };
    return RUN_TESTS("session/parts/events");
}
