/* SPDX-License-Identifier: Apache-2.0 */
/* Many callers of a context at once, through the public calls: resolver, cache and providers together */
#include "support/store.h"

enum { THREADS = 1000, JOINED = 200 };

struct caller {
    pthread_t thread;
    mstr_context *context;
    int64_t timeout;
    enum mstr_code codes[3];
    mstr_error *error;
    char service_code[32];
};

static void *ask_for_three(void *data)
{
    static const char *const references[] = {"st:db", "st:db#username", "st:db#/password"};
    static const char *const values[] = {"{\"username\":\"u\",\"password\":\"p\"}", "u", "p"};
    struct caller *caller = data;
    mstr_lookup lookups[3];
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.timeout = caller->timeout;
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        lookups[i] = (mstr_lookup){.reference = references[i], .error = error};
    }
    mstr_context_get_many(caller->context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), &options);
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        caller->codes[i] = lookups[i].code;
        if (lookups[i].code == MSTR_OK && strcmp(mstr_secret_octets(lookups[i].secret), values[i]) != 0) {
            caller->codes[i] = MSTR_E_UNEXPECTED;
        }
        mstr_secret_release(lookups[i].secret);
    }
    const char *service_code = mstr_error_service_code(error);
    strncpy(caller->service_code, service_code != NULL ? service_code : "", sizeof(caller->service_code) - 1);
    mstr_error_free(error);
    return NULL;
}

static struct caller *start(mstr_context *context, size_t count, int64_t timeout)
{
    pthread_attr_t small;
    struct caller *callers = calloc(count, sizeof(*callers));
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    for (size_t i = 0; i < count; i++) {
        callers[i].context = context;
        callers[i].timeout = timeout;
        assert_int_equal(pthread_create(&callers[i].thread, &small, ask_for_three, &callers[i]), 0);
    }
    pthread_attr_destroy(&small);
    return callers;
}

static void join(struct caller *callers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pthread_join(callers[i].thread, NULL);
    }
}

static void await(atomic_int *counter, int least)
{
    while (*counter < least) {
        usleep(200);
    }
}

/* Until so many callers have had to fetch or to wait. */
static void await_misses(mstr_context *context, uint64_t least)
{
    mstr_context_stats stats = {.size = sizeof(stats)};
    do {
        usleep(200);
        mstr_context_get_stats(context, &stats);
    } while (stats.misses < least);
}

static void a_thousand_threads_share_one_fetch(void **state)
{
    (void)state;
    store_reset("{\"username\":\"u\",\"password\":\"p\"}");
    mstr_context *context = store_context("");
    store.closed = true;
    struct caller *callers = start(context, THREADS, 120000);
    await_misses(context, 3 * THREADS);
    store.closed = false;
    join(callers, THREADS);

    assert_int_equal(store.calls, 1);
    assert_int_equal(store.requests, 1);
    for (size_t i = 0; i < THREADS; i++) {
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(callers[i].codes[j], MSTR_OK);
        }
    }
    free(callers);
    mstr_context_free(context);
}

static void all_who_wait_get_the_same_typed_error(void **state)
{
    (void)state;
    store_reset("unused");
    mstr_context *context = store_context("");
    store.closed = true;
    store.code = MSTR_E_DENIED;
    struct caller *callers = start(context, JOINED, 120000);
    await_misses(context, 3 * JOINED);
    store.closed = false;
    join(callers, JOINED);

    assert_int_equal(store.calls, 1);
    for (size_t i = 0; i < JOINED; i++) {
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(callers[i].codes[j], MSTR_E_DENIED);
        }
        assert_string_equal(callers[i].service_code, "SaysNo");
    }
    free(callers);
    mstr_context_free(context);
}

static void a_waiter_takes_over_from_one_who_ran_out_of_time(void **state)
{
    (void)state;
    store_reset("{\"username\":\"u\",\"password\":\"p\"}");
    mstr_context *context = store_context("");
    store.closed = true;
    struct caller *hasty = start(context, 1, 300);
    await(&store.calls, 1);
    struct caller *patient = start(context, 1, 120000);
    join(hasty, 1);
    await(&store.calls, 2);
    store.closed = false;
    join(patient, 1);

    assert_int_equal(hasty->codes[0], MSTR_E_TIMEOUT);
    assert_int_equal(patient->codes[0], MSTR_OK);
    assert_int_equal(patient->codes[2], MSTR_OK);
    assert_int_equal(store.calls, 2);
    free(hasty);
    free(patient);
    mstr_context_free(context);
}

static void a_waiter_keeps_its_own_deadline(void **state)
{
    (void)state;
    store_reset("{\"username\":\"u\",\"password\":\"p\"}");
    mstr_context *context = store_context("");
    store.closed = true;
    struct caller *patient = start(context, 1, 120000);
    await(&store.calls, 1);
    struct caller *hasty = start(context, 1, 50);
    join(hasty, 1);
    assert_int_equal(hasty->codes[0], MSTR_E_TIMEOUT);
    store.closed = false;
    join(patient, 1);

    assert_int_equal(patient->codes[0], MSTR_OK);
    assert_int_equal(store.calls, 1);
    free(hasty);
    free(patient);
    mstr_context_free(context);
}

static void one_batch_holds_each_secret_once(void **state)
{
    (void)state;
    store_reset("{\"a\":1,\"b\":2}");
    mstr_context *context = store_context("");
    mstr_lookup lookups[] = {{.reference = "st:x#a"},         {.reference = "st:y"},
                             {.reference = "st:x#b"},         {.reference = "st:x?k=1&l=2"},
                             {.reference = "st:x?l=2&k=1#a"}, {.reference = "st:%78#a"}};

    assert_int_equal(mstr_context_get_many(context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), NULL), MSTR_OK);

    assert_int_equal(store.calls, 1);
    assert_int_equal(store.requests, 3);
    assert_string_equal(mstr_secret_octets(lookups[2].secret), "2");
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        mstr_secret_release(lookups[i].secret);
    }
    mstr_context_free(context);
}

static void get_all(mstr_context *context, mstr_lookup *lookups, size_t count)
{
    assert_int_equal(mstr_context_get_many(context, lookups, count, sizeof(mstr_lookup), NULL), MSTR_OK);
    for (size_t i = 0; i < count; i++) {
        mstr_secret_release(lookups[i].secret);
    }
}

static void providers_are_asked_side_by_side(void **state)
{
    (void)state;
    store_reset(NULL);
    mstr_context *context = store_context("");
    mstr_lookup lookups[] = {{.reference = "st:a"}, {.reference = "one:a"}, {.reference = "serial:a"}};
    store.meet = 3;

    get_all(context, lookups, COUNT_OF(lookups));

    assert_int_equal(store.most, 3);
    mstr_context_free(context);
}

static void requests_of_a_provider_without_batches_run_side_by_side(void **state)
{
    (void)state;
    store_reset(NULL);
    mstr_context *context = store_context("");
    mstr_lookup lookups[] = {
        {.reference = "one:a"}, {.reference = "one:b"}, {.reference = "one:c"}, {.reference = "one:d"}};
    store.meet = 4;

    get_all(context, lookups, COUNT_OF(lookups));

    assert_int_equal(store.calls, 4);
    mstr_context_free(context);
}

static void *ask_serial(void *context)
{
    mstr_lookup lookups[] = {{.reference = "serial:a"}, {.reference = "serial:b"}, {.reference = "serial:c"}};
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.flags = MSTR_CALL_NO_CACHE;
    mstr_context_get_many(context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), &options);
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        mstr_secret_release(lookups[i].secret);
    }
    return NULL;
}

static void a_provider_that_is_not_thread_safe_is_asked_by_one_at_a_time(void **state)
{
    (void)state;
    pthread_t threads[8];
    store_reset(NULL);
    mstr_context *context = store_context("[cache]\nttl = 0\n");
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_create(&threads[i], NULL, ask_serial, context);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }

    assert_true(store.calls >= 3);
    assert_int_equal(store.most, 1);
    mstr_context_free(context);
}

static void one_failure_of_many_leaves_the_others_alone(void **state)
{
    (void)state;
    store_reset("{\"a\":1}");
    mstr_context *context = store_context("");
    mstr_lookup lookups[] = {{.reference = "st:x#a", .error = mstr_error_new()},
                             {.reference = "st:x#gone", .error = mstr_error_new()},
                             {.reference = "nowhere:x", .error = mstr_error_new()},
                             {.reference = "malformed", .error = mstr_error_new()}};

    assert_int_equal(mstr_context_get_many(context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), NULL),
                     MSTR_E_NOT_FOUND);

    assert_int_equal(lookups[0].code, MSTR_OK);
    assert_int_equal(lookups[1].code, MSTR_E_NOT_FOUND);
    assert_non_null(strstr(mstr_error_message(lookups[1].error), "gone"));
    assert_string_equal(mstr_error_reference(lookups[1].error), "st:x");
    assert_string_equal(mstr_error_provider(lookups[1].error), "st");
    assert_int_equal(lookups[2].code, MSTR_E_CONFIG);
    assert_int_equal(lookups[3].code, MSTR_E_CONFIG);
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        mstr_secret_release(lookups[i].secret);
        mstr_error_free(lookups[i].error);
    }
    mstr_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_threads_share_one_fetch),
        cmocka_unit_test(all_who_wait_get_the_same_typed_error),
        cmocka_unit_test(a_waiter_takes_over_from_one_who_ran_out_of_time),
        cmocka_unit_test(a_waiter_keeps_its_own_deadline),
        cmocka_unit_test(one_batch_holds_each_secret_once),
        cmocka_unit_test(providers_are_asked_side_by_side),
        cmocka_unit_test(requests_of_a_provider_without_batches_run_side_by_side),
        cmocka_unit_test(a_provider_that_is_not_thread_safe_is_asked_by_one_at_a_time),
        cmocka_unit_test(one_failure_of_many_leaves_the_others_alone),
    };
    return RUN_TESTS("context/callers");
}
