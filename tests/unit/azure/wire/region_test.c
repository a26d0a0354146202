/* SPDX-License-Identifier: Apache-2.0 */
/* Regional authorities. */
#include "unit/azure/support.h"

static void regional_authority_is_asked_where_one_is_named(void **state)
{
    (void)state;
    fake_host_env("AZURE_REGIONAL_AUTHORITY_NAME", "westus2");
    fake_host_answer("POST", "https://westus2.login.microsoft.com/tenant-1/oauth2/v2.0/token", 200, NULL,
                     TOKEN("t1"));
    answer_vault();
    assert_resolves(REFERENCE, "hello");

    plugin->invalidate(instance, NULL);
    fake_host_env("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us");
    fake_host_answer("POST", "https://westus2.login.microsoftonline.us/tenant-1/*", 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", "https://corp.vault.usgovcloudapi.net/*", 200, NULL,
                     SECRET_OF("corp.vault.usgovcloudapi.net"));
    assert_resolves(REFERENCE, "hello");

    plugin->invalidate(instance, NULL);
    fake_host_env("AZURE_AUTHORITY_HOST", "https://login.example:8443/");
    fake_host_answer("POST", "https://westus2.login.example:8443/tenant-1/*", 200, NULL, TOKEN("t1"));
    answer_vault();
    assert_resolves(REFERENCE, "hello");
}

static void region_is_detected_where_that_is_asked_for(void **state)
{
    static const char location[] = "http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01";
    (void)state;
    fake_host_env("AZURE_REGIONAL_AUTHORITY_NAME", "TryAutoDetect");
    fake_host_answer("GET", "http://169.254.169.254/metadata/instance/compute[?]*", 200, NULL,
                     "{\"location\":\"westeurope\"}");
    fake_host_answer("POST", "https://westeurope.login.microsoft.com/*", 200, NULL, TOKEN("t1"));
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_host_request(0)->url, location);
    assert_true((fake_host_request(0)->request.flags & MSTR_HTTP_NO_PROXY) != 0);

    plugin->invalidate(instance, NULL);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1")); /* nothing answers: the global one */
    answer_vault();
    assert_resolves(REFERENCE, "hello");

    plugin->invalidate(instance, NULL);
    fake_host_env("REGION_NAME", "eastus");
    fake_host_answer("POST", "https://eastus.login.microsoft.com/*", 200, NULL, TOKEN("t1"));
    answer_vault();
    assert_resolves(REFERENCE, "hello");
}

static void name_that_is_no_region_is_refused(void **state)
{
    (void)state;
    fake_host_env("AZURE_REGIONAL_AUTHORITY_NAME", "west/us");

    assert_fails(REFERENCE, MSTR_E_CONFIG, "\"west/us\" is no region", NULL);

    assert_int_equal(fake_host_requests(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(regional_authority_is_asked_where_one_is_named),
        WITH_PRINCIPAL(region_is_detected_where_that_is_asked_for),
        WITH_PRINCIPAL(name_that_is_no_region_is_refused),
    };
    return RUN_TESTS("azure/wire/region");
}
