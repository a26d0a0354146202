/* SPDX-License-Identifier: Apache-2.0 */
/* Submitting: each kind of job, from what the program gives to what is done with it. */
#include "queue/queue.h"

#include "base/error.h"
#include "base/given.h"
#include "queue/request_copy.h"
#include "session/exchange/request.h"
#include "session/login/logout.h"

/* Limits of what has none unless the program says so. */
static struct limits limits_or_none(const mstr_call_options *call)
{
    struct limits limits = limits_of(call);
    if (call == NULL || call->timeout == 0) {
        limits.deadline = INT64_MAX;
    }
    return limits;
}

/* --- sessions --------------------------------------------------------------------------------------------------- */

static enum mstr_code run_open(struct job *job, const mstr_call_options *call)
{
    return mstr_session_open(job->session, call, job->result.error);
}

/* Without a limit of its own it has those of a logout once it runs. */
static enum mstr_code run_close(struct job *job, const mstr_call_options *call)
{
    mstr_call_options own = *call;
    own.timeout = own.timeout > 0 ? own.timeout : LOGOUT_TIMEOUT;
    return session_close(job->session, &own, job->result.error);
}

static enum mstr_code submit_session(mstr_queue *queue, enum mstr_queue_kind kind, mstr_session *session,
                                     const mstr_call_options *call, void *user, uint64_t *number, mstr_error *error)
{
    struct job *job = NULL;
    enum mstr_code code = given_call(call, error);
    code = code == MSTR_OK ? queue_begin(queue, kind, user, &job, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    job->session = session;
    job_limit(job, kind == MSTR_QUEUE_OPEN ? session_limits(session, call) : limits_or_none(call), call);
    job->run = kind == MSTR_QUEUE_OPEN ? run_open : run_close;
    return queue_submit(queue, job, number, error);
}

enum mstr_code mstr_queue_open(mstr_queue *queue, mstr_session *session, const mstr_call_options *call, void *user,
                               uint64_t *job, mstr_error *error)
{
    return submit_session(queue, MSTR_QUEUE_OPEN, session, call, user, job, error);
}

enum mstr_code mstr_queue_close(mstr_queue *queue, mstr_session *session, const mstr_call_options *call, void *user,
                                uint64_t *job, mstr_error *error)
{
    return submit_session(queue, MSTR_QUEUE_CLOSE, session, call, user, job, error);
}

/* --- secrets ---------------------------------------------------------------------------------------------------- */

static enum mstr_code run_get(struct job *job, const mstr_call_options *call)
{
    return mstr_context_get(job->context, job->of.reference, call, &job->result.secret, job->result.error);
}

enum mstr_code mstr_queue_get(mstr_queue *queue, const char *reference, const mstr_call_options *call, void *user,
                              uint64_t *number, mstr_error *error)
{
    struct job *job = NULL;
    enum mstr_code code = given_call(call, error);
    code = code == MSTR_OK ? queue_begin(queue, MSTR_QUEUE_GET, user, &job, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    job->context = queue->context;
    job_limit(job, limits_of(call), call);
    job->of.reference = copies_text(&job->copies, reference);
    job->run = run_get;
    return queue_submit(queue, job, number, error);
}

/* --- requests --------------------------------------------------------------------------------------------------- */

static enum mstr_code run_send(struct job *job, const mstr_call_options *call)
{
    job->of.request.call = call;
    return mstr_session_send(job->session, &job->of.request, &job->result.response, job->result.error);
}

static enum mstr_code check_request(const mstr_session_request *request, mstr_error *error)
{
    static const mstr_session_request blank = MSTR_SESSION_REQUEST_INIT;
    enum mstr_code code = request_check(request, error);
    const mstr_session_request *known =
        code == MSTR_OK && MSTR_HAS(request, mstr_session_request, network) ? request : &blank;
    code = code == MSTR_OK ? settings_check_network(known->network, error) : code;
    return code == MSTR_OK ? given_call(request->call, error) : code;
}

enum mstr_code mstr_queue_send(mstr_queue *queue, mstr_session *session, const mstr_session_request *request,
                               void *user, uint64_t *number, mstr_error *error)
{
    struct job *job = NULL;
    enum mstr_code code = check_request(request, error);
    code = code == MSTR_OK ? queue_begin(queue, MSTR_QUEUE_SEND, user, &job, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    job->session = session;
    job_limit(job, session_limits(session, request->call), request->call);
    request_copy(request, &job->copies, &job->of.request);
    job->run = run_send;
    return queue_submit(queue, job, number, error);
}

/* --- the program's own ------------------------------------------------------------------------------------------ */

static enum mstr_code run_work(struct job *job, const mstr_call_options *call)
{
    return job->of.work.run(call, job->of.work.data, job->result.error);
}

static enum mstr_code check_work(const mstr_work *work, mstr_error *error)
{
    enum mstr_code code = given_check("the work was", MSTR_HAS(work, mstr_work, call), 0, 0, error);
    if (code == MSTR_OK && work->run == NULL) {
        code = error_set(error, MSTR_E_USAGE, "the work has no function to run");
    }
    return code == MSTR_OK ? given_call(work->call, error) : code;
}

enum mstr_code mstr_queue_call(mstr_queue *queue, const mstr_work *work, void *user, uint64_t *number,
                               mstr_error *error)
{
    struct job *job = NULL;
    enum mstr_code code = check_work(work, error);
    code = code == MSTR_OK ? queue_begin(queue, MSTR_QUEUE_CALL, user, &job, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    job_limit(job, limits_or_none(work->call), work->call);
    job->of.work = *work;
    job->run = run_work;
    return queue_submit(queue, job, number, error);
}
