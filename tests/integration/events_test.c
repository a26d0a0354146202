/* SPDX-License-Identifier: Apache-2.0 */
/* What a session tells of itself: sendings, retries, logins, keep-alive, and never a secret. */
#include "support/session.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_MAX = 256 };

struct record {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    mstr_event events[EVENTS_MAX]; /* without their texts */
    size_t count;
    char texts[65536]; /* urls and tickets, one after another */
};

static void note(const mstr_event *event, void *data)
{
    struct record *record = data;
    pthread_mutex_lock(&record->mutex);
    if (record->count < EVENTS_MAX) {
        size_t used = strlen(record->texts);
        record->events[record->count++] = *event;
        snprintf(record->texts + used, sizeof(record->texts) - used, "%s %s\n", event->url != NULL ? event->url : "-",
                 event->ticket != NULL ? event->ticket : "no-ticket");
    }
    pthread_cond_broadcast(&record->changed);
    pthread_mutex_unlock(&record->mutex);
}

static size_t count_of(const struct record *record, enum mstr_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < record->count; i++) {
        count += record->events[i].kind == kind;
    }
    return count;
}

static struct record *listen_to(mstr_session *session)
{
    struct record *record = calloc(1, sizeof(*record));
    pthread_mutex_init(&record->mutex, NULL);
    pthread_cond_init(&record->changed, NULL);
    mstr_session_set_event_fn(session, note, record);
    return record;
}

static void forget_record(struct record *record)
{
    pthread_cond_destroy(&record->changed);
    pthread_mutex_destroy(&record->mutex);
    free(record);
}

static mstr_counters counters_of(const mstr_session *session)
{
    mstr_counters counters = MSTR_COUNTERS_INIT;
    mstr_session_counters(session, &counters);
    return counters;
}

static void each_sending_begins_and_ends(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    struct record *record = listen_to(session);
    mstr_response *response = NULL;
    assert_done(mstr_session_open(session, NULL, problem));
    assert_done(mstr_session_get(session, "status?secret=c4n4ry", &response, problem));
    mstr_response_free(response);
    assert_int_equal(mstr_session_get(session, "nowhere", &response, problem), MSTR_E_NOT_FOUND);
    assert_int_equal(count_of(record, MSTR_EVENT_REQUEST), 3);
    assert_int_equal(count_of(record, MSTR_EVENT_RESPONSE), 3);
    assert_int_equal(count_of(record, MSTR_EVENT_LOGIN), 1);
    const mstr_event *last = &record->events[record->count - 1];
    assert_int_equal(last->kind, MSTR_EVENT_RESPONSE);
    assert_int_equal(last->status, 404);
    assert_int_equal(last->number, record->events[record->count - 2].number);
    assert_non_null(strstr(record->texts, "/api/status "));
    assert_non_null(strstr(record->texts, mstr_error_request_id(problem)));
    assert_null(strstr(record->texts, "c4n4ry"));
    assert_done(mstr_session_close(session, problem));
    assert_int_equal(count_of(record, MSTR_EVENT_LOGOUT), 1);

    const mstr_counters counters = counters_of(session);
    assert_int_equal(counters.requests, 4);
    assert_int_equal(counters.failures, 1);
    assert_int_equal(counters.logins, 1);
    assert_int_equal(counters.logouts, 1);
    mstr_session_free(session);
    forget_record(record);
}

static void retries_and_new_logins_are_told(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    struct record *record = listen_to(session);
    mstr_response *response = NULL;
    assert_done(mstr_session_open(session, NULL, problem));
    simulator_fault(
        sim, "{\"service\":\"mstr\",\"path\":\"*/projects\",\"times\":1,\"action\":\"status\",\"status\":503}");
    assert_done(mstr_session_get(session, "projects", &response, problem));
    mstr_response_free(response);
    simulator_admin(sim, "POST", "/sessions/expire", "{}");
    assert_done(mstr_session_get(session, "projects", &response, problem));
    mstr_response_free(response);
    assert_int_equal(count_of(record, MSTR_EVENT_RETRY), 1);
    assert_int_equal(count_of(record, MSTR_EVENT_LOGIN), 1);
    assert_int_equal(count_of(record, MSTR_EVENT_RELOGIN), 1);
    const mstr_counters counters = counters_of(session);
    assert_int_equal(counters.retries, 1);
    assert_int_equal(counters.logins, 2);
    assert_int_equal(counters.relogins, 1);
    assert_int_equal(record->events[0].number, 1);
    mstr_session_free(session);
    forget_record(record);
}

static void counters_fill_what_an_older_program_has_room_for(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_counters counters = {.size = (uint32_t)offsetof(mstr_counters, failures), .failures = 99};
    mstr_session_counters(session, &counters);
    assert_int_equal(counters.requests, 1);
    assert_int_equal(counters.failures, 99);
    mstr_session_free(session);
}

static void an_idle_session_is_kept_alive(void **state)
{
    (void)state;
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"idle_timeout\":4}");
    mstr_session *session = make_analyst(MSTR_SESSION_KEEPALIVE);
    struct record *record = listen_to(session);
    assert_done(mstr_session_open(session, NULL, problem));
    pthread_mutex_lock(&record->mutex);
    while (count_of(record, MSTR_EVENT_KEEPALIVE) < 1) {
        pthread_cond_wait(&record->changed, &record->mutex);
    }
    pthread_mutex_unlock(&record->mutex);
    assert_true(counters_of(session).keepalives >= 1);
    assert_done(mstr_session_close(session, problem));
    const uint64_t kept = counters_of(session).keepalives;
    assert_int_equal(counters_of(session).keepalives, kept); /* nothing goes out after the logout */
    assert_int_equal(counters_of(session).logouts, 1);
    mstr_session_free(session);
    forget_record(record);
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"idle_timeout\":1800}");
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Busy for longer than the two seconds of idleness after which it would be kept alive; again if the machine itself
 * made a pause of one. */
static void a_busy_session_needs_no_keeping_alive(void **state)
{
    enum { BUSY = 2500, PAUSE = 1000 };
    (void)state;
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"idle_timeout\":4}");
    mstr_session *session = make_analyst(MSTR_SESSION_KEEPALIVE);
    assert_done(mstr_session_open(session, NULL, problem));
    bool paused = true;
    while (paused) {
        const uint64_t before = counters_of(session).keepalives;
        const int64_t begin = now();
        paused = false;
        for (int64_t last = begin; last < begin + BUSY; last = now()) {
            mstr_response *response = NULL;
            assert_done(mstr_session_get(session, "sessions/userInfo", &response, problem));
            mstr_response_free(response);
            usleep(20000);
            paused = paused || now() - last > PAUSE;
        }
        assert_true(paused || counters_of(session).keepalives == before);
    }
    mstr_session_free(session);
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"idle_timeout\":1800}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_sending_begins_and_ends),
        TEST(retries_and_new_logins_are_told),
        TEST(counters_fill_what_an_older_program_has_room_for),
        TEST(an_idle_session_is_kept_alive),
        TEST(a_busy_session_needs_no_keeping_alive),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
