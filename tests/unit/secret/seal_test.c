/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed octets open for the right key and context only, and not after any change. */
#define _GNU_SOURCE
#include "secret/seal.h"

#include "base/base64.h"
#include "support/unit.h"

static mstr_secret *key;
static struct buffer sealed;

static int make(void **state)
{
    (void)state;
    key = mstr_secret_new("correct horse", 13);
    sealed = (struct buffer)BUFFER_INIT;
    assert_int_equal(seal(key, "https://h", "the token", 9, &sealed, NULL), MSTR_OK);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    buffer_release(&sealed);
    mstr_secret_release(key);
    return 0;
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
    for (size_t i = 0; i < sealed.length; i += 5) {
        struct buffer out = BUFFER_INIT;
        sealed.data[i] ^= 1;
        assert_int_equal(open_with(key, "https://h", &out), MSTR_E_AUTHENTICATION);
        assert_int_equal(out.length, 0);
        sealed.data[i] ^= 1;
        buffer_release(&out);
    }
}

/* As version 1.0 left it in files, made by another program: this version and later ones open it, whatever is changed.
 */
static void what_was_sealed_by_version_1_0_opens(void **state)
{
    static const char hex[] =
        "4d53545253455301000102030405060708090a0b0c0d0e0f202122232425262728292a2b7ff230a34581c83ffb61"
        "ac41e48cf721368e6f2eabb6bd76ad";
    struct buffer out = BUFFER_INIT;
    (void)state;
    buffer_clear(&sealed);
    assert_true(hex_decode(&sealed, hex, sizeof(hex) - 1));
    assert_int_equal(open_with(key, "https://h", &out), MSTR_OK);
    assert_string_equal(buffer_text(&out), "the token");
    buffer_release(&out);
}

static void what_a_later_version_sealed_is_told_from_what_is_no_session(void **state)
{
    static const struct {
        size_t at;
        char octet;
        const char *told;
    } cases[] = {{7, 2, "sealed by a later version of libmstr"},
                 {7, 0, "not a whole saved session"},
                 {0, 'm', "not a saved session"}};
    mstr_error *error = mstr_error_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        char before = sealed.data[cases[i].at];
        sealed.data[cases[i].at] = cases[i].octet;
        assert_int_equal(unseal(key, "https://h", sealed.data, sealed.length, &out, error), MSTR_E_AUTHENTICATION);
        assert_string_equal(mstr_error_message(error), cases[i].told);
        sealed.data[cases[i].at] = before;
        buffer_release(&out);
    }
    mstr_error_free(error);
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
    assert_memory_not_equal(again.data + 8, sealed.data + 8, 28);
    assert_memory_not_equal(again.data + 36, sealed.data + 36, 9);
    buffer_release(&again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_sealed_comes_back),
        TEST(another_key_or_context_is_refused),
        TEST(a_change_anywhere_is_refused),
        TEST(a_part_is_refused),
        TEST(what_was_sealed_by_version_1_0_opens),
        TEST(what_a_later_version_sealed_is_told_from_what_is_no_session),
        TEST(two_sealings_differ),
    };
    return RUN_TESTS("secret/seal");
}
