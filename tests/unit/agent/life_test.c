/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/life.c */
#include "agent/life.h"

#include "base/clock.h"
#include "support/context.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int pass_over(const mstr_config_item *item, void *data)
{
    (void)item;
    (void)data;
    return 0;
}

/* What keeps an agent from beginning, and is told by a check as well; how one lives is
 * tests/integration/agent_life_test.py. */
static void an_agent_does_not_begin_with_a_configuration_of_no_use(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        const char *why;
    } cases[] = {{"[agent]\nallow_user = root\n", "allow and profiles"},
                 {"[agent]\nlisten = 127.0.0.1:0\nallow = a:b\nprofiles = x\n", "token_file"},
                 {"[agent]\nallow = nonsense\n", "no pattern"},
                 {"[agent]\nprofiles = apis\n", "clients cut URLs"},
                 {"[agent]\nallow_group = nobody-of-this-name\nallow = a:b\nprofiles = x\n", "does not know"},
                 {"[agent]\nsocket = /tmp/mstr-test/agent.sock\n", "below /tmp"},
                 {"[agent]\nidle = soon\n", "idle"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options options = {.context = MSTR_CONTEXT_OPTIONS_INIT};
        mstr_error *error = mstr_error_new();
        char *path = test_file(cases[i].config, strlen(cases[i].config));
        options.context.config_file = path;
        options.context.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
        assert_int_equal(life_run(&options, error), MSTR_E_CONFIG);
        assert_non_null(strstr(mstr_error_message(error), cases[i].why));
        mstr_error_clear(error);
        assert_int_equal(mstr_config_visit(&options.context, MSTR_CONFIG_PROBLEMS, pass_over, NULL, error),
                         MSTR_E_CONFIG);
        assert_non_null(strstr(mstr_error_message(error), cases[i].why));
        mstr_error_free(error);
        unlink(path);
        free(path);
    }
}

static int64_t jump(void)
{
    static atomic_int calls;
    const int64_t year = 365LL * 24 * 3600 * 1000;
    return (30 + 10 * (atomic_fetch_add(&calls, 1) % 3)) * year; /* forth and back */
}

/* In a process of its own, which it takes for the agent's. */
static void live(const char *config)
{
    static const struct clock_source source = {.now = jump};
    struct options options = {.context = MSTR_CONTEXT_OPTIONS_INIT};
    options.context.config_file = config;
    options.context.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    clock_replace(&source);
    _exit(life_run(&options, NULL) != MSTR_OK);
}

/* What the agent says of itself; waits for it to be there. */
static void ask_status(const char *path, char *said, size_t capacity)
{
    static const char question[] = "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = 0;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, path);
    while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        sched_yield();
    }
    assert_int_equal(send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL), sizeof(question) - 1);
    for (ssize_t got = 1; got > 0; length += (size_t)got) {
        got = recv(fd, said + length, capacity - length - 1, 0);
        assert_true(got >= 0);
    }
    said[length] = '\0';
    close(fd);
}

static void a_clock_that_jumps_makes_no_agent_idle(void **state)
{
    (void)state;
    char folder[] = "/var/tmp/mstr-life-XXXXXX";
    char place[64];
    char text[1024];
    assert_non_null(mkdtemp(folder));
    snprintf(place, sizeof(place), "%s/agent.sock", folder);
    snprintf(text, sizeof(text), "[agent]\nsocket = %s\nidle = 1h\n", place);
    char *config = test_file(text, strlen(text));
    pid_t child = fork();
    if (child == 0) {
        live(config);
    }
    for (int i = 0; i < 3; i++) { /* whenever one has gone it looks whether it is idle */
        ask_status(place, text, sizeof(text));
        assert_non_null(strstr(text, "\"draining\":false"));
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    unlink(place);
    strcpy(strrchr(place, '/'), "/agent.lock");
    unlink(place);
    assert_int_equal(rmdir(folder), 0);
    unlink(config);
    free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agent_does_not_begin_with_a_configuration_of_no_use),
        cmocka_unit_test(a_clock_that_jumps_makes_no_agent_idle),
    };
    return RUN_TESTS("agent/life");
}
