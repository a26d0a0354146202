/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/quota.c */
#include "agent/quota.h"

#include "base/clock.h"
#include "support/unit.h"

#include <stdio.h>

static const struct peer one = {.uid = 1};
static const struct peer two = {.uid = 2};
static const struct peer tcp = {.tcp = true, .uid = (uid_t)-1};

static void connections_are_counted_by_user_and_in_all(void **state)
{
    (void)state;
    const struct quota_limits limits = {.connections = 4, .user_connections = 2};
    struct quota *quota = quota_new(100);
    assert_true(quota_connect(quota, &one, &limits));
    assert_true(quota_connect(quota, &one, &limits));
    assert_false(quota_connect(quota, &one, &limits));
    assert_true(quota_connect(quota, &two, &limits));
    assert_true(quota_connect(quota, &tcp, &limits));
    assert_false(quota_connect(quota, &two, &limits));
    quota_disconnect(quota, &one);
    assert_true(quota_connect(quota, &two, &limits));
    assert_int_equal(quota_connections(quota), 4);
    quota_free(quota);
    quota_free(NULL);
}

static void there_are_no_more_than_there_can_be(void **state)
{
    (void)state;
    const struct quota_limits limits = {.connections = 4, .user_connections = 2};
    struct quota *quota = quota_new(1);
    assert_true(quota_connect(quota, &one, &limits));
    assert_false(quota_connect(quota, &two, &limits));
    quota_free(quota);
}

static bool have_none(void *octets, size_t length)
{
    (void)octets;
    (void)length;
    return false;
}

/* Else somebody could make two secrets look like one. */
static void without_random_octets_there_is_none(void **state)
{
    (void)state;
    static const struct clock_source source = {.random = have_none};
    clock_replace(&source);
    struct quota *quota = quota_new(1);
    clock_replace(NULL);
    assert_null(quota);
}

static const struct quota_limits fetch_limits = {.user_fetches = 10};

/* Of so many secrets, whose names begin with the letter. */
static unsigned fetch(struct quota *quota, const struct peer *peer, char letter, size_t count, int64_t now)
{
    char names[16][4];
    const char *keys[16];
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "%c%zu", letter, i % 100);
        keys[i] = names[i];
    }
    return quota_fetch(quota, peer, keys, count, &fetch_limits, now);
}

static void fetches_are_counted_by_the_minute(void **state)
{
    (void)state;
    struct quota *quota = quota_new(100);
    assert_int_equal(fetch(quota, &one, 'a', 7, 1000), 0);
    assert_int_equal(fetch(quota, &one, 'b', 4, 31000), 31);
    assert_int_equal(fetch(quota, &one, 'b', 3, 31000), 0);
    assert_int_equal(fetch(quota, &two, 'a', 10, 31000), 0);
    assert_int_equal(fetch(quota, &one, 'a', 11, 61000), 0);
    assert_int_equal(fetch(quota, &one, 'a', 11, 61000), 0); /* nothing new */
    assert_int_equal(fetch(quota, &one, 'b', 1, 62000), 60);
    quota_free(quota);
}

static void whoever_asks_for_the_same_again_takes_nothing_more(void **state)
{
    (void)state;
    struct quota *quota = quota_new(100);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(fetch(quota, &one, 'a', 3, 1000 + i), 0);
    }
    assert_int_equal(fetch(quota, &one, 'b', 8, 2000), 60);
    assert_int_equal(fetch(quota, &one, 'b', 8, 2000), 60); /* what was put off is none of them */
    assert_int_equal(fetch(quota, &one, 'b', 7, 2000), 0);
    assert_int_equal(fetch(quota, &one, 'b', 8, 2000), 60);
    quota_free(quota);
}

/* So many that some of them would have the same place. */
static void many_secrets_are_known_again(void **state)
{
    (void)state;
    enum { MANY = 200 };
    const struct quota_limits limits = {.user_fetches = MANY};
    struct quota *quota = quota_new(100);
    char names[MANY][8];
    const char *keys[MANY];
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof(names[i]), "n%zu", i);
        keys[i] = names[i];
    }
    assert_int_equal(quota_fetch(quota, &one, keys, MANY, &limits, 1000), 0);
    assert_int_equal(quota_fetch(quota, &one, keys, MANY, &limits, 1000), 0);
    quota_free(quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_counted_by_user_and_in_all),
        cmocka_unit_test(there_are_no_more_than_there_can_be),
        cmocka_unit_test(without_random_octets_there_is_none),
        cmocka_unit_test(fetches_are_counted_by_the_minute),
        cmocka_unit_test(whoever_asks_for_the_same_again_takes_nothing_more),
        cmocka_unit_test(many_secrets_are_known_again),
    };
    return RUN_TESTS("agent/quota");
}
