/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/fingerprint.c: what a caller and the agent must have in common */
#include "support/allocator.h"
#include "support/folder.h"
#include "support/registry.h"

#include "base/json.h"
#include "plugin/fingerprint.h"
#include "plugin/manifest.h"

#include <pwd.h>

#define KEY   "0123456789abcdef"
#define CORP  "[provider corp]\nregion = eu\ntoken = top-secret\nurl = ${env:CORP_URL}\n"
#define OTHER "[provider other]\nplugin = corp_vault\n"

/* What stands in for the system's calls, and for a folder that changes meanwhile. */
static uid_t user;           /* 0 = who runs the test */
static int opened;           /* files below the home */
static const char *vanished; /* the scheme whose manifest is gone by the time it is read; NULL = none */

uid_t __wrap_geteuid(void);
uid_t __real_geteuid(void);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode); /* its name on 32 bits */
enum mstr_code __wrap_manifest_find(const char *scheme, const char *path, struct manifest **out, mstr_error *error);
enum mstr_code __real_manifest_find(const char *scheme, const char *path, struct manifest **out, mstr_error *error);

uid_t __wrap_geteuid(void)
{
    return user != 0 ? user : __real_geteuid();
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    opened += strstr(path, "/.corp") != NULL;
    return __real_fopen(path, mode);
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
    return __wrap_fopen(path, mode);
}

enum mstr_code __wrap_manifest_find(const char *scheme, const char *path, struct manifest **out, mstr_error *error)
{
    if (vanished != NULL && strcmp(scheme, vanished) == 0) {
        *out = NULL;
        return MSTR_OK;
    }
    return __real_manifest_find(scheme, path, out, error);
}

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

static void a_home_of_a_user_whom_the_system_does_not_know_counts(void **state)
{
    const struct folder *folder = *state;
    struct json_object *tree = fingerprint(folder, CORP, "corp", NULL, KEY);
    user = 4711;
    assert_string_equal(difference(folder, CORP, "corp", tree, KEY), "environment HOME");
    user = 0;
    json_release(tree);
}

/* Beside those of corp: one without an environment, one with a variable, one with a file below the home. */
static void each_plugin_depends_on_what_its_own_manifest_lists(void **state)
{
    const struct folder *folder = *state;
    static const struct {
        const char *scheme;
        const char *variable; /* that is set to another value */
        const char *named;
    } cases[] = {{"bare", "HOME", ""},
                 {"bare", "CORP_TOKEN", ""},
                 {"plain", "HOME", ""},
                 {"plain", "CORP_ZONE", "environment CORP_ZONE"},
                 {"homely", "HOME", "environment HOME"},
                 {"corp", "CORP_ZONE", ""},
                 {"corp", "/etc/corp", ""},
                 {"corp", "~/.corp", ""},
                 {"other", "CORP_ZONE", ""}};
    folder_write(folder, "bare.provider", "[provider bare]\nplugin = bare\n");
    folder_write(folder, "bare.so", "");
    folder_write(folder, "plain.provider", "[provider plain]\nplugin = plain\nenvironment = CORP_ZONE\n");
    folder_write(folder, "plain.so", "");
    folder_write(folder, "homely.provider", "[provider homely]\nplugin = homely\nenvironment = ~/.corp\n");
    folder_write(folder, "homely.so", "");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const bool home = strcmp(cases[i].variable, "HOME") == 0;
        struct json_object *tree = fingerprint(folder, OTHER, cases[i].scheme, NULL, KEY);
        setenv(cases[i].variable, "/elsewhere", 1);
        assert_string_equal(difference(folder, OTHER, cases[i].scheme, tree, KEY), cases[i].named);
        json_release(tree);
        unsetenv(cases[i].variable);
        if (home) {
            setenv("HOME", getpwuid(geteuid())->pw_dir, 1);
        }
    }
    vanished = "plain";
    json_release(fingerprint(folder, OTHER, "other", NULL, KEY));
    vanished = NULL;
}

static void what_the_program_carries_has_no_file(void **state)
{
    struct json_object *tree = fingerprint(*state, CORP, "env", NULL, KEY);
    assert_string_equal(json_member_text(tree, "plugin"), "env");
    assert_null(json_member(tree, "plugin file"));
    json_release(tree);
}

static void an_entry_stands_once_and_equal_values_do_not_look_alike(void **state)
{
    const struct folder *folder = *state;
    static const char config[] = "[provider corp]\na = ${env:CORP_ONE}\nb = ${env:CORP_ONE}${env:CORP_TWO}\n"
                                 "c = ${env:CORP_OND}\n";
    struct test_registry test;
    struct buffer json = BUFFER_INIT;
    struct json_object *tree = NULL;
    static const char *const names[] = {"CORP_ONE", "CORP_TWO", "CORP_OND"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        setenv(names[i], "hidden", 1);
    }
    test_registry_make(&test, config, folder->path);
    assert_int_equal(fingerprint_of_scheme(test.registry, "corp", KEY, &json, NULL), MSTR_OK);
    const char *first = strstr(buffer_text(&json), "\"environment CORP_ONE\"");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\"environment CORP_ONE\""));
    assert_int_equal(json_read(buffer_text(&json), json.length, &tree), MSTR_OK);
    const char *one = json_member_text(tree, "environment CORP_ONE");
    assert_string_not_equal(one, json_member_text(tree, "environment CORP_TWO"));
    assert_string_not_equal(one, json_member_text(tree, "environment CORP_OND"));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        unsetenv(names[i]);
    }
    json_release(tree);
    buffer_release(&json);
    test_registry_drop(&test);
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

    struct test_registry test;
    struct buffer out = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    assert_int_equal(json_read("{}", 2, &tree), MSTR_OK); /* theirs does not say what it is of */
    test_registry_make(&test, "", folder->path);
    assert_int_equal(fingerprint_compare_scheme(test.registry, "unknown", KEY, tree, &out, error), MSTR_OK);
    assert_string_equal(buffer_text(&out), "plugin");
    assert_int_equal(mstr_error_code(error), MSTR_OK); /* a difference is no failure */
    test_registry_drop(&test);
    buffer_release(&out);
    mstr_error_free(error);
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
    test_registry_make(&test, "[provider gone]\nplugin = nowhere\n[profile p]\npassword = ${unknown:x}\n",
                       folder->path);
    assert_int_equal(fingerprint_of_scheme(test.registry, "unknown", KEY, &json, error), MSTR_E_CONFIG);
    assert_string_equal(buffer_text(&json), "{}");
    assert_int_equal(fingerprint_of_scheme(test.registry, "gone", KEY, &json, error), MSTR_E_PLUGIN);
    assert_int_equal(fingerprint_across(test.registry, "unknown", KEY, &json, error), MSTR_E_CONFIG);
    assert_int_equal(fingerprint_of_profile(test.registry, "p", KEY, &json, error), MSTR_E_CONFIG);
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
    assert_non_null(strstr(buffer_text(&json[0]), "\"content ~/.corp\""));
    assert_string_equal(buffer_text(&json[0]), buffer_text(&json[1]));
    assert_string_not_equal(buffer_text(&json[0]), buffer_text(&json[2]));
    for (size_t i = 0; i < 3; i++) {
        buffer_release(&json[i]);
    }
}

/* What the fingerprint of corp tells of ~/.corp, where that home is; "" if nothing. */
static const char *content_told(const struct folder *folder, const char *home, bool across)
{
    static char told[128];
    struct test_registry test;
    struct buffer json = BUFFER_INIT;
    struct json_object *tree = NULL;
    home != NULL ? setenv("HOME", home, 1) : unsetenv("HOME");
    test_registry_make(&test, CORP, folder->path);
    assert_int_equal((across ? fingerprint_across : fingerprint_of_scheme)(test.registry, "corp", KEY, &json, NULL),
                     MSTR_OK);
    assert_int_equal(json_read(buffer_text(&json), json.length, &tree), MSTR_OK);
    const char *text = json_member_text(tree, "content ~/.corp");
    snprintf(told, sizeof(told), "%s", text != NULL ? text : "");
    json_release(tree);
    test_registry_drop(&test);
    buffer_release(&json);
    setenv("HOME", getpwuid(geteuid())->pw_dir, 1);
    return told;
}

static void of_a_file_below_the_home_its_first_mebibyte_counts_and_only_across_machines(void **state)
{
    const struct folder *folder = *state;
    enum { MOST = 1024 * 1024 };
    struct folder home;
    char *text = calloc(1, MOST + 2);
    char told[2][128];
    folder_make(&home);
    assert_string_equal(content_told(folder, home.path, true), ""); /* there is none yet */
    memset(text, 'x', MOST);
    for (int i = 0; i < 2; i++) {
        text[MOST] = (char)('a' + i);
        folder_write(&home, ".corp", text);
        strcpy(told[i], content_told(folder, home.path, true));
        assert_int_equal(strlen(told[i]), 64);
    }
    assert_string_equal(told[0], told[1]);
    text[MOST - 1] = 'y';
    folder_write(&home, ".corp", text);
    assert_string_not_equal(content_told(folder, home.path, true), told[0]);
    opened = 0;
    assert_string_equal(content_told(folder, home.path, false), "");
    assert_string_equal(content_told(folder, NULL, true), ""); /* not of a file in the root */
    assert_int_equal(opened, 0);
    folder_remove(&home);
    free(text);
}

static void a_profile_without_references_depends_on_the_network_too(void **state)
{
    const struct folder *folder = *state;
    static const char *const references[] = {"", "password = ${env:CORP_TOKEN}\n"};
    setenv("SSL_CERT_FILE", "/etc/corp.pem", 1);
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        struct test_registry test;
        struct buffer json = BUFFER_INIT;
        char config[128];
        snprintf(config, sizeof(config), "[profile p]\nbase_url = https://x.example/\n%s", references[i]);
        test_registry_make(&test, config, folder->path);
        test.http.options.trust_environment = true;
        assert_int_equal(fingerprint_of_profile(test.registry, "p", KEY, &json, NULL), MSTR_OK);
        assert_non_null(strstr(buffer_text(&json), "\"trust file\":\"/etc/corp.pem\""));
        test_registry_drop(&test);
        buffer_release(&json);
    }
    unsetenv("SSL_CERT_FILE");
}

static const char starved[] = CORP OTHER "more = ${env:CORP_URL}\n[profile p]\nbase_url = https://x.example/\n"
                                         "password = ${corp:a#b || other:c}\n";

static enum mstr_code starved_one(struct registry *registry, int kind, struct json_object *theirs, struct buffer *out)
{
    switch (kind) {
    case 0:
        return fingerprint_of_scheme(registry, "other", KEY, out, NULL);
    case 1:
        return fingerprint_across(registry, "corp", KEY, out, NULL);
    case 2:
        return fingerprint_of_profile(registry, "p", KEY, out, NULL);
    case 3:
        return fingerprint_compare_scheme(registry, "corp", KEY, theirs, out, NULL);
    default:
        return fingerprint_compare_profile(registry, "p", KEY, theirs, out, NULL);
    }
}

/* The whole truth or none: what is left out would make two alike that are not. */
static void without_memory_there_is_no_fingerprint(void **state)
{
    const struct folder *folder = *state;
    struct folder home;
    folder_make(&home);
    folder_write(&home, ".corp", "content");
    setenv("CORP_TOKEN", "hidden", 1);
    setenv("CORP_URL", "hidden", 1);
    struct json_object *theirs[] = {fingerprint(folder, starved, "corp", NULL, KEY),
                                    fingerprint(folder, starved, NULL, "p", KEY)};
    setenv("HOME", home.path, 1); /* which is the difference */
    for (int kind = 0; kind < 5; kind++) {
        struct buffer whole = BUFFER_INIT;
        bool failed = true;
        for (long at = 0; at == 0 || failed; at++) { /* the first time with all it needs */
            struct test_registry test;
            struct buffer out = BUFFER_INIT;
            test_registry_make(&test, starved, folder->path);
            if (at > 0) {
                allocator_fail(at, false);
            }
            enum mstr_code code = starved_one(test.registry, kind, theirs[kind == 4], at == 0 ? &whole : &out);
            failed = at == 0 || allocator_succeed();
            if (at > 0 && code == MSTR_OK) {
                assert_string_equal(buffer_text(&out), buffer_text(&whole));
            } else {
                assert_int_equal(code, at == 0 ? MSTR_OK : MSTR_E_MEMORY);
            }
            buffer_release(&out);
            test_registry_drop(&test);
        }
        buffer_release(&whole);
    }
    setenv("HOME", getpwuid(geteuid())->pw_dir, 1);
    unsetenv("CORP_TOKEN");
    unsetenv("CORP_URL");
    json_release(theirs[0]);
    json_release(theirs[1]);
    folder_remove(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_settings_enter_as_they_are_and_what_may_be_secret_does_not),
        cmocka_unit_test(a_home_counts_unless_it_is_the_users_own),
        cmocka_unit_test(a_home_of_a_user_whom_the_system_does_not_know_counts),
        cmocka_unit_test(each_plugin_depends_on_what_its_own_manifest_lists),
        cmocka_unit_test(what_the_program_carries_has_no_file),
        cmocka_unit_test(an_entry_stands_once_and_equal_values_do_not_look_alike),
        cmocka_unit_test(the_same_is_the_same_under_one_key_alone),
        cmocka_unit_test(the_first_difference_is_named),
        cmocka_unit_test(what_cannot_be_used_here_differs_from_what_can_there),
        cmocka_unit_test(an_instance_of_ones_own_depends_on_its_plugins_environment),
        cmocka_unit_test(a_scheme_that_nobody_brings_has_none),
        cmocka_unit_test(a_profile_has_its_settings_and_what_its_references_depend_on),
        cmocka_unit_test(whom_tls_trusts_and_by_which_proxy_counts_where_variables_do),
        cmocka_unit_test(across_machines_files_count_by_what_stands_in_them),
        cmocka_unit_test(of_a_file_below_the_home_its_first_mebibyte_counts_and_only_across_machines),
        cmocka_unit_test(a_profile_without_references_depends_on_the_network_too),
        cmocka_unit_test(without_memory_there_is_no_fingerprint),
    };
    return cmocka_run_group_tests_name("plugin/fingerprint", tests, begin, end);
}
