/* SPDX-License-Identifier: Apache-2.0 */
/* core/config/store.c, over a configuration that nobody read */
#include "support/unit.h"

#include "config/store.h"

#include <stdlib.h>

static struct config_problem problems[] = {{"/etc/mstr/config", 3, NULL, "first"}, {"file", 0, "cache", "second"}};
static struct config_file files[] = {{"/etc/mstr/config", NULL, false}, {"file", "absent", false}};
static struct config whole = {
    .problems = problems,
    .problem_count = COUNT_OF(problems),
    .files = files,
    .file_count = COUNT_OF(files),
};

static void add(struct config *config, const char *section, const char *key, const struct config_value *value)
{
    struct config_setting *setting = store_setting(config, store_section(config, section), key);
    assert_non_null(setting);
    setting->value = *value;
}

static int fill(void **state)
{
    (void)state;
    add(&whole, "profile default", "username", &(struct config_value){"ann", "/etc/mstr/config", 2, false, false});
    add(&whole, "profile default", "password", &(struct config_value){"${env:X}", "environment", 0, false, false});
    store_section(&whole, "cache");
    return 0;
}

/* What belongs to the configuration itself. */
static int empty(void **state)
{
    struct config *own = calloc(1, sizeof(*own));
    (void)state;
    own->sections = whole.sections;
    own->section_count = whole.section_count;
    own->names = whole.names;
    config_free(own);
    return 0;
}

static void values_are_found_by_the_whole_name_of_their_section(void **state)
{
    (void)state;
    static const struct {
        const char *section;
        const char *key;
        const char *text; /* NULL = it is not there */
    } cases[] = {
        {"profile default", "username", "ann"}, {"profile default", "password", "${env:X}"},
        {"profile default", "project", NULL},   {"profile default", "Username", NULL},
        {"profile", "username", NULL},          {"cache", "ttl", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct config_value *value = config_get(&whole, cases[i].section, cases[i].key);
        assert_int_equal(value != NULL, cases[i].text != NULL);
        assert_true(value == NULL || strcmp(value->text, cases[i].text) == 0);
    }
    assert_int_equal(config_get(&whole, "profile default", "username")->line, 2);
    assert_true(config_has_section(&whole, "cache"));
    assert_false(config_has_section(&whole, "profile"));
}

static void everything_is_walked_in_its_order_to_its_end(void **state)
{
    (void)state;
    assert_string_equal(config_section_at(&whole, 0), "profile default");
    assert_string_equal(config_section_at(&whole, 1), "cache");
    assert_null(config_section_at(&whole, 2));
    assert_string_equal(config_key_at(&whole, "profile default", 0), "username");
    assert_string_equal(config_key_at(&whole, "profile default", 1), "password");
    assert_null(config_key_at(&whole, "profile default", 2));
    assert_null(config_key_at(&whole, "cache", 0));
    assert_null(config_key_at(&whole, "unknown", 0));
    assert_string_equal(config_problem_at(&whole, 1)->text, "second");
    assert_null(config_problem_at(&whole, 2));
    assert_false(config_has_problem(&whole, "cache"));
    whole.sections[1].refused = true;
    assert_true(config_has_problem(&whole, "cache"));
    assert_false(config_has_problem(&whole, "unknown"));
    assert_string_equal(config_file_at(&whole, 1)->problem, "absent");
    assert_null(config_file_at(&whole, 2));
}

static void what_is_there_is_not_made_again(void **state)
{
    (void)state;
    struct config config = {0};
    size_t section = store_section(&config, "a");
    struct config_setting *first = store_setting(&config, section, "key");
    assert_int_equal(store_section(&config, "b"), section + 1);
    assert_int_equal(store_section(&config, "a"), section);
    assert_ptr_equal(store_setting(&config, section, "key"), first);
    assert_ptr_not_equal(store_setting(&config, section + 1, "key"), first);
    assert_int_equal(config.section_count, 2);
    assert_int_equal(config.sections[section].count, 1);
    struct config *own = calloc(1, sizeof(*own));
    *own = config;
    config_free(own);
}

static void the_default_profile_is_called_so_unless_one_is_selected(void **state)
{
    (void)state;
    static char work[] = "work";
    struct config selected = whole;
    selected.profile = work;
    assert_string_equal(config_default_profile(&whole), "default");
    assert_string_equal(config_default_profile(&selected), "work");
}

static void none_may_be_freed(void **state)
{
    (void)state;
    config_free(NULL);
}

static void booleans_have_four_pairs_of_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int value; /* -1 = refused */
    } cases[] = {
        {"yes", 1}, {"no", 0},  {"true", 1}, {"false", 0}, {"on", 1}, {"off", 0},   {"1", 1},
        {"0", 0},   {"YES", 1}, {"Off", 0},  {"", -1},     {"y", -1}, {"yes ", -1}, {"2", -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool value = cases[i].value == 0;
        assert_int_equal(config_boolean(cases[i].text, &value), cases[i].value >= 0);
        assert_true(cases[i].value < 0 || value == (cases[i].value == 1));
    }
}

static void a_profile_that_somebody_chose_must_be_there(void **state)
{
    (void)state;
    static const struct {
        const char *chosen; /* by the options or the environment */
        const char *named;  /* by the session */
        const char *section;
        bool absent;
        bool good;
    } cases[] = {
        {NULL, NULL, "profile default", false, true},      {"default", NULL, "profile default", false, true},
        {NULL, "default", "profile default", false, true}, {"other", NULL, "profile other", true, false},
        {NULL, "other", "profile other", true, false},     {"other", "default", "profile default", false, true},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer section = BUFFER_INIT;
        bool absent = false;
        whole.profile = (char *)(uintptr_t)cases[i].chosen;
        assert_int_equal(config_find_profile(&whole, cases[i].named, &section, &absent, error),
                         cases[i].good ? MSTR_OK : MSTR_E_CONFIG);
        assert_string_equal(buffer_text(&section), cases[i].section);
        assert_int_equal(absent, cases[i].absent);
        buffer_release(&section);
    }
    assert_string_equal(mstr_error_message(error), "there is no profile \"other\"");
    whole.profile = NULL;

    struct config nothing = {.section_count = 0};
    struct buffer section = BUFFER_INIT;
    bool absent = false;
    assert_int_equal(config_find_profile(&nothing, NULL, &section, &absent, NULL), MSTR_OK); /* nobody chose */
    assert_true(absent);
    buffer_release(&section);
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_by_the_whole_name_of_their_section),
        cmocka_unit_test(everything_is_walked_in_its_order_to_its_end),
        cmocka_unit_test(what_is_there_is_not_made_again),
        cmocka_unit_test(the_default_profile_is_called_so_unless_one_is_selected),
        cmocka_unit_test(none_may_be_freed),
        cmocka_unit_test(a_profile_that_somebody_chose_must_be_there),
        cmocka_unit_test(booleans_have_four_pairs_of_words),
    };
    return cmocka_run_group_tests_name("config/store", tests, fill, empty);
}
