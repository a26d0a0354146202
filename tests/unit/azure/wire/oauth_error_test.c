/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of token endpoints: their class, and what to do about them. */
#include "unit/azure/support.h"

static void refusals_of_the_authority_have_hints(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        const char *part;
        const char *hint;
    } cases[] = {
        {401, REFUSED("invalid_client", "7000215"), MSTR_E_AUTHENTICATION, "AADSTS7000215: Told.", "secret's id"},
        {401, REFUSED("invalid_client", "7000222"), MSTR_E_AUTHENTICATION, "2026-01-15 12:00:00Z", "expired"},
        {400, REFUSED("unauthorized_client", "700016"), MSTR_E_AUTHENTICATION, "unauthorized_client",
         "AZURE_CLIENT_ID"},
        {400, REFUSED("invalid_request", "90002"), MSTR_E_AUTHENTICATION, "90002", "AZURE_TENANT_ID"},
        {400, REFUSED("invalid_resource", "500011"), MSTR_E_AUTHENTICATION, "500011", "cloud and tenant"},
        {400, REFUSED("invalid_client", "1"), MSTR_E_AUTHENTICATION, "AADSTS1", "do not fit"},
        {400, "<html>", MSTR_E_PROTOCOL, "no OAuth error", "proxy"},
        {302, "", MSTR_E_PROTOCOL, "302", "proxy"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("POST", AUTHORITY, cases[i].status, NULL, cases[i].body);
        assert_fails(REFERENCE, cases[i].code, cases[i].part, cases[i].hint);
    }
    assert_int_equal(fake_host_slept(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(refusals_of_the_authority_have_hints),
    };
    return RUN_TESTS("azure/wire/oauth_error");
}
