/* providers/sdk/host.c */
#include "base/condition.h"
#include "sdk/host.h"
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

static void a_request_fails_with_what_an_error_tells_details_included(void **state)
{
    struct mstr_request *request = fake_request_new("test:x");
    struct mstr_error *error = host->error_new();
    (void)state;
    host->error_set(error, MSTR_E_DENIED, "no");
    host->error_detail(error, MSTR_DETAIL_STEP, "IMDS");
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, "AccessDenied");
    host->error_detail(error, MSTR_DETAIL_REQUEST_ID, "4711");
    host->error_detail(error, MSTR_DETAIL_HINT, "ask for it");

    request_fail(request, MSTR_E_DENIED, error);

    assert_int_equal(fake_request_code(request), MSTR_E_DENIED);
    assert_string_equal(fake_request_message(request), "no");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_STEP), "IMDS");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_SERVICE_CODE), "AccessDenied");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_REQUEST_ID), "4711");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_HINT), "ask for it");
    host->error_free(error);
    fake_request_free(request);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_fails_with_what_an_error_tells_details_included),
        TEST(a_wait_ends_with_the_calls_limits_and_tells_which),
    };
    return RUN_TESTS("sdk/host");
}
