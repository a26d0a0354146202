/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/fingerprint.c: what a caller and the agent must have in common */
#include "support/folder.h"
#include "support/registry.h"

#include "base/json.h"
#include "plugin/fingerprint.h"

#include <pwd.h>

#define KEY   "0123456789abcdef"
#define CORP  "[provider corp]\nregion = eu\ntoken = top-secret\nurl = ${env:CORP_URL}\n"
#define OTHER "[provider other]\nplugin = corp_vault\n"

static int begin(void **state)
{
    static struct folder folder;
    folder_make(&folder);
    folder_write(&folder, "corp.provider",
                 "[provider corp]\nplugin = corp_vault\nenvironment = CORP_TOKEN ~/.corp /etc/corp\n");
    folder_write(&folder, "corp_vault.so", "");
    unsetenv("CORP_TOKEN");
    unsetenv("CORP_URL");
    setenv("HOME", getpwuid(geteuid())->pw_dir, 1);
    *state = &folder;
    return 0;
}

static int end(void **state)
{
    folder_remove(*state);
    unsetenv("CORP_TOKEN");
    unsetenv("CORP_URL");
    return 0;
}

/* The fingerprint of a scheme or a profile, as a tree. */
static struct json_object *fingerprint(const struct folder *folder, const char *config, const char *scheme,
                                       const char *profile, const char *key)
{
    struct test_registry test;
    struct buffer json = BUFFER_INIT;
    struct json_object *tree = NULL;
    test_registry_make(&test, config, folder->path);
    enum mstr_code code = scheme != NULL ? fingerprint_of_scheme(test.registry, scheme, key, &json, NULL)
                                         : fingerprint_of_profile(test.registry, profile, key, &json, NULL);
    assert_int_equal(code, MSTR_OK);
    assert_int_equal(json_read(buffer_text(&json), json.length, &tree), MSTR_OK);
    assert_null(strstr(buffer_text(&json), "top-secret"));
    assert_null(strstr(buffer_text(&json), "hidden"));
    test_registry_drop(&test);
    buffer_release(&json);
    return tree;
}

/* The first difference of one's own with another's, "" if there is none. */
static const char *difference(const struct folder *folder, const char *config, const char *scheme,
                              struct json_object *theirs, const char *key)
{
    static char name[128];
    struct test_registry test;
    struct buffer out = BUFFER_INIT;
    test_registry_make(&test, config, folder->path);
    assert_int_equal(fingerprint_compare_scheme(test.registry, scheme, key, theirs, &out, NULL), MSTR_OK);
    snprintf(name, sizeof(name), "%s", buffer_text(&out));
    test_registry_drop(&test);
    buffer_release(&out);
    return name;
}

static void plain_settings_enter_as_they_are_and_what_may_be_secret_does_not(void **state)
{
    const struct folder *folder = *state;
    char object[256];
    setenv("CORP_TOKEN", "hidden", 1);
    setenv("CORP_URL", "https://hidden", 1);
    struct json_object *tree = fingerprint(folder, CORP, "corp", NULL, KEY);
    assert_string_equal(json_member_text(tree, "plugin"), "corp_vault");
    assert_string_equal(json_member_text(tree, "plugin file"), folder_path(folder, "corp_vault.so", object));
    assert_string_equal(json_member_text(tree, "provider region"), "eu");
    assert_int_equal(strlen(json_member_text(tree, "provider token")), 64);
    assert_int_equal(strlen(json_member_text(tree, "environment CORP_TOKEN")), 64);
    assert_int_equal(strlen(json_member_text(tree, "environment CORP_URL")), 64);
    assert_null(json_member(tree, "environment HOME")); /* which is the user's own */
    unsetenv("CORP_TOKEN");
    unsetenv("CORP_URL");
    json_release(tree);
}

static void a_home_counts_unless_it_is_the_users_own(void **state)
{
    const struct folder *folder = *state;
    struct json_object *tree = fingerprint(folder, CORP, "corp", NULL, KEY);
    setenv("HOME", "/elsewhere", 1);
    assert_string_equal(difference(folder, CORP, "corp", tree, KEY), "environment HOME");
    unsetenv("HOME");
    assert_string_equal(difference(folder, CORP, "corp", tree, KEY), "");
    setenv("HOME", getpwuid(geteuid())->pw_dir, 1);
    assert_string_equal(difference(folder, CORP, "corp", tree, KEY), "");
    json_release(tree);
}

static void the_same_is_the_same_under_one_key_alone(void **state)
{
    const struct folder *folder = *state;
    struct json_object *tree = fingerprint(folder, CORP, "corp", NULL, KEY);
    assert_string_equal(difference(folder, CORP, "corp", tree, KEY), "");
    assert_string_equal(difference(folder, CORP OTHER "[cache]\nttl = 1s\n", "corp", tree, KEY), "");
    assert_string_not_equal(difference(folder, CORP, "corp", tree, "another"), "");
    json_release(tree);
}

static void the_first_difference_is_named(void **state)
{
    const struct folder *folder = *state;
    static const struct {
        const char *config;
        const char *variable;
        const char *named;
    } cases[] = {
        {"[provider corp]\nregion = us\ntoken = top-secret\nurl = ${env:CORP_URL}\n", NULL, "provider region"},
        {"[provider corp]\nregion = eu\ntoken = another\nurl = ${env:CORP_URL}\n", NULL, "provider token"},
        {"[provider corp]\nregion = eu\ntoken = top-secret\n", NULL, "provider url"},
        {CORP "more = 1\n", NULL, "provider more"},
        {"[provider corp]\nplugin = corp_vault\nregion = eu\ntoken = top-secret\nurl = ${env:CORP_URL}\n", NULL,
         "provider plugin"},
        {CORP, "CORP_TOKEN", "environment CORP_TOKEN"},
        {CORP, "CORP_URL", "environment CORP_URL"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_object *tree = fingerprint(folder, CORP, "corp", NULL, KEY);
        if (cases[i].variable != NULL) { /* on one side only */
            setenv(cases[i].variable, "hidden", 1);
        }
        assert_string_equal(difference(folder, cases[i].config, "corp", tree, KEY), cases[i].named);
        struct json_object *other = fingerprint(folder, cases[i].config, "corp", NULL, KEY);
        if (cases[i].variable != NULL) {
            unsetenv(cases[i].variable);
        }
        assert_string_equal(difference(folder, CORP, "corp", other, KEY), cases[i].named);
        json_release(tree);
        json_release(other);
    }
    assert_string_equal(difference(folder, CORP, "corp", NULL, KEY), "plugin");
}

static void what_cannot_be_used_here_differs_from_what_can_there(void **state)
{
    const struct folder *folder = *state;
    struct json_object *tree = fingerprint(folder, CORP, "corp", NULL, KEY);
    assert_string_equal(difference(folder, "", "unknown", tree, KEY), "plugin");
    assert_string_equal(difference(folder, "[provider corp]\nplugin = nowhere\n", "corp", tree, KEY), "plugin");
    json_release(tree);
}

static void an_instance_of_ones_own_depends_on_its_plugins_environment(void **state)
{
    const struct folder *folder = *state;
    struct json_object *tree = fingerprint(folder, OTHER, "other", NULL, KEY);
    assert_string_equal(difference(folder, OTHER, "other", tree, KEY), "");
    setenv("CORP_TOKEN", "hidden", 1);
    assert_string_equal(difference(folder, OTHER, "other", tree, KEY), "environment CORP_TOKEN");
    unsetenv("CORP_TOKEN");
    json_release(tree);
}

static void a_scheme_that_nobody_brings_has_none(void **state)
{
    const struct folder *folder = *state;
    struct test_registry test;
    struct buffer json = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    test_registry_make(&test, "[provider gone]\nplugin = nowhere\n", folder->path);
    assert_int_equal(fingerprint_of_scheme(test.registry, "unknown", KEY, &json, error), MSTR_E_CONFIG);
    assert_int_equal(fingerprint_of_scheme(test.registry, "gone", KEY, &json, error), MSTR_E_PLUGIN);
    test_registry_drop(&test);
    buffer_release(&json);
    mstr_error_free(error);
}

static void a_profile_has_its_settings_and_what_its_references_depend_on(void **state)
{
    const struct folder *folder = *state;
    static const char config[] = CORP "[profile p]\nbase_url = https://x.example/\nusername = jane\n"
                                      "password = ${corp:a#b || other:c}\nproxy_password = top-secret\n" OTHER;
    struct json_object *tree = fingerprint(folder, config, NULL, "p", KEY);
    assert_string_equal(json_member_text(tree, "profile base_url"), "https://x.example/");
    assert_string_equal(json_member_text(tree, "profile username"), "jane");
    assert_int_equal(strlen(json_member_text(tree, "profile password")), 64);
    assert_int_equal(strlen(json_member_text(tree, "profile proxy_password")), 64);
    assert_string_equal(json_member_text(tree, "corp provider region"), "eu");
    assert_string_equal(json_member_text(tree, "other plugin"), "corp_vault");
    struct test_registry test;
    struct buffer out = BUFFER_INIT;
    test_registry_make(&test, config, folder->path);
    assert_int_equal(fingerprint_compare_profile(test.registry, "p", KEY, tree, &out, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&out), "");
    setenv("CORP_TOKEN", "hidden", 1);
    assert_int_equal(fingerprint_compare_profile(test.registry, "p", KEY, tree, &out, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&out), "corp environment CORP_TOKEN");
    unsetenv("CORP_TOKEN");
    test_registry_drop(&test);
    buffer_release(&out);
    json_release(tree);
}

static void whom_tls_trusts_and_by_which_proxy_counts_where_variables_do(void **state)
{
    const struct folder *folder = *state;
    struct test_registry test;
    struct buffer json = BUFFER_INIT;
    setenv("SSL_CERT_FILE", "/etc/corp.pem", 1);
    setenv("HTTPS_PROXY", "http://hidden@proxy:1", 1);
    test_registry_make(&test, CORP, folder->path);
    for (int counted = 0; counted < 2; counted++) {
        test.http.options.trust_environment = counted == 1;
        buffer_clear(&json);
        assert_int_equal(fingerprint_of_scheme(test.registry, "corp", KEY, &json, NULL), MSTR_OK);
        assert_int_equal(strstr(buffer_text(&json), "\"trust file\":\"/etc/corp.pem\"") != NULL, counted);
        assert_int_equal(strstr(buffer_text(&json), "\"environment HTTPS_PROXY\"") != NULL, counted);
    }
    test_registry_drop(&test);
    buffer_release(&json);
    unsetenv("SSL_CERT_FILE");
    unsetenv("HTTPS_PROXY");
}

/* Of a fleet's machines, each of which has a home with files of its own. */
static void across_machines_files_count_by_what_stands_in_them(void **state)
{
    const struct folder *folder = *state;
    static const char *const contents[] = {"a", "a", "b"};
    struct buffer json[3] = {BUFFER_INIT, BUFFER_INIT, BUFFER_INIT};
    for (size_t i = 0; i < 3; i++) {
        struct test_registry test;
        struct folder home;
        folder_make(&home);
        folder_write(&home, ".corp", contents[i]);
        setenv("HOME", home.path, 1);
        test_registry_make(&test, CORP, folder->path);
        assert_int_equal(fingerprint_across(test.registry, "corp", KEY, &json[i], NULL), MSTR_OK);
        test_registry_drop(&test);
        folder_remove(&home);
    }
    setenv("HOME", getpwuid(geteuid())->pw_dir, 1);
    assert_string_equal(buffer_text(&json[0]), buffer_text(&json[1]));
    assert_string_not_equal(buffer_text(&json[0]), buffer_text(&json[2]));
    for (size_t i = 0; i < 3; i++) {
        buffer_release(&json[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_settings_enter_as_they_are_and_what_may_be_secret_does_not),
        cmocka_unit_test(a_home_counts_unless_it_is_the_users_own),
        cmocka_unit_test(the_same_is_the_same_under_one_key_alone),
        cmocka_unit_test(the_first_difference_is_named),
        cmocka_unit_test(what_cannot_be_used_here_differs_from_what_can_there),
        cmocka_unit_test(an_instance_of_ones_own_depends_on_its_plugins_environment),
        cmocka_unit_test(a_scheme_that_nobody_brings_has_none),
        cmocka_unit_test(a_profile_has_its_settings_and_what_its_references_depend_on),
        cmocka_unit_test(whom_tls_trusts_and_by_which_proxy_counts_where_variables_do),
        cmocka_unit_test(across_machines_files_count_by_what_stands_in_them),
    };
    return cmocka_run_group_tests_name("plugin/fingerprint", tests, begin, end);
}
