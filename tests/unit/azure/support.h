/*
 * What the unit tests of the Azure plugin share: an instance of it on the fake host, and the answers of a world in
 * which all goes well.
 */
#ifndef MSTR_TESTS_UNIT_AZURE_SUPPORT_H
#define MSTR_TESTS_UNIT_AZURE_SUPPORT_H

#include "common/common.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

static const struct mstr_provider *plugin;
static void *azure;
static char file_path[64];

static inline int plugin_setup(void **state)
{
    fake_host_setup(state);
    plugin = mstr_provider_entry(fake_host_table());
    fake_host_option("api_version", "7.6");
    strcpy(file_path, "/tmp/mstr-azure-XXXXXX");
    close(mkstemp(file_path));
    return plugin->create(fake_host_instance(NULL), &azure, NULL) == MSTR_OK ? 0 : -1;
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

static inline int plugin_teardown(void **state)
{
    plugin->destroy(azure);
    unlink(file_path);
    return fake_host_teardown(state);
}

/* Makes the octets the content of the file at file_path. */
static inline void write_octets(const void *octets, size_t length)
{
    FILE *file = fopen(file_path, "we");
    assert_non_null(file);
    fwrite(octets, 1, length, file);
    fclose(file);
}

static inline void write_text(const char *text)
{
    write_octets(text, strlen(text));
}

static inline struct mstr_request *resolve(const char *reference)
{
    struct mstr_request *request = fake_request_new(reference);
    struct mstr_request *const requests[] = {request};
    plugin->resolve(azure, requests, 1, fake_host_call());
    assert_true(fake_request_answered(request));
    return request;
}

static inline void assert_resolves(const char *reference, const char *value)
{
    struct mstr_request *request = resolve(reference);
    if (fake_request_code(request) != MSTR_OK) {
        fail_msg("%s", fake_request_message(request));
    }
    assert_string_equal(fake_request_value(request, NULL), value);
    fake_request_free(request);
}

/* `hint` may be NULL. */
static inline void assert_fails(const char *reference, enum mstr_code code, const char *part, const char *hint)
{
    struct mstr_request *request = resolve(reference);
    assert_contains(fake_request_message(request), part);
    assert_int_equal(fake_request_code(request), code);
    if (hint != NULL) {
        assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), hint);
    }
    fake_request_free(request);
}

#endif
