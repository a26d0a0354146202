/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/cache_entries.c */
#include "resolve/cache_entries.h"

#include "secret/secret.h"
#include "support/unit.h"

#include <stdio.h>

static struct cache_entries entries;

static struct cache_entry *add(const char *key, mstr_secret *secret, bool fetched)
{
    struct cache_entry *entry = cache_entries_add(&entries, key);
    assert_non_null(entry);
    entry->secret = secret;
    entry->fetch = fetched ? (struct shared_fetch *)(void *)&entries : NULL;
    cache_entries_touch(&entries, entry);
    return entry;
}

static void assert_keys(const char *expected)
{
    char keys[64] = "";
    for (struct cache_entry *entry = NULL; (entry = cache_entries_next(&entries, entry)) != NULL;) {
        strcat(keys, entry->key);
    }
    assert_string_equal(keys, expected);
}

static int empty(void **state)
{
    (void)state;
    for (struct cache_entry *entry = cache_entries_next(&entries, NULL), *next; entry != NULL; entry = next) {
        next = cache_entries_next(&entries, entry);
        cache_entries_drop(&entries, entry);
    }
    assert_null(cache_entries_find(&entries, "a"));
    return 0;
}

static void an_entry_is_found_by_its_key_alone(void **state)
{
    (void)state;
    struct cache_entry *one = cache_entries_add(&entries, "a");
    struct cache_entry *other = cache_entries_add(&entries, "b");
    assert_ptr_equal(cache_entries_add(&entries, "a"), one);
    assert_ptr_equal(cache_entries_find(&entries, "b"), other);
    assert_null(cache_entries_find(&entries, "c"));
    cache_entries_drop(&entries, one);
    assert_null(cache_entries_find(&entries, "a"));
    assert_ptr_equal(cache_entries_find(&entries, "b"), other);
}

static void what_was_used_longest_ago_gives_way_secrets_and_others_apart(void **state)
{
    mstr_secret *secret = mstr_secret_new("x", 1);
    (void)state;
    add("a", secret, false);
    add("b", secret, false);
    add("m", NULL, false);
    add("n", NULL, false);
    assert_null(cache_entries_excess(&entries, 2));
    cache_entries_add(&entries, "a"); /* used again */
    assert_keys("bamn");
    assert_string_equal(cache_entries_excess(&entries, 1)->key, "b");
    cache_entries_drop(&entries, cache_entries_find(&entries, "b"));
    assert_string_equal(cache_entries_excess(&entries, 1)->key, "m");
    mstr_secret_release(secret);
}

static void what_is_fetched_never_gives_way(void **state)
{
    mstr_secret *secret = mstr_secret_new("x", 1);
    (void)state;
    for (int i = 0; i < 100; i++) { /* none of them is in the way of the search */
        char key[8];
        snprintf(key, sizeof key, "%d", i);
        add(key, i % 2 == 0 ? secret : NULL, true);
    }
    assert_null(cache_entries_excess(&entries, 0));
    struct cache_entry *entry = cache_entries_find(&entries, "42");
    entry->fetch = NULL;
    cache_entries_touch(&entries, entry);
    assert_ptr_equal(cache_entries_excess(&entries, 0), entry);
    mstr_secret_release(secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_entry_is_found_by_its_key_alone, empty),
        cmocka_unit_test_teardown(what_was_used_longest_ago_gives_way_secrets_and_others_apart, empty),
        cmocka_unit_test_teardown(what_is_fetched_never_gives_way, empty),
    };
    return RUN_TESTS("resolve/cache_entries");
}
