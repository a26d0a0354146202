/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec.c */
#include "support/context.h"
#include "support/few_files.h"

#include <stdio.h>

/* A context whose scheme "x" is a shell script, with further lines of its section. */
static mstr_context *scripted(const char *script, const char *lines)
{
    char config[4096];
    snprintf(config, sizeof(config), "[provider x]\nplugin = exec\ncommand = /bin/sh -c '%s' name\n%s\n", script,
             lines);
    return test_context(config);
}

static void text_is_the_value_and_the_body_the_last_argument(void **state)
{
    (void)state;
    mstr_context *context = scripted("printf \"value of %s\\n\" \"$1\"", "format = text");
    assert_text(context, "x:some/%20thing", "value of some/ thing");
    assert_failure(context, "x:some?key=value", MSTR_E_CONFIG, "takes no query");
    mstr_context_free(context);
}

static void the_exit_status_of_a_text_program_tells_why(void **state)
{
    (void)state;
    static const struct {
        const char *reference;
        enum mstr_code code;
    } cases[] = {{"x:1", MSTR_E_UNEXPECTED}, {"x:3", MSTR_E_CONFIG},         {"x:4", MSTR_E_NOT_FOUND},
                 {"x:5", MSTR_E_DENIED},     {"x:6", MSTR_E_AUTHENTICATION}, {"x:7", MSTR_E_NETWORK},
                 {"x:8", MSTR_E_UNAVAILABLE}};
    mstr_context *context = scripted("echo because >&2; exit \"$1\"", "format = text");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_failure(context, cases[i].reference, cases[i].code, "because");
    }
    mstr_context_free(context);
}

static void values_are_cut_out_of_what_is_quoted(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    mstr_secret *secret = NULL;
    static const struct {
        const char *script;
        const char *format;
    } cases[] = {
        {"echo canary; echo the value canary is bad >&2; exit 1", "format = text"},
        {"echo \"{\\\"version\\\":1,\\\"results\\\":[{\\\"value\\\":\\\"canary\\\"}]}\"; "
         "echo the value canary is bad >&2; exit 1",
         "format = json"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_context *context = scripted(cases[i].script, cases[i].format);
        assert_int_not_equal(mstr_context_get(context, "x:y", NULL, &secret, error), MSTR_OK);
        assert_null(strstr(mstr_error_message(error), "canary"));
        assert_non_null(strstr(mstr_error_message(error), "the value ****** is bad"));
        mstr_context_free(context);
    }
    mstr_error_free(error);
}

static void values_that_cannot_be_told_apart_leave_nothing_to_quote(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    mstr_secret *secret = NULL;
    static const struct {
        const char *script;
        const char *format;
    } cases[] = {
        {"echo \"{\\\"version\\\":1,\\\"results\\\":[{\\\"value\\\":\\\"canary\\\"\"; echo canary >&2; exit 1",
         "format = json"},
        {"printf \"first\\ncanary\\n\"; echo canary alone >&2; exit 1", "format = text"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_context *context = scripted(cases[i].script, cases[i].format);
        assert_int_equal(mstr_context_get(context, "x:y", NULL, &secret, error), MSTR_E_UNEXPECTED);
        assert_null(strstr(mstr_error_message(error), "canary"));
        mstr_context_free(context);
    }
    mstr_error_free(error);
}

static void a_program_that_fails_may_say_nothing(void **state)
{
    (void)state;
    static const char *const formats[] = {"format = text", "format = json"};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        mstr_context *context = scripted("exit 4", formats[i]);
        assert_failure(context, "x:y", MSTR_E_NOT_FOUND, "failed with exit status 4");
        mstr_context_free(context);
    }
}

/* What one reference gives when the program's answer is `answer`. */
static mstr_context *answering(const char *answer)
{
    char script[2048];
    char *path = test_file(answer, strlen(answer));
    snprintf(script, sizeof(script), "cat %s; rm %s", path, path);
    free(path);
    return scripted(script, "");
}

static void an_answer_may_hold_text_octets_and_facts(void **state)
{
    (void)state;
    mstr_secret *secret = NULL;
    mstr_context *context =
        answering("{\"version\":1,\"results\":[{\"value\":\"caf\\u00e9\\u0000\",\"version\":\"7\","
                  "\"expires\":\"2100-01-01T00:00:00Z\"}]}");
    assert_int_equal(mstr_context_get(context, "x:y", NULL, &secret, NULL), MSTR_OK);
    assert_int_equal(mstr_secret_length(secret), 6);
    assert_memory_equal(mstr_secret_octets(secret), "caf\xc3\xa9\0", 6);
    assert_string_equal(mstr_secret_version(secret), "7");
    assert_true(mstr_secret_expires(secret) == INT64_C(4102444800000));
    mstr_secret_release(secret);
    mstr_context_free(context);

    context = answering("{\"version\":1,\"results\":[{\"value_base64\":\"AP8=\"}]}");
    assert_value(context, "x:y", "\0\xff", 2);
    mstr_context_free(context);
}

static void a_program_may_tell_a_failure(void **state)
{
    (void)state;
    mstr_context *context =
        answering("{\"version\":1,\"results\":[{\"error\":{\"class\":\"denied\",\"message\":\"not you\"}}]}");
    assert_failure(context, "x:y", MSTR_E_DENIED, "not you");
    mstr_context_free(context);
}

static void what_a_failing_program_says_is_quoted_without_its_secrets(void **state)
{
    static const char script[] = "echo password=x1 is bad >&2; exit 5";
    mstr_context *const contexts[] = {scripted(script, "format = text"), scripted(script, "format = json"),
                                      answering("{\"version\":1,\"results\":[{\"error\":{\"class\":\"denied\","
                                                "\"message\":\"password=x1 is bad\"}}]}")};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(contexts); i++) {
        assert_failure(contexts[i], "x:y", MSTR_E_DENIED, ": password=(hidden) is bad");
        mstr_context_free(contexts[i]);
    }
}

static void a_bad_answer_is_never_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        const char *fault;
    } cases[] = {
        {"canary", "not one JSON value"},
        {"{\"version\":1,\"results\":[{\"value\":\"canary\"},{\"value\":\"canary\"}]}", "one result for each"},
        {"{\"version\":1,\"results\":[{\"value_base64\":\"canary!\"}]}", "value_base64"},
        {"{\"version\":1,\"results\":[{\"error\":{\"class\":\"canary\"}}]}", "known class"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error *error = mstr_error_new();
        mstr_secret *secret = NULL;
        mstr_context *context = answering(cases[i].answer);
        assert_int_equal(mstr_context_get(context, "x:y", NULL, &secret, error), MSTR_E_PLUGIN);
        assert_null(strstr(mstr_error_message(error), "canary"));
        if (strstr(mstr_error_message(error), cases[i].fault) == NULL) {
            fail_msg("%s does not tell %s", mstr_error_message(error), cases[i].fault);
        }
        mstr_context_free(context);
        mstr_error_free(error);
    }
}

/* Each run waits until the other is there. */
static void programs_that_print_text_run_side_by_side(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char script[512];
    mstr_lookup lookups[] = {{.reference = "x:a"}, {.reference = "x:b"}};
    assert_non_null(mkdtemp(folder));
    snprintf(script, sizeof(script), "touch %s/$1; until [ -e %s/a ] && [ -e %s/b ]; do sleep 0.01; done; echo $1",
             folder, folder, folder);
    mstr_context *context = scripted(script, "format = text\ntimeout = 20s");

    assert_int_equal(mstr_context_get_many(context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), NULL), MSTR_OK);

    assert_string_equal(mstr_secret_octets(lookups[0].secret), "a");
    assert_string_equal(mstr_secret_octets(lookups[1].secret), "b");
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        char path[64];
        snprintf(path, sizeof(path), "%s/%c", folder, "ab"[i]);
        unlink(path);
        mstr_secret_release(lookups[i].secret);
    }
    rmdir(folder);
    mstr_context_free(context);
}

static void failure_beside_a_value_does_not_tell_it(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    mstr_lookup lookups[] = {{.reference = "x:a"}, {.reference = "x:b", .error = error}};
    mstr_context *context =
        scripted("printf \"{\\\"version\\\":1,\\\"results\\\":[{\\\"value\\\":\\\"canary\\\"},"
                 "{\\\"error\\\":{\\\"class\\\":\\\"denied\\\",\\\"message\\\":\\\"not with canary\\\"}}]}\"",
                 "");
    assert_int_equal(mstr_context_get_many(context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), NULL),
                     MSTR_E_DENIED);
    assert_non_null(strstr(mstr_error_message(error), "not with ******"));
    mstr_secret_release(lookups[0].secret);
    mstr_error_free(error);
    mstr_context_free(context);
}

static void a_batch_is_one_run_of_the_program(void **state)
{
    (void)state;
    char *seen = test_file("", 0);
    char script[1024];
    mstr_lookup lookups[] = {{.reference = "x:a\"b?k=v&l=%26"}, {.reference = "x:c"}, {.reference = "x:c#f"}};
    snprintf(script, sizeof(script),
             "cat >> %s; printf \"{\\\"version\\\":1,\\\"results\\\":[{\\\"value\\\":\\\"one\\\"},"
             "{\\\"value\\\":\\\"{\\\\\\\\\\\"f\\\\\\\\\\\":2}\\\"}]}\"",
             seen);
    mstr_context *context = scripted(script, "");

    assert_int_equal(mstr_context_get_many(context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), NULL), MSTR_OK);

    assert_string_equal(mstr_secret_octets(lookups[0].secret), "one");
    assert_string_equal(mstr_secret_octets(lookups[1].secret), "{\"f\":2}");
    assert_string_equal(mstr_secret_octets(lookups[2].secret), "2");
    char text[512] = "";
    FILE *file = fopen(seen, "r");
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text,
                        "{\"version\":1,\"references\":[{\"body\":\"a\\\"b\",\"query\":{\"k\":\"v\",\"l\":\"&\"}},"
                        "{\"body\":\"c\",\"query\":{}}]}\n");
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        mstr_secret_release(lookups[i].secret);
    }
    unlink(seen);
    free(seen);
    mstr_context_free(context);
}

static void the_environment_is_reduced_to_a_list(void **state)
{
    (void)state;
    setenv("EXEC_TEST_NAMED", "named", 1);
    setenv("EXEC_TEST_OTHER", "other", 1);
    mstr_context *context =
        scripted("printf \"%s/%s/%s\" \"$EXEC_TEST_NAMED\" \"$EXEC_TEST_OTHER\" \"$${PATH:+path}\"",
                 "format = text\nenvironment = A_FIRST, EXEC_TEST_NAMED");
    assert_text(context, "x:y", "named//path");
    mstr_context_free(context);
}

static void time_and_output_are_bounded(void **state)
{
    (void)state;
    mstr_context *context = scripted("sleep 600", "format = text\ntimeout = 50ms");
    assert_failure(context, "x:y", MSTR_E_TIMEOUT, "did not end in time");
    mstr_context_free(context);
    context = scripted("yes", "format = text\noutput_limit = 100");
    assert_failure(context, "x:y", MSTR_E_PLUGIN, "more than 100 octets");
    mstr_context_free(context);
}

static void options_are_checked_before_anything_runs(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *fault;
    } cases[] = {
        {"", "\"command\" is missing"},
        {"command = 'open", "quote"},
        {"command = /bin/true\nformat = xml", "json or text"},
        {"command = /bin/true\ntimeout = 0", "more than 0"},
        {"command = /bin/true\noutput_limit = 0", "from 1 to"},
        {"command = /bin/true\noutput_limit = x", "whole number"},
        {"command = /bin/true\ncomand = x", "unknown option \"comand\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[512];
        snprintf(config, sizeof(config), "[provider x]\nplugin = exec\n%s\n", cases[i].lines);
        mstr_context *context = test_context(config);
        assert_failure(context, "x:y", MSTR_E_CONFIG, cases[i].fault);
        mstr_context_free(context);
    }
}

/* It is configured, so that its absence is no reason to try an alternative, and is told before any reference. */
static void a_program_that_is_missing_is_a_fault_of_the_configuration(void **state)
{
    (void)state;
    static const char *const commands[] = {"/nowhere/program", "no-such-program-anywhere", "/etc/passwd"};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        char config[256];
        snprintf(config, sizeof(config),
                 "[provider x]\nplugin = exec\ncommand = %s\n[env e]\nA = ${x:y || text:default}\n", commands[i]);
        mstr_context *context = test_context(config);
        mstr_secret *secret = NULL;
        assert_failure(context, "x:y", MSTR_E_CONFIG, commands[i]);
        assert_int_equal(mstr_context_setting(context, "env e", "A", NULL, &secret, error), MSTR_E_CONFIG);
        assert_null(secret);
        mstr_context_free(context);
    }
    mstr_error_free(error);
}

static void too_many_open_files_are_told_as_that(void **state)
{
    (void)state;
    assert_few_files_are_told("[provider x]\nplugin = exec\ncommand = /bin/echo\nformat = text\n", "x:y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_open_files_are_told_as_that),
        cmocka_unit_test(a_program_that_is_missing_is_a_fault_of_the_configuration),
        cmocka_unit_test(text_is_the_value_and_the_body_the_last_argument),
        cmocka_unit_test(the_exit_status_of_a_text_program_tells_why),
        cmocka_unit_test(values_are_cut_out_of_what_is_quoted),
        cmocka_unit_test(values_that_cannot_be_told_apart_leave_nothing_to_quote),
        cmocka_unit_test(a_program_that_fails_may_say_nothing),
        cmocka_unit_test(an_answer_may_hold_text_octets_and_facts),
        cmocka_unit_test(a_program_may_tell_a_failure),
        cmocka_unit_test(what_a_failing_program_says_is_quoted_without_its_secrets),
        cmocka_unit_test(a_bad_answer_is_never_quoted),
        cmocka_unit_test(programs_that_print_text_run_side_by_side),
        cmocka_unit_test(failure_beside_a_value_does_not_tell_it),
        cmocka_unit_test(a_batch_is_one_run_of_the_program),
        cmocka_unit_test(the_environment_is_reduced_to_a_list),
        cmocka_unit_test(time_and_output_are_bounded),
        cmocka_unit_test(options_are_checked_before_anything_runs),
    };
    return RUN_TESTS("builtin/exec");
}
