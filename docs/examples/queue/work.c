/* SPDX-License-Identifier: Apache-2.0 */
/* The work of the examples: a chain of jobs, each submitted when the one before it is completed. */
#include "work.h"

#include <mstr/mstr.h>

#include <stdio.h>
#include <stdlib.h>

struct work {
    mstr_context *context;
    mstr_session *session;
    mstr_queue *queue;
    mstr_error *error;
    unsigned asked; /* requests that are still to come */
    int going_on;
    int status;
};

/* Where nothing follows any more; what is under way ends with the queue. */
static void fail(struct work *work, const char *what, const mstr_error *error)
{
    fprintf(stderr, "%s: %s\n", what, mstr_error_message(error));
    work->going_on = 0;
    work->status = 1;
}

static void ask(struct work *work, char *path)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = path;
    if (mstr_queue_send(work->queue, work->session, &request, path, NULL, work->error) != MSTR_OK) {
        fail(work, path, work->error);
    }
    work->asked++;
}

static void after_opening(struct work *work)
{
    static char projects[] = "projects";
    static char user[] = "sessions/userInfo";
    ask(work, projects); /* both at once, on two threads of the queue */
    ask(work, user);
}

static void after_an_answer(struct work *work, const mstr_completion *completion)
{
    printf("%s: %d\n", (const char *)completion->user, mstr_response_status(completion->response));
    if (--work->asked == 0 &&
        mstr_queue_close(work->queue, work->session, NULL, NULL, NULL, work->error) != MSTR_OK) {
        fail(work, "close", work->error);
    }
}

static void follow(struct work *work, const mstr_completion *completion)
{
    if (completion->code != MSTR_OK) {
        fail(work, completion->user != NULL ? completion->user : "session", completion->error);
    } else if (completion->kind == MSTR_QUEUE_OPEN) {
        after_opening(work);
    } else if (completion->kind == MSTR_QUEUE_SEND) {
        after_an_answer(work, completion);
    } else {
        work->going_on = 0;
    }
}

struct work *work_begin(void)
{
    struct work *work = calloc(1, sizeof(*work));
    if (work == NULL) {
        return NULL;
    }
    work->error = mstr_error_new();
    work->going_on = 1;
    enum mstr_code code = mstr_context_new(NULL, &work->context, work->error);
    code = code == MSTR_OK ? mstr_session_new(work->context, NULL, &work->session, work->error) : code;
    code = code == MSTR_OK ? mstr_queue_new(work->context, NULL, &work->queue, work->error) : code;
    code = code == MSTR_OK ? mstr_queue_open(work->queue, work->session, NULL, NULL, NULL, work->error) : code;
    if (code != MSTR_OK) {
        fail(work, "session", work->error);
        work_end(work);
        return NULL;
    }
    return work;
}

int work_fd(const struct work *work)
{
    return mstr_queue_fd(work->queue);
}

int work_go_on(struct work *work)
{
    mstr_completion completion = MSTR_COMPLETION_INIT;
    while (work->going_on && mstr_queue_next(work->queue, &completion)) {
        follow(work, &completion);
        mstr_completion_clear(&completion);
    }
    return work->going_on;
}

int work_end(struct work *work)
{
    int status = work->status;
    mstr_queue_free(work->queue);
    mstr_session_free(work->session);
    mstr_context_free(work->context);
    mstr_error_free(work->error);
    free(work);
    return status;
}
