/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/shared_value.c */
#include "fleet/shared_value.h"
#include "secret/secret.h"
#include "support/unit.h"

static void a_secret_comes_back_with_its_facts(void **state)
{
    (void)state;
    static const struct secret_facts cases[] = {
        {.expires = 5000, .fetched = 4000, .version = "v1", .content_type = "a/b", .null_hint = "look: at it"},
        {.fetched = 1, .version = ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer packed = BUFFER_INIT;
        int64_t until = 0;
        mstr_secret *secret = secret_make("a\0b", 3, &cases[i]);
        assert_true(shared_value_pack(secret, 1234, &packed));
        mstr_secret *other = shared_value_unpack(packed.data, packed.length, "me", &until);
        assert_non_null(other);
        assert_true(secret_equal(secret, other));
        assert_int_equal(until, 1234);
        assert_int_equal(mstr_secret_expires(other), cases[i].expires);
        assert_int_equal(mstr_secret_fetched(other), cases[i].fetched);
        assert_string_equal(mstr_secret_version(other), cases[i].version);
        assert_string_equal(secret_identity(other), "me");
        assert_string_equal(mstr_secret_source(other), "cache");
        assert_int_equal(secret_null_hint(other) != NULL, cases[i].null_hint != NULL);
        mstr_secret_release(other);
        mstr_secret_release(secret);
        buffer_release(&packed);
    }
}

static void octets_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",           "1",           "1,2",         "1,2,3",      "1,2,3,",       "1,2,3,--",
        "x,2,3,---v", "-1,2,3,---v", "1,2,3,9:v--", "1,2,3,:--v", "1,2,3,1:v-5:v"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t until = 0;
        assert_null(shared_value_unpack(cases[i], strlen(cases[i]), "me", &until));
    }
}

/* Whatever stands behind it. */
static void nothing_is_read_past_the_end(void **state)
{
    (void)state;
    int64_t until = 0;
    char *cut = memcpy(test_malloc(6), "1,2,3,", 6);
    assert_null(shared_value_unpack(cut, 6, "me", &until));
    test_free(cut);
    assert_null(shared_value_unpack("1,2,3,3:ab--", 10, "me", &until));
    mstr_secret *secret = shared_value_unpack("1,2,3,--1:v", 11, "me", &until);
    assert_non_null(secret);
    assert_int_equal(mstr_secret_length(secret), 0);
    assert_string_equal(secret_null_hint(secret), "v");
    mstr_secret_release(secret);
}

static void texts_are_of_bounded_length_and_without_nuls(void **state)
{
    (void)state;
    enum { MOST = 4096 };
    static char version[MOST + 2];
    int64_t until = 0;
    assert_null(shared_value_unpack("1,2,3,3:a\0b--x", 14, "me", &until));
    memset(version, 'v', sizeof(version) - 1);
    for (size_t over = 0; over < 2; over++) {
        struct buffer packed = BUFFER_INIT;
        version[MOST + over] = '\0';
        mstr_secret *secret = secret_make("value", 5, &(struct secret_facts){.version = version});
        assert_true(shared_value_pack(secret, 1, &packed));
        mstr_secret *other = shared_value_unpack(packed.data, packed.length, "me", &until);
        assert_int_equal(other != NULL, over == 0);
        mstr_secret_release(other);
        mstr_secret_release(secret);
        buffer_release(&packed);
        version[MOST + over] = 'v';
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_comes_back_with_its_facts),
        cmocka_unit_test(octets_that_are_none_are_refused),
        cmocka_unit_test(nothing_is_read_past_the_end),
        cmocka_unit_test(texts_are_of_bounded_length_and_without_nuls),
    };
    return RUN_TESTS("fleet/shared_value");
}
