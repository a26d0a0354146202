/* SPDX-License-Identifier: Apache-2.0 */
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
/* The secret db of the vault that is known by this host. */
#define SECRET_OF(host) "{\"value\":\"hello\",\"id\":\"https://" host "/secrets/db/" VERSION "\"}"
#define VAULT           "https://corp.vault.azure.net/secrets/db*"
#define CHALLENGE_OF(tenant, resource)                                                                               \
    "WWW-Authenticate: Bearer authorization=\"https://login.windows.net/" tenant "\", resource=\"" resource "\""
#define CHALLENGE CHALLENGE_OF("tenant-1", "https://vault.azure.net")
#define UNAUTHORIZED                                                                                                 \
    "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10000: Request is missing a Bearer or PoP token.\"}}"

#define REFERENCE "azure-kv://corp/db"
#define UNKNOWN   "https://corp.vault.example/secrets/db*" /* whose host tells nothing */
#define IMDS      "http://169.254.169.254/metadata/identity/oauth2/token"
#define ASK_IMDS  IMDS "[?]*"
#define RESOURCE  "resource=https%3A%2F%2Fvault.azure.net"
/* An authority's refusal. */
#define REFUSED(word, number)                                                                                        \
    "{\"error\":\"" word "\",\"error_description\":\"AADSTS" number ": Told.\\r\\nTrace ID: t\\r\\nCorrelation ID: " \
    "c\",\"error_codes\":[" number "],\"timestamp\":\"2026-01-15 12:00:00Z\",\"correlation_id\":\"c-1\"}"
/* A vault's refusal. */
#define REFUSAL(code, inner, message) "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"" inner "}}"
#define INNER(code)                   ",\"innererror\":{\"code\":\"" code "\"}"

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

/* A token of a managed identity. */
#define MI_TOKEN                                                                                                     \
    "{\"access_token\":\"t1\",\"expires_on\":\"1768482000\",\"resource\":\"r\",\"token_type\":\"Bearer\"}"

/* Managed identities alone. */
static inline int managed_setup(void **state)
{
    int result = plugin_setup(state);
    fake_host_option("credential", "ManagedIdentityCredential");
    return result;
}

#define WITH_PRINCIPAL(test) cmocka_unit_test_setup_teardown(test, principal_setup, plugin_teardown)

static inline void answer_vault(void)
{
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
}

static inline bool bypasses_proxies(size_t index)
{
    return (fake_host_request(index)->request.flags & MSTR_HTTP_NO_PROXY) != 0;
}

/* What request `index` was authorized by; NULL = nothing. */
static inline const char *authorization(size_t index)
{
    return fake_exchange_header(fake_host_request(index), "Authorization");
}

#endif
