/* SPDX-License-Identifier: Apache-2.0 */
/* Secret ids that come wrapped. */
#include "unit/vault/login.h"

#define LOOK_UP V1 "sys/wrapping/lookup"
#define UNWRAP  V1 "sys/wrapping/unwrap"

static int setup(void **state)
{
    int result = login_setup(state);
    fake_host_option("role_id", "r-1");
    fake_host_option("secret_id_file", file_path);
    fake_host_option("secret_id_wrapped", "yes");
    write_text("hvs.wrap\n");
    return result;
}

static void made_by(const char *path)
{
    char body[128];
    snprintf(body, sizeof(body), "{\"data\":{\"creation_path\":\"%s\",\"creation_ttl\":60}}", path);
    fake_host_answer("POST", LOOK_UP, 200, NULL, body);
}

static void it_is_looked_at_unwrapped_and_kept(void **state)
{
    (void)state;
    made_by("auth/approle/role/app/secret-id");
    fake_host_answer("POST", UNWRAP, 200, NULL, "{\"data\":{\"secret_id\":\"s-in\",\"secret_id_ttl\":0}}");
    assert_string_equal(log_in("approle")->body, "{\"role_id\":\"r-1\",\"secret_id\":\"s-in\"}");
    assert_string_equal(sent("POST", "wrapping/lookup")->body, "{\"token\":\"hvs.wrap\"}");
    assert_null(fake_exchange_header(sent("POST", "wrapping/lookup"), "X-Vault-Token"));
    assert_string_equal(fake_exchange_header(sent("POST", "unwrap"), "X-Vault-Token"), "hvs.wrap");
    assert_string_equal(sent("POST", "unwrap")->body, "");

    plugin->invalidate(instance, NULL); /* it logs in again, and cannot unwrap again */
    log_in("approle");
    write_text("hvs.wrap2\n");
    plugin->invalidate(instance, NULL);
    made_by("auth/approle/role/app/custom-secret-id");
    fake_host_answer("POST", UNWRAP, 200, NULL, "{\"data\":{\"secret_id\":\"s-2\"}}");
    log_in("approle");
}

static void one_that_was_used_is_told_as_what_it_may_be(void **state)
{
    static const char used[] = "{\"errors\":[\"wrapping token is not valid or does not exist\"]}";
    (void)state;
    fake_host_answer("POST", LOOK_UP, 400, NULL, used);
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "not valid or does not exist",
                 "somebody else may have taken");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "not tried again", "somebody else may have taken");
    assert_int_equal(fake_host_requests(), 1);

    write_text("hvs.raced");
    made_by("auth/approle/role/app/secret-id");
    fake_host_answer("POST", UNWRAP, 400, NULL, used);
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "unwrapping the secret id", "somebody else may have taken");
}

static void one_that_was_made_for_something_else_is_not_unwrapped(void **state)
{
    static const char *const paths[] = {"sys/wrapping/wrap", "auth/other/role/app/secret-id",
                                        "auth/approle/role//secret-id", "auth/approle/role/a/b/secret-id",
                                        "auth/approle/role/app/secret-id/x"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        char text[16];
        snprintf(text, sizeof(text), "hvs.%zu", i);
        write_text(text);
        made_by(paths[i]);
        assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, paths[i], "not unwrapped");
    }
}

static void one_whose_answer_was_lost_is_not_sent_again(void **state)
{
    (void)state;
    made_by("auth/approle/role/app/secret-id");
    fake_host_fail("POST", UNWRAP, MSTR_E_NETWORK, "reset");
    assert_fails("vault:secret/a", MSTR_E_NETWORK, "reset", "may be used up");
    assert_int_equal(fake_host_requests(), 2);

    made_by("auth/approle/role/app/secret-id");
    fake_host_answer("POST", UNWRAP, 200, NULL, "{\"data\":{\"foo\":1}}");
    assert_fails("vault:secret/a", MSTR_E_PROTOCOL, "no secret_id", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_looked_at_unwrapped_and_kept),
        TEST(one_that_was_used_is_told_as_what_it_may_be),
        TEST(one_that_was_made_for_something_else_is_not_unwrapped),
        TEST(one_whose_answer_was_lost_is_not_sent_again),
    };
    return RUN_TESTS("vault/identity/wrapped");
}
