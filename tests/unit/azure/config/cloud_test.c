/* SPDX-License-Identifier: Apache-2.0 */
/* providers/azure/config/cloud.c */
#include "azure/config/cloud.h"

#include "support/unit.h"

static void each_authority_belongs_to_a_cloud(void **state)
{
    (void)state;
    static const struct {
        const char *authority;
        const char *vaults;
        bool public;
    } cases[] = {
        {"login.microsoftonline.com", "vault.azure.net", true},
        {"LOGIN.MicrosoftOnline.com", "vault.azure.net", true},
        {"login.windows.net", "vault.azure.net", true},
        {"login.microsoft.com", "vault.azure.net", true},
        {"sts.windows.net", "vault.azure.net", true},
        {"login.partner.microsoftonline.cn", "vault.azure.cn", false},
        {"login.chinacloudapi.cn", "vault.azure.cn", false},
        {"login.microsoftonline.us", "vault.usgovcloudapi.net", false},
        {"login.usgovcloudapi.net", "vault.usgovcloudapi.net", false},
        {"login.sovcloud-identity.fr", "vault.sovcloud-api.fr", false},
        {"login.sovcloud-identity.de", "vault.sovcloud-api.de", false},
        {"login.sovcloud-identity.sg", "vault.sovcloud-api.sg", false},
        {"login.microsoftonline.de", "vault.microsoftazure.de", false},
        /* those of a stack of one's own are taken for the public cloud's, and are none of its authorities */
        {"adfs.corp.example", "vault.azure.net", false},
        {"evil.login.microsoftonline.com", "vault.azure.net", false},
        {"", "vault.azure.net", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(cloud_of_authority(cases[i].authority)->vaults, cases[i].vaults);
        assert_int_equal(cloud_is_public_authority(cases[i].authority), cases[i].public);
    }
}

static void the_end_of_a_vaults_host_tells_its_cloud(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        const char *vaults; /* NULL = it tells nothing */
        bool hsm;
    } cases[] = {
        {"corp.vault.azure.net", "vault.azure.net", false},
        {"corp.Vault.Azure.NET", "vault.azure.net", false},
        {"a.b.vault.azure.net", "vault.azure.net", false},
        {"corp.vault.azure.cn", "vault.azure.cn", false},
        {"corp.vault.usgovcloudapi.net", "vault.usgovcloudapi.net", false},
        {"corp.vault.sovcloud-api.fr", "vault.sovcloud-api.fr", false},
        {"corp.vault.microsoftazure.de", "vault.microsoftazure.de", false},
        {"vault.azure.net", NULL, false},
        {"corpvault.azure.net", NULL, false},
        {"corp.vault.azure.net.evil.example", NULL, false},
        {"vault.corp.example", NULL, false},
        {"", NULL, false},
        {"corp.managedhsm.azure.net", NULL, true},
        {"corp.managedhsm.usgovcloudapi.net", NULL, true},
        {"managedhsm.azure.net", NULL, false},
        {"corp.managedhsm.microsoftazure.de", NULL, false}, /* where there are none */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct cloud *cloud = cloud_of_vault(cases[i].host);
        assert_string_equal(cloud != NULL ? cloud->vaults : "-", cases[i].vaults != NULL ? cases[i].vaults : "-");
        assert_int_equal(cloud_is_hsm(cases[i].host), cases[i].hsm);
    }
}

static void a_host_is_below_another_by_whole_labels(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        const char *parent;
        bool below;
    } cases[] = {
        {"a.example", "example", true},      {"A.EXAMPLE", "example", true}, {"a.b.example", "example", true},
        {"example", "example", false},       {".example", "example", false}, {"anexample", "example", false},
        {"a.example.org", "example", false}, {"a.example", "", false},       {"", "example", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(cloud_is_below(cases[i].host, cases[i].parent), cases[i].below);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_authority_belongs_to_a_cloud),
        cmocka_unit_test(the_end_of_a_vaults_host_tells_its_cloud),
        cmocka_unit_test(a_host_is_below_another_by_whole_labels),
    };
    return RUN_TESTS("azure/config/cloud");
}
