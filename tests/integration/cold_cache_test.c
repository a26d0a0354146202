/* SPDX-License-Identifier: Apache-2.0 */
/* A thousand threads and a cold cache in front of a real store: what reaches the store, and what each thread is told
 * when the store fails first, is slow, or rotates the secret meanwhile. */
#include "support/context.h"
#include "support/simulator.h"
#include "support/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { THREADS = 1000, PARTS = 3, PATIENCE = 120000, HASTE = 50 };

static const char *const references[PARTS] = {"aws-sm:prod/mstr#username", "aws-sm:prod/mstr#password",
                                              "aws-sm:prod/mstr"};
static struct simulator *sim;
static mstr_context *context;

struct caller {
    pthread_t thread;
    int64_t timeout;
    enum mstr_code codes[PARTS];
    char service_codes[PARTS][64];
    char password[32];
    bool whole; /* the password is the one in the whole secret */
};

static int start(void **state)
{
    (void)state;
    setenv("AWS_ACCESS_KEY_ID", "AKIASIMULATOR0000001", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "simulatorSecretKey/0000000000000000000001", 1);
    sim = simulator_start(NULL, 0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    simulator_stop(sim);
    return 0;
}

static int make_context(void **state)
{
    char config[1024];
    (void)state;
    simulator_reset(sim);
    snprintf(config, sizeof(config), "[plugins]\npath = %s\n[provider aws-sm]\nregion = us-east-1\nendpoint = %s\n",
             getenv("MSTR_PLUGINS"), simulator_url(sim, "aws"));
    context = test_context(config);
    return 0;
}

static int free_context(void **state)
{
    (void)state;
    mstr_context_free(context);
    return 0;
}

static void *ask(void *data)
{
    struct caller *caller = data;
    mstr_lookup lookups[PARTS];
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.timeout = caller->timeout;
    for (size_t i = 0; i < PARTS; i++) {
        lookups[i] = (mstr_lookup){.reference = references[i], .error = mstr_error_new()};
    }
    mstr_context_get_many(context, lookups, PARTS, sizeof(mstr_lookup), &options);
    if (lookups[1].code == MSTR_OK && lookups[2].code == MSTR_OK) {
        snprintf(caller->password, sizeof(caller->password), "%s", mstr_secret_octets(lookups[1].secret));
        caller->whole = strstr(mstr_secret_octets(lookups[2].secret), caller->password) != NULL;
    }
    for (size_t i = 0; i < PARTS; i++) {
        const char *told = mstr_error_service_code(lookups[i].error);
        caller->codes[i] = lookups[i].code;
        snprintf(caller->service_codes[i], sizeof(caller->service_codes[i]), "%s", told != NULL ? told : "");
        mstr_secret_release(lookups[i].secret);
        mstr_error_free(lookups[i].error);
    }
    return NULL;
}

/* Every `hasty`th caller has little time; 0 = none. */
static struct caller *ask_all(int hasty)
{
    pthread_attr_t small;
    struct caller *callers = calloc(THREADS, sizeof(*callers));
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    for (int i = 0; i < THREADS; i++) {
        callers[i].timeout = hasty != 0 && i % hasty == 0 ? HASTE : PATIENCE;
        assert_int_equal(pthread_create(&callers[i].thread, &small, ask, &callers[i]), 0);
    }
    pthread_attr_destroy(&small);
    return callers;
}

static void join(struct caller *callers)
{
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
    }
}

static void assert_all(const struct caller *callers, enum mstr_code code)
{
    for (int i = 0; i < THREADS; i++) {
        for (size_t j = 0; j < PARTS; j++) {
            assert_int_equal(callers[i].codes[j], code);
        }
        assert_true(code != MSTR_OK || callers[i].whole);
    }
}

static void three_references_to_one_secret_are_one_request(void **state)
{
    (void)state;
    struct caller *callers = ask_all(0);
    join(callers);
    assert_all(callers, MSTR_OK);
    assert_string_equal(callers[0].password, "Simul8-analyst");
    assert_int_equal(simulator_requests(sim, "aws", NULL), 1);
    free(callers);
}

static void store_that_refuses_tells_every_thread_the_same(void **state)
{
    (void)state;
    simulator_fault(sim, "{\"action\":\"status\",\"service\":\"aws\",\"status\":400,\"times\":-1,"
                         "\"body\":\"{\\\"__type\\\":\\\"AccessDeniedException\\\",\\\"message\\\":\\\"no\\\"}\"}");
    struct caller *callers = ask_all(0);
    join(callers);
    assert_all(callers, MSTR_E_DENIED);
    for (int i = 0; i < THREADS; i++) {
        assert_string_equal(callers[i].service_codes[0], "AccessDeniedException");
        assert_string_equal(callers[i].service_codes[2], "AccessDeniedException");
    }
    free(callers);
}

/* The fetch either survives the failure by a retry or tells it; whoever comes later gets the value. */
static void store_that_fails_first_serves_the_next(void **state)
{
    (void)state;
    simulator_fault(sim, "{\"action\":\"status\",\"service\":\"aws\",\"status\":503,\"times\":1}");
    struct caller *callers = ask_all(0);
    join(callers);
    for (int i = 0; i < THREADS; i++) {
        for (size_t j = 0; j < PARTS; j++) {
            assert_true(callers[i].codes[j] == MSTR_OK || callers[i].codes[j] == MSTR_E_UNAVAILABLE);
        }
    }
    assert_text(context, references[1], "Simul8-analyst");
    assert_int_equal(simulator_requests(sim, "aws", NULL), 2);
    free(callers);
}

static void slow_store_holds_nobody_past_its_deadline(void **state)
{
    (void)state;
    simulator_fault(sim, "{\"action\":\"delay\",\"service\":\"aws\",\"ms\":600,\"times\":-1}");
    struct caller *callers = ask_all(2);
    join(callers);
    for (int i = 0; i < THREADS; i++) {
        bool in_time = callers[i].codes[0] == MSTR_OK && callers[i].whole;
        /* Late threads may find the value in the cache already, however little time they have. */
        assert_true(in_time || (callers[i].timeout == HASTE && callers[i].codes[0] == MSTR_E_TIMEOUT));
    }
    /* The first to ask has little time; whoever waits longer takes the fetch over. */
    assert_in_range(simulator_requests(sim, "aws", NULL), 1, THREADS / 2);
    free(callers);
}

static void rotation_meanwhile_never_mixes_old_and_new(void **state)
{
    (void)state;
    struct caller *callers = ask_all(0);
    simulator_admin(sim, "POST", "/secrets",
                    "{\"name\":\"prod/mstr\",\"action\":\"put\","
                    "\"string\":\"{\\\"username\\\":\\\"analyst\\\",\\\"password\\\":\\\"rotated\\\"}\"}");
    mstr_context_invalidate(context, NULL);
    join(callers);
    assert_all(callers, MSTR_OK);
    for (int i = 0; i < THREADS; i++) {
        assert_true(strcmp(callers[i].password, "rotated") == 0 ||
                    strcmp(callers[i].password, "Simul8-analyst") == 0);
    }
    assert_text(context, references[1], "rotated");
    assert_in_range(simulator_requests(sim, "aws", NULL), 1, 3);
    free(callers);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_context, free_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(three_references_to_one_secret_are_one_request), TEST(store_that_refuses_tells_every_thread_the_same),
        TEST(store_that_fails_first_serves_the_next),         TEST(slow_store_holds_nobody_past_its_deadline),
        TEST(rotation_meanwhile_never_mixes_old_and_new),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
