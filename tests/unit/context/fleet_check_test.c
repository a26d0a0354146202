/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/fleet_check.c, as config check meets it, with the store of tests/plugins */
#include "support/context.h"

#include <stdio.h>

#define KEY   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define FLEET "[fleet]\nstore = memory\nseal_key = " KEY "\n"

/* "LINE PROBLEM\n" */
static int collect(const mstr_config_item *item, void *data)
{
    char *told = data;
    size_t length = strlen(told);
    snprintf(told + length, 4096 - length, "%u %s\n", item->line, item->problem != NULL ? item->problem : "-");
    return 0;
}

static enum mstr_code visit(const char *config, uint32_t flags, char *told)
{
    char *path = test_file(config, strlen(config));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    options.plugin_path = TEST_PLUGINS;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    *told = '\0';
    enum mstr_code code = mstr_config_visit(&options, flags, collect, told, NULL);
    unlink(path);
    free(path);
    return code;
}

static void a_good_section_has_no_problem(void **state)
{
    (void)state;
    static const char *const configs[] = {
        FLEET,
        FLEET "username = ${env:NOBODY_SETS_THIS}\ndelay = ${env:NOR_THIS}\nshare_secrets = st:prod/*\n",
        "[fleet emea]\nstore = memory\nseal_key = ${env:NOBODY_SETS_THIS}\nlogout = last\n",
    };
    char told[4096];
    for (size_t i = 0; i < COUNT_OF(configs); i++) {
        enum mstr_code code = visit(configs[i], MSTR_CONFIG_PROBLEMS, told);
        if (code != MSTR_OK) {
            fail_msg("%s", told);
        }
    }
}

static void what_keeps_a_fleet_from_being_used_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"[fleet]\nseal_key = " KEY "\n", MSTR_E_CONFIG, "2 [fleet] lacks its store, which names a module\n"},
        {"[fleet]\nstore = memory\n", MSTR_E_CONFIG,
         "2 [fleet] lacks its seal_key, without which nothing is shared\n"},
        {"[fleet]\nstore = memory\nseal_key = pass phrase\n", MSTR_E_CONFIG,
         "3 seal_key is not a key of exactly 32 octets in base64 or hexadecimal\n"},
        {FLEET "seal_key_old = ${text:pass phrase}\n", MSTR_E_CONFIG, "4 seal_key_old is not a key"},
        {"[fleet]\nstore = absent\nseal_key = " KEY "\n", MSTR_E_PLUGIN,
         "2 plugin \"mstr_store_absent\" was not found; looked in " TEST_PLUGINS},
        {FLEET "delai = 1\n", MSTR_E_CONFIG, "4 unknown option \"delai\"\n"},
        {FLEET "delay = long\n", MSTR_E_CONFIG, "4 option \"delay\" must be a whole number\n"},
        {FLEET "share_secrets = st:a all\n", MSTR_E_CONFIG,
         "4 share_secrets in [fleet]: \"all\" is no pattern of references"},
        {FLEET "sessions = 0\n", MSTR_E_CONFIG, "4 \"sessions\" must be a whole number from 1 to 64\n"},
        {FLEET "password = ${none:x}\n", MSTR_E_CONFIG, "4 \"password\": "},
        {"[profile default]\nfleet = emea\n" FLEET, MSTR_E_CONFIG,
         "2 there is no section [fleet emea], which \"fleet\" names\n"},
    };
    char told[4096];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(visit(cases[i].config, MSTR_CONFIG_PROBLEMS, told), cases[i].code);
        if (strstr(told, cases[i].told) != told) {
            fail_msg("%s\nis told as\n%s\nnot as\n%s", cases[i].config, told, cases[i].told);
        }
    }
}

/* "[SECTION] KEY = VALUE\n" */
static int show(const mstr_config_item *item, void *data)
{
    char *told = data;
    size_t length = strlen(told);
    snprintf(told + length, 4096 - length, "%s = %s\n", item->key, item->value != NULL ? item->value : "(hidden)");
    return 0;
}

static void no_secret_of_a_fleet_is_shown(void **state)
{
    (void)state;
    static const char config[] = "[fleet]\nstore = memory\nurl = memory://ann:sesame@h/0\nusername = ann\n"
                                 "password = sesame\nseal_key = " KEY "\nseal_key_old = ${env:OLD}\nspace = sesame\n";
    char told[4096] = "";
    char *path = test_file(config, strlen(config));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_SETTINGS, show, told, NULL), MSTR_OK);
    unlink(path);
    free(path);
    assert_string_equal(told, "store = memory\nurl = (hidden)\nusername = ann\npassword = (hidden)\n"
                              "seal_key = (hidden)\nseal_key_old = ${env:OLD}\nspace = (hidden)\n");
}

static void what_weakens_a_fleet_is_told(void **state)
{
    (void)state;
    char told[4096];
    visit(FLEET "allow_plain = yes\n", MSTR_CONFIG_WEAKENINGS, told);
    assert_string_equal(told, "4 whoever listens on the way learns the password\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_section_has_no_problem),
        cmocka_unit_test(what_keeps_a_fleet_from_being_used_is_told_with_its_line),
        cmocka_unit_test(no_secret_of_a_fleet_is_shown),
        cmocka_unit_test(what_weakens_a_fleet_is_told),
    };
    return RUN_TESTS("context/fleet_check");
}
