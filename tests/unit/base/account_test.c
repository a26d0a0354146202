/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/account.c */
#include "base/account.h"
#include "support/unit.h"

static void a_number_is_itself_whoever_has_it(void **state)
{
    (void)state;
    uint32_t id = 0;
    assert_int_equal(account_find("4711", false, &id), MSTR_OK);
    assert_int_equal(id, 4711);
    assert_int_equal(account_find("4294967294", true, &id), MSTR_OK);
    assert_int_equal(id, 4294967294U);
}

static void a_name_is_looked_up_among_users_or_groups(void **state)
{
    (void)state;
    uint32_t user = 1;
    uint32_t group = 1;
    assert_int_equal(account_find("root", false, &user), MSTR_OK);
    assert_int_equal(account_find("root", true, &group), MSTR_OK);
    assert_int_equal(user, 0);
    assert_int_equal(group, 0);
}

/* The number that means nobody included. */
static void what_nobody_has_is_not_found(void **state)
{
    (void)state;
    static const char *const words[] = {"nobody-of-this-name", "-1", "4294967295", "99999999999999999999", ""};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        uint32_t id = 0;
        assert_int_equal(account_find(words[i], false, &id), MSTR_E_NOT_FOUND);
        assert_int_equal(account_find(words[i], true, &id), MSTR_E_NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_itself_whoever_has_it),
        cmocka_unit_test(a_name_is_looked_up_among_users_or_groups),
        cmocka_unit_test(what_nobody_has_is_not_found),
    };
    return RUN_TESTS("base/account");
}
