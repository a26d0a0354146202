/* SPDX-License-Identifier: Apache-2.0 */
/* The completion queue on the simulator: many jobs of many threads, cancellation, the end with work in flight, a full
 * queue, edge-triggered epoll, fork. */
#include "base/clock.h"
#include "support/queue.h"
#include "support/session.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 1000, SUBMITTERS = 4, WORKERS = 8, SLOW = 2 * LONG };

/* --- many jobs -------------------------------------------------------------------------------------------------- */

struct crowd {
    mstr_queue *queue;
    mstr_session *session;
    atomic_uint next;
    atomic_uint refused;
    atomic_uint completed[JOBS];
};

static enum mstr_code submit_one(struct crowd *crowd, unsigned number)
{
    void *user = (void *)&crowd->completed[number];
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    char text[32];
    if (number % 2 == 0) {
        snprintf(text, sizeof(text), "text:value-%u", number);
        return mstr_queue_get(crowd->queue, text, NULL, user, NULL, NULL);
    }
    request.path = "sessions/userInfo";
    return mstr_queue_send(crowd->queue, crowd->session, &request, user, NULL, NULL);
}

/* Tries again where the queue is full, as somebody takes what ends. */
static void *submit_many(void *data)
{
    struct crowd *crowd = data;
    for (unsigned number; (number = atomic_fetch_add(&crowd->next, 1)) < JOBS;) {
        enum mstr_code code = MSTR_E_THROTTLED;
        while ((code = submit_one(crowd, number)) == MSTR_E_THROTTLED) {
            atomic_fetch_add(&crowd->refused, 1);
            sched_yield();
        }
        if (code != MSTR_OK) {
            return data;
        }
    }
    return NULL;
}

static void assert_whole(const struct crowd *crowd, const mstr_completion *completion)
{
    const char *expected = completion->kind == MSTR_QUEUE_GET ? "value-" : "\"id\"";
    char text[32];
    if (completion->code != MSTR_OK) {
        fail_msg("%s: %s", mstr_code_name(completion->code), mstr_error_message(completion->error));
    }
    const char *got = completion->kind == MSTR_QUEUE_GET ? mstr_secret_octets(completion->secret)
                                                         : mstr_response_body(completion->response, NULL);
    assert_non_null(strstr(got, expected));
    if (completion->kind == MSTR_QUEUE_GET) {
        snprintf(text, sizeof(text), "value-%zu", (size_t)((atomic_uint *)completion->user - crowd->completed));
        assert_string_equal(got, text);
    }
}

static void each_of_a_thousand_jobs_is_completed_once(void **state)
{
    (void)state;
    mstr_completion completion = MSTR_COMPLETION_INIT;
    pthread_t threads[SUBMITTERS];
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    crowd->session = open_analyst(0);
    crowd->queue = queue_of(context, WORKERS, 64);
    for (size_t i = 0; i < SUBMITTERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, submit_many, crowd), 0);
    }
    for (unsigned taken = 0; taken < JOBS; taken++) {
        assert_int_equal(mstr_queue_wait(crowd->queue, LONG, &completion), 1);
        assert_whole(crowd, &completion);
        atomic_fetch_add((atomic_uint *)completion.user, 1);
        mstr_completion_clear(&completion);
    }
    for (size_t i = 0; i < SUBMITTERS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(mstr_queue_next(crowd->queue, &completion), 0);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(crowd->completed[i], 1);
    }
    assert_int_equal(simulator_requests(sim, "mstr", "*/sessions/userInfo"), JOBS / 2);
    mstr_queue_free(crowd->queue);
    mstr_session_free(crowd->session);
    free(crowd);
}

/* --- what never ends by itself ---------------------------------------------------------------------------------- */

static void make_server_slow(void)
{
    char rule[128];
    snprintf(rule, sizeof(rule), "{\"action\":\"delay\",\"ms\":%d,\"path\":\"*/sessions/userInfo\",\"times\":-1}",
             SLOW);
    simulator_fault(sim, rule);
}

static uint64_t send_slowly(mstr_queue *queue, mstr_session *session, const mstr_call_options *call)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    uint64_t job = 0;
    request.path = "sessions/userInfo";
    request.call = call;
    assert_done(mstr_queue_send(queue, session, &request, NULL, &job, problem));
    return job;
}

/* Until the server has so many of them. */
static void await_requests(size_t count)
{
    while (simulator_requests(sim, "mstr", "*/sessions/userInfo") < count) {
        sched_yield();
    }
}

/* Each job ends long before its server would answer, whether it is on its way or in line. */
static void a_storm_of_cancellations_ends_all_jobs(void **state)
{
    (void)state;
    enum { STORM = 200 };
    uint64_t jobs[STORM];
    mstr_completion completion = MSTR_COMPLETION_INIT;
    mstr_session *session = open_analyst(0);
    mstr_queue *queue = queue_of(context, WORKERS, 0);
    make_server_slow();
    for (size_t i = 0; i < STORM; i++) {
        jobs[i] = send_slowly(queue, session, NULL);
    }
    for (size_t i = STORM; i-- > 0;) {
        assert_int_not_equal(mstr_queue_cancel(queue, jobs[i]), 0);
    }
    for (size_t i = 0; i < STORM; i++) {
        assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
        assert_int_equal(completion.code, MSTR_E_CANCELLED);
        assert_true(completion.elapsed < SLOW);
        mstr_completion_clear(&completion);
    }
    assert_int_equal(mstr_queue_next(queue, &completion), 0);
    mstr_queue_free(queue);
    mstr_session_free(session);
}

/* --- within 50 ms ----------------------------------------------------------------------------------------------- */

#ifdef MSTR_VALGRIND
enum { SOON = 20 * 50 };
#else
enum { SOON = 50 };
#endif
enum { SETTLED = 5000 }; /* microseconds */

/* One job that lasts, another in line behind it, and who is to end: with the cancel of its call, or by its number. */
struct ending {
    const char *who;
    bool in_line;
    bool by_call;
};

static int64_t time_to_end(const struct ending *ending, mstr_session *session)
{
    static sem_t begun;
    const mstr_call_options call = {sizeof(call), 0, 0, mstr_cancel_new()};
    mstr_completion completion = MSTR_COMPLETION_INIT;
    mstr_queue *queue = queue_of(context, 1, 0);
    sem_init(&begun, 0, 0);
    size_t sent = simulator_requests(sim, "mstr", "*/sessions/userInfo");
    if (ending->in_line) {
        occupy(queue, &begun);
    }
    uint64_t job = send_slowly(queue, session, ending->by_call ? &call : NULL);
    if (!ending->in_line) {
        await_requests(sent + 1);
    } else {
        usleep(SETTLED); /* nobody looks at the line for another reason */
    }
    int64_t from = clock_monotonic();
    if (ending->by_call) {
        mstr_cancel_now(call.cancel);
    } else {
        assert_int_not_equal(mstr_queue_cancel(queue, job), 0);
    }
    assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
    int64_t took = clock_monotonic() - from;
    assert_int_equal(completion.job, job);
    mstr_completion_clear(&completion);
    mstr_queue_free(queue);
    mstr_cancel_free(call.cancel);
    return took;
}

/* The best of some tries, as a machine that has much to do may be late in each. */
static void a_job_ends_soon_after_its_cancellation(void **state)
{
    (void)state;
    enum { TRIES = 10 };
    static const struct ending endings[] = {{"running, by its number", false, false},
                                            {"running, by its call", false, true},
                                            {"in line, by its number", true, false},
                                            {"in line, by its call", true, true}};
    mstr_session *session = open_analyst(0);
    make_server_slow();
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        int64_t best = INT64_MAX;
        for (int try = 0; try < TRIES && best > SOON; try++) {
            int64_t took = time_to_end(&endings[i], session);
            best = took < best ? took : best;
        }
        if (best > SOON) {
            fail_msg("%s: %lld ms", endings[i].who, (long long)best);
        }
    }
    simulator_reset(sim);
    mstr_session_free(session);
}

static void one_cancel_ends_all_jobs_that_were_given_it(void **state)
{
    (void)state;
    mstr_completion completion = MSTR_COMPLETION_INIT;
    mstr_session *session = open_analyst(0);
    mstr_queue *queue = queue_of(context, 2, 0);
    const mstr_call_options call = {sizeof(call), 0, 0, mstr_cancel_new()};
    make_server_slow();
    for (int i = 0; i < 6; i++) {
        send_slowly(queue, session, &call);
    }
    mstr_cancel_now(call.cancel);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
        assert_int_equal(completion.code, MSTR_E_CANCELLED);
        mstr_completion_clear(&completion);
    }
    mstr_cancel_free(call.cancel);
    mstr_queue_free(queue);
    mstr_session_free(session);
}

static void the_time_runs_from_the_submit(void **state)
{
    (void)state;
    static sem_t begun;
    const mstr_call_options call = {sizeof(call), 0, 20, NULL};
    mstr_completion completion = MSTR_COMPLETION_INIT;
    mstr_session *session = open_analyst(0);
    mstr_queue *queue = queue_of(context, 1, 0);
    sem_init(&begun, 0, 0);
    occupy(queue, &begun); /* the one thread, for good */
    uint64_t job = send_slowly(queue, session, &call);
    assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
    assert_int_equal(completion.job, job);
    assert_int_equal(completion.code, MSTR_E_TIMEOUT);
    assert_true(completion.elapsed >= call.timeout);
    mstr_completion_clear(&completion);
    assert_int_equal(simulator_requests(sim, "mstr", "*/sessions/userInfo"), 0);
    mstr_queue_free(queue);
    mstr_session_free(session);
}

static void a_queue_is_freed_with_work_in_flight(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_queue *queue = queue_of(context, WORKERS, 0);
    make_server_slow();
    for (int i = 0; i < 50; i++) {
        send_slowly(queue, session, NULL);
    }
    await_requests(1);
    mstr_queue_free(queue); /* long before the server answers, or this test is ended */
    simulator_reset(sim);
    mstr_session_free(session);
}

/* --- tables
 * --------------------------------------------------------------------------------------------------------- */

static mstr_table *open_queued(mstr_queue *queue, mstr_session *session, const mstr_call_options *call)
{
    char object[] = "Customers with Forms";
    mstr_completion completion = MSTR_COMPLETION_INIT;
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    request.object = object;
    request.project = "MicroStrategy Tutorial";
    request.call = call;
    assert_done(mstr_queue_table(queue, session, &request, NULL, NULL, problem));
    memset(object, 'x', strlen(object)); /* copied */
    assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
    if (completion.code != MSTR_OK) {
        fail_msg("%s: %s", mstr_code_name(completion.code), mstr_error_message(completion.error));
    }
    mstr_table *table = completion.table;
    completion.table = NULL;
    mstr_completion_clear(&completion);
    return table;
}

/* As many as `data` says. */
static int take_row(mstr_table *table, void *data)
{
    assert_non_null(mstr_table_text(table, 0, NULL));
    return --*(unsigned *)data == 0;
}

static void assert_rows(mstr_queue *queue, mstr_table *table, mstr_table_row_fn each, unsigned *most, int row)
{
    mstr_completion completion = MSTR_COMPLETION_INIT;
    assert_done(mstr_queue_rows(queue, table, each, most, table, NULL, problem));
    assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
    assert_int_equal(completion.kind, MSTR_QUEUE_ROWS);
    assert_int_equal(completion.code, MSTR_OK);
    assert_ptr_equal(completion.user, table);
    assert_int_equal(completion.row != 0, row);
    mstr_completion_clear(&completion);
}

static void a_table_is_opened_and_read_row_by_row_as_much_as_one_likes(void **state)
{
    (void)state;
    const mstr_call_options call = {sizeof(call), 0, 0, mstr_cancel_new()};
    mstr_session *session = open_analyst(0);
    mstr_queue *queue = queue_of(context, 2, 0);
    mstr_table *table = open_queued(queue, session, &call);
    unsigned two = 2;
    unsigned many = 100;
    assert_rows(queue, table, NULL, NULL, 1);
    assert_string_equal(mstr_table_text(table, 1, NULL), "007");
    assert_rows(queue, table, take_row, &two, 1);
    assert_string_equal(mstr_table_text(table, 1, NULL), "009");
    assert_rows(queue, table, take_row, &many, 0);
    assert_int_equal(many, 99);
    mstr_queue_free(queue); /* whose threads it does not need any more */
    mstr_table_free(table);
    mstr_cancel_free(call.cancel);
    mstr_session_free(session);
}

static mstr_queue *cancelled_queue;
static uint64_t cancelled_job;

static int cancel_own_job(mstr_table *table, void *data)
{
    (void)table;
    (void)data;
    return mstr_queue_cancel(cancelled_queue, cancelled_job) == 0;
}

static void a_table_goes_on_after_a_cancellation_between_two_rows(void **state)
{
    (void)state;
    static sem_t begun;
    mstr_session *session = open_analyst(0);
    mstr_queue *queue = queue_of(context, 1, 0);
    mstr_table *table = open_queued(queue, session, NULL);
    unsigned many = 100;
    cancelled_queue = queue;
    sem_init(&begun, 0, 0);
    uint64_t busy = occupy(queue, &begun); /* so that the number is known before the job runs */
    assert_done(mstr_queue_rows(queue, table, cancel_own_job, NULL, NULL, &cancelled_job, problem));
    mstr_queue_cancel(queue, busy);
    assert_next(queue, busy, MSTR_E_CANCELLED);
    assert_next(queue, cancelled_job, MSTR_E_CANCELLED);
    assert_rows(queue, table, take_row, &many, 0);
    assert_int_equal(many, 97);
    mstr_queue_free(queue);
    mstr_table_free(table);
    mstr_session_free(session);
}

/* --- event loops ------------------------------------------------------------------------------------------------ */

static void an_edge_triggered_loop_that_takes_until_there_is_none_misses_nothing(void **state)
{
    (void)state;
    mstr_completion completion = MSTR_COMPLETION_INIT;
    mstr_queue *queue = queue_of(context, 3, JOBS);
    int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    unsigned taken = 0;
    assert_int_equal(epoll_ctl(loop, EPOLL_CTL_ADD, mstr_queue_fd(queue), &event), 0);
    for (int i = 0; i < JOBS; i++) {
        assert_done(mstr_queue_get(queue, "text:x", NULL, NULL, NULL, problem));
    }
    while (taken < JOBS) {
        assert_true(epoll_wait(loop, &event, 1, -1) == 1 || errno == EINTR);
        while (mstr_queue_next(queue, &completion)) {
            taken++;
            mstr_completion_clear(&completion);
        }
    }
    assert_int_equal(epoll_wait(loop, &event, 1, 0), 0);
    close(loop);
    mstr_queue_free(queue);
}

static void wake(void *data)
{
    sem_post(data);
}

static void a_program_may_be_told_in_place_of_a_descriptor(void **state)
{
    (void)state;
    sem_t told;
    mstr_queue_options options = MSTR_QUEUE_OPTIONS_INIT;
    mstr_completion completion = MSTR_COMPLETION_INIT;
    mstr_queue *queue = NULL;
    unsigned taken = 0;
    sem_init(&told, 0, 0);
    options.notify = wake;
    options.data = &told;
    assert_done(mstr_queue_new(context, &options, &queue, problem));
    for (int i = 0; i < 100; i++) {
        assert_done(mstr_queue_get(queue, "text:x", NULL, NULL, NULL, problem));
    }
    while (taken < 100) {
        while (sem_wait(&told) != 0) {
        }
        while (mstr_queue_next(queue, &completion)) {
            taken++;
            mstr_completion_clear(&completion);
        }
    }
    mstr_queue_free(queue);
    sem_destroy(&told);
}

/* --- fork
 * ----------------------------------------------------------------------------------------------------------- */

static void a_child_that_does_not_touch_the_queue_is_no_concern_of_its_parent(void **state)
{
    (void)state;
    static sem_t begun;
    int status = -1;
    mstr_queue *queue = queue_of(context, 2, 0);
    uint64_t get = 0;
    sem_init(&begun, 0, 0);
    uint64_t running = occupy(queue, &begun);
    pid_t child = fork();
    if (child == 0) {
        _exit(7);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    assert_done(mstr_queue_get(queue, "text:x", NULL, NULL, &get, problem));
    assert_next(queue, get, MSTR_OK);
    mstr_queue_cancel(queue, running);
    assert_next(queue, running, MSTR_E_CANCELLED);
    mstr_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_of_a_thousand_jobs_is_completed_once),
        TEST(a_storm_of_cancellations_ends_all_jobs),
        TEST(a_job_ends_soon_after_its_cancellation),
        TEST(one_cancel_ends_all_jobs_that_were_given_it),
        TEST(the_time_runs_from_the_submit),
        TEST(a_queue_is_freed_with_work_in_flight),
        TEST(a_table_is_opened_and_read_row_by_row_as_much_as_one_likes),
        TEST(a_table_goes_on_after_a_cancellation_between_two_rows),
        TEST(an_edge_triggered_loop_that_takes_until_there_is_none_misses_nothing),
        TEST(a_program_may_be_told_in_place_of_a_descriptor),
        TEST(a_child_that_does_not_touch_the_queue_is_no_concern_of_its_parent),
    };
    return cmocka_run_group_tests_name("queue", tests, start, stop);
}
