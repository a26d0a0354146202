/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata server as an identity. */
#include "unit/gcp/support.h"

static void server_that_is_not_ready_is_asked_for_ten_seconds(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        fake_host_fail("GET", METADATA "*", MSTR_E_NETWORK, "connection refused");
    }
    fake_host_answer("GET", METADATA "*", 200, METADATA_FLAVOR, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_in_range(fake_host_slept(), 8000, 11000);
}

static void refusals_of_a_token_say_what_to_do(void **state)
{
    static const struct {
        int status;
        enum mstr_code code;
        const char *hint;
    } cases[] = {{404, MSTR_E_NOT_AVAILABLE, "attach a service account"}, {403, MSTR_E_DENIED, "workload identity"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", METADATA "*", cases[i].status, METADATA_FLAVOR, "");
        struct mstr_request *request = resolve("gcp-sm://p/s");
        assert_int_equal(fake_request_code(request), cases[i].code);
        assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), cases[i].hint);
        fake_request_free(request);
    }
}

static void another_universe_is_checked_before_its_token_is_used(void **state)
{
    (void)state;
    fake_host_env("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "universe.example");
    fake_host_answer("GET", METADATA "universe/universe-domain", 404, METADATA_FLAVOR, "");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "of the universe googleapis.com", NULL);

    fake_host_answer("GET", METADATA "universe/universe-domain", 200, METADATA_FLAVOR, "universe.example");
    fake_host_answer("GET", METADATA "instance/*", 200, METADATA_FLAVOR, TOKEN_ANSWER);
    fake_host_answer("GET", "https://secretmanager.universe.example/*", 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://p/s", "hello");

    plugin->invalidate(instance, NULL);
    use_file(USER_FILE);
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "GOOGLE_CLOUD_UNIVERSE_DOMAIN", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, metadata_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server_that_is_not_ready_is_asked_for_ten_seconds),
        TEST(refusals_of_a_token_say_what_to_do),
        TEST(another_universe_is_checked_before_its_token_is_used),
    };
    return RUN_TESTS("gcp/identity/metadata");
}
