/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests of the plugin for Vault share: an instance of it on the fake host, with a token and an address;
 * and the answers that a server gives.
 */
#ifndef MSTR_TESTS_UNIT_VAULT_SUPPORT_H
#define MSTR_TESTS_UNIT_VAULT_SUPPORT_H

#include "support/plugin.h"

#define SERVER   "https://vault.test:8200"
#define V1       SERVER "/v1/"
#define LOOK_UPS V1 "sys/internal/ui/mounts/*"

#define MOUNT(path, type, options) "{\"data\":{\"path\":\"" path "\",\"type\":\"" type "\",\"options\":" options "}}"
#define KV_1                       MOUNT("secret/", "kv", "{\"version\":\"1\"}")
#define KV_2                       MOUNT("secret/", "kv", "{\"version\":\"2\"}")

#define VERSION_3(data)                                                                                              \
    "{\"request_id\":\"r\",\"lease_id\":\"\",\"lease_duration\":0,\"data\":{\"data\":" data                          \
    ",\"metadata\":{\"created_time\":\"2026-01-01T00:00:00.123456789Z\",\"deletion_time\":\"\",\"destroyed\":false," \
    "\"version\":3}},\"warnings\":null,\"auth\":null}"
#define HELLO VERSION_3("{\"password\":\"hello\"}")

#define DENIED  "{\"errors\":[\"1 error occurred:\\n\\t* permission denied\\n\\n\"]}"
#define NOTHING "{\"errors\":[]}"

/* What a login gives. */
#define AUTH(token, more)                                                                                            \
    "{\"auth\":{\"client_token\":\"" token "\",\"lease_duration\":3600,\"renewable\":true,\"num_uses\":0" more "}}"

static struct mstr_error *error; /* of a test that has one */

static inline int error_setup(void **state)
{
    int result = fake_host_setup(state);
    error = host->error_new();
    return result;
}

static inline int error_teardown(void **state)
{
    host->error_free(error);
    error = NULL;
    return fake_host_teardown(state);
}

static inline int bare_setup(void **state)
{
    fake_host_setup(state);
    fake_host_env("VAULT_ADDR", SERVER);
    return 0;
}

static inline int token_setup(void **state)
{
    bare_setup(state);
    fake_host_env("VAULT_TOKEN", "hvs.static");
    return plugin_create(NULL);
}

/* The same with a mount secret/ of version 2, which the next look-up tells. */
static inline int kv_setup(void **state)
{
    int result = token_setup(state);
    fake_host_answer("GET", LOOK_UPS, 200, NULL, KV_2);
    return result;
}

/* The request of this method whose URL ends so; fails the test where there is none. */
static inline const struct fake_exchange *sent(const char *method, const char *end)
{
    for (size_t i = 0; i < fake_host_requests(); i++) {
        const struct fake_exchange *exchange = fake_host_request(i);
        size_t length = strlen(exchange->url);
        if (strcmp(exchange->method, method) == 0 && length >= strlen(end) &&
            strcmp(exchange->url + length - strlen(end), end) == 0) {
            return exchange;
        }
    }
    fail_msg("no %s of %s was sent", method, end);
    return NULL;
}

#endif
