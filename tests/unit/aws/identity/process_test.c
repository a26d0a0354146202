/* Helper programs of a profile, and what of their output is taken for keys. */
#include "support/aws_home.h"

static void a_helper_program_gives_keys(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\ncredential_process=/bin/echo '{\"Version\":1,\"AccessKeyId\":\"PROC\","
                              "\"SecretAccessKey\":\"x\"}'\n");
    assert_keys("PROC");
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
        TEST(what_is_no_answer_of_version_1_is_refused),
    };
    return RUN_TESTS("aws/identity/process");
}
