/* SPDX-License-Identifier: Apache-2.0 */
/* The sovereign clouds. */
#include "azure/config/cloud.h"

#include "base/text.h"

#include <stddef.h>
#include <string.h>

enum { PUBLIC, CHINA, GOVERNMENT, BLEU, DELOS, SINGAPORE, GERMANY };

static const struct cloud clouds[] = {
    [PUBLIC] = {"vault.azure.net", "managedhsm.azure.net"},
    [CHINA] = {"vault.azure.cn", "managedhsm.azure.cn"},
    [GOVERNMENT] = {"vault.usgovcloudapi.net", "managedhsm.usgovcloudapi.net"},
    [BLEU] = {"vault.sovcloud-api.fr", "managedhsm.sovcloud-api.fr"},
    [DELOS] = {"vault.sovcloud-api.de", "managedhsm.sovcloud-api.de"},
    [SINGAPORE] = {"vault.sovcloud-api.sg", "managedhsm.sovcloud-api.sg"},
    [GERMANY] = {"vault.microsoftazure.de", NULL},
};
enum { CLOUDS = sizeof(clouds) / sizeof(*clouds) };

static const struct {
    const char *host;
    int cloud;
} authorities[] = {
    {"login.microsoftonline.com", PUBLIC},
    {"login.windows.net", PUBLIC},
    {"login.microsoft.com", PUBLIC},
    {"sts.windows.net", PUBLIC},
    {"login.partner.microsoftonline.cn", CHINA},
    {"login.chinacloudapi.cn", CHINA},
    {"login.microsoftonline.us", GOVERNMENT},
    {"login.usgovcloudapi.net", GOVERNMENT},
    {"login.sovcloud-identity.fr", BLEU},
    {"login.sovcloud-identity.de", DELOS},
    {"login.sovcloud-identity.sg", SINGAPORE},
    {"login.microsoftonline.de", GERMANY},
};
enum { AUTHORITIES = sizeof(authorities) / sizeof(*authorities) };

const struct cloud *cloud_of_authority(const char *authority_host)
{
    for (size_t i = 0; i < AUTHORITIES; i++) {
        if (text_equal_nocase(authorities[i].host, authority_host)) {
            return &clouds[authorities[i].cloud];
        }
    }
    return &clouds[PUBLIC];
}

bool cloud_is_public_authority(const char *authority_host)
{
    for (size_t i = 0; i < AUTHORITIES; i++) {
        if (authorities[i].cloud == PUBLIC && text_equal_nocase(authorities[i].host, authority_host)) {
            return true;
        }
    }
    return false;
}

bool cloud_is_below(const char *host, const char *parent)
{
    size_t length = strlen(host);
    size_t tail = strlen(parent);
    return tail > 0 && length > tail + 1 && host[length - tail - 1] == '.' &&
           text_equal_nocase(host + length - tail, parent);
}

const struct cloud *cloud_of_vault(const char *vault_host)
{
    for (size_t i = 0; i < CLOUDS; i++) {
        if (cloud_is_below(vault_host, clouds[i].vaults)) {
            return &clouds[i];
        }
    }
    return NULL;
}

bool cloud_is_hsm(const char *vault_host)
{
    for (size_t i = 0; i < CLOUDS; i++) {
        if (clouds[i].hsms != NULL && cloud_is_below(vault_host, clouds[i].hsms)) {
            return true;
        }
    }
    return false;
}
