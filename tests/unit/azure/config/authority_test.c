/* SPDX-License-Identifier: Apache-2.0 */
/* Authorities, and which tenants of theirs may be asked. */
#include "unit/azure/support.h"

static void broken_settings_end_the_chain(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *part;
    } cases[] = {
        {"AZURE_TENANT_ID", "a/b", "no tenant"},
        {"AZURE_TENANT_ID", "caf\xc3\xa9", "no tenant"},
        {"AZURE_AUTHORITY_HOST", "http://login.example", "must be https"},
        {"AZURE_AUTHORITY_HOST", "https://", "no URL"},
        {"AZURE_AUTHORITY_HOST", "https://user@login.example", "no URL"},
        {"AZURE_AUTHORITY_HOST", "https://login.example/?x", "no URL"},
        {"AZURE_AUTHORITY_HOST", "///", "no URL"},
        {"AZURE_AUTHORITY_HOST", "b\303\274cher.example", "xn--"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_TENANT_ID", "tenant-1");
        fake_host_env("AZURE_AUTHORITY_HOST", NULL);
        fake_host_env(cases[i].name, cases[i].value);
        assert_fails("azure-kv://corp.vault.azure.net/db", MSTR_E_CONFIG, cases[i].part, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void vault_of_another_tenant_is_asked_with_a_token_of_that_tenant(void **state)
{
    (void)state;
    fake_host_env("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "x; tenant-2");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("tenant-2", "https://vault.azure.net"), UNAUTHORIZED);
    fake_host_answer("POST", "https://login.microsoftonline.com/tenant-2/oauth2/v2.0/token", 200, NULL, TOKEN("t2"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);

    assert_resolves(REFERENCE, "hello");
    assert_resolves(REFERENCE, "hello");

    assert_string_equal(authorization(3), "Bearer t2");
    assert_string_equal(authorization(4), "Bearer t2");
}

static void tenant_that_is_not_allowed_is_told_with_both_names(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("tenant-2", "https://vault.azure.net"), UNAUTHORIZED);

    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION,
                 "belongs to tenant tenant-2, but the identity is configured for "
                 "tenant-1",
                 "AZURE_ADDITIONALLY_ALLOWED_TENANTS");
}

static void tenant_written_as_a_domain_may_be_the_vaults(void **state)
{
    (void)state;
    fake_host_env("AZURE_TENANT_ID", "corp.onmicrosoft.com");
    fake_host_answer("GET", UNKNOWN, 401, CHALLENGE_OF("tenant-1", "https://vault.example"), UNAUTHORIZED);
    fake_host_answer("POST", "https://login.microsoftonline.com/corp.onmicrosoft.com/*", 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", UNKNOWN, 200, NULL, SECRET_OF("corp.vault.example"));

    assert_resolves("azure-kv://corp.vault.example/db", "hello");
}

static void tenant_hints_can_be_switched_off(void **state)
{
    (void)state;
    fake_host_env("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH", "true");
    fake_host_answer_always("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("tenant-2", "https://vault.azure.net"), UNAUTHORIZED);
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);

    assert_resolves(REFERENCE, "hello");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(broken_settings_end_the_chain),
        WITH_PRINCIPAL(vault_of_another_tenant_is_asked_with_a_token_of_that_tenant),
        WITH_PRINCIPAL(tenant_that_is_not_allowed_is_told_with_both_names),
        WITH_PRINCIPAL(tenant_written_as_a_domain_may_be_the_vaults),
        WITH_PRINCIPAL(tenant_hints_can_be_switched_off),
    };
    return RUN_TESTS("azure/config/authority");
}
