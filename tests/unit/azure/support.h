/*
 * What the unit tests of the Azure plugin share: an instance of it on the fake host, and the answers of a world in
 * which all goes well.
 */
#ifndef MSTR_TESTS_UNIT_AZURE_SUPPORT_H
#define MSTR_TESTS_UNIT_AZURE_SUPPORT_H

#include "support/plugin.h"

#define AUTHORITY "https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token"
#define TOKEN(text)                                                                                                  \
    "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\"" text "\"}"
#define VERSION "0123456789abcdef0123456789abcdef"
#define SECRET_AS(value, attributes)                                                                                 \
    "{\"value\":\"" value "\",\"id\":\"https://corp.vault.azure.net/secrets/db/" VERSION                             \
    "\",\"attributes\":{\"enabled\":true,\"created\":1,\"updated\":1" attributes "}}"
#define SECRET SECRET_AS("hello", "")
#define VAULT  "https://corp.vault.azure.net/secrets/db*"
#define CHALLENGE_OF(tenant, resource)                                                                               \
    "WWW-Authenticate: Bearer authorization=\"https://login.windows.net/" tenant "\", resource=\"" resource "\""
#define CHALLENGE CHALLENGE_OF("tenant-1", "https://vault.azure.net")
#define UNAUTHORIZED                                                                                                 \
    "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10000: Request is missing a Bearer or PoP token.\"}}"

static inline int plugin_setup(void **state)
{
    fake_host_setup(state);
    fake_host_option("api_version", "7.6");
    return plugin_create(NULL);
}

/* The same with a service principal and its secret. */
static inline int principal_setup(void **state)
{
    int result = plugin_setup(state);
    fake_host_env("AZURE_TENANT_ID", "tenant-1");
    fake_host_env("AZURE_CLIENT_ID", "client-1");
    fake_host_env("AZURE_CLIENT_SECRET", "s3cr&t");
    return result;
}

#endif
