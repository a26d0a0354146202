/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/fetch_shared.c: two workers that share secrets through the store of tests/plugins */
#include "unit/fleet/sharing.h"

#include <pthread.h>

static struct sharer workers[2];
static struct fetch_shared *shared[2];

static int begin(void **state)
{
    (void)state;
    static const char *const names[] = {"one", "two"};
    sharing_begin();
    for (size_t i = 0; i < 2; i++) {
        sharer_make(&workers[i], names[i]);
        assert_int_equal(fetch_shared_new(&workers[i].options, &shared[i], NULL), MSTR_OK);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fetch_shared_free(shared[i]);
        sharer_drop(&workers[i]);
    }
    sharing_end();
    return 0;
}

struct got {
    char text[128];
    bool fresh_only;
    int64_t fresh_for;
};

static void take(void *data, size_t index, const struct fetched *fetched)
{
    struct got *got = data;
    assert_int_equal(fetched->code, MSTR_OK);
    snprintf(got[index].text, sizeof(got->text), "%s", mstr_secret_octets(fetched->secret));
    got[index].fresh_only = fetched->fresh_only;
    got[index].fresh_for = fetched->fresh_for;
}

static struct got fetch(size_t worker, const char *text, bool refresh)
{
    struct got got = {.text = ""};
    const struct limits limits = test_limits(60000);
    struct reference *reference = NULL;
    assert_int_equal(reference_parse(text, &reference, NULL), MSTR_OK);
    const struct reference *references[] = {reference};
    const struct fetch_order order = {references, 1, refresh, &limits, take, &got};
    struct fetch *way = fetch_shared_fetch(shared[worker]);
    way->run(way, &order);
    reference_free(reference);
    return got;
}

static void assert_got(size_t worker, const char *reference, const char *text)
{
    const struct got got = fetch(worker, reference, false);
    assert_string_equal(got.text, text);
}

static void what_one_worker_has_fetched_another_one_takes(void **state)
{
    (void)state;
    assert_got(0, "st:prod/a", "st:prod/a of one");
    assert_got(0, "st:prod/b", "st:prod/b of one");
    assert_got(1, "st:prod/a", "st:prod/a of two"); /* which tells who it is */

    const struct got got = fetch(1, "st:prod/b", false);
    assert_string_equal(got.text, "st:prod/b of one");
    assert_true(got.fresh_only); /* it is never served once it is not fresh */
    assert_in_range(got.fresh_for, 1, 300000);
    assert_int_equal(workers[1].inner.asked, 1);
}

static void nothing_else_is_shared(void **state)
{
    (void)state;
    assert_got(0, "st:prod/a", "st:prod/a of one");
    assert_got(0, "st:dev/b", "st:dev/b of one");
    assert_got(1, "st:prod/a", "st:prod/a of two");
    assert_got(1, "st:dev/b", "st:dev/b of two"); /* which no pattern matches */

    workers[0].inner.identity = NULL;
    assert_got(0, "st:prod/c", "st:prod/c of one");
    assert_got(1, "st:prod/c", "st:prod/c of two"); /* which nobody said who read */

    workers[0].inner.identity = "somebody else";
    assert_got(0, "st:prod/d", "st:prod/d of one");
    assert_got(1, "st:prod/d", "st:prod/d of two");
}

static void what_is_wanted_anew_is_fetched_and_replaces_what_is_there(void **state)
{
    (void)state;
    assert_got(0, "st:prod/a", "st:prod/a of one");
    const struct got anew = fetch(1, "st:prod/a", true);
    assert_string_equal(anew.text, "st:prod/a of two");
    assert_false(anew.fresh_only);
    assert_got(0, "st:prod/a", "st:prod/a of two");
}

static void *fetch_later(void *data)
{
    const struct got got = fetch((size_t)(uintptr_t)data, "st:prod/b", false);
    assert_true(strstr(got.text, "st:prod/b of ") == got.text);
    return NULL;
}

static void of_two_at_once_one_fetches(void **state)
{
    (void)state;
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++) {
        fetch(i, "st:prod/a", false);
        workers[i].inner.pause = 50;
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, fetch_later, (void *)(uintptr_t)i), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(workers[0].inner.asked + workers[1].inner.asked, 3);
}

static void a_store_that_fails_is_as_if_there_were_none(void **state)
{
    (void)state;
    assert_got(0, "st:prod/a", "st:prod/a of one");
    folder_write(&sharing_folder, "control", "fault network");
    assert_got(0, "st:prod/a", "st:prod/a of one");
    assert_got(1, "st:prod/a", "st:prod/a of two");
    assert_int_equal(workers[0].inner.asked, 2);
}

/* As a context keeps it. */
static void keep(struct cache *cache, const char *key)
{
    const struct secret_facts facts = {.fetched = 1};
    struct cache_result result = {.secret = secret_make("x", 1, &facts), .keep = true};
    struct cache_claim claim;
    cache_claim(cache, key, false, &claim, NULL);
    assert_int_equal(claim.answer, CACHE_FETCH);
    cache_publish(cache, &claim, &result, NULL);
    mstr_secret_release(claim.secret);
    mstr_secret_release(result.secret);
}

static void what_one_worker_forgets_all_forget(void **state)
{
    (void)state;
    const struct limits limits = test_limits(60000);
    struct cache *cache = workers[1].options.cache;
    struct reference *reference = NULL;
    assert_int_equal(reference_parse("st:prod/a", &reference, NULL), MSTR_OK);
    fetch_shared_forget(shared[0], reference); /* before anything was shared */
    assert_got(0, "st:prod/a", "st:prod/a of one");
    assert_got(1, "st:prod/a", "st:prod/a of two");
    keep(cache, reference->key);
    keep(cache, "st:other");

    while (cache_memory_fresh_until(cache, reference->key) != 0) { /* the other one may not be listening yet */
        fetch_shared_forget(shared[0], reference);
        assert_int_equal(limits_sleep(&limits, 20), MSTR_OK);
    }

    assert_int_not_equal(cache_memory_fresh_until(cache, "st:other"), 0);
    assert_got(1, "st:prod/a", "st:prod/a of two"); /* and it is gone from the store */
    assert_int_equal(workers[1].inner.asked, 2);
    reference_free(reference);
}

/* So that a rotation which one has met reaches all. */
static void what_one_worker_fetches_anew_all_forget(void **state)
{
    (void)state;
    const struct limits limits = test_limits(60000);
    struct cache *cache = workers[1].options.cache;
    struct reference *reference = NULL;
    assert_int_equal(reference_parse("st:prod/a", &reference, NULL), MSTR_OK);
    assert_got(0, "st:prod/a", "st:prod/a of one");
    assert_got(1, "st:prod/a", "st:prod/a of two");
    keep(cache, reference->key);

    while (cache_memory_fresh_until(cache, reference->key) != 0) {
        fetch(0, "st:prod/a", true);
        assert_int_equal(limits_sleep(&limits, 20), MSTR_OK);
    }

    assert_got(1, "st:prod/a", "st:prod/a of one");
    reference_free(reference);
}

static void what_was_there_when_it_was_forgotten_is_not_taken(void **state)
{
    (void)state;
    struct reference *reference = NULL;
    assert_int_equal(reference_parse("st:prod/b", &reference, NULL), MSTR_OK);
    assert_got(0, "st:prod/a", "st:prod/a of one");
    assert_got(0, "st:prod/b", "st:prod/b of one");
    fetch_shared_forget(shared[1], reference); /* which cannot take it away yet */
    assert_got(1, "st:prod/a", "st:prod/a of two");
    assert_got(1, "st:prod/b", "st:prod/b of two");
    assert_got(0, "st:prod/b", "st:prod/b of two"); /* it is in its place */
    fetch_shared_forget(shared[0], NULL);
    assert_got(0, "st:prod/b", "st:prod/b of one");
    reference_free(reference);
}

/* So that a rotation for which one has forgotten all reaches all. */
static void what_is_fetched_in_the_place_of_what_was_forgotten_all_forget(void **state)
{
    (void)state;
    const struct limits limits = test_limits(60000);
    struct cache *cache = workers[1].options.cache;
    struct reference *reference = NULL;
    assert_int_equal(reference_parse("st:prod/a", &reference, NULL), MSTR_OK);
    assert_got(0, "st:prod/a", "st:prod/a of one");
    assert_got(1, "st:prod/a", "st:prod/a of two");
    keep(cache, reference->key);

    while (cache_memory_fresh_until(cache, reference->key) != 0) { /* the other one may not be listening yet */
        fetch_shared_forget(shared[0], NULL);
        fetch(0, "st:prod/a", false);
        assert_int_equal(limits_sleep(&limits, 20), MSTR_OK);
    }
    reference_free(reference);
}

/* What stands there for a reference, as somebody sees who can read and write the store. */
struct record {
    struct shared_store *store;
    const struct shelf *shelf;
    struct shelf_place place;
    struct mstr_store_get get;
};

static void record_read(struct record *record, const char *text)
{
    const struct limits limits = test_limits(60000);
    static struct shared_reader reader; /* the place borrows from it */
    struct reference *reference = NULL;
    assert_int_equal(reference_parse(text, &reference, NULL), MSTR_OK);
    record->store = shared_store_new(&workers[0].options);
    record->shelf = shared_store_use(record->store, &limits);
    assert_true(shared_store_learn(record->store, "st", "me", &reader));
    assert_true(shelf_place_init(&record->place, record->shelf, reader.origin, reader.identity, reference->key));
    record->get = (struct mstr_store_get){.key = {record->place.group, record->place.name},
                                          .octets = malloc(MSTR_STORE_RECORD_MAX)};
    assert_int_equal(store_instance_get(record->shelf->store, &record->get, &limits, NULL), MSTR_OK);
    assert_int_equal(record->get.outcome, MSTR_STORE_DONE);
    reference_free(reference);
}

static void record_put_back(struct record *record)
{
    const struct limits limits = test_limits(60000);
    struct shelf_place *place = &record->place;
    assert_int_equal(shelf_lease(record->shelf, place, 10000, &limits, NULL), SHELF_CHANGED);
    assert_int_equal(shelf_lease(record->shelf, place, 10000, &limits, NULL), SHELF_NONE);
    struct mstr_store_put put = {.flags = MSTR_STORE_RELEASE,
                                 .key = record->get.key,
                                 .lease = place->name,
                                 .token = place->token,
                                 .fence = place->lease,
                                 .octets = record->get.octets,
                                 .length = record->get.length,
                                 .keep = 100000};
    assert_int_equal(store_instance_put(record->shelf->store, &put, &limits, NULL), MSTR_OK);
    free(record->get.octets);
    shared_store_free(record->store);
}

/* Neither by who has written what came after it, nor by who has read that. */
static void a_value_that_somebody_has_put_back_is_not_taken(void **state)
{
    (void)state;
    struct record record;
    assert_got(0, "st:prod/a", "st:prod/a of one");
    record_read(&record, "st:prod/a");
    const struct got anew = fetch(1, "st:prod/a", true);
    assert_string_equal(anew.text, "st:prod/a of two");
    assert_got(0, "st:prod/a", "st:prod/a of two");
    record_put_back(&record);
    workers[0].inner.name = "one, later";
    assert_got(0, "st:prod/a", "st:prod/a of one, later");
    assert_got(1, "st:prod/a", "st:prod/a of one, later");

    record_read(&record, "st:prod/a");
    fetch(1, "st:prod/a", true);
    record_put_back(&record);
    workers[1].inner.name = "two, later";
    assert_got(1, "st:prod/a", "st:prod/a of two, later");
}

static void a_pattern_that_is_none_is_told_with_its_place(void **state)
{
    (void)state;
    struct sharer *worker = &workers[0];
    struct fetch_shared *none = NULL;
    mstr_error *error = mstr_error_new();
    struct test_registry other;
    test_registry_make(&other, "[fleet]\nshare_secrets = all\n", NULL);
    struct shared_store_options options = worker->options;
    options.registry = other.registry;
    assert_int_equal(fetch_shared_new(&options, &none, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, ":2: share_secrets in [fleet]: \"all\" is no pattern", NULL);
    test_registry_drop(&other);
    mstr_error_free(error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_one_worker_has_fetched_another_one_takes),
        TEST(nothing_else_is_shared),
        TEST(what_is_wanted_anew_is_fetched_and_replaces_what_is_there),
        TEST(of_two_at_once_one_fetches),
        TEST(a_store_that_fails_is_as_if_there_were_none),
        TEST(what_one_worker_forgets_all_forget),
        TEST(what_one_worker_fetches_anew_all_forget),
        TEST(what_was_there_when_it_was_forgotten_is_not_taken),
        TEST(what_is_fetched_in_the_place_of_what_was_forgotten_all_forget),
        TEST(a_value_that_somebody_has_put_back_is_not_taken),
        TEST(a_pattern_that_is_none_is_told_with_its_place),
    };
    return RUN_TESTS("fleet/fetch_shared");
}
