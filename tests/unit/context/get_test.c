/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/get.c */
#include "support/store.h"

#include "base/error.h"
#include "context/context.h"
#include "resolve/cache_hot.h"

static mstr_context *context;
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    store_reset(NULL);
    context = store_context("");
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    mstr_context_free(context);
    return 0;
}

static const mstr_call_options no_cache = {.size = sizeof(no_cache), .flags = MSTR_CALL_NO_CACHE};

/* A value that comes from there; `options` may be NULL. */
static void assert_comes(const char *reference, const mstr_call_options *options, const char *value,
                         const char *source)
{
    mstr_secret *secret = NULL;
    assert_int_equal(mstr_context_get(context, reference, options, &secret, error), MSTR_OK);
    assert_string_equal(mstr_secret_octets(secret), value);
    assert_string_equal(mstr_secret_source(secret), source);
    mstr_secret_release(secret);
}

static void a_value_is_fetched_once_and_then_held(void **state)
{
    (void)state;
    mstr_context_stats stats = {.size = sizeof(stats)};
    assert_comes("st:a", NULL, "a", "store");
    for (int i = 0; i < 5; i++) {
        assert_comes("st:a", NULL, "a", "cache");
    }
    mstr_context_get_stats(context, &stats);
    assert_int_equal(store.calls, 1);
    assert_int_equal(stats.hits, 5); /* those of the fast way among them */
}

/* Not by the one who fetches it: how long it will be held, the cache alone knows. */
static void the_fast_way_is_taken_once_the_cache_has_given_the_value(void **state)
{
    (void)state;
    static const uint64_t hits[] = {0, 0, 1, 2};
    for (size_t i = 0; i < COUNT_OF(hits); i++) {
        assert_text(context, "st:a", "a");
        assert_int_equal(cache_hot_hits(context_cache_hot(context)), hits[i]);
    }
    assert_comes("st:a", &no_cache, "a", "store"); /* which empties it */
    for (size_t i = 0; i < COUNT_OF(hits); i++) {
        assert_text(context, "st:a", "a");
    }
    assert_int_equal(cache_hot_hits(context_cache_hot(context)), 5);
}

static void fields_of_a_held_secret_need_no_store(void **state)
{
    (void)state;
    store.value = "{\"user\":\"ann\",\"n\":7}";
    assert_comes("st:db#user", NULL, "ann", "store");
    for (int i = 0; i < 2; i++) {
        assert_comes("st:db#n", NULL, "7", "cache");
        assert_failure(context, "st:db#gone", MSTR_E_NOT_FOUND, "gone");
    }
    assert_int_equal(store.calls, 1);
}

static void a_caller_may_pass_over_what_is_held_and_all_then_get_the_new_value(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_comes("st:a", NULL, "a", i == 0 ? "store" : "cache");
    }
    store.value = "new";
    assert_comes("st:a", NULL, "a", "cache");
    assert_comes("st:a", &no_cache, "new", "store");
    assert_comes("st:a", NULL, "new", "cache");
}

static void what_is_no_reference_is_told_with_its_text(void **state)
{
    (void)state;
    static const char *const texts[] = {"malformed", "st:", "St:a", "st:%"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        mstr_secret *secret = (mstr_secret *)&store;
        assert_int_equal(mstr_context_get(context, texts[i], NULL, &secret, error), MSTR_E_CONFIG);
        assert_null(secret);
        assert_string_equal(mstr_error_reference(error), texts[i]);
    }
    mstr_secret *secret = (mstr_secret *)&store;
    assert_int_equal(mstr_context_get(context, NULL, NULL, &secret, error), MSTR_E_CONFIG);
    assert_null(secret);
    assert_int_equal(store.calls, 0);
}

static void a_call_ends_with_its_timeout_or_its_cancellation(void **state)
{
    (void)state;
    mstr_secret *secret = NULL;
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    store.closed = true;
    options.timeout = 20;
    assert_int_equal(mstr_context_get(context, "st:a", &options, &secret, error), MSTR_E_TIMEOUT);
    options.timeout = 60000;
    options.cancel = mstr_cancel_new();
    mstr_cancel_now(options.cancel);
    assert_int_equal(mstr_context_get(context, "st:a", &options, &secret, error), MSTR_E_CANCELLED);
    assert_null(secret);
    mstr_cancel_free(options.cancel);
}

static void release(mstr_lookup *lookups, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mstr_secret_release(lookups[i].secret);
        mstr_error_free(lookups[i].error);
    }
}

static void several_are_fetched_at_once_and_each_tells_its_own_fate(void **state)
{
    (void)state;
    mstr_lookup lookups[] = {
        {.reference = "st:a", .error = mstr_error_new()},   {.reference = "malformed", .error = mstr_error_new()},
        {.reference = "st:b", .error = mstr_error_new()},   {.reference = "nobody:c", .error = mstr_error_new()},
        {.reference = "st:a#x", .error = mstr_error_new()},
    };

    assert_int_equal(mstr_context_get_many(context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), NULL),
                     MSTR_E_CONFIG);

    assert_string_equal(mstr_secret_octets(lookups[0].secret), "a");
    assert_int_equal(lookups[1].code, MSTR_E_CONFIG);
    assert_string_equal(mstr_error_reference(lookups[1].error), "malformed");
    assert_string_equal(mstr_secret_octets(lookups[2].secret), "b");
    assert_int_equal(lookups[3].code, MSTR_E_CONFIG);
    assert_string_equal(mstr_error_reference(lookups[3].error), "nobody:c");
    assert_int_equal(lookups[4].code, MSTR_E_NOT_FOUND);
    assert_null(lookups[4].secret);
    assert_int_equal(store.calls, 1);
    assert_int_equal(store.requests, 2);
    release(lookups, COUNT_OF(lookups));
}

static void the_first_failure_is_that_of_all(void **state)
{
    (void)state;
    mstr_lookup lookups[] = {{.reference = "st:a"}, {.reference = "st:a#x"}, {.reference = "malformed"}};
    assert_int_equal(mstr_context_get_many(context, lookups, 1, sizeof(mstr_lookup), NULL), MSTR_OK);
    mstr_secret_release(lookups[0].secret);
    assert_int_equal(mstr_context_get_many(context, lookups, 3, sizeof(mstr_lookup), NULL), MSTR_E_NOT_FOUND);
    mstr_secret_release(lookups[0].secret);
    assert_int_equal(mstr_context_get_many(context, NULL, 0, sizeof(mstr_lookup), NULL), MSTR_OK);
}

static void several_may_pass_over_what_is_held(void **state)
{
    (void)state;
    mstr_lookup lookups[] = {{.reference = "st:a"}, {.reference = "st:b"}};
    assert_comes("st:a", NULL, "a", "store");
    assert_int_equal(mstr_context_get_many(context, lookups, 2, sizeof(mstr_lookup), &no_cache), MSTR_OK);
    assert_int_equal(store.calls, 2);
    assert_int_equal(store.requests, 3);
    release(lookups, 2);
}

/* What providers are told to forget: "a everything ". */
static char forgotten[64];

static void note_forgotten(void *self, const struct mstr_reference *reference)
{
    (void)self;
    strcat(forgotten, reference != NULL ? reference->body : "everything");
    strcat(forgotten, " ");
}

static const struct mstr_provider *keeping_entry(const struct mstr_host *host)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .name = "keeping",
        .version = "1",
        .create = store_create,
        .resolve = store_resolve,
        .invalidate = note_forgotten,
    };
    store_host = host;
    return &provider;
}

static void what_is_forgotten_is_forgotten_by_cache_and_provider(void **state)
{
    (void)state;
    static const struct {
        const char *reference;
        const char *forgotten;
        int calls; /* of the store, to get kp:a and kp:b anew */
    } cases[] = {
        {"kp:a", "a ", 1},   {"kp:a#field", "a ", 1}, {"kp:c", "c ", 0},        {"st:a", "", 0},
        {"nobody:a", "", 0}, {"malformed", "", 0},    {NULL, "everything ", 2},
    };
    assert_int_equal(mstr_context_register(context, "kp", keeping_entry, NULL, NULL), MSTR_OK);
    assert_text(context, "kp:a", "a");
    assert_text(context, "kp:b", "b");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        strcpy(forgotten, "");
        store.calls = 0;

        mstr_context_invalidate(context, cases[i].reference);

        assert_string_equal(forgotten, cases[i].forgotten);
        assert_text(context, "kp:a", "a");
        assert_text(context, "kp:b", "b");
        assert_int_equal(store.calls, cases[i].calls);
    }
}

/* As a program has it that was built against a later version, whose structure has grown. */
struct longer {
    mstr_lookup lookup;
    void *appended;
};

static void elements_may_be_longer_and_not_shorter_than_ours(void **state)
{
    (void)state;
    struct longer lookups[] = {{{.reference = "st:a"}, lookups}, {{.reference = "st:b"}, lookups}};

    assert_int_equal(mstr_context_get_many(context, &lookups[0].lookup, 2, sizeof(*lookups), NULL), MSTR_OK);
    assert_int_equal(mstr_context_get_many(context, &lookups[0].lookup, 2, sizeof(mstr_lookup) - 1, NULL),
                     MSTR_E_USAGE);
    assert_int_equal(mstr_context_get_many(context, NULL, 1, sizeof(mstr_lookup), NULL), MSTR_E_USAGE);
    assert_int_equal(mstr_context_get_many(context, NULL, 0, sizeof(mstr_lookup), NULL), MSTR_OK);

    assert_string_equal(mstr_secret_octets(lookups[0].lookup.secret), "a");
    assert_string_equal(mstr_secret_octets(lookups[1].lookup.secret), "b");
    assert_ptr_equal(lookups[0].appended, lookups);
    mstr_secret_release(lookups[0].lookup.secret);
    mstr_secret_release(lookups[1].lookup.secret);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_value_is_fetched_once_and_then_held),
        EACH(the_fast_way_is_taken_once_the_cache_has_given_the_value),
        EACH(fields_of_a_held_secret_need_no_store),
        EACH(a_caller_may_pass_over_what_is_held_and_all_then_get_the_new_value),
        EACH(what_is_no_reference_is_told_with_its_text),
        EACH(a_call_ends_with_its_timeout_or_its_cancellation),
        EACH(several_are_fetched_at_once_and_each_tells_its_own_fate),
        EACH(the_first_failure_is_that_of_all),
        EACH(several_may_pass_over_what_is_held),
        EACH(what_is_forgotten_is_forgotten_by_cache_and_provider),
        EACH(elements_may_be_longer_and_not_shorter_than_ours),
    };
    return RUN_TESTS("context/get");
}
