/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/shelf.c, on the store of tests/plugins */
#include "support/folder.h"
#include "support/registry.h"

#include "fleet/shelf.h"
#include "secret/secret.h"

#include <poll.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

enum { HOUR = 3600 * 1000 };

static struct test_registry test;
static struct folder folder;
static struct store_instance *instance;
static struct fleet_keys *keys;
static struct shelf shelf;
static struct limits limits;
static mstr_error *error;

static struct fleet_keys *make_keys(const char *text)
{
    const struct secret_facts facts = {.fetched = 0};
    mstr_secret *secret = secret_make(text, strlen(text), &facts);
    struct fleet_keys *made = NULL;
    assert_int_equal(fleet_keys_new(secret, NULL, NULL, &made, NULL), MSTR_OK);
    mstr_secret_release(secret);
    return made;
}

static int begin(void **state)
{
    (void)state;
    char control[256];
    test_services_make(&test);
    test.services.plugin_path = TEST_PLUGINS;
    folder_make(&folder);
    folder_write(&folder, "control", "");
    const struct mstr_header given[] = {{"control", folder_path(&folder, "control", control)}, {NULL, NULL}};
    error = mstr_error_new();
    keys = make_keys(KEY);
    limits = test_limits(60000);
    assert_int_equal(store_instance_load(&test.services, "fleet", "memory", &instance, error), MSTR_OK);
    assert_int_equal(store_instance_create(instance, given, error), MSTR_OK);
    shelf = (struct shelf){instance, keys};
    return 0;
}

static int end(void **state)
{
    (void)state;
    store_instance_free(instance);
    fleet_keys_free(keys);
    mstr_error_free(error);
    folder_remove(&folder);
    test_registry_drop(&test);
    return 0;
}

static mstr_secret *value(const char *text, int64_t expires)
{
    const struct secret_facts facts = {.version = "v1", .identity = "me", .expires = expires, .fetched = 1};
    return secret_make(text, strlen(text), &facts);
}

static void put(struct shelf_place *place, const char *text, int64_t ttl, int64_t expires)
{
    mstr_secret *secret = value(text, expires);
    assert_int_equal(shelf_lease(&shelf, place, HOUR, &limits, error), SHELF_NONE);
    assert_int_equal(shelf_write(&shelf, place, secret, ttl, &limits, error), SHELF_NONE);
    mstr_secret_release(secret);
}

static enum shelf_outcome read_text(const struct shelf *from, struct shelf_place *place, const char *text,
                                    int64_t *left)
{
    mstr_secret *secret = NULL;
    enum shelf_outcome outcome = shelf_read(from, place, &limits, &secret, left, error);
    assert_int_equal(secret != NULL, outcome == SHELF_VALUE);
    if (secret != NULL) {
        assert_string_equal(mstr_secret_octets(secret), text);
    }
    mstr_secret_release(secret);
    return outcome;
}

static void what_one_worker_puts_another_one_takes(void **state)
{
    (void)state;
    struct shelf_place mine, other;
    int64_t left = 0;
    assert_true(shelf_place_init(&mine, &shelf, "origin", "me", "st:db"));
    assert_true(shelf_place_init(&other, &shelf, "origin", "me", "st:db"));
    assert_int_equal(read_text(&shelf, &other, NULL, &left), SHELF_NONE);
    put(&mine, "sesame", HOUR, 0);
    assert_int_equal(read_text(&shelf, &other, "sesame", &left), SHELF_VALUE);
    assert_in_range(left, 1, HOUR);
}

static void others_wait_while_one_fetches(void **state)
{
    (void)state;
    struct shelf_place mine, other;
    assert_true(shelf_place_init(&mine, &shelf, "origin", "me", "st:db"));
    assert_true(shelf_place_init(&other, &shelf, "origin", "me", "st:db"));
    assert_int_equal(shelf_lease(&shelf, &mine, HOUR, &limits, error), SHELF_NONE);
    assert_int_equal(shelf_lease(&shelf, &other, HOUR, &limits, error), SHELF_HELD);
    shelf_give_back(&shelf, &mine, &limits);
    put(&other, "sesame", HOUR, 0);
    assert_int_equal(shelf_lease(&shelf, &mine, HOUR, &limits, error), SHELF_CHANGED);
    assert_int_equal(shelf_lease(&shelf, &mine, HOUR, &limits, error), SHELF_NONE); /* now it is known */
}

static void identities_origins_and_secrets_are_apart(void **state)
{
    (void)state;
    static const char *const others[][3] = {
        {"origin", "me", "st:db2"}, {"origin", "you", "st:db"}, {"elsewhere", "me", "st:db"}};
    struct shelf_place mine;
    int64_t left = 0;
    assert_true(shelf_place_init(&mine, &shelf, "origin", "me", "st:db"));
    assert_null(strstr(mine.name, "db"));
    put(&mine, "sesame", HOUR, 0);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct shelf_place other;
        assert_true(shelf_place_init(&other, &shelf, others[i][0], others[i][1], others[i][2]));
        assert_int_equal(read_text(&shelf, &other, NULL, &left), SHELF_NONE);
    }
}

static void a_value_never_outlives_its_time_or_its_end(void **state)
{
    (void)state;
    struct shelf_place place;
    int64_t left = 0;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "sesame", 24 * HOUR, clock_now() + HOUR);
    assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
    assert_in_range(left, 1, HOUR);
    folder_write(&folder, "control", "clock 3600001"); /* the record ends by itself */
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_NONE);
    put(&place, "late", HOUR, clock_now() - 1); /* stays where it is */
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_NONE);
}

/* Somebody who writes into the store has the record last for longer. */
static void a_record_that_is_kept_for_longer_is_none(void **state)
{
    (void)state;
    struct shelf_place place;
    int64_t left = 0;
    enum mstr_store_outcome outcome = MSTR_STORE_LOST;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "sesame", HOUR, 0);
    const struct mstr_store_key key = {place.group, place.name};
    assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
    assert_int_equal(store_instance_extend(instance, &key, place.fence, (int64_t)24 * HOUR, &outcome, &limits, error),
                     MSTR_OK);
    assert_int_equal(outcome, MSTR_STORE_DONE);
    assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
    assert_in_range(left, 1, HOUR);
    folder_write(&folder, "control", "clock 3600001");
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_NONE);
}

/* The store's clock is behind, and has the record last for another hour. */
static void a_value_that_is_over_by_our_clock_is_none(void **state)
{
    (void)state;
    struct shelf_place place;
    int64_t left = 0;
    const int64_t expires = clock_now() + 1000;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "sesame", HOUR, expires);
    folder_write(&folder, "control", "clock -3600000");
    assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
    while (clock_now() < expires) {
        poll(NULL, 0, 10);
    }
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_NONE);
}

static void what_another_key_sealed_is_left_alone_and_a_forgery_is_told(void **state)
{
    (void)state;
    struct shelf_place place;
    int64_t left = 0;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "sesame", HOUR, 0);
    struct fleet_keys *others = make_keys("ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    const struct shelf strange = {instance, others};
    assert_int_equal(read_text(&strange, &place, NULL, &left), SHELF_STRANGE);
    fleet_keys_free(others);

    assert_int_equal(shelf_lease(&shelf, &place, HOUR, &limits, error), SHELF_NONE);
    struct mstr_store_put forged = {.key = {place.group, place.name},
                                    .lease = place.name,
                                    .token = place.token,
                                    .fence = place.lease,
                                    .octets = "forged",
                                    .length = 6,
                                    .keep = HOUR};
    assert_int_equal(store_instance_put(instance, &forged, &limits, error), MSTR_OK);
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_FORGED);
}

static void a_secret_is_taken_away_and_the_others_are_told(void **state)
{
    (void)state;
    struct shelf_place place;
    char group[FLEET_GROUP], text[SHELF_NAME];
    struct mstr_store_key channel;
    struct mstr_store_message message = {.text = text, .capacity = sizeof(text)};
    void *subscription = NULL;
    int64_t left = 0;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "sesame", HOUR, 0);
    assert_true(shelf_channel(&shelf, group, &channel));
    assert_int_equal(store_instance_subscribe(instance, &channel, &subscription, &limits, error), MSTR_OK);

    assert_int_equal(shelf_remove(&shelf, &place, &limits, error), SHELF_NONE);
    assert_int_equal(shelf_tell(&shelf, "st:db", &limits, error), SHELF_NONE);

    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_NONE);
    assert_int_equal(store_instance_next(instance, subscription, &message, &limits, error), MSTR_OK);
    assert_true(shelf_means(&shelf, text, "st:db"));
    assert_false(shelf_means(&shelf, text, "st:db2"));
    store_instance_unsubscribe(instance, subscription);
}

static void a_store_that_fails_is_told(void **state)
{
    (void)state;
    struct shelf_place place;
    int64_t left = 0;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    folder_write(&folder, "control", "fault network");
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_FAILED);
    assert_int_equal(shelf_lease(&shelf, &place, HOUR, &limits, error), SHELF_FAILED);
    assert_int_equal(shelf_tell(&shelf, "st:db", &limits, error), SHELF_FAILED);
    assert_told(error, MSTR_E_NETWORK, "the store cannot be reached", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_one_worker_puts_another_one_takes),
        TEST(others_wait_while_one_fetches),
        TEST(identities_origins_and_secrets_are_apart),
        TEST(a_value_never_outlives_its_time_or_its_end),
        TEST(a_record_that_is_kept_for_longer_is_none),
        TEST(a_value_that_is_over_by_our_clock_is_none),
        TEST(what_another_key_sealed_is_left_alone_and_a_forgery_is_told),
        TEST(a_secret_is_taken_away_and_the_others_are_told),
        TEST(a_store_that_fails_is_told),
    };
    return RUN_TESTS("fleet/shelf");
}
