/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/settings.c */
#include "agent/settings.h"

#include "support/context.h"

static enum mstr_code read_settings(const char *config, const struct given *given, struct settings *settings,
                                    mstr_error *error)
{
    mstr_context *context = test_context(config);
    enum mstr_code code = agent_settings_read(context, given, settings, error);
    mstr_context_free(context);
    return code;
}

static const struct given nothing = {.socket = NULL};

static void without_a_section_the_limits_are_the_contracts(void **state)
{
    (void)state;
    struct settings settings;
    assert_int_equal(read_settings("", &nothing, &settings, NULL), MSTR_OK);
    assert_int_equal(settings.quota.connections, 1024);
    assert_int_equal(settings.quota.user_connections, 768);
    assert_int_equal(settings.quota.user_fetches, 600);
    assert_int_equal(settings.header_octets, 24 * 1024);
    assert_int_equal(settings.head_timeout, 10000);
    assert_int_equal(settings.connection_idle, 60000);
    assert_int_equal(settings.write_stall, 30000);
    assert_int_equal(settings.references, 1000);
    assert_int_equal(settings.workers, 32);
    assert_int_equal(settings.instance_workers, 8);
    assert_int_equal(settings.session_requests, 16);
    assert_int_equal(settings.replay_octets, 1024 * 1024);
    assert_int_equal(settings.working_set, 50);
    assert_null(settings.allow_auth);
    assert_int_equal(settings.idle, 0);
    assert_false(settings.memory_locked);
    agent_settings_release(&settings);
}

static void each_key_is_read(void **state)
{
    (void)state;
    struct settings settings;
    static const char config[] =
        "[agent]\nuse = auto\nsocket = /a/b\nallow = st:*\nprofiles = p\nallow_user = 0 4711\n"
        "allow_group = 4712\nallow_foreign_namespace = yes\nidle = 15m\nmemory = locked\n"
        "connections = 2\nworkers = 3\nwrite_stall = 4s\nprefetch = st:x\n";
    assert_int_equal(read_settings(config, &nothing, &settings, NULL), MSTR_OK);
    assert_string_equal(settings.socket, "/a/b");
    assert_string_equal(settings.prefetch, "st:x");
    assert_int_equal(settings.rules.user_count, 2);
    assert_int_equal(settings.rules.users[1], 4711);
    assert_int_equal(settings.rules.groups[0], 4712);
    assert_true(settings.rules.foreign_namespace);
    assert_true(settings.memory_locked);
    assert_int_equal(settings.idle, 15 * 60 * 1000);
    assert_int_equal(settings.quota.connections, 2);
    assert_int_equal(settings.workers, 3);
    assert_int_equal(settings.write_stall, 4000);
    agent_settings_release(&settings);
}

static void the_command_line_stands_over_it(void **state)
{
    (void)state;
    struct settings settings;
    const struct given given = {.listen = "127.0.0.1:1", .token_file = "/t"};
    assert_int_equal(
        read_settings("[agent]\nlisten = 127.0.0.1:2\nallow = st:*\nprofiles = p\n", &given, &settings, NULL),
        MSTR_OK);
    assert_string_equal(settings.listen, "127.0.0.1:1");
    assert_string_equal(settings.token_file, "/t");
    agent_settings_release(&settings);
}

static void whoever_lets_others_in_says_to_what(void **state)
{
    (void)state;
    static const char *const wrong[] = {"[agent]\nallow_user = 1\n", "[agent]\nallow_group = 1\nallow = st:*\n",
                                        "[agent]\nlisten = 127.0.0.1:1\ntoken_file = /t\nprofiles = p\n",
                                        "[agent]\nlisten = 127.0.0.1:1\nallow = st:*\nprofiles = p\n",
                                        "[agent]\nallow_user = nobody-of-this-name\nallow = a:b\nprofiles = p\n"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct settings settings;
        assert_int_equal(read_settings(wrong[i], &nothing, &settings, NULL), MSTR_E_CONFIG);
        agent_settings_release(&settings);
    }
    const struct given handed_over = {.tcp = true};
    struct settings settings;
    assert_int_equal(read_settings("[agent]\ntoken_file = /t\nallow = st:*\n", &handed_over, &settings, NULL),
                     MSTR_E_CONFIG);
    agent_settings_release(&settings);
    assert_int_equal(read_settings("[agent]\nallow = st:*\nprofiles = p\n", &handed_over, &settings, NULL),
                     MSTR_E_CONFIG);
    agent_settings_release(&settings);
    assert_int_equal(
        read_settings("[agent]\ntoken_file = /t\nallow = st:*\nprofiles = p\n", &handed_over, &settings, NULL),
        MSTR_OK);
    agent_settings_release(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_section_the_limits_are_the_contracts),
        cmocka_unit_test(each_key_is_read),
        cmocka_unit_test(the_command_line_stands_over_it),
        cmocka_unit_test(whoever_lets_others_in_says_to_what),
    };
    return RUN_TESTS("agent/settings");
}
