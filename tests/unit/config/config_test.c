/* core/config/store.c, read.c and schema.c */
#include "support/context.h"

#include "config/config.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Asserts that the only problem of a configuration is on this line and tells this. */
static void assert_problem(const char *text, const char *where, const char *told)
{
    mstr_context *context = NULL;
    mstr_error *error = mstr_error_new();
    assert_int_equal(test_context_try(text, &context, error), MSTR_E_CONFIG);
    assert_null(context);
    const char *message = mstr_error_message(error);
    if (strstr(message, where) == NULL || strstr(message, told) == NULL) {
        fail_msg("\"%s\" does not tell %s %s", message, where, told);
    }
    mstr_error_free(error);
}

static void problems_are_told_with_line_and_nearest_name(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *where;
        const char *told;
    } cases[] = {
        {"[profil x]\n", ":1:", "did you mean \"profile\"?"},
        {"[profile x]\n\nusernme = u\n", ":3:", "did you mean \"username\"?"},
        {"[profile]\n", ":1:", "needs a name"},
        {"[cache x]\n", ":1:", "takes no name"},
        {"[cache]\nttl = often\n", ":2:", "a duration such as"},
        {"[cache]\nmax_entries = many\n", ":2:", "a whole number"},
        {"[profile x]\nrelogin = perhaps\n", ":2:", "yes or no"},
        {"[profile x]\nca_file = relative\n", ":2:", "an absolute path"},
        {"[profile x]\nlogin_mode = 17\n", ":2:", "standard, ldap"},
        {"[profile x]\nlogin_mode = identity-token\n", ":2:", "standard, ldap"},
        {"[profile x]\nbase_url = mstr.example.com\n", ":2:", "an absolute http or https URL"},
        {"[profile x]\nbase_url = https://ann@mstr.example.com/\n", ":2:", "without user name"},
        {"[env x]\nDB-PASSWORD = p\n", ":2:", "no name of an environment variable"},
        {"[env x]\n1ST = p\n", ":2:", "no name of an environment variable"},
        {"[provider Corp]\nplugin = exec\n", ":1:", "cannot be a scheme"},
        {"[profile x]\nusername = a\nusername = b\n", ":3:", "first set in line 2"},
        {"[profile x]\nusername\n", ":2:", ""},
        {"[profile x]\npassword = a\n  b\n", ":3:", "an indented line"},
        {"[profile x]\n\tpassword = a\n", ":2:", "an indented line"},
        {"[provider x]\nplugin = exec\ncommand =\n program\n", ":4:", "an indented line"},
        {"[profile x]\n\npassword = a #b\n", ":3:", "\"password\" has a blank with # or ; behind it"},
        {"[profile x]\napi_key = a\t;b\n", ":2:", "write a reference, or ${text:…} with %23"},
        {"[profile x]\npassword = ${env:X} # ours\n", ":2:", "a blank with # or ;"},
        {"[profile x]\nidentity_token = \"a b\"\n", ":2:", "\"identity_token\" has quotes around it"},
        {"[profile x]\nPassword = 'a'\n", ":2:", "quotes around it"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_problem(cases[i].text, cases[i].where, cases[i].told);
    }
}

static void what_is_no_secret_may_have_comments_and_quotes(void **state)
{
    (void)state;
    mstr_context *context = test_context("[profile x]\n  # indented\nusername = 'ann' # hers\npassword = \"a'\n"
                                         "api_key = \"\nclient_key_password = a#b;c\n[env w]\nA = \"b\" ; c\n");
    mstr_secret *secret = NULL;
    assert_int_equal(mstr_context_setting(context, "profile x", "password", NULL, &secret, NULL), MSTR_OK);
    assert_string_equal(mstr_secret_octets(secret), "\"a'");
    mstr_secret_release(secret);
    assert_int_equal(mstr_context_setting(context, "env w", "A", NULL, &secret, NULL), MSTR_OK);
    assert_string_equal(mstr_secret_octets(secret), "\"b\"");
    mstr_secret_release(secret);
    mstr_context_free(context);
}

static int count_problem(const mstr_config_item *item, void *data)
{
    *(size_t *)data += item->problem != NULL;
    return 0;
}

static void all_problems_are_told_in_one_run(void **state)
{
    (void)state;
    static const char text[] = "[profil x]\n[cache]\nttl = often\nmax = 1\n[profile x]\nusernme = u\n";
    char *path = test_file(text, strlen(text));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    size_t problems = 0;
    options.config_file = path;

    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, count_problem, &problems, NULL),
                     MSTR_E_CONFIG);

    assert_int_equal(problems, 4);
    unlink(path);
    free(path);
}

static int hunt_canary(const mstr_config_item *item, void *data)
{
    (void)data;
    assert_true(item->value == NULL || strstr(item->value, "canary") == NULL);
    if (strcmp(item->key, "password") == 0 && item->value != NULL) {
        assert_string_equal(item->value, "${env:X}");
    }
    return 0;
}

static void literal_secrets_are_never_shown(void **state)
{
    (void)state;
    static const char text[] = "[profile a]\npassword = canary\napi_key = canary\n[profile b]\npassword = ${env:X}\n"
                               "[env w]\nANY = canary\n[provider p]\nplugin = exec\ncommand = canary\n";
    char *path = test_file(text, strlen(text));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_SETTINGS, hunt_canary, NULL, NULL), MSTR_OK);
    unlink(path);
    free(path);
}

static void values_of_text_are_never_shown(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"${text:canary}", "${text:(hidden)}"},
        {"${aws-sm:x#text:y || text:canary}", "${aws-sm:x#text:y || text:(hidden)}"},
        {"${ text:canary || env:X||text:canary}z", "${ text:(hidden)|| env:X||text:(hidden)}(hidden)"},
        {"${text:}", "${text:(hidden)}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer shown = BUFFER_INIT;
        assert_true(config_show("profile a", "password", cases[i].text, &shown));
        assert_string_equal(buffer_text(&shown), cases[i].shown);
        buffer_release(&shown);
    }
}

static void the_environment_stands_over_the_files(void **state)
{
    (void)state;
    static const char text[] = "[profile work]\nusername = file\npassword = file\n";
    struct config *config = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    char *path = test_file(text, strlen(text));
    setenv("MSTR_CONFIG", path, 1);
    setenv("MSTR_PROFILE", "work", 1);
    setenv("MSTR_USERNAME", "environment", 1);
    setenv("MSTR_PASSWORD", "", 1);

    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);

    assert_string_equal(config_default_profile(config), "work");
    assert_string_equal(config_get(config, "profile work", "username")->text, "environment");
    assert_string_equal(config_get(config, "profile work", "password")->text, "file");
    config_free(config);
    options.profile = "home";
    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);
    assert_string_equal(config_default_profile(config), "home");
    assert_string_equal(config_get(config, "profile home", "username")->text, "environment");
    assert_string_equal(config_get(config, "profile work", "username")->text, "file");
    config_free(config);
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT | MSTR_CONTEXT_NO_CONFIG;
    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);
    assert_null(config_section_at(config, 0));
    config_free(config);
    unsetenv("MSTR_CONFIG");
    unsetenv("MSTR_PROFILE");
    unsetenv("MSTR_USERNAME");
    unsetenv("MSTR_PASSWORD");
    unlink(path);
    free(path);
}

/* Writes a file below `folder`, whose last part may have to be made. */
static void put(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    *strrchr(path, '/') = '\0';
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void take_away(const char *folder)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static void later_files_override_key_by_key(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *value;
        const char *file; /* its end */
    } expected[] = {
        {"username", "user", "xdg/mstr/config"},        {"password", "b", "config.d/20-b.conf"},
        {"project", "a", "config.d/10-a.conf"},         {"proxy", "upper", "config.d/B.conf"},
        {"base_url", "https://system/", "/etc/config"},
    };
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char etc[64];
    char xdg[64];
    struct config *config = NULL;
    assert_non_null(mkdtemp(folder));
    snprintf(etc, sizeof(etc), "%s/etc", folder);
    snprintf(xdg, sizeof(xdg), "%s/xdg", folder);
    mkdir(xdg, 0700);
    put(etc, "config",
        "[profile a]\nbase_url = https://system/\nusername = system\npassword = system\nproject = system\n");
    put(etc, "config.d/20-b.conf", "[profile a]\npassword = b\nusername = b\n");
    put(etc, "config.d/10-a.conf", "[profile a]\npassword = a\nproject = a\nproxy = a\n");
    put(etc, "config.d/B.conf", "[profile a]\nproxy = upper\n"); /* byte order: after digits */
    put(etc, "config.d/.hidden.conf", "[profile a]\nproxy = hidden\n");
    put(etc, "config.d/30-c.conf~", "[profile a]\nproxy = backup\n");
    put(xdg, "mstr/config", "[profile a]\nusername = user\n");
    setenv("XDG_CONFIG_HOME", xdg, 1);

    assert_int_equal(config_read_below(etc, NULL, &config, NULL), MSTR_OK);

    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct config_value *value = config_get(config, "profile a", expected[i].key);
        assert_string_equal(value->text, expected[i].value);
        assert_non_null(strstr(value->file, expected[i].file));
    }
    config_free(config);
    unsetenv("XDG_CONFIG_HOME");
    take_away(folder);
}

static void file_that_is_named_replaces_them_all(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char named[64];
    struct config *config = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    assert_non_null(mkdtemp(folder));
    put(folder, "config", "[profile a]\nproject = system\n");
    put(folder, "named", "[profile a]\nusername = named\n");
    snprintf(named, sizeof(named), "%s/named", folder);
    for (int by_option = 0; by_option < 2; by_option++) {
        options.config_file = by_option ? named : NULL;
        setenv("MSTR_CONFIG", by_option ? "/nowhere" : named, 1);
        assert_int_equal(config_read_below(folder, &options, &config, NULL), MSTR_OK);
        assert_string_equal(config_get(config, "profile a", "username")->text, "named");
        assert_null(config_get(config, "profile a", "project"));
        config_free(config);
    }
    unsetenv("MSTR_CONFIG");
    take_away(folder);
}

static void what_cannot_be_read_is_a_problem(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_non_null(mkdtemp(folder));
    put(folder, "config.d", ""); /* no folder */
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "config.d: Not a directory"));
    config_free(config);
    mstr_error_free(error);
    take_away(folder);
}

/* What a process without the rights of root comes to, which looks for its file below this HOME. */
static enum mstr_code read_as_other(const char *etc, const char *home, uid_t user)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct config *config = NULL;
        home != NULL ? setenv("HOME", home, 1) : unsetenv("HOME");
        enum mstr_code code = setuid(user) == 0 ? config_read_below(etc, NULL, &config, NULL) : MSTR_E_UNEXPECTED;
        config_free(config);
        _exit((int)code);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return (enum mstr_code)WEXITSTATUS(status);
}

/* As after su: what lies in another's home is not there, but what is in one's own reach must be readable. */
static void homes_out_of_reach_count_as_absent(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char home[64];
    char path[96];
    assert_non_null(mkdtemp(folder));
    chmod(folder, 0755);
    snprintf(home, sizeof(home), "%s/home", folder);
    snprintf(path, sizeof(path), "%s/home/.config", folder);
    mkdir(home, 0700);
    mkdir(path, 0700);
    put(path, "mstr/config", "[profile a]\nusername = ann\n");
    assert_int_equal(read_as_other("/nowhere", NULL, 12345), MSTR_OK);
    assert_int_equal(read_as_other("/nowhere", "/nowhere", 12345), MSTR_OK);
    assert_int_equal(read_as_other("/etc/passwd", "/etc/passwd", 12345), MSTR_OK); /* ENOTDIR */
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_OK);
    assert_int_equal(read_as_other(home, NULL, 12345), MSTR_E_CONFIG); /* the system's files are no home */
    chmod(home, 0755);
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_E_CONFIG); /* .config is there, and closed */
    chmod(path, 0755);
    snprintf(path, sizeof(path), "%s/home/.config/mstr", folder);
    chmod(path, 0755);
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_OK);
    snprintf(path, sizeof(path), "%s/home/.config/mstr/config", folder);
    chmod(path, 0600);
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_E_CONFIG); /* a file that is there */
    unlink(path);
    assert_int_equal(symlink("config", path), 0);
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_E_CONFIG); /* a loop */
    take_away(folder);
}

static void foreign_entries_among_drop_ins_are_named(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_non_null(mkdtemp(folder));
    put(folder, "config.d/a.conf", "[profile a]\nusername = ann\n");
    put(folder, "config.d/b.conf", "[profile a]\npassword = b\n");
    snprintf(path, sizeof(path), "%s/config.d", folder);
    chmod(path, 01777); /* in which everybody may put files, but none exchange one */
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_OK);
    config_free(config);
    snprintf(path, sizeof(path), "%s/config.d/b.conf", folder);
    assert_int_equal(chown(path, 777, 777), 0);
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_E_CONFIG);
    assert_non_null(
        strstr(mstr_error_message(error), "config.d/b.conf belongs to neither root nor this user (owner 777"));
    config_free(config);
    mstr_error_free(error);
    take_away(folder);
}

/* Who can write to it could name a program to be run. */
static void file_that_others_can_write_is_refused(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_non_null(mkdtemp(folder));
    put(folder, "config", "[profile a]\nusername = ann\n");
    snprintf(path, sizeof(path), "%s/config", folder);
    chmod(path, 0666);
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "config is writable by others (owner "));
    assert_non_null(strstr(mstr_error_message(error), "chmod o-w /tmp/mstr-test-"));
    assert_null(config_get(config, "profile a", "username"));
    config_free(config);
    chmod(path, 0664);
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_OK);
    config_free(config);
    mstr_error_free(error);
    take_away(folder);
}

static void settings_are_resolved_with_alternatives(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *value; /* NULL = it fails */
    } cases[] = {
        {"plain", "plain"},
        {"<${env:CONFIG_TEST_SET}>", "<set>"},
        {"${env:CONFIG_TEST_UNSET || env:CONFIG_TEST_SET}", "set"},
        {"$${env:CONFIG_TEST_SET}", "${env:CONFIG_TEST_SET}"},
        {"${file:/etc || env:CONFIG_TEST_SET}", NULL}, /* a failure that is not an absence is not passed over */
        {"${env:CONFIG_TEST_UNSET}", NULL},
    };
    setenv("CONFIG_TEST_SET", "set", 1);
    unsetenv("CONFIG_TEST_UNSET");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        mstr_secret *secret = NULL;
        snprintf(text, sizeof(text), "[env w]\nKEY = %s\n", cases[i].text);
        mstr_context *context = test_context(text);
        enum mstr_code code = mstr_context_setting(context, "env w", "KEY", NULL, &secret, NULL);
        if (cases[i].value != NULL) {
            assert_int_equal(code, MSTR_OK);
            assert_string_equal(mstr_secret_octets(secret), cases[i].value);
        } else {
            assert_int_not_equal(code, MSTR_OK);
        }
        mstr_secret_release(secret);
        mstr_context_free(context);
    }
}

static void settings_and_references_are_resolved_together(void **state)
{
    (void)state;
    setenv("CONFIG_TEST_SET", "set", 1);
    unsetenv("CONFIG_TEST_UNSET");
    static const struct {
        const char *section;
        const char *key;
        enum mstr_code code;
        const char *told; /* the value, or a part of the message */
    } cases[] = {{"env w", "A", MSTR_OK, "<set>"},
                 {"env w", "B", MSTR_E_NOT_FOUND, ":3: \"B\": environment variable CONFIG_TEST_UNSET"},
                 {NULL, "env:CONFIG_TEST_SET", MSTR_OK, "set"},
                 {NULL, "no reference", MSTR_E_CONFIG, "is not a reference"},
                 {"env w", "C", MSTR_E_CONFIG, "there is no \"C\" in [env w]"}};
    mstr_setting settings[COUNT_OF(cases)];
    mstr_context *context = test_context("[env w]\nA = <${env:CONFIG_TEST_SET}>\nB = ${env:CONFIG_TEST_UNSET}\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        settings[i] = (mstr_setting){.section = cases[i].section, .key = cases[i].key, .error = mstr_error_new()};
    }

    assert_int_equal(mstr_context_settings(context, settings, COUNT_OF(cases), sizeof(mstr_setting), NULL),
                     MSTR_E_NOT_FOUND);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(settings[i].code, cases[i].code);
        const char *told = settings[i].code == MSTR_OK ? mstr_secret_octets(settings[i].value)
                                                       : mstr_error_message(settings[i].error);
        assert_non_null(strstr(told, cases[i].told));
        mstr_secret_release(settings[i].value);
        mstr_error_free(settings[i].error);
        settings[i].error = NULL; /* nobody wants to know */
    }
    assert_int_equal(mstr_context_settings(context, settings, COUNT_OF(cases), sizeof(mstr_setting), NULL),
                     MSTR_E_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_secret_release(settings[i].value);
    }
    assert_int_equal(mstr_context_settings(context, NULL, 0, sizeof(mstr_setting), NULL), MSTR_OK);
    mstr_context_free(context);
}

static void durations_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t milliseconds; /* -1 = refused */
    } cases[] = {{"250ms", 250}, {"30s", 30000}, {"5m", 300000}, {"1h", 3600000}, {"7", 7000}, {"0", 0},
                 {"", -1},       {"-1s", -1},    {"1d", -1},     {"1.5s", -1},    {"s", -1},   {"9999999h", -1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t milliseconds = -1;
        bool good = config_duration(cases[i].text, &milliseconds);
        assert_int_equal(good, cases[i].milliseconds >= 0);
        assert_true(!good || milliseconds == cases[i].milliseconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_are_told_with_line_and_nearest_name),
        cmocka_unit_test(what_is_no_secret_may_have_comments_and_quotes),
        cmocka_unit_test(all_problems_are_told_in_one_run),
        cmocka_unit_test(literal_secrets_are_never_shown),
        cmocka_unit_test(values_of_text_are_never_shown),
        cmocka_unit_test(the_environment_stands_over_the_files),
        cmocka_unit_test(later_files_override_key_by_key),
        cmocka_unit_test(file_that_is_named_replaces_them_all),
        cmocka_unit_test(what_cannot_be_read_is_a_problem),
        cmocka_unit_test(homes_out_of_reach_count_as_absent),
        cmocka_unit_test(foreign_entries_among_drop_ins_are_named),
        cmocka_unit_test(file_that_others_can_write_is_refused),
        cmocka_unit_test(settings_are_resolved_with_alternatives),
        cmocka_unit_test(settings_and_references_are_resolved_together),
        cmocka_unit_test(durations_have_units),
    };
    return RUN_TESTS("config/config");
}
