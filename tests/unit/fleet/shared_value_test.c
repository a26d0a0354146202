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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_comes_back_with_its_facts),
        cmocka_unit_test(octets_that_are_none_are_refused),
    };
    return RUN_TESTS("fleet/shared_value");
}
