/* SPDX-License-Identifier: Apache-2.0 */
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

static void source_that_stays_busy_is_told_as_that(void **state)
{
    static const struct {
        int status;
        enum mstr_code code;
    } cases[] = {{429, MSTR_E_THROTTLED}, {503, MSTR_E_UNAVAILABLE}, {401, MSTR_E_AUTHENTICATION}};
    (void)state;
    use_external(JWT, "{\"url\":\"https://idp.example/token\"}", "");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t before = fake_host_requests();
        for (size_t n = 0; n < (cases[i].status == 401 ? 1 : 3); n++) {
            fake_host_answer("GET", "https://idp.example/token", cases[i].status, NULL, "");
        }
        assert_fails("gcp-sm://p/s", cases[i].code, "the source of the subject token", NULL);
        assert_int_equal(fake_host_requests() - before, cases[i].status == 401 ? 1 : 3);
    }
}

static void page_in_place_of_a_token_is_no_fault_of_the_configuration(void **state)
{
    (void)state;
    use_external(JWT,
                 "{\"url\":\"https://idp.example/token\","
                 "\"format\":{\"type\":\"json\",\"subject_token_field_name\":\"t\"}}",
                 "");
    fake_host_answer("GET", "https://idp.example/token", 200, NULL, "<html>sign in</html>");
    assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "the source of the subject token holds none", NULL);
}

/* What ends a line in a header would begin another; the message names the file. */
static void headers_of_a_file_that_no_header_can_be_are_refused(void **state)
{
    static const char *const cases[] = {"{\"X\":\"a\\r\\nY: b\"}", "{\"X\":\"a\\u0000b\"}", "{\"X\":7}",
                                        "{\"X: y\":\"a\"}",        "{\"\":\"a\"}",          "[]"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char source[128];
        snprintf(source, sizeof(source), "{\"url\":\"https://idp.example/token\",\"headers\":%s}", cases[i]);
        use_external(JWT, source, "");
        assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "\"headers\" must be", NULL);
        assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, file_path, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_of_a_file_is_trimmed),
        TEST(headers_of_a_file_that_no_header_can_be_are_refused),
        TEST(source_that_stays_busy_is_told_as_that),
        TEST(page_in_place_of_a_token_is_no_fault_of_the_configuration),
        TEST(source_that_fails_in_passing_is_asked_again),
    };
    return RUN_TESTS("gcp/identity/subject_content");
}
