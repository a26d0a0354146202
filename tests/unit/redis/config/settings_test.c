/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/config/settings.c */
#include "support/redis_store.h"

#include "redis/config/settings.h"

static void assert_settings(enum mstr_code wanted, const char *part, const char *hint)
{
    struct settings settings;
    enum mstr_code code = settings_read(fake_host_instance(NULL), &settings, redis_error);
    assert_failed(code, wanted, part, NULL, hint);
}

static void plain_is_for_this_machine_unless_it_is_allowed(void **state)
{
    struct settings settings;
    (void)state;
    fake_host_option("url", "redis://redis.example.com");
    assert_settings(MSTR_E_CONFIG, "redis.example.com:6379", "allow_plain = yes");
    fake_host_option("url", "redis+sentinel://localhost,redis.example.com/main");
    assert_settings(MSTR_E_CONFIG, "redis.example.com:26379", "rediss://");
    fake_host_option("allow_plain", "yes");
    assert_int_equal(settings_read(fake_host_instance(NULL), &settings, NULL), MSTR_OK);
    fake_host_option("allow_plain", "no");
    fake_host_option("url", "rediss://redis.example.com");
    assert_int_equal(settings_read(fake_host_instance(NULL), &settings, NULL), MSTR_OK);
}

static void a_url_with_a_password_is_refused_and_not_shown(void **state)
{
    (void)state;
    fake_host_option("url", "redis://ann:hunter2@localhost");
    assert_settings(MSTR_E_CONFIG, "the store's url holds a password", NULL);
    assert_null(strstr(host->error_message(redis_error), "hunter2"));
    fake_host_option("url", NULL);
    assert_settings(MSTR_E_CONFIG, "is not set", NULL);
}

static void what_belongs_together_is_set_together(void **state)
{
    struct settings settings;
    (void)state;
    fake_host_option("url", "redis://ann@localhost");
    assert_settings(MSTR_E_CONFIG, "username is set without password", NULL);
    fake_host_option("password", "pw");
    assert_int_equal(settings_read(fake_host_instance(NULL), &settings, NULL), MSTR_OK);
    assert_string_equal(settings.login.username, "ann");
    fake_host_option("sentinel_username", "s");
    assert_settings(MSTR_E_CONFIG, "sentinel_username is set without sentinel_password", NULL);
    fake_host_option("sentinel_password", "pw");
    fake_host_option("client_key", "/k");
    assert_settings(MSTR_E_CONFIG, "client_key is set without client_cert", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_is_for_this_machine_unless_it_is_allowed, redis_setup, redis_teardown),
        cmocka_unit_test_setup_teardown(a_url_with_a_password_is_refused_and_not_shown, redis_setup, redis_teardown),
        cmocka_unit_test_setup_teardown(what_belongs_together_is_set_together, redis_setup, redis_teardown),
    };
    return RUN_TESTS("redis/config/settings");
}
