/* SPDX-License-Identifier: Apache-2.0 */
/* What the plugin makes of a secret that was fetched. */
#include "unit/azure/support.h"

static void validity_is_warned_about_or_refused(void **state)
{
    static const struct {
        const char *body;
        const char *message;
    } cases[] = {
        {SECRET_AS("hello", ",\"exp\":1768478399"), "has expired"},
        {SECRET_AS("hello", ",\"nbf\":1768478401"), "is not valid yet"},
    };
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_option("refuse_expired", "no");
        fake_host_answer("GET", VAULT, 200, NULL, cases[i].body);
        assert_resolves(REFERENCE, "hello");
        assert_contains(fake_host_log(), cases[i].message);
        fake_host_option("refuse_expired", "yes");
        fake_host_answer("GET", VAULT, 200, NULL, cases[i].body);
        assert_fails(REFERENCE, MSTR_E_DENIED, cases[i].message, "refuse_expired");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(validity_is_warned_about_or_refused),
    };
    return RUN_TESTS("azure/plugin");
}
