/* SPDX-License-Identifier: Apache-2.0 */
/* Whether there is a metadata server. */
#include "unit/gcp/support.h"

static int setup(void **state)
{
    int result = plugin_setup(state);
    fake_host_env("NO_GCE_CHECK", NULL);
    return result;
}

static void switches_decide_without_a_request(void **state)
{
    static const struct {
        const char *variable;
        const char *value;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"NO_GCE_CHECK", "true", MSTR_E_NOT_AVAILABLE, "NO_GCE_CHECK"},
        {"METADATA_SERVER_DETECTION", "none", MSTR_E_NOT_AVAILABLE, "METADATA_SERVER_DETECTION"},
        {"METADATA_SERVER_DETECTION", "bios-only", MSTR_E_NOT_AVAILABLE, "nothing on this machine"},
        {"METADATA_SERVER_DETECTION", "perhaps", MSTR_E_CONFIG, "assume-present"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env(cases[i].variable, cases[i].value);
        assert_fails("gcp-sm://p/s", cases[i].code, cases[i].part, NULL);
        fake_host_env(cases[i].variable, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void presence_can_be_assumed(void **state)
{
    (void)state;
    fake_host_env("METADATA_SERVER_DETECTION", "assume-present");
    fake_host_answer("GET", "http://metadata.google.internal/*", 200, METADATA_FLAVOR, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_int_equal(fake_host_requests(), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(switches_decide_without_a_request),
        TEST(presence_can_be_assumed),
    };
    return RUN_TESTS("gcp/wire/residency");
}
