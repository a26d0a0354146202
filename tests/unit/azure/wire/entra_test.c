/* Token endpoints of authorities. */
#include "unit/azure/support.h"

static void adfs_is_spoken_to_in_the_first_version(void **state)
{
    (void)state;
    fake_host_env("AZURE_TENANT_ID", "adfs");
    fake_host_env("AZURE_AUTHORITY_HOST", "https://adfs.local");
    fake_host_answer("POST", "https://adfs.local/adfs/oauth2/token", 200, NULL,
                     "{\"access_token\":\"t1\",\"expires_in\":\"3600\"}");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body, "&resource=https%3A%2F%2Fvault.azure.net&");
}

static void authority_that_fails_in_passing_is_asked_again(void **state)
{
    (void)state;
    fake_host_fail("POST", AUTHORITY, MSTR_E_NETWORK, "reset");
    fake_host_answer("POST", AUTHORITY, 429, "Retry-After: 3", "");
    fake_host_answer("POST", AUTHORITY, 400, NULL, REFUSED("temporarily_unavailable", "90033"));
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_requests(), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(adfs_is_spoken_to_in_the_first_version),
        WITH_PRINCIPAL(authority_that_fails_in_passing_is_asked_again),
    };
    return RUN_TESTS("azure/wire/entra");
}
