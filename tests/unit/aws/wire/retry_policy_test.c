/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent again to AWS, after which pause, at which time by the service's clock. */
#include "unit/aws/support.h"

#define URL   "https://secretsmanager.eu-west-1.amazonaws.com/"
#define GOOD  "{\"SecretString\":\"x\"}"
#define BUSY  "{\"__type\":\"ThrottlingException\",\"message\":\"slow down\"}"
#define SOURS "{\"__type\":\"InternalServiceError\"}"

static int make_instance(void **state)
{
    return service_setup("secretsmanager", state);
}

static enum mstr_code ask(void)
{
    struct mstr_request *request = fake_request_new("aws-sm:a");
    plugin->resolve(instance, &request, 1, fake_host_call());
    enum mstr_code code = fake_request_code(request);
    fake_request_free(request);
    return code;
}

static void passing_failures_are_tried_again(void **state)
{
    static const struct {
        int status; /* 0 = the connection breaks */
        const char *body;
        enum mstr_code code; /* after all attempts */
        int64_t slept;       /* at most, before a second and a third */
    } cases[] = {
        {500, SOURS, MSTR_E_UNAVAILABLE, 150},
        {502, "<html>", MSTR_E_UNAVAILABLE, 150},
        {503, "", MSTR_E_UNAVAILABLE, 150},
        {504, "", MSTR_E_UNAVAILABLE, 150},
        {400, "{\"__type\":\"RequestTimeoutException\"}", MSTR_E_UNAVAILABLE, 150},
        {400, BUSY, MSTR_E_THROTTLED, 3000},
        {400, "{\"__type\":\"ProvisionedThroughputExceededException\"}", MSTR_E_THROTTLED, 3000},
        {429, "", MSTR_E_THROTTLED, 3000},
        {0, NULL, MSTR_E_NETWORK, 150},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t before = fake_host_requests();
        int64_t slept = fake_host_slept();
        for (int attempt = 0; attempt < 3; attempt++) {
            if (cases[i].status == 0) {
                fake_host_fail("POST", URL, MSTR_E_NETWORK, "reset");
            } else {
                fake_host_answer("POST", URL, cases[i].status, NULL, cases[i].body);
            }
        }
        assert_int_equal(ask(), cases[i].code);
        assert_int_equal(fake_host_requests() - before, 3);
        assert_in_range(fake_host_slept() - slept, 0, cases[i].slept);
    }
}

static void final_failures_are_not(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
    } cases[] = {
        {400, "{\"__type\":\"ResourceNotFoundException\"}", MSTR_E_NOT_FOUND},
        {400, "{\"__type\":\"AccessDeniedException\"}", MSTR_E_DENIED},
        {400, "{\"__type\":\"InvalidSignatureException\"}", MSTR_E_AUTHENTICATION},
        {400, "{\"__type\":\"InvalidParameterException\"}", MSTR_E_REQUEST},
        {501, "", MSTR_E_UNAVAILABLE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t before = fake_host_requests();
        fake_host_answer("POST", URL, cases[i].status, NULL, cases[i].body);
        assert_int_equal(ask(), cases[i].code);
        assert_int_equal(fake_host_requests() - before, 1);
    }
    fake_host_fail("POST", URL, MSTR_E_TLS, "unknown authority");
    assert_int_equal(ask(), MSTR_E_TLS);
}

static void service_may_ask_for_a_longer_pause(void **state)
{
    static const struct {
        int status;
        const char *header;
        int64_t least;
        int64_t most;
    } cases[] = {
        {500, "x-amz-retry-after: 1500", 1500, 1500},
        {500, "x-amz-retry-after: 0", 0, 50},
        {500, "x-amz-retry-after: 10000", 5000, 5050},
        {500, "x-amz-retry-after: soon", 0, 50},
        {500, "Retry-After: 7", 0, 50},
        {503, "Retry-After: 7", 7000, 7000},
        {429, "Retry-After: 100", 20000, 20000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t slept = fake_host_slept();
        fake_host_deadline(30000);
        fake_host_answer("POST", URL, cases[i].status, cases[i].header, "");
        fake_host_answer("POST", URL, 200, NULL, GOOD);
        assert_int_equal(ask(), MSTR_OK);
        assert_in_range(fake_host_slept() - slept, cases[i].least, cases[i].most);
    }
}

static void nobody_sleeps_past_the_deadline(void **state)
{
    (void)state;
    fake_host_deadline(5000);
    fake_host_answer("POST", URL, 503, "Retry-After: 7", "");
    assert_int_equal(ask(), MSTR_E_UNAVAILABLE);
    assert_int_equal(fake_host_slept(), 0);
}

static void attempts_and_mode_are_the_users(void **state)
{
    (void)state;
    fake_host_env("AWS_MAX_ATTEMPTS", "1");
    fake_host_env("AWS_RETRY_MODE", "Adaptive");
    fake_host_answer("POST", URL, 500, NULL, SOURS);
    assert_int_equal(ask(), MSTR_E_UNAVAILABLE);
    assert_int_equal(fake_host_requests(), 1);
}

static void settings_that_make_no_sense_are_errors(void **state)
{
    static const struct {
        const char *name;
        const char *value;
    } cases[] = {{"AWS_MAX_ATTEMPTS", "0"}, {"AWS_MAX_ATTEMPTS", "many"}, {"AWS_RETRY_MODE", "eager"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env(cases[i].name, cases[i].value);
        plugin->invalidate(instance, NULL);
        assert_int_equal(ask(), MSTR_E_CONFIG);
        fake_host_env(cases[i].name, NULL);
        fake_host_advance(60000); /* past the pause after a failed walk */
    }
}

/* 500 units: 14 for each try again after a passing failure, given back by none. */
static void quota_ends_what_would_press_a_service_in_trouble(void **state)
{
    (void)state;
    fake_host_answer_always("POST", URL, 500, NULL, SOURS);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(ask(), MSTR_E_UNAVAILABLE);
        fake_host_deadline(30000);
    }
    assert_int_equal(fake_host_requests(), 30 + 500 / 14);
}

static void success_gives_back_what_its_last_retry_took(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) { /* 60 times 14 would be too much */
        fake_host_answer("POST", URL, 500, NULL, SOURS);
        fake_host_answer("POST", URL, 200, NULL, GOOD);
        assert_int_equal(ask(), MSTR_OK);
        fake_host_deadline(30000);
    }
}

/* Ten minutes ahead of ours: the refusal tells the time, and the next request has it. */
static void clock_that_is_off_is_corrected_by_the_answer(void **state)
{
    static const char *const refusals[] = {"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
                                           "RequestTimeTooSkewed",      "RequestExpired",        "RequestInTheFuture",
                                           "AccessDeniedException"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        char body[128];
        plugin_teardown(state);
        make_instance(state);
        snprintf(body, sizeof(body), "{\"__type\":\"%s\"}", refusals[i]);
        fake_host_answer("POST", URL, 400, "Date: Thu, 15 Jan 2026 12:10:00 GMT", body);
        fake_host_answer("POST", URL, 200, "Date: Thu, 15 Jan 2026 12:10:00 GMT", GOOD);
        assert_int_equal(ask(), MSTR_OK);
        assert_string_equal(fake_exchange_header(fake_host_request(0), "X-Amz-Date"), "20260115T120000Z");
        assert_memory_equal(fake_exchange_header(fake_host_request(1), "X-Amz-Date"), "20260115T1210", 13);
        fake_host_answer("POST", URL, 200, NULL, GOOD);
        assert_int_equal(ask(), MSTR_OK); /* and stays so */
        assert_memory_equal(fake_exchange_header(fake_host_request(2), "X-Amz-Date"), "20260115T1210", 13);
    }
}

static void clock_that_is_right_is_not_the_reason(void **state)
{
    static const char *const headers[] = {"Date: Thu, 15 Jan 2026 12:03:59 GMT", "Date: yesterday",
                                          "Date: Thu, 15 Jan 2026 12:10:00 GMT\nAge: 3", NULL};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        size_t before = fake_host_requests();
        fake_host_answer("POST", URL, 400, headers[i], "{\"__type\":\"InvalidSignatureException\"}");
        assert_int_equal(ask(), MSTR_E_AUTHENTICATION);
        assert_int_equal(fake_host_requests() - before, 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_instance, plugin_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(passing_failures_are_tried_again),
        TEST(final_failures_are_not),
        TEST(service_may_ask_for_a_longer_pause),
        TEST(nobody_sleeps_past_the_deadline),
        TEST(attempts_and_mode_are_the_users),
        TEST(settings_that_make_no_sense_are_errors),
        TEST(quota_ends_what_would_press_a_service_in_trouble),
        TEST(success_gives_back_what_its_last_retry_took),
        TEST(clock_that_is_off_is_corrected_by_the_answer),
        TEST(clock_that_is_right_is_not_the_reason),
    };
    return RUN_TESTS("aws/wire/retry_policy");
}
