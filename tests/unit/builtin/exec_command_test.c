/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec_command.c */
#include "builtin/exec_command.h"

#include "support/context.h"
#include "support/folder.h"
#include "support/host.h"

#include <stdio.h>
#include <sys/stat.h>

static void a_command_says_how_it_is_started(void **state)
{
    (void)state;
    static char *argv[] = {"program", NULL};
    struct exec_command command = {.argv = argv, .names = {"PATH"}, .timeout = 1500, .output_limit = 77};

    const struct process_spec spec = exec_command_spec(&command, (const char *const *)argv);

    assert_ptr_equal(spec.argv, argv);
    assert_true(spec.trusted);
    assert_int_equal(spec.absent, MSTR_E_CONFIG);
    assert_string_equal(spec.environment[0], "PATH");
    assert_int_equal(spec.timeout, 1500);
    assert_int_equal(spec.output_limit, 77);
}

static void what_the_option_cannot_mean_is_a_fault_of_the_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *fault;
    } cases[] = {
        {"command = 'open", "quote that does not end"},
        {"command = ''", "is empty"},
        {"command = /bin/true\nenvironment = A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A B C D E F G H I J "
         "K L M N O P Q R S T U V W X Y Z A B C D E F G H I J K L M N O P Q R S T U V W X Y Z",
         "too many names"},
        {"command = /bin/true\noutput_limit = 0", "from 1 to 16777216"},
        {"command = /bin/true\noutput_limit = 16777217", "from 1 to 16777216"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[512];
        snprintf(config, sizeof(config), "[provider x]\nplugin = exec\n%s\n", cases[i].lines);
        mstr_context *context = test_context(config);
        assert_failure(context, "x:y", MSTR_E_CONFIG, cases[i].fault);
        mstr_context_free(context);
    }
}

static void what_is_at_the_bound_is_taken(void **state)
{
    (void)state;
    /* with the names that are handed on anyhow, as many as there may be and one more */
    static const struct {
        const char *lines;
        enum mstr_code code;
    } cases[] = {
        {"output_limit = 1", MSTR_OK},
        {"output_limit = 16777216", MSTR_OK},
        {"environment = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 "
         "35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55",
         MSTR_OK},
        {"environment = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 "
         "35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56",
         MSTR_E_CONFIG},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[512];
        mstr_error *error = mstr_error_new();
        mstr_secret *secret = NULL;
        snprintf(config, sizeof(config), "[provider x]\nplugin = exec\nformat = text\ncommand = /bin/echo -n\n%s\n",
                 cases[i].lines);
        mstr_context *context = test_context(config);
        if (mstr_context_get(context, "x:y", NULL, &secret, error) != cases[i].code) {
            fail_msg("%s: %s", cases[i].lines, mstr_error_message(error));
        }
        mstr_secret_release(secret);
        mstr_context_free(context);
        mstr_error_free(error);
    }
}

/* A folder may be where everybody may write. */
static void what_is_no_file_is_no_script(void **state)
{
    (void)state;
    struct folder folder;
    char config[512];
    folder_make(&folder);
    assert_int_equal(chmod(folder.path, 0777), 0);
    snprintf(config, sizeof(config), "[provider x]\nplugin = exec\nformat = text\ncommand = /bin/ls -d %s\n",
             folder.path);
    mstr_context *context = test_context(config);
    assert_failure(context, "x:y", MSTR_E_UNEXPECTED, "ls");
    mstr_context_free(context);
    folder_remove(&folder);
}

/* It decides as much as what interprets it; one that is opened to others meanwhile is not run again. */
static void a_script_is_trusted_no_more_than_a_program(void **state)
{
    (void)state;
    static const char *const protocols[] = {"once", "lines"};
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        struct folder folder;
        char path[256];
        char config[512];
        folder_make(&folder);
        folder_write(&folder, "script", "exit 5");
        snprintf(config, sizeof(config), "[provider x]\nplugin = exec\ncommand = /bin/sh %s\nprotocol = %s\n",
                 folder_path(&folder, "script", path), protocols[i]);
        mstr_context *context = test_context(config);
        assert_failure(context, "x:y", MSTR_E_DENIED, "status 5");

        assert_int_equal(chmod(folder.path, 0777), 0);

        assert_failure(context, "x:z", MSTR_E_CONFIG, "refused");
        mstr_context_free(context);
        folder_remove(&folder);
    }
}

static const char *command_option;

static const char *tell_option(const struct mstr_instance *instance, const char *name)
{
    (void)instance;
    return strcmp(name, "command") == 0        ? command_option
           : strcmp(name, "timeout") == 0      ? "1000"
           : strcmp(name, "output_limit") == 0 ? "1000"
                                               : NULL;
}

/* Before anything is asked of it. */
static void a_section_whose_program_or_script_is_of_no_use_is_told_at_once(void **state)
{
    (void)state;
    struct mstr_host telling = host_table;
    struct folder folder;
    char path[256];
    char open_script[300];
    mstr_error *error = mstr_error_new();
    folder_make(&folder);
    folder_write(&folder, "script", "exit 0");
    snprintf(open_script, sizeof(open_script), "/bin/sh %s", folder_path(&folder, "script", path));
    assert_int_equal(chmod(folder.path, 0777), 0);
    telling.option = tell_option;
    host = &telling;
    const struct {
        const char *command;
        enum mstr_code code;
        const char *told;
    } cases[] = {{"/bin/sh -c :", MSTR_OK, ""},
                 {"/nowhere/tool", MSTR_E_CONFIG, "there is no such file"},
                 {open_script, MSTR_E_CONFIG, "refused"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct exec_command command;
        command_option = cases[i].command;
        assert_int_equal(exec_command_read(NULL, &command, error), cases[i].code);
        assert_non_null(strstr(mstr_error_message(error), cases[i].told));
        exec_command_release(&command);
    }
    host = &host_table;
    mstr_error_free(error);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_says_how_it_is_started),
        cmocka_unit_test(what_the_option_cannot_mean_is_a_fault_of_the_configuration),
        cmocka_unit_test(what_is_at_the_bound_is_taken),
        cmocka_unit_test(what_is_no_file_is_no_script),
        cmocka_unit_test(a_section_whose_program_or_script_is_of_no_use_is_told_at_once),
        cmocka_unit_test(a_script_is_trusted_no_more_than_a_program),
    };
    return RUN_TESTS("builtin/exec_command");
}
