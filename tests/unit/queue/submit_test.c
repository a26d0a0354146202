/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/submit.c: each kind of job does what its function does, and is refused at once where it cannot. */
#include <mstr/queue.h>

#include "support/mounted.h"
#include "support/queue.h"

static sem_t begun;

struct queued {
    struct mounted *mounted;
    mstr_queue *queue;
};

static struct queued queued_new(uint32_t threads, uint32_t capacity)
{
    static const struct route routes[] = {{"POST things", 200, "{\"a\":1}", NULL, 0, MSTR_OK}};
    struct queued queued = {.mounted = mounted_new(routes, COUNT_OF(routes))};
    queued.queue = queue_of(queued.mounted->context, threads, capacity);
    return queued;
}

static void queued_free(struct queued *queued)
{
    mstr_queue_free(queued->queue);
    mounted_free(queued->mounted);
}

static void a_session_is_opened_used_and_closed(void **state)
{
    (void)state;
    struct queued q = queued_new(1, 0);
    mstr_session *session = q.mounted->session;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_completion completion = MSTR_COMPLETION_INIT;
    char body[] = "{\"b\":2}";
    uint64_t job = 0;
    assert_int_equal(mstr_queue_open(q.queue, session, NULL, NULL, &job, q.mounted->error), MSTR_OK);
    assert_next(q.queue, job, MSTR_OK);
    assert_true(mstr_session_is_open(session));
    request.method = "POST";
    request.path = "things";
    request.body = body;
    request.body_length = strlen(body);
    assert_int_equal(mstr_queue_send(q.queue, session, &request, body, &job, q.mounted->error), MSTR_OK);
    memset(body, 'x', strlen(body)); /* copied */
    assert_int_equal(mstr_queue_wait(q.queue, LONG, &completion), 1);
    assert_int_equal(completion.code, MSTR_OK);
    assert_string_equal(mstr_response_body(completion.response, NULL), "{\"a\":1}");
    assert_string_equal(q.mounted->body, "{\"b\":2}");
    mstr_completion_clear(&completion);
    assert_int_equal(mstr_queue_close(q.queue, session, NULL, NULL, &job, q.mounted->error), MSTR_OK);
    assert_next(q.queue, job, MSTR_OK);
    assert_false(mstr_session_is_open(session));
    queued_free(&q);
}

static enum mstr_code fail_with_words(const mstr_call_options *call, void *data, mstr_error *error)
{
    assert_true(call->timeout > 0 && call->timeout <= 60 * 1000);
    return mstr_error_set(error, MSTR_E_EXISTS, "there is %s", (const char *)data);
}

static void work_of_the_program_has_its_own_words(void **state)
{
    (void)state;
    static char what[] = "one already";
    const mstr_call_options call = {sizeof(call), 0, 60 * 1000, NULL};
    mstr_work work = {sizeof(work), 0, fail_with_words, what, &call};
    struct queued q = queued_new(1, 0);
    mstr_completion completion = MSTR_COMPLETION_INIT;
    assert_int_equal(mstr_queue_call(q.queue, &work, NULL, NULL, NULL), MSTR_OK);
    assert_int_equal(mstr_queue_wait(q.queue, LONG, &completion), 1);
    assert_int_equal(completion.kind, MSTR_QUEUE_CALL);
    assert_int_equal(completion.code, MSTR_E_EXISTS);
    assert_string_equal(mstr_error_message(completion.error), "there is one already");
    mstr_completion_clear(&completion);
    queued_free(&q);
}

static void a_full_queue_refuses_at_once(void **state)
{
    (void)state;
    struct queued q = queued_new(1, 2);
    mstr_completion completion = MSTR_COMPLETION_INIT;
    uint64_t running = occupy(q.queue, &begun);
    uint64_t waiting = 0;
    assert_int_equal(mstr_queue_get(q.queue, "text:x", NULL, NULL, &waiting, q.mounted->error), MSTR_OK);
    assert_int_equal(mstr_queue_get(q.queue, "text:x", NULL, NULL, NULL, q.mounted->error), MSTR_E_THROTTLED);
    assert_non_null(mstr_error_hint(q.mounted->error));
    mstr_queue_cancel(q.queue, running);
    assert_int_equal(mstr_queue_wait(q.queue, LONG, &completion), 1); /* now there is room for one */
    mstr_completion_clear(&completion);
    assert_int_equal(mstr_queue_get(q.queue, "text:x", NULL, NULL, NULL, q.mounted->error), MSTR_OK);
    assert_int_equal(mstr_queue_get(q.queue, "text:x", NULL, NULL, NULL, q.mounted->error), MSTR_E_THROTTLED);
    queued_free(&q);
}

static void what_does_not_fit_is_refused_before_it_is_a_job(void **state)
{
    (void)state;
    static const mstr_call_options blank;
    static const mstr_network no_network;
    struct queued q = queued_new(1, 1);
    mstr_error *error = q.mounted->error;
    mstr_session *session = q.mounted->session;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_work work = MSTR_WORK_INIT;
    request.path = "x";
    request.call = &blank;
    assert_int_equal(mstr_queue_send(q.queue, session, &request, NULL, NULL, error), MSTR_E_USAGE);
    request.call = NULL;
    request.network = &no_network;
    assert_int_equal(mstr_queue_send(q.queue, session, &request, NULL, NULL, error), MSTR_E_USAGE);
    request.size = 0;
    assert_int_equal(mstr_queue_send(q.queue, session, &request, NULL, NULL, error), MSTR_E_USAGE);
    assert_int_equal(mstr_queue_open(q.queue, session, &blank, NULL, NULL, error), MSTR_E_USAGE);
    assert_int_equal(mstr_queue_close(q.queue, session, &blank, NULL, NULL, error), MSTR_E_USAGE);
    assert_int_equal(mstr_queue_get(q.queue, "text:x", &blank, NULL, NULL, error), MSTR_E_USAGE);
    assert_int_equal(mstr_queue_call(q.queue, &work, NULL, NULL, error), MSTR_E_USAGE);
    work.size = 0;
    assert_int_equal(mstr_queue_call(q.queue, &work, NULL, NULL, error), MSTR_E_USAGE);
    uint64_t job = 0; /* none of them took the one place */
    assert_int_equal(mstr_queue_get(q.queue, "text:x", NULL, NULL, &job, error), MSTR_OK);
    assert_next(q.queue, job, MSTR_OK);
    queued_free(&q);
}

static void a_close_that_did_not_begin_leaves_the_session_open(void **state)
{
    (void)state;
    struct queued q = queued_new(1, 0);
    uint64_t job = 0;
    assert_int_equal(mstr_session_open(q.mounted->session, NULL, q.mounted->error), MSTR_OK);
    occupy(q.queue, &begun);
    assert_int_equal(mstr_queue_close(q.queue, q.mounted->session, NULL, NULL, &job, NULL), MSTR_OK);
    mstr_queue_cancel(q.queue, job);
    assert_next(q.queue, job, MSTR_E_CANCELLED);
    assert_true(mstr_session_is_open(q.mounted->session));
    queued_free(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_opened_used_and_closed),
        cmocka_unit_test(work_of_the_program_has_its_own_words),
        cmocka_unit_test(a_full_queue_refuses_at_once),
        cmocka_unit_test(what_does_not_fit_is_refused_before_it_is_a_job),
        cmocka_unit_test(a_close_that_did_not_begin_leaves_the_session_open),
    };
    sem_init(&begun, 0, 0);
    return RUN_TESTS("queue/submit");
}
