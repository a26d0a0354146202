/* SPDX-License-Identifier: Apache-2.0 */
/* A fleet's record opens where it was written, for who has its key, while it is young; and for nobody else. */
#define _GNU_SOURCE
#include "fleet/record.h"

#include "base/base64.h"
#include "support/unit.h"

#define FIRST  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECOND "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

enum { NOW = 1000000000, FENCE = 77, ANY_KIND = 1 << FLEET_SESSION | 1 << FLEET_LIMIT };

static const struct fleet_scope account = {"https://mstr.example.com:443", "fleet", 1, 35};
static struct fleet_keys *keys;
static struct buffer sealed;

static struct fleet_keys *keys_of(const char *current, const char *old)
{
    struct fleet_keys *made = NULL;
    mstr_secret *first = mstr_secret_new(current, strlen(current));
    mstr_secret *second = old != NULL ? mstr_secret_new(old, strlen(old)) : NULL;
    assert_int_equal(fleet_keys_new(first, second, NULL, &made, NULL), MSTR_OK);
    mstr_secret_release(first);
    mstr_secret_release(second);
    return made;
}

static int make(void **state)
{
    const struct fleet_place place = {&account, "s:0", FLEET_SESSION, FENCE, NOW};
    (void)state;
    keys = keys_of(FIRST, NULL);
    sealed = (struct buffer)BUFFER_INIT;
    assert_int_equal(fleet_record_seal(keys, &place, "the token", 9, &sealed, NULL), MSTR_OK);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    buffer_release(&sealed);
    fleet_keys_free(keys);
    return 0;
}

/* Opens it as it stands, at a place, at a time, after a fence was seen; nothing comes out but of an opened one. */
static enum fleet_verdict open_at(const struct fleet_keys *with, const struct fleet_scope *scope, const char *name,
                                  int64_t now, int64_t seen)
{
    struct fleet_place place = {.scope = scope, .name = name};
    const struct fleet_sealed what = {sealed.data, sealed.length, now, seen, ANY_KIND};
    struct buffer out = BUFFER_INIT;
    enum fleet_verdict verdict = fleet_record_open(with, &what, &place, &out);
    assert_int_equal(out.length, verdict == FLEET_OPENED ? 9 : 0);
    assert_string_equal(buffer_text(&out), verdict == FLEET_OPENED ? "the token" : "");
    buffer_release(&out);
    return verdict;
}

static void what_was_sealed_opens_at_its_place(void **state)
{
    struct fleet_place place = {.scope = &account, .name = "s:0"};
    const struct fleet_sealed what = {sealed.data, sealed.length, NOW, 0, ANY_KIND};
    struct buffer out = BUFFER_INIT;
    (void)state;
    assert_int_equal(sealed.length, 9 + FLEET_RECORD_EXTRA);
    assert_null(memmem(sealed.data, sealed.length, "the token", 9));
    assert_int_equal(fleet_record_open(keys, &what, &place, &out), FLEET_OPENED);
    assert_string_equal(buffer_text(&out), "the token");
    assert_int_equal(place.kind, FLEET_SESSION);
    assert_int_equal(place.fence, FENCE);
    assert_int_equal(place.created, NOW);
    buffer_release(&out);
}

/* As workers of this version and of later ones find it in stores, whatever is changed here. */
static void a_record_that_was_sealed_long_ago_opens(void **state)
{
    static const char hex[] = "4d535452465201aef86b4a01000000000000004d000000003b9aca007ca7280852b32e2f5200c1ee"
                              "333187d963d6b9e0b9566a99277fd37cac9526a26a89f3e9af";
    (void)state;
    buffer_clear(&sealed);
    assert_true(hex_decode(&sealed, hex, sizeof(hex) - 1));
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_OPENED);
    sealed.data[0] = 'm';
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_TAMPERED);
    sealed.data[0] = 'M';
    sealed.data[6] = 0; /* no version is that */
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_TAMPERED);
    sealed.data[0] = 'm';
    sealed.data[6] = FLEET_RECORD_NEWEST + 1; /* of what is no record there is no newer one */
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_TAMPERED);
    sealed.data[0] = 'M';
    sealed.length = 7; /* which is enough to know that it is newer */
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_NEWER);
    sealed.length = 6;
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_TAMPERED);
}

static void nothing_can_be_sealed_too(void **state)
{
    const struct fleet_place place = {&account, "s:0", FLEET_SESSION, FENCE, NOW};
    struct fleet_place found = {.scope = &account, .name = "s:0"};
    struct buffer out = BUFFER_INIT;
    (void)state;
    buffer_clear(&sealed);
    assert_int_equal(fleet_record_seal(keys, &place, NULL, 0, &sealed, NULL), MSTR_OK);
    const struct fleet_sealed what = {sealed.data, sealed.length, NOW, 0, ANY_KIND};
    assert_int_equal(fleet_record_open(keys, &what, &found, &out), FLEET_OPENED);
    assert_int_equal(out.length, 0);
    buffer_release(&out);
}

static void what_was_sealed_in_part_is_taken_back(void **state)
{
    static const size_t rooms[] = {4, 4 + FLEET_RECORD_EXTRA - 16, 4 + FLEET_RECORD_EXTRA - 16 + 9};
    const struct fleet_place place = {&account, "s:0", FLEET_SESSION, FENCE, NOW};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rooms); i++) {
        struct buffer bounded = {.limit = rooms[i]};
        buffer_puts(&bounded, "kept");
        assert_int_equal(fleet_record_seal(keys, &place, "the token", 9, &bounded, NULL), MSTR_E_MEMORY);
        assert_string_equal(buffer_text(&bounded), "kept");
        buffer_release(&bounded);
    }
}

/* What is sealed goes behind what is there, and of what was refused nothing is left. */
static void what_stood_in_the_buffer_stays(void **state)
{
    static char longest[MSTR_STORE_RECORD_MAX];
    const size_t most = sizeof(longest) - FLEET_RECORD_EXTRA;
    const struct fleet_place place = {&account, "s:0", FLEET_SESSION, FENCE, NOW};
    struct fleet_place found = {.scope = &account, .name = "s:0"};
    struct buffer out = BUFFER_INIT;
    struct buffer opened = BUFFER_INIT;
    (void)state;
    buffer_puts(&out, "kept");
    buffer_puts(&opened, "kept");
    assert_int_equal(fleet_record_seal(keys, &place, longest, most + 1, &out, NULL), MSTR_E_UNEXPECTED);
    assert_int_equal(out.length, 4);
    assert_int_equal(fleet_record_seal(keys, &place, longest, most, &out, NULL), MSTR_OK);
    assert_int_equal(out.length, 4 + MSTR_STORE_RECORD_MAX);
    const struct fleet_sealed whole = {out.data + 4, MSTR_STORE_RECORD_MAX, NOW, 0, ANY_KIND};
    assert_int_equal(fleet_record_open(keys, &whole, &found, &opened), FLEET_OPENED);
    assert_int_equal(opened.length, 4 + most);
    assert_memory_equal(opened.data, "kept", 4);
    assert_memory_equal(opened.data + 4, longest, most);
    buffer_release(&opened);
    buffer_release(&out);
}

static void nothing_is_absent(void **state)
{
    (void)state;
    buffer_clear(&sealed);
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_ABSENT);
}

static void a_record_of_another_place_or_account_is_tampered(void **state)
{
    static const struct fleet_scope others[] = {{"https://mstr.example.org:443", "fleet", 1, 35},
                                                {"https://mstr.example.com:443", "other", 1, 35},
                                                {"https://mstr.example.com:443", "fleet", 16, 35},
                                                {"https://mstr.example.com:443", "fleet", 1, 8}};
    (void)state;
    assert_int_equal(open_at(keys, &account, "s:1", NOW, 0), FLEET_TAMPERED);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_int_equal(open_at(keys, &others[i], "s:0", NOW, 0), FLEET_TAMPERED);
    }
}

static void a_record_of_another_kind_is_tampered(void **state)
{
    struct fleet_place place = {.scope = &account, .name = "s:0"};
    const struct fleet_sealed what = {sealed.data, sealed.length, NOW, 0, 1 << FLEET_SECRET};
    struct buffer out = BUFFER_INIT;
    (void)state;
    assert_int_equal(fleet_record_open(keys, &what, &place, &out), FLEET_TAMPERED);
    assert_int_equal(out.length, 0);
    sealed.data[11] = FLEET_LIMIT;
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_TAMPERED);

    place.kind = (enum fleet_kind)32; /* which no set of them can have */
    place.fence = FENCE;
    place.created = NOW;
    buffer_clear(&sealed);
    assert_int_equal(fleet_record_seal(keys, &place, "the token", 9, &sealed, NULL), MSTR_OK);
    const struct fleet_sealed odd = {sealed.data, sealed.length, NOW, 0, ~0U};
    assert_int_equal(fleet_record_open(keys, &odd, &place, &out), FLEET_TAMPERED);
}

static void each_flipped_bit_is_seen(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * sealed.length; bit++) {
        sealed.data[bit / 8] = (char)(sealed.data[bit / 8] ^ 1 << bit % 8);
        enum fleet_verdict verdict = open_at(keys, &account, "s:0", NOW, 0);
        assert_true(verdict == FLEET_TAMPERED || (bit / 8 == 6 && verdict == FLEET_NEWER) ||
                    (bit / 8 >= 7 && bit / 8 < 11 && verdict == FLEET_UNKNOWN_KEY));
        sealed.data[bit / 8] = (char)(sealed.data[bit / 8] ^ 1 << bit % 8);
    }
}

static void each_truncation_is_seen(void **state)
{
    (void)state;
    for (size_t length = sealed.length - 1; length > 0; length--) {
        buffer_truncate(&sealed, length);
        assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_TAMPERED);
    }
}

static void an_older_fence_than_one_seen_is_replayed(void **state)
{
    (void)state;
    assert_int_equal(open_at(keys, &account, "s:0", NOW, FENCE), FLEET_OPENED);
    assert_int_equal(open_at(keys, &account, "s:0", NOW, FENCE + 1), FLEET_REPLAYED);
}

static void a_record_of_more_than_a_day_is_old(void **state)
{
    (void)state;
    assert_int_equal(open_at(keys, &account, "s:0", NOW + FLEET_RECORD_MAX_AGE, 0), FLEET_OPENED);
    assert_int_equal(open_at(keys, &account, "s:0", NOW + FLEET_RECORD_MAX_AGE + 1, 0), FLEET_OLD);
}

static void an_unknown_key_and_a_newer_format_are_told_from_tampering(void **state)
{
    struct fleet_keys *others = keys_of(SECOND, NULL);
    (void)state;
    assert_int_equal(open_at(others, &account, "s:0", NOW, 0), FLEET_UNKNOWN_KEY);
    sealed.data[6] = FLEET_RECORD_NEWEST + 1;
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_NEWER);
    fleet_keys_free(others);
}

static void the_old_key_opens_and_does_not_seal(void **state)
{
    struct fleet_keys *swapped = keys_of(SECOND, FIRST);
    const struct fleet_place place = {&account, "s:0", FLEET_SESSION, FENCE, NOW};
    (void)state;
    assert_int_equal(open_at(swapped, &account, "s:0", NOW, 0), FLEET_OPENED);
    buffer_clear(&sealed);
    assert_int_equal(fleet_record_seal(swapped, &place, "the token", 9, &sealed, NULL), MSTR_OK);
    assert_int_equal(open_at(swapped, &account, "s:0", NOW, 0), FLEET_OPENED);
    assert_int_equal(open_at(keys, &account, "s:0", NOW, 0), FLEET_UNKNOWN_KEY);
    fleet_keys_free(swapped);
}

static void nonces_differ_each_time(void **state)
{
    const struct fleet_place place = {&account, "s:0", FLEET_SESSION, FENCE, NOW};
    (void)state;
    buffer_clear(&sealed);
    for (int i = 0; i < 3; i++) { /* one behind the other */
        assert_int_equal(fleet_record_seal(keys, &place, "the token", 9, &sealed, NULL), MSTR_OK);
    }
    for (size_t i = 1; i < 3; i++) {
        const char *one = sealed.data + (i - 1) * (FLEET_RECORD_EXTRA + 9);
        const char *other = one + FLEET_RECORD_EXTRA + 9;
        assert_memory_equal(one, other, 28);
        for (size_t at = 28; at < 40; at += 4) { /* all of it */
            assert_memory_not_equal(one + at, other + at, 4);
        }
        assert_memory_not_equal(one + 40, other + 40, 9);
    }
}

static void what_is_too_long_is_not_sealed(void **state)
{
    const struct fleet_place place = {&account, "s:0", FLEET_SESSION, FENCE, NOW};
    struct buffer out = BUFFER_INIT;
    static char octets[MSTR_STORE_RECORD_MAX];
    (void)state;
    assert_int_equal(
        fleet_record_seal(keys, &place, octets, MSTR_STORE_RECORD_MAX - FLEET_RECORD_EXTRA + 1, &out, NULL),
        MSTR_E_UNEXPECTED);
    assert_int_equal(out.length, 0);
    assert_int_equal(fleet_record_seal(keys, &place, octets, MSTR_STORE_RECORD_MAX - FLEET_RECORD_EXTRA, &out, NULL),
                     MSTR_OK);
    assert_int_equal(out.length, MSTR_STORE_RECORD_MAX);
    buffer_release(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_sealed_opens_at_its_place),
        TEST(a_record_that_was_sealed_long_ago_opens),
        TEST(what_stood_in_the_buffer_stays),
        TEST(nothing_can_be_sealed_too),
        TEST(what_was_sealed_in_part_is_taken_back),
        TEST(nothing_is_absent),
        TEST(a_record_of_another_place_or_account_is_tampered),
        TEST(a_record_of_another_kind_is_tampered),
        TEST(each_flipped_bit_is_seen),
        TEST(each_truncation_is_seen),
        TEST(an_older_fence_than_one_seen_is_replayed),
        TEST(a_record_of_more_than_a_day_is_old),
        TEST(an_unknown_key_and_a_newer_format_are_told_from_tampering),
        TEST(the_old_key_opens_and_does_not_seal),
        TEST(nonces_differ_each_time),
        TEST(what_is_too_long_is_not_sealed),
    };
    return RUN_TESTS("fleet/record");
}
