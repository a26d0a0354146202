/* SPDX-License-Identifier: Apache-2.0 */
/* Subject tokens that a program prints. */
#include "unit/gcp/external_account.h"

static void executable_runs_only_when_allowed(void **state)
{
    (void)state;
    use_external(
        JWT,
        "{\"executable\":{\"command\":\"/bin/echo '{\\\"version\\\":1,\\\"success\\\":true,\\\"token_type\\\":"
        "\\\"" JWT "\\\",\\\"id_token\\\":\\\"subject\\\"}'\"}}",
        "");
    answer_exchange();

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "not allowed", NULL);
    fake_host_env("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    assert_resolves("gcp-sm://p/s", "hello");

    assert_field(0, "subject_token", "subject");
}

static void executable_is_left_alone_while_its_output_file_holds(void **state)
{
    static const struct {
        const char *content;
        const char *token; /* NULL: an error */
    } cases[] = {
        {"{\"version\":1,\"success\":true,\"token_type\":\"" JWT
         "\",\"id_token\":\"kept\",\"expiration_time\":1768482000}",
         "kept"},
        {"{\"version\":1,\"success\":true,\"token_type\":\"" JWT
         "\",\"id_token\":\"kept\",\"expiration_time\":1768478399}",
         "fresh"},
        {"{\"version\":1,\"success\":true,\"token_type\":\"" JWT "\",\"id_token\":\"kept\"}", "fresh"},
        {"{\"version\":1,\"success\":false,\"expiration_time\":1768482000}", "fresh"},
        {"no JSON", "fresh"},
        {"", "fresh"},
        {"{\"success\":true,\"expiration_time\":1768482000}", NULL},
    };
    (void)state;
    fake_host_env("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[] = "/tmp/mstr-output-XXXXXX";
        char source[512];
        int fd = mkstemp(path);
        size_t before = fake_host_requests();
        assert_int_equal(write(fd, cases[i].content, strlen(cases[i].content)), strlen(cases[i].content));
        close(fd);
        plugin->invalidate(instance, NULL);
        snprintf(source, sizeof(source),
                 "{\"executable\":{\"output_file\":\"%s\",\"command\":\"/bin/echo '{\\\"version\\\":1,"
                 "\\\"success\\\":true,\\\"token_type\\\":\\\"" JWT "\\\",\\\"id_token\\\":\\\"fresh\\\"}'\"}}",
                 path);
        use_external(JWT, source, "");
        if (cases[i].token == NULL) {
            assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "version", NULL);
        } else {
            answer_exchange();
            assert_resolves("gcp-sm://p/s", "hello");
            assert_field(before, "subject_token", cases[i].token);
        }
        unlink(path);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(executable_runs_only_when_allowed),
        TEST(executable_is_left_alone_while_its_output_file_holds),
    };
    return RUN_TESTS("gcp/identity/subject_executable");
}
