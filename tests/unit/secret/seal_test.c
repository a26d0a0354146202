/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed octets open for the right key and context only, and not after any change. */
#define _GNU_SOURCE
#include "secret/seal.h"

#include "base/base64.h"
#include "secret/gcm.h"
#include "support/unit.h"

enum { EXTRA = 8 + 16 + 12 + 16 }; /* octets that sealing adds */

static mstr_secret *key;
static struct buffer made; /* of "the token", once for all tests: scrypt takes its time */
static struct buffer sealed;

static int make(void **state)
{
    (void)state;
    key = mstr_secret_new("correct horse", 13);
    return seal(key, "https://h", "the token", 9, &made, NULL) != MSTR_OK;
}

static int clear(void **state)
{
    (void)state;
    buffer_release(&sealed);
    buffer_release(&made);
    mstr_secret_release(key);
    return 0;
}

static int take(void **state)
{
    (void)state;
    buffer_clear(&sealed);
    return !buffer_append(&sealed, made.data, made.length);
}

static enum mstr_code open_with(const mstr_secret *with, const char *context, struct buffer *out)
{
    return unseal(with, context, sealed.data, sealed.length, out, NULL);
}

static void what_was_sealed_comes_back(void **state)
{
    struct buffer out = BUFFER_INIT;
    (void)state;
    assert_int_equal(open_with(key, "https://h", &out), MSTR_OK);
    assert_int_equal(out.length, 9);
    assert_string_equal(buffer_text(&out), "the token");
    assert_null(memmem(sealed.data, sealed.length, "the token", 9));
    buffer_release(&out);
}

/* As scrypt and AES-GCM of Python have it, and as it lies on disks. */
static void what_was_sealed_long_ago_comes_back(void **state)
{
    static const char hex[] = "4d53545253455301101112131415161718191a1b1c1d1e1f404142434445464748494a4b"
                              "a910b0aa75cd28203b007c50e8bce368823d04398008f2d707";
    struct buffer out = BUFFER_INIT;
    (void)state;
    buffer_clear(&sealed);
    assert_true(hex_decode(&sealed, hex, sizeof(hex) - 1));
    assert_int_equal(open_with(key, "https://h", &out), MSTR_OK);
    assert_string_equal(buffer_text(&out), "the token");
    buffer_release(&out);
}

static void assert_refused(const char *octets, size_t length, const char *told)
{
    struct buffer out = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    assert_int_equal(unseal(key, "https://h", octets, length, &out, error), MSTR_E_AUTHENTICATION);
    assert_non_null(strstr(mstr_error_message(error), told));
    assert_int_equal(out.length, 0);
    mstr_error_free(error);
    buffer_release(&out);
}

static void what_is_no_sealing_is_told_as_that(void **state)
{
    (void)state;
    sealed.data[7]++;
    assert_refused(sealed.data, sealed.length, "sealed by a later version of libmstr");
    sealed.data[7] -= 2; /* no version is that */
    assert_refused(sealed.data, sealed.length, "not a whole saved session");
    sealed.data[7]++;
    assert_refused(sealed.data, EXTRA - 1, "not a whole saved session");
    assert_refused(sealed.data, 8, "not a whole saved session");
    assert_refused(sealed.data, 7, "not a saved session");
    assert_refused(sealed.data + 1, sealed.length - 1, "not a saved session");
    assert_refused(sealed.data, EXTRA, "sealed with another key");
}

static void nothing_and_the_most_there_is_can_be_sealed(void **state)
{
    struct buffer text = BUFFER_INIT;
    struct buffer out = BUFFER_INIT;
    (void)state;
    memset(buffer_room(&text, GCM_MAX + EXTRA + 1), 'x', GCM_MAX + EXTRA + 1);
    buffer_written(&text, GCM_MAX + EXTRA + 1);
    buffer_clear(&sealed);
    assert_int_equal(seal(key, "https://h", text.data, GCM_MAX + 1, &sealed, NULL), MSTR_E_UNEXPECTED);
    assert_int_equal(sealed.length, 0);
    assert_int_equal(seal(key, "https://h", text.data, GCM_MAX, &sealed, NULL), MSTR_OK);
    assert_int_equal(open_with(key, "https://h", &out), MSTR_OK);
    assert_int_equal(out.length, GCM_MAX);
    assert_memory_equal(out.data, text.data, GCM_MAX);
    memcpy(text.data, sealed.data, 8);
    assert_refused(text.data, text.length, "not a whole saved session");

    buffer_clear(&sealed);
    buffer_clear(&out);
    assert_int_equal(seal(key, "https://h", NULL, 0, &sealed, NULL), MSTR_OK);
    assert_int_equal(sealed.length, EXTRA);
    assert_int_equal(open_with(key, "https://h", &out), MSTR_OK);
    assert_int_equal(out.length, 0);
    buffer_release(&text);
    buffer_release(&out);
}

/* What is added goes behind it, and is taken back where it fails, also in part. */
static void what_stood_in_the_buffer_stays(void **state)
{
    static const size_t rooms[] = {4, 4 + EXTRA - 16, 4 + EXTRA - 16 + 9}; /* for none, for the head, without a tag */
    struct buffer out = BUFFER_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rooms); i++) {
        struct buffer bounded = {.limit = rooms[i]};
        buffer_puts(&bounded, "kept");
        assert_int_equal(seal(key, "https://h", "the token", 9, &bounded, NULL), MSTR_E_MEMORY);
        assert_string_equal(buffer_text(&bounded), "kept");
        buffer_release(&bounded);
    }
    buffer_clear(&sealed);
    buffer_puts(&sealed, "kept");
    assert_int_equal(seal(key, "https://h", "the token", 9, &sealed, NULL), MSTR_OK);
    buffer_puts(&out, "kept");
    assert_int_equal(unseal(key, "https://h", sealed.data + 4, sealed.length - 4, &out, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&out), "keptthe token");
    sealed.data[sealed.length - 1] ^= 1;
    assert_int_equal(unseal(key, "https://h", sealed.data + 4, sealed.length - 4, &out, NULL), MSTR_E_AUTHENTICATION);
    assert_string_equal(buffer_text(&out), "keptthe token");
    out.limit = out.length;
    assert_int_equal(unseal(key, "https://h", sealed.data + 4, sealed.length - 4, &out, NULL), MSTR_E_MEMORY);
    buffer_release(&out);
}

static void another_key_or_context_is_refused(void **state)
{
    struct buffer out = BUFFER_INIT;
    mstr_secret *other = mstr_secret_new("correct horsf", 13);
    (void)state;
    assert_int_equal(open_with(other, "https://h", &out), MSTR_E_AUTHENTICATION);
    assert_int_equal(open_with(key, "https://other", &out), MSTR_E_AUTHENTICATION);
    assert_int_equal(out.length, 0);
    mstr_secret_release(other);
    buffer_release(&out);
}

static void a_change_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sealed.length; i += 7) { /* each part of it */
        struct buffer out = BUFFER_INIT;
        sealed.data[i] ^= 1;
        assert_int_equal(open_with(key, "https://h", &out), MSTR_E_AUTHENTICATION);
        assert_int_equal(out.length, 0);
        sealed.data[i] ^= 1;
        buffer_release(&out);
    }
}

static void a_part_is_refused(void **state)
{
    static const size_t lengths[] = {0, 8, 51, 52, 60};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct buffer out = BUFFER_INIT;
        assert_true(lengths[i] < sealed.length);
        assert_int_equal(unseal(key, "https://h", sealed.data, lengths[i], &out, NULL), MSTR_E_AUTHENTICATION);
        buffer_release(&out);
    }
}

static void two_sealings_differ(void **state)
{
    struct buffer again = BUFFER_INIT;
    (void)state;
    assert_int_equal(seal(key, "https://h", "the token", 9, &again, NULL), MSTR_OK);
    assert_int_equal(again.length, sealed.length);
    for (size_t at = 8; at < 36; at += 4) { /* salt and nonce, all of them */
        assert_memory_not_equal(again.data + at, sealed.data + at, 4);
    }
    assert_memory_not_equal(again.data + 36, sealed.data + 36, 9);
    buffer_release(&again);
}

#define TEST(name) cmocka_unit_test_setup(name, take)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_sealed_comes_back),
        TEST(another_key_or_context_is_refused),
        TEST(a_change_anywhere_is_refused),
        TEST(a_part_is_refused),
        TEST(two_sealings_differ),
        TEST(what_was_sealed_long_ago_comes_back),
        TEST(what_is_no_sealing_is_told_as_that),
        TEST(nothing_and_the_most_there_is_can_be_sealed),
        TEST(what_stood_in_the_buffer_stays),
    };
    return cmocka_run_group_tests_name("secret/seal", tests, make, clear);
}
