/* SPDX-License-Identifier: Apache-2.0 */
/* Helper programs of a profile, and what of their output is taken for keys. */
#include "support/aws_home.h"

static void a_helper_program_gives_keys(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\ncredential_process=/bin/echo '{\"Version\":1,\"AccessKeyId\":\"PROC\","
                              "\"SecretAccessKey\":\"x\"}'\n");
    assert_keys("PROC");
    write_file(".aws/config", "[default]\ncredential_process=/bin/echo '\xef\xbb\xbf{\"Version\":1,"
                              "\"AccessKeyId\":\"MARK\",\"SecretAccessKey\":\"x\"}'\n");
    assert_keys("MARK");
}

static void what_a_failing_program_says_is_quoted_without_its_secrets(void **state)
{
    static const struct {
        const char *command;
        const char *quoted;
    } cases[] = {
        {"/bin/sh -c 'echo wrong account >&2; exit 3'", "status 3: wrong account"},
        {"/bin/sh -c 'echo SecretAccessKey: x1 of ann >&2; exit 3'", "status 3: SecretAccessKey: (hidden) of ann"},
        {"/bin/sh -c 'echo wJalrXUtnFEMI/K7MDENG/bPxRfiCY is wrong >&2; exit 3'", "status 3: (hidden) is wrong"},
        {"/bin/echo '{\"Version\":1,\"Code\":\"No\",\"Message\":\"token=x1\"}'",
         "credential_process: No: token=(hidden)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char profile[256];
        snprintf(profile, sizeof(profile), "credential_process=%s\n", cases[i].command);
        write_default_profile(profile);
        assert_no_keys(MSTR_E_AUTHENTICATION, cases[i].quoted);
    }
}

/* When the keys of a program end that tells it so; "" for never. */
static void an_end_is_read_in_every_form_that_programs_write(void **state)
{
    static const struct {
        const char *expiration;
        int64_t expires;
    } cases[] = {
        {"2026-01-15T13:00:00Z", FAKE_HOST_START + 3600000},
        {"2026-01-15T18:30:00+0530", FAKE_HOST_START + 3600000},
        {"2026-01-15T15:00:00+02", FAKE_HOST_START + 3600000},
        {"2026-01-15T13:00:00", FAKE_HOST_START + 3600000},
        {"2026-01-15 13:00", FAKE_HOST_START + 3600000},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aws_keys *keys = NULL;
        char profile[256];
        snprintf(profile, sizeof(profile),
                 "credential_process=/bin/echo '{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"x\","
                 "\"Expiration\":\"%s\"}'\n",
                 cases[i].expiration);
        write_default_profile(profile);
        assert_int_equal(find_keys(&keys, NULL), MSTR_OK);
        assert_int_equal(keys->expires, cases[i].expires);
        aws_keys_release(keys);
    }
}

static void a_command_that_a_shell_would_have_to_read_is_told_so(void **state)
{
    static const char *const commands[] = {"/bin/false | /bin/cat", "/bin/false > /dev/null", "/bin/false $HOME",
                                           "~/bin/keys", "/bin/false && /bin/true"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        char profile[256];
        snprintf(profile, sizeof(profile), "credential_process=%s\n", commands[i]);
        write_default_profile(profile);
        bool home_folder = commands[i][0] == '~';
        assert_no_keys_hint(home_folder ? MSTR_E_CONFIG : MSTR_E_AUTHENTICATION,
                            home_folder ? "program ~/bin/keys" : "credential_process ended",
                            "no shell runs credential_process");
    }
}

static void what_is_no_answer_of_version_1_is_refused(void **state)
{
    static const struct {
        const char *config;
        enum mstr_code code;
        const char *message;
    } cases[] = {
        {"credential_process=/nonexistent/program\n", MSTR_E_CONFIG, "no program /nonexistent/program"},
        {"credential_process=/bin/false\n", MSTR_E_AUTHENTICATION, "status 1"},
        {"credential_process=/bin/echo hello\n", MSTR_E_PROTOCOL, "other than JSON"},
        {"credential_process=/bin/echo '{\"Version\":2}'\n", MSTR_E_PROTOCOL, "Version 2"},
        {"credential_process=/bin/echo '{\"Version\":1}'\n", MSTR_E_PROTOCOL, "no AccessKeyId"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_default_profile(cases[i].config);
        assert_no_keys_hint(cases[i].code, cases[i].message, "by hand");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(a_helper_program_gives_keys),
        TEST(what_a_failing_program_says_is_quoted_without_its_secrets),
        TEST(an_end_is_read_in_every_form_that_programs_write),
        TEST(a_command_that_a_shell_would_have_to_read_is_told_so),
        TEST(what_is_no_answer_of_version_1_is_refused),
    };
    return RUN_TESTS("aws/identity/process");
}
