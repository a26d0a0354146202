/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/host.c */
#include "sdk/host.h"

#include "base/condition.h"
#include "base/text.h"

#include "support/fake_host.h"
#include "support/unit.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition;

static int setup(void **state)
{
    return condition_init(&condition) ? fake_host_setup(state) : -1;
}

static int teardown(void **state)
{
    pthread_cond_destroy(&condition);
    return fake_host_teardown(state);
}

static const enum mstr_detail details[] = {MSTR_DETAIL_STEP, MSTR_DETAIL_SERVICE_CODE, MSTR_DETAIL_REQUEST_ID,
                                           MSTR_DETAIL_HINT};

static void a_request_fails_with_all_that_an_error_tells(void **state)
{
    static const char *const texts[] = {"IMDS", "Throttled", "id-1", "wait"};
    struct mstr_request *request = fake_request_new("aws-sm:a");
    struct mstr_error *error = host->error_new();
    (void)state;
    host->error_set(error, MSTR_E_THROTTLED, "100%s busy", "%");
    for (size_t i = 0; i < COUNT_OF(details); i++) {
        host->error_detail(error, details[i], texts[i]);
    }

    request_fail(request, MSTR_E_UNAVAILABLE, error);

    assert_true(fake_request_answered(request));
    assert_int_equal(fake_request_code(request), MSTR_E_UNAVAILABLE);
    assert_string_equal(fake_request_message(request), "100% busy");
    for (size_t i = 0; i < COUNT_OF(details); i++) {
        assert_string_equal(fake_request_detail(request, details[i]), texts[i]);
    }
    host->error_free(error);
    fake_request_free(request);
}

static void a_hint_is_added_to_what_was_just_told(void **state)
{
    struct mstr_error *error = host->error_new();
    (void)state;
    assert_int_equal(error_hint(error, host->error_set(error, MSTR_E_DENIED, "no"), "ask"), MSTR_E_DENIED);
    assert_string_equal(host->error_text(error, MSTR_DETAIL_HINT), "ask");
    host->error_free(error);
}

static void memory_that_ran_out_is_told_in_place_of_what_was_made_of_it(void **state)
{
    static const enum mstr_code parsed[] = {MSTR_OK, MSTR_E_PROTOCOL, MSTR_E_MEMORY};
    struct mstr_error *error = host->error_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parsed); i++) {
        struct json_object *tree = json_object_new_object();
        enum mstr_code code = error_hint(error, host->error_set(error, MSTR_E_DENIED, "no"), "ask");
        bool memory = parsed[i] == MSTR_E_MEMORY;
        assert_int_equal(json_done(tree, parsed[i], code, error), memory ? MSTR_E_MEMORY : MSTR_E_DENIED);
        assert_string_equal(host->error_message(error), memory ? "out of memory" : "no");
        assert_int_equal(text_empty(host->error_text(error, MSTR_DETAIL_HINT)), memory);
    }
    host->error_free(error);
}

static void the_first_filled_text_is_taken(void **state)
{
    static const char *const texts[] = {NULL, "", "b", "c"};
    (void)state;
    assert_string_equal(first_filled(texts, 4), "b");
    assert_null(first_filled(texts, 2));
}

static void details_that_an_error_lacks_stay_out(void **state)
{
    struct mstr_request *request = fake_request_new("aws-sm:a");
    struct mstr_error *error = host->error_new();
    (void)state;
    host->error_set(error, MSTR_E_DENIED, "no");

    request_fail(request, MSTR_E_DENIED, error);

    assert_string_equal(fake_request_message(request), "no");
    for (size_t i = 0; i < COUNT_OF(details); i++) {
        assert_null(fake_request_detail(request, details[i]));
    }
    host->error_free(error);
    fake_request_free(request);
}

static void a_step_tells_what_was_done_or_why_it_was_not(void **state)
{
    struct mstr_report *report = fake_host_report_object();
    struct mstr_error *error = host->error_new();
    (void)state;
    error_hint(error, host->error_set(error, MSTR_E_DENIED, "no"), "ask");

    report_done(report, "a", MSTR_OK, "well", error, 0);
    report_done(report, "b", MSTR_E_DENIED, "well", error, 0);
    report_fact(report, "c", MSTR_OK, "well", error, 0);
    report_fact(report, "d", MSTR_E_DENIED, "well", error, 0);

    assert_string_equal(fake_host_report(), "used a: well\nfailed b: no (ask)\ninfo c: well\ninfo d: no (ask)\n");
    host->error_free(error);
}

static void an_instance_may_keep_nothing(void **state)
{
    (void)state;
    assert_int_equal(create_nothing(fake_host_instance(NULL), state, NULL), MSTR_OK);
    assert_null(*state);
}

static void assert_wait(enum mstr_code code, const char *message)
{
    struct mstr_error *error = host->error_new();
    assert_int_equal(call_check(fake_host_call()), code);
    pthread_mutex_lock(&mutex);
    assert_int_equal(call_wait(&condition, &mutex, fake_host_call(), "a bus", error), code);
    pthread_mutex_unlock(&mutex);
    assert_string_equal(host->error_message(error), message);
    host->error_free(error);
}

static void a_wait_ends_with_the_calls_limits_and_tells_which(void **state)
{
    (void)state;
    assert_wait(MSTR_OK, "");
    fake_host_advance(30000);
    assert_wait(MSTR_E_TIMEOUT, "the deadline ended while waiting for a bus");
    fake_host_cancel();
    assert_wait(MSTR_E_CANCELLED, "cancelled while waiting for a bus");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_request_fails_with_all_that_an_error_tells),
        TEST(a_hint_is_added_to_what_was_just_told),
        TEST(memory_that_ran_out_is_told_in_place_of_what_was_made_of_it),
        TEST(the_first_filled_text_is_taken),
        TEST(details_that_an_error_lacks_stay_out),
        TEST(a_step_tells_what_was_done_or_why_it_was_not),
        TEST(an_instance_may_keep_nothing),
        TEST(a_wait_ends_with_the_calls_limits_and_tells_which),
    };
    return RUN_TESTS("sdk/host");
}
