/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/shelf.c, on the store of tests/plugins */
#include "support/folder.h"
#include "support/registry.h"

#include "base/clock.h"
#include "fleet/shelf.h"
#include "secret/secret.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

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
    clock_replace(NULL);
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
    assert_memory_equal(mine.name, "x:", 2);
    assert_int_equal(strspn(mine.name + 2, "0123456789abcdef"), 32);
    assert_int_equal(strlen(mine.name), SHELF_NAME - 1);
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

static int64_t wall;

static int64_t tell_wall(void)
{
    return wall;
}

/* The store's clock is behind, and has the record last for another hour. */
static void a_value_that_is_over_by_our_clock_is_none(void **state)
{
    (void)state;
    static const struct clock_source source = {.now = tell_wall};
    struct shelf_place place;
    int64_t left = 0;
    const int64_t expires = clock_now() + HOUR;
    wall = expires - HOUR;
    clock_replace(&source);
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "sesame", HOUR, expires);
    wall = expires - 1;
    assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
    wall = expires;
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_NONE);
}

/* By our own clock, whatever the store's says. */
static void how_old_a_value_is_that_was_read_is_known(void **state)
{
    (void)state;
    struct shelf_place place;
    int64_t left = 0;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "sesame", HOUR, 0);
    folder_write(&folder, "control", "clock 600000");
    const int64_t before = clock_monotonic();
    assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
    assert_true(place.written >= before - 600000 - MINUTE && place.written <= clock_monotonic() - 600000);
    assert_in_range(left, 1, HOUR - 600000);
}

/* Octets in the place of the record, under a lease that is then given back. */
static void put_octets(struct shelf_place *place, const void *octets, size_t length, int64_t fence)
{
    assert_int_equal(shelf_lease(&shelf, place, HOUR, &limits, error), SHELF_NONE);
    struct mstr_store_put written = {.key = {place->group, place->name},
                                     .lease = place->name,
                                     .token = place->token,
                                     .fence = fence != 0 ? fence : place->lease,
                                     .octets = octets,
                                     .length = length,
                                     .keep = HOUR,
                                     .flags = MSTR_STORE_RELEASE};
    assert_int_equal(store_instance_put(instance, &written, &limits, error), MSTR_OK);
    assert_int_equal(written.outcome, MSTR_STORE_DONE);
}

static void what_was_sealed_and_is_no_value_is_none(void **state)
{
    (void)state;
    struct shelf_place place;
    struct buffer sealed = BUFFER_INIT;
    int64_t left = 0;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "sesame", HOUR, 0);
    assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
    const struct fleet_place stands = {
        .scope = &place.scope, .name = place.name, .kind = FLEET_SECRET, .fence = place.fence, .created = place.now};
    assert_int_equal(fleet_record_seal(keys, &stands, "no value", 8, &sealed, error), MSTR_OK);
    folder_write(&folder, "control", "fault lax");
    put_octets(&place, sealed.data, sealed.length, place.fence);
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_NONE);
    buffer_release(&sealed);
}

/* Somebody who writes into the store cannot bring back what was replaced. */
static void a_record_older_than_ones_own_is_none(void **state)
{
    (void)state;
    struct shelf_place place;
    int64_t left = 0;
    char octets[512];
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    put(&place, "old", HOUR, 0);
    struct mstr_store_get old = {.key = {place.group, place.name}, .octets = octets};
    assert_int_equal(store_instance_get(instance, &old, &limits, error), MSTR_OK);
    place.fence = old.fence;
    put(&place, "new", HOUR, 0);
    place.fence = place.lease;
    folder_write(&folder, "control", "fault lax");
    put_octets(&place, octets, old.length, old.fence);
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_NONE);
}

/* What another one wrote in the meantime is no older than that. */
static void what_was_not_written_makes_no_record_old(void **state)
{
    (void)state;
    static const char *const faults[] = {"", "fault network"};
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct shelf_place place;
        mstr_secret *secret = value("late", 0);
        int64_t left = 0;
        assert_true(shelf_place_init(&place, &shelf, "origin", "me", i == 0 ? "st:db" : "st:db2"));
        put(&place, "sesame", HOUR, 0);
        assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
        assert_int_equal(shelf_lease(&shelf, &place, HOUR, &limits, error), SHELF_NONE);
        shelf_give_back(&shelf, &place, &limits);
        folder_write(&folder, "control", faults[i]);
        assert_int_equal(shelf_write(&shelf, &place, secret, HOUR, &limits, error),
                         i == 0 ? SHELF_NONE : SHELF_FAILED);
        folder_write(&folder, "control", "");
        assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
        mstr_secret_release(secret);
    }
}

static void a_value_that_is_too_long_or_has_no_time_stays_where_it_is(void **state)
{
    (void)state;
    static char octets[MSTR_STORE_RECORD_MAX / 2 + 1];
    static const struct {
        size_t length;
        int64_t ttl;
        bool written;
    } cases[] = {
        {MSTR_STORE_RECORD_MAX / 2, HOUR, false}, {1, 0, false}, {MSTR_STORE_RECORD_MAX / 2 - 1, HOUR, true}};
    struct shelf_place place;
    int64_t left = 0;
    memset(octets, 'v', sizeof(octets) - 1);
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct secret_facts facts = {.fetched = 1};
        mstr_secret *secret = secret_make(octets, cases[i].length, &facts);
        assert_int_equal(shelf_lease(&shelf, &place, HOUR, &limits, error),
                         SHELF_NONE); /* that of before has ended */
        assert_int_equal(shelf_write(&shelf, &place, secret, cases[i].ttl, &limits, error), SHELF_NONE);
        assert_int_equal(place.seen, cases[i].written ? place.lease : 0);
        assert_int_equal(read_text(&shelf, &place, mstr_secret_octets(secret), &left),
                         cases[i].written ? SHELF_VALUE : SHELF_NONE);
        mstr_secret_release(secret);
    }
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
    put(&place, "sesame", HOUR, 0);
    assert_int_equal(read_text(&shelf, &place, "sesame", &left), SHELF_VALUE);
    folder_write(&folder, "control", "fault network");
    assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_FAILED);
    assert_int_equal(shelf_lease(&shelf, &place, HOUR, &limits, error), SHELF_FAILED);
    assert_int_equal(shelf_remove(&shelf, &place, &limits, error), SHELF_FAILED);
    assert_int_equal(shelf_tell(&shelf, "st:db", &limits, error), SHELF_FAILED);
    assert_told(error, MSTR_E_NETWORK, "the store cannot be reached", NULL);
}

static void a_store_is_waited_for_no_longer_than_half_a_second_or_the_limits(void **state)
{
    (void)state;
    static const struct {
        const char *delay;
        int64_t limit;
    } cases[] = {{"delay 600", HOUR}, {"delay 400", 100}};
    struct shelf_place place;
    int64_t left = 0;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        folder_write(&folder, "control", cases[i].delay);
        limits = test_limits(cases[i].limit);
        assert_int_equal(read_text(&shelf, &place, NULL, &left), SHELF_FAILED);
        assert_told(error, MSTR_E_TIMEOUT, "the store did not answer in time", NULL);
    }
}

static bool have_none(void *octets, size_t length)
{
    (void)octets;
    (void)length;
    return false;
}

static void without_random_octets_there_is_no_lease(void **state)
{
    (void)state;
    static const struct clock_source source = {.random = have_none};
    struct shelf_place place;
    assert_true(shelf_place_init(&place, &shelf, "origin", "me", "st:db"));
    clock_replace(&source);
    assert_int_equal(shelf_lease(&shelf, &place, HOUR, &limits, error), SHELF_FAILED);
    assert_told(error, MSTR_E_UNEXPECTED, "there are no random octets for a lease", NULL);
    assert_string_equal(place.token, "");
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
        TEST(how_old_a_value_is_that_was_read_is_known),
        TEST(what_was_sealed_and_is_no_value_is_none),
        TEST(a_record_older_than_ones_own_is_none),
        TEST(what_was_not_written_makes_no_record_old),
        TEST(a_value_that_is_too_long_or_has_no_time_stays_where_it_is),
        TEST(what_another_key_sealed_is_left_alone_and_a_forgery_is_told),
        TEST(a_secret_is_taken_away_and_the_others_are_told),
        TEST(a_store_that_fails_is_told),
        TEST(a_store_is_waited_for_no_longer_than_half_a_second_or_the_limits),
        TEST(without_random_octets_there_is_no_lease),
    };
    return RUN_TESTS("fleet/shelf");
}
