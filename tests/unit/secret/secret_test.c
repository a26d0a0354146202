/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/secret.c */
#include "base/clock.h"
#include "secret/secret.h"
#include "support/memory_search.h"
#include "support/unit.h"

#include <pthread.h>

static const struct secret_facts facts = {.version = "v7",
                                          .content_type = "text/plain",
                                          .identity = "4f1a",
                                          .null_hint = "ask otherwise",
                                          .expires = 2000,
                                          .fetched = 1000,
                                          .source = SECRET_FROM_STORE};

static void a_secret_keeps_octets_and_facts(void **state)
{
    (void)state;
    mstr_secret *secret = secret_make("a\0b", 3, &facts);
    assert_int_equal(mstr_secret_length(secret), 3);
    assert_memory_equal(mstr_secret_octets(secret), "a\0b", 4);
    assert_string_equal(mstr_secret_version(secret), "v7");
    assert_string_equal(secret_content_type(secret), "text/plain");
    assert_string_equal(secret_identity(secret), "4f1a");
    assert_string_equal(secret_null_hint(secret), "ask otherwise");
    assert_int_equal(mstr_secret_expires(secret), 2000);
    assert_int_equal(mstr_secret_fetched(secret), 1000);
    assert_string_equal(mstr_secret_source(secret), "store");
    mstr_secret_release(secret);
    mstr_secret_release(NULL);
}

static void only_what_no_nul_cuts_is_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        size_t length;
        bool text;
    } cases[] = {{"", 0, true}, {"ab", 2, true}, {"a\0b", 3, false}, {"ab\0", 3, false}, {"\0", 1, false}};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_secret *secret = secret_make(cases[i].octets, cases[i].length, &facts);
        mstr_error_clear(error);
        assert_int_equal(secret_text(secret, error) == mstr_secret_octets(secret), cases[i].text);
        assert_int_equal(mstr_error_code(error), cases[i].text ? MSTR_OK : MSTR_E_CONFIG);
        mstr_secret_release(secret);
    }
    mstr_error_free(error);
}

/* The last text ends where the memory does, behind which there is none for some of these lengths. */
static void there_is_room_for_all_whatever_the_length(void **state)
{
    (void)state;
    static const char octets[20000];
    for (size_t length = sizeof(octets) - 4096; length <= sizeof(octets); length++) {
        mstr_secret *secret = secret_make(octets, length, &facts);
        assert_non_null(secret);
        assert_int_equal(mstr_secret_octets(secret)[length], 0);
        assert_string_equal(secret_null_hint(secret), "ask otherwise");
        mstr_secret_release(secret);
    }
    for (size_t left = 0; left < 200; left++) {
        assert_null(secret_make(octets, SIZE_MAX - left, &facts));
    }
}

static void a_plain_secret_was_fetched_just_now(void **state)
{
    (void)state;
    int64_t before = clock_now();
    mstr_secret *secret = mstr_secret_new(NULL, 0);
    assert_int_equal(mstr_secret_length(secret), 0);
    assert_string_equal(mstr_secret_octets(secret), "");
    assert_null(mstr_secret_version(secret));
    assert_null(secret_identity(secret));
    assert_int_equal(mstr_secret_expires(secret), 0);
    assert_true(mstr_secret_fetched(secret) >= before);
    mstr_secret_release(secret);
}

static void views_share_the_octets_and_outlive_the_first(void **state)
{
    (void)state;
    mstr_secret *secret = secret_make("value", 5, &facts);
    mstr_secret *cached = secret_from(secret, SECRET_FROM_CACHE);
    mstr_secret *stale = secret_from(cached, SECRET_STALE);
    assert_ptr_equal(mstr_secret_octets(cached), mstr_secret_octets(secret));
    mstr_secret_release(secret);
    mstr_secret_release(cached);
    assert_string_equal(mstr_secret_octets(stale), "value");
    assert_string_equal(mstr_secret_version(stale), "v7");
    assert_string_equal(secret_identity(stale), "4f1a");
    assert_string_equal(secret_null_hint(stale), "ask otherwise");
    assert_string_equal(mstr_secret_source(stale), "stale");
    mstr_secret_release(stale);
}

static void a_part_tells_the_facts_of_the_whole(void **state)
{
    (void)state;
    mstr_secret *whole = secret_make("whole", 5, &facts);
    mstr_secret *part = secret_part(whole, "who", 3);
    mstr_secret_release(whole);
    assert_string_equal(mstr_secret_octets(part), "who");
    assert_string_equal(secret_identity(part), "4f1a");
    assert_string_equal(mstr_secret_version(part), "v7");
    assert_int_equal(mstr_secret_expires(part), 2000);
    mstr_secret_release(part);
}

static void equality_is_that_of_the_octets(void **state)
{
    (void)state;
    mstr_secret *a = mstr_secret_new("same\0x", 6);
    mstr_secret *b = secret_make("same\0x", 6, &facts);
    mstr_secret *c = mstr_secret_new("same\0y", 6);
    mstr_secret *d = mstr_secret_new("same", 4);
    assert_true(secret_equal(a, b));
    assert_false(secret_equal(a, c));
    assert_false(secret_equal(a, d));
    mstr_secret_release(a);
    mstr_secret_release(b);
    mstr_secret_release(c);
    mstr_secret_release(d);
}

static void the_last_release_leaves_no_trace(void **state)
{
    (void)state;
    static const char mask = 0x2a;
    char masked[32];
    char value[32];
    for (size_t i = 0; i < sizeof(value); i++) {
        masked[i] = (char)((0x40 + i * 11 % 53) ^ 0x2a);
        value[i] = (char)(masked[i] ^ mask);
    }
    mstr_secret *secret = mstr_secret_new(value, sizeof(value));
    mstr_wipe(value, sizeof(value));
    mstr_secret *view = secret_from(secret, SECRET_FROM_CACHE);
    mstr_secret_release(secret);
    assert_true(memory_search_masked(masked, sizeof(masked), mask) >= 1);
    mstr_secret_release(view);
    assert_int_equal(memory_search_masked(masked, sizeof(masked), mask), 0);
}

static void *hold_and_let_go(void *data)
{
    for (int i = 0; i < 5000; i++) {
        mstr_secret_release(mstr_secret_retain(data));
    }
    return NULL;
}

static void owners_may_be_counted_by_many_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    mstr_secret *secret = mstr_secret_new("held", 4);
    for (size_t i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, hold_and_let_go, secret);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_string_equal(mstr_secret_octets(secret), "held");
    mstr_secret_release(secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_keeps_octets_and_facts),
        cmocka_unit_test(there_is_room_for_all_whatever_the_length),
        cmocka_unit_test(a_plain_secret_was_fetched_just_now),
        cmocka_unit_test(views_share_the_octets_and_outlive_the_first),
        cmocka_unit_test(a_part_tells_the_facts_of_the_whole),
        cmocka_unit_test(only_what_no_nul_cuts_is_a_text),
        cmocka_unit_test(equality_is_that_of_the_octets),
        cmocka_unit_test(the_last_release_leaves_no_trace),
        cmocka_unit_test(owners_may_be_counted_by_many_threads),
    };
    return RUN_TESTS("secret/secret");
}
