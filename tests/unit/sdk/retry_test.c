/* providers/sdk/retry.c */
#include "sdk/retry.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

static const struct retry_policy policy = {.attempts = 4,
                                           .first_pause = 1000,
                                           .longest_pause = 3000,
                                           .longest_asked = 20000,
                                           .jitter_low = 50,
                                           .jitter_high = 100};

static int setup(void **state)
{
    fake_host_setup(state);
    host = fake_host_table();
    return 0;
}

static void pauses_double_up_to_the_longest_and_end_with_the_attempts(void **state)
{
    static const int64_t most[] = {1000, 2000, 3000};
    (void)state;
    for (int i = 0; i < 3; i++) {
        int64_t pause = retry_pause(&policy, i + 1, RETRY_NOT_ASKED);
        assert_in_range(pause, most[i] / 2, most[i]);
    }
    assert_int_equal(retry_pause(&policy, 4, RETRY_NOT_ASKED), RETRY_NOT_ASKED);
}

static void pauses_differ_by_chance(void **state)
{
    int64_t first = retry_pause(&policy, 3, RETRY_NOT_ASKED);
    bool differ = false;
    (void)state;
    for (int i = 0; i < 50; i++) {
        differ = differ || retry_pause(&policy, 3, RETRY_NOT_ASKED) != first;
    }
    assert_true(differ);
}

static void what_the_service_asks_for_is_the_least(void **state)
{
    (void)state;
    assert_int_equal(retry_pause(&policy, 1, 20000), 20000);
    assert_in_range(retry_pause(&policy, 1, 1), 500, 1000);
    assert_int_equal(retry_pause(&policy, 1, 20001), RETRY_NOT_ASKED);
}

static void asked_pause_is_read_from_the_answer(void **state)
{
    static const struct {
        const char *headers;
        int64_t asked;
    } cases[] = {
        {NULL, RETRY_NOT_ASKED},
        {"Retry-After: 7", 7000},
        {"Retry-After: Thu, 15 Jan 2026 12:00:05 GMT", 5000},
        {"Retry-After: soon", RETRY_NOT_ASKED},
        {"retry-after-ms: 250\nRetry-After: 7", 250},
        {"x-ms-retry-after-ms: 300", 300},
        {"retry-after-ms: -1\nRetry-After: 7", 7000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_http_request get = {.size = sizeof(get), .method = "GET", .url = "https://a.example/"};
        struct mstr_http_response *response = NULL;
        fake_host_answer("GET", "*", 429, cases[i].headers, "");
        assert_int_equal(host->http(fake_host_call(), &get, &response, NULL), MSTR_OK);
        assert_int_equal(retry_asked(response), cases[i].asked);
        host->http_free(response);
    }
}

static void waiting_never_passes_the_deadline(void **state)
{
    (void)state;
    assert_true(retry_wait(&policy, 1, 2000, fake_host_call()));
    assert_int_equal(fake_host_slept(), 2000);
    fake_host_deadline(2000);
    assert_false(retry_wait(&policy, 1, 2000, fake_host_call()));
    assert_int_equal(fake_host_slept(), 2000);
    fake_host_deadline(30000);
    fake_host_cancel();
    assert_false(retry_wait(&policy, 1, RETRY_NOT_ASKED, fake_host_call()));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_host_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pauses_double_up_to_the_longest_and_end_with_the_attempts),
        TEST(pauses_differ_by_chance),
        TEST(what_the_service_asks_for_is_the_least),
        TEST(asked_pause_is_read_from_the_answer),
        TEST(waiting_never_passes_the_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
