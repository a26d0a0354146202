/* SPDX-License-Identifier: Apache-2.0 */
/* Where an identity is looked for. */
#include "unit/gcp/support.h"

#include <sys/stat.h>

static void search_without_an_identity_lists_every_place(void **state)
{
    (void)state;
    fake_host_env("HOME", "/nonexistent");

    struct mstr_request *request = resolve("gcp-sm://p/s");

    assert_int_equal(fake_request_code(request), MSTR_E_NOT_AVAILABLE);
    static const char *const places[] = {"credentials_file", "GOOGLE_APPLICATION_CREDENTIALS", "gcloud",
                                         "NO_GCE_CHECK"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        assert_contains(fake_request_message(request), places[i]);
    }
    assert_int_equal(fake_host_requests(), 0);
    fake_request_free(request);
}

static void named_file_that_is_broken_ends_the_search(void **state)
{
    (void)state;
    use_file("not json");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "not a JSON object", NULL);
    fake_host_env("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/key.json");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "/nonexistent/key.json", NULL);
    fake_host_env("GOOGLE_APPLICATION_CREDENTIALS", "/tmp");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "regular file", NULL);
    assert_int_equal(fake_host_requests(), 0);
}

static void failure_tells_its_place_once_and_those_before_it(void **state)
{
    (void)state;
    use_file("not json");
    char message[256];
    snprintf(
        message, sizeof(message),
        "GOOGLE_APPLICATION_CREDENTIALS (%s): is not a JSON object (before it: credentials_file: not set [0 ms])",
        file_path);

    struct mstr_request *request = resolve("gcp-sm://p/s");

    assert_string_equal(fake_request_message(request), message);
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_STEP), "GOOGLE_APPLICATION_CREDENTIALS");
    fake_request_free(request);
}

static void file_that_anybody_may_write_is_refused(void **state)
{
    (void)state;
    use_file(USER_FILE);
    assert_int_equal(chmod(file_path, 0666), 0);

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "anybody may write", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(search_without_an_identity_lists_every_place),
        TEST(named_file_that_is_broken_ends_the_search),
        TEST(failure_tells_its_place_once_and_those_before_it),
        TEST(file_that_anybody_may_write_is_refused),
    };
    return RUN_TESTS("gcp/identity/adc");
}
