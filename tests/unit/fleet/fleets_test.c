/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/fleets.c, with the store of tests/plugins */
#include "support/registry.h"

#include "fleet/fleets.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct test_registry test;
static struct fleets fleets;

static void begin(const char *config)
{
    test_registry_make(&test, config, TEST_PLUGINS);
    assert_true(fleets_init(&fleets, &test.services, test.config));
}

static void end(void)
{
    fleets_release(&fleets);
    test_registry_drop(&test);
}

static enum mstr_code get(const char *section, struct fleet **fleet, mstr_error *error)
{
    const struct resolver resolver = {.cache = NULL};
    const struct limits limits = test_limits(600000);
    return fleets_get(&fleets, section, &resolver, &limits, fleet, error);
}

static void a_fleet_is_made_once_for_each_section(void **state)
{
    struct fleet *one = NULL;
    struct fleet *again = NULL;
    struct fleet *other = NULL;
    (void)state;
    begin("[fleet]\nstore = memory\nseal_key = " KEY "\n[fleet blue]\nstore = memory\nseal_key = " KEY
          "\nnamespace = blue\n");
    assert_int_equal(get("fleet", &one, NULL), MSTR_OK);
    assert_int_equal(get("fleet", &again, NULL), MSTR_OK);
    assert_int_equal(get("fleet blue", &other, NULL), MSTR_OK);
    assert_ptr_equal(one, again);
    assert_ptr_not_equal(one, other);
    end();
}

static void what_keeps_it_from_being_made_is_told(void **state)
{
    static const struct {
        const char *config;
        enum mstr_code code;
        const char *words;
    } cases[] = {
        {"[fleet]\nstore = absent\nseal_key = " KEY "\n", MSTR_E_PLUGIN, "mstr_store_absent"},
        {"[fleet]\nstore = memory\nseal_key = a pass phrase\n", MSTR_E_CONFIG, "32 octets"},
        {"[fleet]\nstore = memory\n", MSTR_E_CONFIG, "seal_key"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fleet *fleet = NULL;
        mstr_error *error = mstr_error_new();
        begin(cases[i].config);
        assert_int_equal(get("fleet", &fleet, error), cases[i].code);
        assert_null(fleet);
        assert_non_null(strstr(mstr_error_message(error), cases[i].words));
        end();
        mstr_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fleet_is_made_once_for_each_section),
        cmocka_unit_test(what_keeps_it_from_being_made_is_told),
    };
    return RUN_TESTS("fleet/fleets");
}
