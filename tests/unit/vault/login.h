/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests of logins share: an instance without a token of its own, that reads a secret by the one that a
 * login gives.
 */
#ifndef MSTR_TESTS_UNIT_VAULT_LOGIN_H
#define MSTR_TESTS_UNIT_VAULT_LOGIN_H

#include "unit/vault/support.h"

static inline int login_setup(void **state)
{
    bare_setup(state);
    fake_host_env("HOME", "/nonexistent");
    fake_host_answer_always("GET", LOOK_UPS, 200, NULL, KV_2);
    fake_host_answer_always("GET", V1 "secret/data/*", 200, NULL, HELLO);
    return plugin_create(NULL);
}

/* Logs in at this mount, and returns the login. */
static inline const struct fake_exchange *log_in(const char *mount)
{
    char path[128];
    snprintf(path, sizeof(path), "%sauth/%s/login", V1, mount);
    fake_host_answer("POST", path, 200, NULL, AUTH("hvs.login", ""));
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    size_t last = fake_host_requests() - 1;
    assert_string_equal(fake_exchange_header(fake_host_request(last), "X-Vault-Token"), "hvs.login");
    return sent("POST", path);
}

#endif
