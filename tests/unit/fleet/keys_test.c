/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, names and digests of a fleet: which texts are keys, what follows from them, and what keeps them apart. */
#include "fleet/keys.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/openssl.h"
#include "support/allocator.h"
#include "support/memory_search.h"
#include "support/unit.h"

#define FIRST  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECOND "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

static const struct fleet_scope scope = {"https://mstr.example.com:443", "fleet", 1, 35};

static enum mstr_code try_key(const char *current, const char *old, const char *space, struct fleet_keys **keys,
                              mstr_error *error)
{
    mstr_secret *first = mstr_secret_new(current, strlen(current));
    mstr_secret *second = old != NULL ? mstr_secret_new(old, strlen(old)) : NULL;
    enum mstr_code code = fleet_keys_new(first, second, space, keys, error);
    mstr_secret_release(first);
    mstr_secret_release(second);
    return code;
}

static struct fleet_keys *make(const char *current, const char *old, const char *space)
{
    struct fleet_keys *keys = NULL;
    assert_int_equal(try_key(current, old, space, &keys, NULL), MSTR_OK);
    return keys;
}

static void base64_and_hex_of_32_octets_are_the_same_key(void **state)
{
    struct fleet_keys *hex = make(FIRST, NULL, NULL);
    struct fleet_keys *base64 = make("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", NULL, NULL);
    (void)state;
    assert_memory_equal(fleet_keys_check(hex, 0), fleet_keys_check(base64, 0), FLEET_CHECK);
    fleet_keys_free(hex);
    fleet_keys_free(base64);
}

static void what_is_no_key_of_32_octets_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "correct horse battery staple",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIQ==",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
        FIRST "20",
        "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "0123456789abcdef0123456789abcdef",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct fleet_keys *keys = NULL;
        mstr_error *error = mstr_error_new();
        assert_int_equal(try_key(texts[i], NULL, NULL, &keys, error), MSTR_E_CONFIG);
        assert_null(keys);
        assert_non_null(strstr(mstr_error_message(error), "seal_key is not a key of exactly 32 octets"));
        assert_string_equal(mstr_error_hint(error), "make one: openssl rand -base64 32; a pass phrase is no key");
        assert_true(texts[i][0] == '\0' || strstr(mstr_error_message(error), texts[i]) == NULL);
        mstr_error_free(error);
    }
}

static void an_old_key_that_is_none_is_named(void **state)
{
    struct fleet_keys *keys = NULL;
    mstr_error *error = mstr_error_new();
    (void)state;
    assert_int_equal(try_key(FIRST, "an old pass phrase", NULL, &keys, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "seal_key_old"));
    mstr_error_free(error);
}

/* As HKDF of Python's cryptography makes them, of "record1", the length of "blue" and "blue", and so on. */
static void keys_of_records_are_hkdf_of_the_account_and_kind(void **state)
{
    static const unsigned char check[FLEET_CHECK] = {0xae, 0xf8, 0x6b, 0x4a};
    struct buffer expected = BUFFER_INIT;
    unsigned char key[FLEET_KEY];
    struct fleet_keys *keys = make(FIRST, NULL, "blue");
    (void)state;
    assert_true(hex_decode(&expected, "0c20935f4110cebeb4b1d3696a7e836fd3da701e33ebc2837acbbee80ac47d94", 64));
    assert_true(fleet_keys_derive(keys, 0, &scope, FLEET_SESSION, key));
    assert_memory_equal(key, expected.data, FLEET_KEY);
    assert_memory_equal(fleet_keys_check(keys, 0), check, FLEET_CHECK);
    buffer_release(&expected);
    fleet_keys_free(keys);
}

static void each_account_kind_and_fleet_has_a_key_and_a_group_of_its_own(void **state)
{
    static const struct {
        struct fleet_scope scope;
        const char *space;
    } others[] = {
        {{"https://mstr.example.com:444", "fleet", 1, 35}, NULL},
        {{"https://mstr.example.com:443", "Fleet", 1, 35}, NULL},
        {{"https://mstr.example.com:443", "fleet", 16, 35}, NULL},
        {{"https://mstr.example.com:443", "fleet", 1, 8}, NULL},
        {{"https://mstr.example.com:443", "fleet", 1, 35}, "blue"},
        {{"https://mstr.example.com:443f", "leet", 1, 35}, NULL},
        {{"https://mstr.example.com:443", "fleet1", 1, 35}, NULL},
        {{"https://mstr.example.com:443", "fleet", 13, 5}, NULL},
    };
    struct fleet_keys *keys = make(FIRST, NULL, NULL);
    unsigned char key[FLEET_KEY];
    unsigned char other[FLEET_KEY];
    char group[FLEET_GROUP];
    char other_group[FLEET_GROUP];
    (void)state;
    assert_true(fleet_keys_derive(keys, 0, &scope, FLEET_SESSION, key));
    assert_true(fleet_keys_group(keys, &scope, group));
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct fleet_keys *apart = make(FIRST, NULL, others[i].space);
        assert_true(fleet_keys_derive(apart, 0, &others[i].scope, FLEET_SESSION, other));
        assert_true(fleet_keys_group(apart, &others[i].scope, other_group));
        assert_memory_not_equal(key, other, FLEET_KEY);
        assert_string_not_equal(group, other_group);
        fleet_keys_free(apart);
    }
    assert_true(fleet_keys_derive(keys, 0, &scope, FLEET_SECRET, other));
    assert_memory_not_equal(key, other, FLEET_KEY);
    fleet_keys_free(keys);
}

static void names_tell_neither_user_nor_host_and_follow_from_the_key(void **state)
{
    char group[FLEET_GROUP];
    char other[FLEET_GROUP];
    struct fleet_keys *keys = make(FIRST, NULL, NULL);
    struct fleet_keys *others = make(SECOND, NULL, NULL);
    (void)state;
    assert_true(fleet_keys_group(keys, &scope, group) && fleet_keys_group(others, &scope, other));
    assert_int_equal(strspn(group, "0123456789abcdef"), 32);
    assert_int_equal(strlen(group), 32);
    assert_string_not_equal(group, other);
    fleet_keys_free(keys);
    fleet_keys_free(others);
}

static void names_and_digests_stay_while_keys_are_swapped(void **state)
{
    char group[FLEET_GROUP];
    char other[FLEET_GROUP];
    unsigned char digest[FLEET_DIGEST];
    unsigned char other_digest[FLEET_DIGEST];
    struct fleet_keys *before = make(FIRST, SECOND, NULL);
    struct fleet_keys *after = make(SECOND, FIRST, NULL);
    (void)state;
    assert_true(fleet_keys_group(before, &scope, group) && fleet_keys_group(after, &scope, other));
    assert_string_equal(group, other);
    assert_true(fleet_keys_digest(before, "key", "k", 1, digest) &&
                fleet_keys_digest(after, "key", "k", 1, other_digest));
    assert_memory_equal(digest, other_digest, FLEET_DIGEST);
    assert_int_equal(fleet_keys_find(before, fleet_keys_check(after, 0)), 1);
    assert_int_equal(fleet_keys_find(after, fleet_keys_check(before, 0)), 1);
    fleet_keys_free(before);
    fleet_keys_free(after);
}

static void digests_differ_by_label_and_by_what_goes_in(void **state)
{
    unsigned char a[FLEET_DIGEST];
    unsigned char b[FLEET_DIGEST];
    struct fleet_keys *keys = make(FIRST, NULL, NULL);
    (void)state;
    assert_true(fleet_keys_digest(keys, "api key", "one", 3, a));
    assert_true(fleet_keys_digest(keys, "tried", "one", 3, b));
    assert_memory_not_equal(a, b, FLEET_DIGEST);
    assert_true(fleet_keys_digest(keys, "api key", "two", 3, b));
    assert_memory_not_equal(a, b, FLEET_DIGEST);
    fleet_keys_free(keys);
}

/* By the octets that tell it, as all members of a fleet agree on it. */
static void the_lesser_of_two_keys_names_things(void **state)
{
    struct fleet_keys *both = make(FIRST, SECOND, NULL);
    bool second = memcmp(fleet_keys_check(both, 1), fleet_keys_check(both, 0), FLEET_CHECK) < 0;
    struct fleet_keys *lesser = make(second ? SECOND : FIRST, NULL, NULL);
    char group[FLEET_GROUP];
    char expected[FLEET_GROUP];
    (void)state;
    assert_true(fleet_keys_group(both, &scope, group) && fleet_keys_group(lesser, &scope, expected));
    assert_string_equal(group, expected);
    fleet_keys_free(both);
    fleet_keys_free(lesser);
}

/* How a child ends, in which OpenSSL is loaded already or not. */
enum { FAILED_WELL, NOTHING_FAILED, SURPRISED };

static int derive_without_memory(long at, bool loaded)
{
    const struct openssl *openssl = NULL;
    struct fleet_keys *keys = loaded ? make(FIRST, NULL, NULL) : NULL;
    mstr_secret *key = mstr_secret_new(FIRST, strlen(FIRST));
    fleet_keys_free(keys);
    allocator_fail(at, false);
    enum mstr_code code = fleet_keys_new(key, NULL, NULL, &keys, NULL);
    bool failed = allocator_succeed();
    bool right = keys != NULL ? code == MSTR_OK && memcmp(fleet_keys_check(keys, 0), "\xae\xf8\x6b\x4a", 4) == 0
                              : failed && code == MSTR_E_MEMORY;
    right = right && (!loaded || (openssl_get(&openssl, NULL) == MSTR_OK &&
                                  openssl->ERR_peek_last_error() == 0)); /* in the program's own queue */
    return !right ? SURPRISED : failed ? FAILED_WELL : NOTHING_FAILED;
}

/* The first of all tests. */
static void without_memory_there_is_no_key(void **state)
{
    (void)state;
    for (int loaded = 0; loaded < 2; loaded++) {
        int end = FAILED_WELL;
        for (long at = 1; end == FAILED_WELL && at < 60; at++) {
            int status = 0;
            pid_t child = fork();
            if (child == 0) {
                _exit(derive_without_memory(at, loaded));
            }
            assert_int_equal(waitpid(child, &status, 0), child);
            end = WIFEXITED(status) ? WEXITSTATUS(status) : SURPRISED;
            assert_true(end == FAILED_WELL || end == NOTHING_FAILED);
        }
    }
}

static void an_unknown_key_is_not_found(void **state)
{
    static const unsigned char none[FLEET_CHECK];
    struct fleet_keys *keys = make(FIRST, NULL, NULL);
    struct fleet_keys *others = make(SECOND, NULL, NULL);
    (void)state;
    assert_int_equal(fleet_keys_find(keys, fleet_keys_check(keys, 0)), 0);
    assert_int_equal(fleet_keys_find(keys, fleet_keys_check(others, 0)), -1);
    assert_int_equal(fleet_keys_find(keys, none), -1);
    fleet_keys_free(keys);
    fleet_keys_free(others);
}

static void nothing_of_a_key_stays_in_memory(void **state)
{
    const char mask = 0x5a;
    char masked[FLEET_KEY];
    char text[2 * FLEET_KEY + 1];
    (void)state;
    for (int i = 0; i < FLEET_KEY; i++) {
        masked[i] = (char)((0x40 + i) ^ mask);
        snprintf(text + 2 * (size_t)i, 3, "%02x", 0x40 + i);
    }
    struct fleet_keys *keys = make(text, NULL, NULL);
    fleet_keys_free(keys);
    assert_int_equal(memory_search_masked(masked, sizeof(masked), mask), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_there_is_no_key),
        cmocka_unit_test(base64_and_hex_of_32_octets_are_the_same_key),
        cmocka_unit_test(what_is_no_key_of_32_octets_is_refused),
        cmocka_unit_test(an_old_key_that_is_none_is_named),
        cmocka_unit_test(keys_of_records_are_hkdf_of_the_account_and_kind),
        cmocka_unit_test(each_account_kind_and_fleet_has_a_key_and_a_group_of_its_own),
        cmocka_unit_test(names_tell_neither_user_nor_host_and_follow_from_the_key),
        cmocka_unit_test(names_and_digests_stay_while_keys_are_swapped),
        cmocka_unit_test(digests_differ_by_label_and_by_what_goes_in),
        cmocka_unit_test(the_lesser_of_two_keys_names_things),
        cmocka_unit_test(an_unknown_key_is_not_found),
        cmocka_unit_test(nothing_of_a_key_stays_in_memory),
    };
    return RUN_TESTS("fleet/keys");
}
