/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/agent_choice.c: whether a context uses an agent, and which */
#include "context/agent_choice.h"

#include "base/clock.h"

#include "support/agent_peer.h"
#include "support/registry.h"

static int begin(void **state)
{
    (void)state;
    unsetenv("MSTR_AGENT");
    unsetenv("CHOSEN_RUNTIME");
    return 0;
}

/* "USE SOCKET OWNER SHARED", or the class of the failure. */
static const char *choose(const char *config, uint32_t flags, const char *given)
{
    static char text[256];
    struct test_registry test;
    struct agent_choice choice;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_error *error = mstr_error_new();
    options.flags = flags;
    options.agent = given;
    test_registry_make(&test, config, NULL);
    enum mstr_code code = agent_choose(test.registry, &options, &choice, error);
    if (code == MSTR_OK) {
        const struct agent_options *chosen = &choice.options;
        assert_int_equal(mstr_error_code(error), MSTR_OK);
        assert_true(chosen->use == AGENT_OFF || chosen->environment == ((flags & MSTR_CONTEXT_NO_ENVIRONMENT) == 0));
        snprintf(text, sizeof(text), "%s %s %d %s",
                 chosen->use == AGENT_OFF    ? "off"
                 : chosen->use == AGENT_AUTO ? "auto"
                                             : "require",
                 chosen->socket != NULL ? chosen->socket : "-", (int)chosen->owner,
                 choice.shared != NULL ? choice.shared : "-");
    } else {
        snprintf(text, sizeof(text), "%s: %s", mstr_code_name(code), mstr_error_message(error));
    }
    agent_choice_release(&choice);
    test_registry_drop(&test);
    mstr_error_free(error);
    return text;
}

static void nobody_says_anything(void **state)
{
    (void)state;
    assert_string_equal(choose("", 0, NULL), "off - -1 -");
    assert_string_equal(choose("", MSTR_CONTEXT_USE_AGENT, NULL), "auto - -1 -");
}

static void the_first_word_and_the_first_socket_count(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        const char *variable;
        const char *given;
        const char *chosen;
    } cases[] = {
        {"[agent]\nuse = auto\n", NULL, NULL, "auto - -1 -"},
        {"[agent]\nuse = off\n", NULL, NULL, "off - -1 -"},
        {"[agent]\nsocket = /run/x\nuse = require\n", NULL, NULL, "require /run/x -1 -"},
        {"[agent]\nsocket = /run/x\nuse = require\n", "off", NULL, "off - -1 -"},
        {"[agent]\nsocket = /run/x\nuse = off\n", "auto", NULL, "auto /run/x -1 -"},
        {"[agent]\nsocket = /run/x\nuse = off\n", "/run/y", NULL, "auto /run/y -1 -"},
        {"[agent]\nsocket = /run/x\nuse = require\n", "/run/y", NULL, "require /run/y -1 -"},
        {"[agent]\nuse = off\n", "/run/y", "require", "require /run/y -1 -"},
        {"[agent]\nuse = off\n", "off", "/run/z", "auto /run/z -1 -"},
        {"[agent]\nuse = off\n", "require", "/run/z", "require /run/z -1 -"},
        {"", "", "auto", "auto - -1 -"},
        {"", NULL, "@abstract", "auto @abstract -1 -"},
        {"[agent]\nuse = auto\nowner = 4711\nallow = corp:* file:/x\n", NULL, NULL, "auto - 4711 corp:* file:/x"},
        {"[agent]\nuse = auto\nowner = root\n", NULL, NULL, "auto - 0 -"},
        {"[agent]\nuse = auto\nowner = nobody-of-this-name\n", NULL, NULL,
         "config: this system knows no user \"nobody-of-this-name\", the owner in [agent]"},
        {"", "perhaps", NULL, "config: MSTR_AGENT must be auto, off, require or the absolute path of a socket"},
        {"", NULL, "x.sock",
         "usage: the agent that is chosen must be auto, off, require or the absolute path of a socket"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (cases[i].variable != NULL) {
            setenv("MSTR_AGENT", cases[i].variable, 1);
        }
        assert_string_equal(choose(cases[i].config, 0, cases[i].given), cases[i].chosen);
        unsetenv("MSTR_AGENT");
    }
}

static void the_environment_counts_only_where_it_may(void **state)
{
    (void)state;
    setenv("MSTR_AGENT", "/run/y", 1);
    assert_string_equal(choose("", MSTR_CONTEXT_NO_ENVIRONMENT, NULL), "off - -1 -");
    assert_string_equal(choose("", MSTR_CONTEXT_NO_ENVIRONMENT | MSTR_CONTEXT_USE_AGENT, NULL), "auto - -1 -");
    unsetenv("MSTR_AGENT");
}

static void the_environment_may_tell_the_configured_socket(void **state)
{
    (void)state;
    static const char config[] = "[agent]\nuse = %s\nsocket = ${env:CHOSEN_RUNTIME}/mstr/agent.sock\n";
    char text[128];
    snprintf(text, sizeof(text), config, "auto");
    assert_string_equal(choose(text, 0, NULL), "off - -1 -"); /* as cron's, which lacks it */
    setenv("CHOSEN_RUNTIME", "/run/user/7", 1);
    assert_string_equal(choose(text, 0, NULL), "auto /run/user/7/mstr/agent.sock -1 -");
    unsetenv("CHOSEN_RUNTIME");
    snprintf(text, sizeof(text), config, "require");
    assert_non_null(strstr(choose(text, 0, NULL), "not-found: "));
}

static int64_t ahead; /* ms */

static int64_t clock_ahead(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ahead;
}

static void a_context_asks_the_agent_for_what_leaves_the_process(void **state)
{
    (void)state;
    const struct agent_script script = {
        .replies = {
            "200 OK\r\n\r\n{\"results\":[{\"value\":\"{\\\"field\\\":\\\"from afar\\\"}\",\"fresh_for\":60000,"
            "\"source\":\"cache\"}]}"}};
    struct local_peer peer;
    mstr_context *context = NULL;
    mstr_secret *secret = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    char config[] = "/var/tmp/mstr-config-XXXXXX";
    int fd = mkstemp(config);
    static const char text[] = "[provider corp]\nplugin = exec\ncommand = /bin/false\n[agent]\nallow = corp:*\n";
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
    setenv("OWN_VALUE", "one's own", 1);
    local_peer_start(&peer, agent_peer_serve, &script);
    options.config_file = config;
    options.agent = peer.path;
    assert_int_equal(mstr_context_new(&options, &context, NULL), MSTR_OK);
    for (int i = 0; i < 3; i++) { /* the second time from one's own cache */
        assert_int_equal(mstr_context_get(context, "corp:a#field", NULL, &secret, NULL), MSTR_OK);
        assert_string_equal(mstr_secret_octets(secret), "from afar");
        mstr_secret_release(secret);
    }
    assert_int_equal(peer.asked, 1);
    clock_replace(&(struct clock_source){.monotonic = clock_ahead});
    ahead = 60001; /* for so long the agent has allowed it */
    assert_int_equal(mstr_context_get(context, "corp:a#field", NULL, &secret, NULL), MSTR_OK);
    mstr_secret_release(secret);
    clock_replace(NULL);
    assert_int_equal(mstr_context_get(context, "env:OWN_VALUE", NULL, &secret, NULL), MSTR_OK);
    assert_string_equal(mstr_secret_octets(secret), "one's own");
    mstr_secret_release(secret);
    mstr_context_free(context);
    assert_int_equal(peer.asked, 2);
    local_peer_stop(&peer);
    unlink(config);
    unsetenv("OWN_VALUE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_says_anything),
        cmocka_unit_test(the_first_word_and_the_first_socket_count),
        cmocka_unit_test(the_environment_counts_only_where_it_may),
        cmocka_unit_test(the_environment_may_tell_the_configured_socket),
        cmocka_unit_test(a_context_asks_the_agent_for_what_leaves_the_process),
    };
    return cmocka_run_group_tests_name("context/agent_choice", tests, begin, NULL);
}
