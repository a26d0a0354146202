/* Subject tokens out of files. */
#include "unit/gcp/external_account.h"

static void token_of_a_file_is_trimmed(void **state)
{
    char path[] = "/tmp/mstr-subject-XXXXXX";
    char source[128];
    int fd = mkstemp(path);
    (void)state;
    assert_int_equal(write(fd, " subject\n", 9), 9);
    close(fd);
    snprintf(source, sizeof(source), "{\"file\":\"%s\"}", path);
    use_external(JWT, source, ",\"client_id\":\"id\",\"client_secret\":\"hush\"");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_field(0, "subject_token", "subject");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Authorization"), "Basic aWQ6aHVzaA==");
    unlink(path);
}

static void source_that_fails_in_passing_is_asked_again(void **state)
{
    static const char url[] = "https://idp.example/token";
    (void)state;
    use_external(JWT, "{\"url\":\"https://idp.example/token\"}", "");
    fake_host_fail("GET", url, MSTR_E_NETWORK, "reset");
    fake_host_answer("GET", url, 503, NULL, "");
    fake_host_answer("GET", url, 200, NULL, " subject ");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_field(3, "subject_token", "subject");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_of_a_file_is_trimmed),
        TEST(source_that_fails_in_passing_is_asked_again),
    };
    return RUN_TESTS("gcp/identity/subject_content");
}
