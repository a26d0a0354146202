/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/config_visit.c */
#include "support/context.h"

#include "base/buffer.h"

#include <stdio.h>
#include <sys/stat.h>

/* Lines of "LINE [SECTION] KEY = VALUE: PROBLEM; HINT", "-" for what is NULL; the file is always the test's. */
static int note(const mstr_config_item *item, void *data)
{
    assert_int_equal(item->size, sizeof(*item));
    buffer_printf(data, "%u [%s] %s = %s%s%s%s%s\n", item->line, item->section != NULL ? item->section : "-",
                  item->key != NULL ? item->key : "-", item->value != NULL ? item->value : "-",
                  item->problem != NULL ? ": " : "", item->problem != NULL ? item->problem : "",
                  item->hint != NULL ? "; " : "", item->hint != NULL ? item->hint : "");
    return 0;
}

/* The configuration alone, without environment; what is told goes to `told`. */
static enum mstr_code visit(const char *config, uint32_t flags, struct buffer *told, mstr_error *error)
{
    char *path = test_file(config, strlen(config));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    buffer_clear(told);
    enum mstr_code code = mstr_config_visit(&options, flags, note, told, error);
    unlink(path);
    free(path);
    return code;
}

static void settings_are_told_in_order_and_secrets_are_not(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;

    assert_int_equal(visit("[profile default]\nbase_url = https://mstr.example/\npassword = hunter2\n"
                           "api_key = ${st:db#key}\nidentity_token = my-${st:db#token}\n\n[cache]\nttl = 5m\n",
                           MSTR_CONFIG_SETTINGS, &told, NULL),
                     MSTR_OK);

    assert_string_equal(buffer_text(&told), "2 [profile default] base_url = https://mstr.example/\n"
                                            "3 [profile default] password = -\n"
                                            "4 [profile default] api_key = ${st:db#key}\n"
                                            "5 [profile default] identity_token = (hidden)${st:db#token}\n"
                                            "8 [cache] ttl = 5m\n");
    buffer_release(&told);
}

static void whom_tls_trusts_is_told_and_is_a_problem_where_that_is_nobody(void **state)
{
    (void)state;
    static const char config[] = "[profile default]\nbase_url = https://mstr.example/\nca_file = /nonexistent\n"
                                 "login_mode = anonymous\n";
    static const char why[] = ": No such file or directory; ca_file must name a readable PEM file of certificates\n";
    struct buffer told = BUFFER_INIT;
    struct buffer expected = BUFFER_INIT;
    mstr_error *error = mstr_error_new();

    assert_int_equal(visit(config, MSTR_CONFIG_TRUST, &told, error), MSTR_OK);
    buffer_printf(&expected, "3 [-] sessions = ca_file=/nonexistent: ca_file=/nonexistent%s", why);
    assert_string_equal(buffer_text(&told), buffer_text(&expected));

    assert_int_equal(visit(config, MSTR_CONFIG_PROBLEMS, &told, error), MSTR_E_CONFIG);
    buffer_clear(&expected);
    buffer_printf(&expected, "3 [profile default] ca_file = -: ca_file=/nonexistent%s", why);
    assert_string_equal(buffer_text(&told), buffer_text(&expected));

    /* the system's roots alone; plain http has nobody to trust */
    assert_int_equal(visit("", MSTR_CONFIG_TRUST, &told, error), MSTR_OK);
    assert_int_equal(told.length, 0);
    assert_int_equal(visit("[profile default]\nbase_url = http://127.0.0.1/\nca_file = /nonexistent\n",
                           MSTR_CONFIG_TRUST, &told, error),
                     MSTR_OK);
    assert_int_equal(told.length, 0);
    buffer_release(&expected);
    buffer_release(&told);
    mstr_error_free(error);
}

static void problems_of_the_grammar_come_first_and_then_those_of_providers(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    mstr_error *error = mstr_error_new();

    assert_int_equal(visit("[profile default]\nusername = ${nobody:x}\ntimeout = soon\n[provider lost]\nx = 1\n",
                           MSTR_CONFIG_PROBLEMS, &told, error),
                     MSTR_E_CONFIG);

    const char *grammar = strstr(buffer_text(&told), "3 [profile default] - = -: ");
    const char *reference =
        strstr(buffer_text(&told), "2 [profile default] username = -: \"username\": no installed");
    const char *provider = strstr(buffer_text(&told), "[provider lost] - = -: [provider lost] lacks its plugin");
    assert_true(grammar != NULL && reference != NULL && provider != NULL);
    assert_true(grammar < provider && provider < reference);
    assert_non_null(strstr(mstr_error_message(error), "timeout")); /* the error is the first of them */
    mstr_error_free(error);
    buffer_release(&told);
}

static void without_problems_there_is_nothing_to_tell(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    assert_int_equal(
        visit("[profile default]\nbase_url = ${env:U}\napi_key = ${env:X}\n", MSTR_CONFIG_PROBLEMS, &told, NULL),
        MSTR_OK);
    assert_string_equal(buffer_text(&told), "");
    buffer_release(&told);
}

/* So that a broken configuration can be told about as a whole. */
static void settings_of_a_broken_configuration_are_told_all_the_same(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    assert_int_equal(visit("[profile default]\nusrname = ann\nusername = ann\n", MSTR_CONFIG_SETTINGS, &told, NULL),
                     MSTR_E_CONFIG);
    assert_non_null(strstr(buffer_text(&told), "3 [profile default] username = ann\n"));
    buffer_release(&told);
}

static int note_path(const mstr_config_item *item, void *data)
{
    buffer_printf(data, "%s %s\n", item->file, item->problem != NULL ? item->problem : "read");
    return 0;
}

static void files_are_told_with_what_became_of_them(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    struct buffer expected = BUFFER_INIT;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    char *path = test_file("", 0);
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    buffer_printf(&expected, "%s read\n", path);

    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_PATHS, note_path, &told, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&told), buffer_text(&expected));
    unlink(path);
    buffer_clear(&told);
    assert_int_not_equal(mstr_config_visit(&options, MSTR_CONFIG_PATHS, note_path, &told, NULL), MSTR_OK);
    assert_int_equal(strncmp(buffer_text(&told), path, strlen(path)), 0);
    assert_null(strstr(buffer_text(&told), " read\n"));

    free(path);
    buffer_release(&expected);
    buffer_release(&told);
}

static void several_kinds_may_be_wanted_at_once(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    assert_int_equal(visit("[cache]\nttl = 5m\n[provider lost]\nx = 1\n",
                           MSTR_CONFIG_PATHS | MSTR_CONFIG_SETTINGS | MSTR_CONFIG_PROBLEMS, &told, NULL),
                     MSTR_E_CONFIG);
    assert_int_equal(strncmp(buffer_text(&told), "0 [-] - = -\n2 [cache] ttl = 5m\n4 [provider lost] x = ", 50), 0);
    assert_non_null(strstr(buffer_text(&told), "lacks its plugin"));
    buffer_release(&told);
}

static void literal_secrets_that_others_may_read_and_plain_http_are_weakenings(void **state)
{
    (void)state;
    static const char text[] =
        "[profile a]\nusername = ann\npassword = canary\napi_key = ${env:X}\n"
        "identity_token = x${env:X}\n[profile b]\nallow_plain_http = yes\n[env w]\nA = canary\n";
    struct buffer told = BUFFER_INIT;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    char *path = test_file(text, strlen(text));
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    for (int open = 0; open < 2; open++) {
        assert_int_equal(chmod(path, open ? 0604 : 0600), 0);
        buffer_clear(&told);
        assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_WEAKENINGS, note, &told, NULL), MSTR_OK);
        assert_int_equal(strstr(buffer_text(&told), "3 [profile a] password = (hidden): a literal secret") != NULL,
                         open);
        assert_int_equal(strstr(buffer_text(&told), "5 [profile a] identity_token = (hidden)${env:X}: ") != NULL,
                         open);
        assert_non_null(strstr(buffer_text(&told), "7 [profile b] allow_plain_http = yes: whoever listens"));
        assert_null(strstr(buffer_text(&told), "api_key"));
        assert_null(strstr(buffer_text(&told), "canary"));
    }
    unlink(path);
    free(path);
    buffer_release(&told);
}

/* Which 0.1 never used for it. */
static void a_proxy_on_the_way_to_this_machine_is_a_weakening(void **state)
{
    (void)state;
    static const struct {
        const char *base;
        const char *more;
        bool told;
    } cases[] = {
        {"http://127.0.0.1:80/api/", "", true},
        {"https://[::1]/api/", "no_proxy = example.com\n", true},
        {"https://localhost/api/", "no_proxy = 10.0.0.0/8, localhost\n", false},
        {"https://localhost/api/", "no_proxy = ${env:X}\n", false},
        {"https://mstr.example/api/", "", false},
        {"${env:U}", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static const char *const proxies[] = {"http://ann:canary@proxy.example:3128", "", "${env:P}"};
        for (size_t j = 0; j < COUNT_OF(proxies); j++) {
            struct buffer told = BUFFER_INIT;
            char config[256];
            snprintf(config, sizeof(config), "[profile a]\nbase_url = %s\nproxy = %s\n%s", cases[i].base, proxies[j],
                     cases[i].more);
            assert_int_equal(visit(config, MSTR_CONFIG_WEAKENINGS, &told, NULL), MSTR_OK);
            bool is_told = strstr(buffer_text(&told), "3 [profile a] proxy = ") != NULL &&
                           strstr(buffer_text(&told), ": it leads to base_url too") != NULL;
            assert_int_equal(is_told, cases[i].told && j == 0);
            assert_null(strstr(buffer_text(&told), "canary"));
            buffer_release(&told);
        }
    }
}

static void options_that_were_not_initialised_are_refused(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    const mstr_context_options nothing = {.size = 0};
    assert_int_equal(mstr_config_visit(&nothing, MSTR_CONFIG_SETTINGS, note, &told, NULL), MSTR_E_USAGE);
    assert_string_equal(buffer_text(&told), "");
    buffer_release(&told);
}

static void the_keys_of_a_section_are_told_in_order_without_values(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    mstr_context *context = test_context("[env w]\nZ_LAST = hunter2\nA = ${env:X}\n[env v]\nB = 1\n");

    assert_int_equal(mstr_context_section(context, "env w", note, &told, error), MSTR_OK);
    assert_string_equal(buffer_text(&told), "2 [env w] Z_LAST = -\n3 [env w] A = -\n");
    assert_int_equal(mstr_context_section(context, "env u", note, &told, error), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(error), "there is no section [env u] in the configuration");

    mstr_context_free(context);
    mstr_error_free(error);
    buffer_release(&told);
}

static int hear_one(const mstr_config_item *item, void *data)
{
    (void)item;
    ++*(int *)data;
    return 1;
}

static void a_program_that_has_heard_enough_is_told_no_more(void **state)
{
    (void)state;
    static const char config[] = "[profile a]\nusername = u\ntimeout = soon\nx = 1\n";
    char *path = test_file(config, strlen(config));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    int heard = 0;

    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_SETTINGS | MSTR_CONFIG_PROBLEMS | MSTR_CONFIG_PATHS,
                                       hear_one, &heard, NULL),
                     MSTR_E_CANCELLED);

    assert_int_equal(heard, 1);
    unlink(path);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_told_in_order_and_secrets_are_not),
        cmocka_unit_test(whom_tls_trusts_is_told_and_is_a_problem_where_that_is_nobody),
        cmocka_unit_test(problems_of_the_grammar_come_first_and_then_those_of_providers),
        cmocka_unit_test(without_problems_there_is_nothing_to_tell),
        cmocka_unit_test(settings_of_a_broken_configuration_are_told_all_the_same),
        cmocka_unit_test(files_are_told_with_what_became_of_them),
        cmocka_unit_test(several_kinds_may_be_wanted_at_once),
        cmocka_unit_test(literal_secrets_that_others_may_read_and_plain_http_are_weakenings),
        cmocka_unit_test(a_proxy_on_the_way_to_this_machine_is_a_weakening),
        cmocka_unit_test(options_that_were_not_initialised_are_refused),
        cmocka_unit_test(the_keys_of_a_section_are_told_in_order_without_values),
        cmocka_unit_test(a_program_that_has_heard_enough_is_told_no_more),
    };
    return RUN_TESTS("context/config_visit");
}
