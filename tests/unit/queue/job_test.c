/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/job.c */
#include "queue/job.h"

#include "support/queue.h"

static enum mstr_code succeed(struct job *job, const mstr_call_options *call)
{
    (void)call;
    return mstr_error_set(job->result.error, MSTR_E_NETWORK, "a first try failed") == MSTR_E_NETWORK ? MSTR_OK
                                                                                                     : MSTR_E_USAGE;
}

static enum mstr_code say_nothing(struct job *job, const mstr_call_options *call)
{
    (void)job;
    (void)call;
    return MSTR_E_NOT_FOUND;
}

static enum mstr_code keep_call(struct job *job, const mstr_call_options *call)
{
    job->of.request.response_limit = (size_t)call->timeout;
    job->of.request.flags = call->flags;
    job->context = (mstr_context *)call->cancel;
    return MSTR_OK;
}

static struct job *job_of(enum mstr_code (*run)(struct job *, const mstr_call_options *))
{
    struct job *job = job_new(MSTR_QUEUE_CALL, NULL);
    job_limit(job, (struct limits){INT64_MAX, NULL}, NULL);
    job->run = run;
    return job;
}

static void a_success_tells_no_failure(void **state)
{
    (void)state;
    struct job *job = job_of(succeed);
    job_run(job, NULL);
    assert_int_equal(job->result.code, MSTR_OK);
    assert_null(job->result.error);
    job_free(job);
}

static void a_failure_without_a_story_has_the_words_of_its_class(void **state)
{
    (void)state;
    struct job *job = job_of(say_nothing);
    job_run(job, NULL);
    assert_int_equal(job->result.code, MSTR_E_NOT_FOUND);
    assert_string_equal(mstr_error_message(job->result.error), "not found");
    job_free(job);
}

static void it_runs_with_what_is_left_of_its_limits(void **state)
{
    (void)state;
    const mstr_call_options call = {sizeof(call), MSTR_CALL_NO_CACHE, 60 * 1000, NULL};
    mstr_cancel *cancel = mstr_cancel_new();
    struct job *job = job_of(keep_call);
    job_run(job, cancel);
    assert_int_equal(job->of.request.response_limit, 0); /* none */
    assert_ptr_equal(job->context, cancel);
    job_free(job);

    job = job_of(keep_call);
    job_limit(job, limits_of(&call), &call);
    job_run(job, cancel);
    assert_in_range(job->of.request.response_limit, 1, 60 * 1000);
    assert_int_equal(job->of.request.flags, MSTR_CALL_NO_CACHE);
    job_free(job);
    mstr_cancel_free(cancel);
}

static void it_is_not_to_begin_once_its_limits_are_reached(void **state)
{
    (void)state;
    mstr_cancel *cancel = mstr_cancel_new();
    struct job *job = job_of(say_nothing);
    assert_int_equal(job_check(job), MSTR_OK);
    job->limits.deadline = 0;
    assert_int_equal(job_check(job), MSTR_E_TIMEOUT);
    job->limits.cancel = cancel;
    mstr_cancel_now(cancel);
    assert_int_equal(job_check(job), MSTR_E_CANCELLED);
    job_give_up(job, MSTR_E_CANCELLED);
    assert_string_equal(mstr_error_message(job->result.error), "cancelled before the job began");
    job_free(job);

    job = job_of(say_nothing);
    job->cancelled = true;
    assert_int_equal(job_check(job), MSTR_E_CANCELLED);
    job_free(job);
    job_free(NULL);
    mstr_cancel_free(cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_success_tells_no_failure),
        cmocka_unit_test(a_failure_without_a_story_has_the_words_of_its_class),
        cmocka_unit_test(it_runs_with_what_is_left_of_its_limits),
        cmocka_unit_test(it_is_not_to_begin_once_its_limits_are_reached),
    };
    return RUN_TESTS("queue/job");
}
