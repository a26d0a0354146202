/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/prompt.c: what a provider asks of a person, through the host's table and the program's callback */
#include "support/context.h"

#include <mstr/provider.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { ROOM = 8 };

static const struct mstr_host *host;

static enum mstr_code make(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

/* Asks for what the body names, and answers with what the person said. */
static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    for (size_t i = 0; i < count; i++) {
        char answer[ROOM] = "before";
        struct mstr_error *error = host->error_new();
        enum mstr_code code = host->prompt(call, requests[i]->reference->body, answer, sizeof(answer), error);
        if (code == MSTR_OK) {
            host->set_value(requests[i], answer, strlen(answer), NULL);
        } else {
            static const char blank[ROOM];
            assert_memory_equal(answer, blank, ROOM);
            host->set_error(requests[i], code, "%s", host->error_message(error));
        }
        host->error_free(error);
    }
}

static const struct mstr_provider *entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE,
        .option_size = sizeof(struct mstr_option),
        .name = "asks",
        .version = "1",
        .create = make,
        .resolve = resolve,
    };
    host = table;
    return &provider;
}

static mstr_context *context_that_asks(mstr_prompt_fn prompt, void *data)
{
    mstr_context *context = test_context("[cache]\nttl = 0\n");
    assert_int_equal(mstr_context_register(context, "asks", entry, NULL, NULL), MSTR_OK);
    mstr_context_set_prompt(context, prompt, data);
    return context;
}

static void assert_refused(mstr_context *context, const mstr_call_options *options, enum mstr_code code,
                           const char *message)
{
    mstr_secret *secret = NULL;
    mstr_error *error = mstr_error_new();
    assert_int_equal(mstr_context_get(context, "asks:code", options, &secret, error), code);
    assert_null(secret);
    assert_non_null(strstr(mstr_error_message(error), message));
    mstr_error_free(error);
}

static enum mstr_code say(const mstr_question *question, char *answer, size_t size, void *data)
{
    assert_int_equal(question->size, sizeof(*question));
    assert_string_equal(question->text, "code");
    assert_in_range(question->timeout, 1, 30000);
    assert_int_equal(question->cancelled, -1);
    assert_int_equal(size, ROOM);
    snprintf(answer, size, "%s", (const char *)data);
    return MSTR_OK;
}

static void the_answer_reaches_the_provider(void **state)
{
    (void)state;
    char answer[] = "123456";
    mstr_context *context = context_that_asks(say, answer);
    assert_value(context, "asks:code", "123456", 6);
    mstr_context_free(context);
}

static void without_a_prompt_there_is_nobody_to_ask(void **state)
{
    (void)state;
    mstr_context *context = context_that_asks(NULL, NULL);
    assert_refused(context, NULL, MSTR_E_NOT_AVAILABLE, "there is nobody to ask for the code");
    mstr_context_free(context);
}

static enum mstr_code leave_rubbish(const mstr_question *question, char *answer, size_t size, void *data)
{
    (void)question;
    memset(answer, 'x', size); /* not even a NUL: it must be gone all the same */
    return *(const enum mstr_code *)data;
}

static void a_failure_is_told_and_leaves_no_answer(void **state)
{
    static const struct {
        enum mstr_code code;
        const char *message;
    } cases[] = {
        {MSTR_E_NOT_AVAILABLE, "nobody to ask"},
        {MSTR_E_TIMEOUT, "the deadline ended before the code was given"},
        {MSTR_E_CANCELLED, "cancelled when asked for the code"},
        {MSTR_E_USAGE, "asking for the code failed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum mstr_code code = cases[i].code;
        mstr_context *context = context_that_asks(leave_rubbish, &code);
        assert_refused(context, NULL, cases[i].code, cases[i].message);
        mstr_context_free(context);
    }
}

static void an_answer_without_its_end_is_cut(void **state)
{
    (void)state;
    enum mstr_code code = MSTR_OK;
    mstr_context *context = context_that_asks(leave_rubbish, &code);
    assert_value(context, "asks:code", "xxxxxxx", ROOM - 1);
    mstr_context_free(context);
}

/* Waits as a terminal would: until the operation is cancelled or over. */
static enum mstr_code wait_for_cancellation(const mstr_question *question, char *answer, size_t size, void *data)
{
    struct pollfd source = {.fd = question->cancelled, .events = POLLIN};
    snprintf(answer, size, "late");
    if (data != NULL) {
        mstr_cancel_now(data);
    }
    poll(&source, 1, (int)question->timeout + 1);
    return MSTR_OK;
}

static void cancellation_reaches_the_one_who_is_asked(void **state)
{
    (void)state;
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.cancel = mstr_cancel_new();
    mstr_context *context = context_that_asks(wait_for_cancellation, options.cancel);
    assert_refused(context, &options, MSTR_E_CANCELLED, "");
    mstr_context_free(context);
    mstr_cancel_free(options.cancel);
}

static void an_answer_after_the_deadline_comes_too_late(void **state)
{
    (void)state;
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.timeout = 20;
    mstr_context *context = context_that_asks(wait_for_cancellation, NULL);
    assert_refused(context, &options, MSTR_E_TIMEOUT, "");
    mstr_context_free(context);
}

static atomic_int asked, inside;

static enum mstr_code count(const mstr_question *question, char *answer, size_t size, void *data)
{
    (void)data;
    assert_int_equal(atomic_fetch_add(&inside, 1), 0);
    asked++;
    usleep(1000);
    snprintf(answer, size, "%.1s", question->text);
    inside--;
    return MSTR_OK;
}

static void *get_one(void *data)
{
    static const char *const references[] = {"asks:a", "asks:b", "asks:c", "asks:d"};
    static atomic_uint next;
    mstr_secret *secret = NULL;
    enum mstr_code code = mstr_context_get(data, references[next++ % COUNT_OF(references)], NULL, &secret, NULL);
    mstr_secret_release(secret);
    return code == MSTR_OK ? data : NULL;
}

static void questions_come_one_at_a_time(void **state)
{
    (void)state;
    pthread_t threads[4];
    mstr_context *context = context_that_asks(count, NULL);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, get_one, context), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        assert_ptr_equal(good, context);
    }
    assert_int_equal(asked, COUNT_OF(threads));
    mstr_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_reaches_the_provider),
        cmocka_unit_test(without_a_prompt_there_is_nobody_to_ask),
        cmocka_unit_test(a_failure_is_told_and_leaves_no_answer),
        cmocka_unit_test(an_answer_without_its_end_is_cut),
        cmocka_unit_test(cancellation_reaches_the_one_who_is_asked),
        cmocka_unit_test(an_answer_after_the_deadline_comes_too_late),
        cmocka_unit_test(questions_come_one_at_a_time),
    };
    return RUN_TESTS("plugin/prompt");
}
