/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that somebody else made. */
#include "unit/vault/support.h"

#include <sys/stat.h>

static const char *token_sent(void)
{
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("cubbyhole/", "cubbyhole", "null"));
    fake_host_answer("GET", V1 "cubbyhole/a", 200, NULL, "{\"data\":{}}");
    size_t before = fake_host_requests();
    plugin->invalidate(instance, NULL);
    assert_resolves("vault:cubbyhole/a", "{}");
    return fake_exchange_header(fake_host_request(before), "X-Vault-Token");
}

static int setup(void **state)
{
    bare_setup(state);
    return plugin_create(NULL);
}

static void option_goes_before_bao_before_vault(void **state)
{
    (void)state;
    fake_host_env("VAULT_TOKEN", "hvs.v");
    assert_string_equal(token_sent(), "hvs.v");
    fake_host_env("BAO_TOKEN", "s.b");
    assert_string_equal(token_sent(), "s.b");
    fake_host_option("token", "hvs.o");
    assert_string_equal(token_sent(), "hvs.o");
}

static void file_comes_after_and_is_the_agents(void **state)
{
    (void)state;
    fake_host_option("token_file", file_path);
    write_text("hvs.file\n");
    assert_string_equal(token_sent(), "hvs.file");
    write_text("{\"wrap_info\":{\"token\":\"hvs.w\"}}");
    plugin->invalidate(instance, NULL);
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "holds JSON", "wrap_ttl");
    write_text("\n");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "holds no token", NULL);
    write_text("hvs.a\nhvs.b\n");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "is no token", NULL);
    fake_host_option("token_file", "/nowhere/token");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "is not there", "agent");
}

static void that_of_vault_login_is_the_last(void **state)
{
    char home[80];
    char path[112];
    (void)state;
    fake_host_env("BAO_TOKEN_PATH", file_path);
    write_text("s.bao\n");
    assert_string_equal(token_sent(), "s.bao");

    snprintf(home, sizeof(home), "%s.home", file_path);
    snprintf(path, sizeof(path), "%s/.vault-token", home);
    assert_int_equal(mkdir(home, 0700), 0);
    write_file(path, "hvs.home\n", 9);
    fake_host_env("BAO_TOKEN_PATH", NULL);
    fake_host_env("HOME", home);
    assert_string_equal(token_sent(), "hvs.home");
    fake_host_env("VAULT_TOKEN", "hvs.v");
    assert_string_equal(token_sent(), "hvs.v");
    unlink(path);
    rmdir(home);
}

static void before_an_agent_there_may_be_none(void **state)
{
    (void)state;
    fake_host_env("VAULT_TOKEN", "hvs.v");
    fake_host_option("auth", "none");
    assert_null(token_sent());
    fake_host_answer("GET", LOOK_UPS, 200, NULL, KV_2);
    fake_host_answer("GET", V1 "secret/data/a", 200, NULL, HELLO);
    struct mstr_request *request = resolve("vault:secret/a");
    assert_null(fake_request_identity(request)); /* whoever this process is */
    fake_request_free(request);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(option_goes_before_bao_before_vault),
        TEST(file_comes_after_and_is_the_agents),
        TEST(that_of_vault_login_is_the_last),
        TEST(before_an_agent_there_may_be_none),
    };
    return RUN_TESTS("vault/identity/ready_token");
}
