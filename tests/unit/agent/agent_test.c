/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/agent.c */
#include "agent/agent.h"

#include "desk.h"

#include "support/store.h"

static void the_serving_thread_can_be_woken_up(void **state)
{
    (void)state;
    uint64_t count = 0;
    struct agent agent = {.wakes = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    agent_wake(&agent);
    assert_int_equal(read(agent.wakes, &count, sizeof(count)), sizeof(count));
    close(agent.wakes);
}

static void a_configuration_of_no_use_is_remembered_until_one_is(void **state)
{
    (void)state;
    const struct given given = {.socket = NULL};
    char *path = test_file("[agent]\n", strlen("[agent]\n"));
    struct agent agent = {.contexts = NULL};
    mstr_error *error = mstr_error_new();
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    assert_int_equal(contexts_new(&options, &given, &agent.contexts, error), MSTR_OK);
    assert_int_equal(truncate(path, 3), 0);
    agent.sessions = sessions_new(agent.contexts);
    assert_int_equal(agent_reload(&agent, error), MSTR_E_CONFIG);
    assert_true(agent.stale);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(agent_reload(&agent, error), MSTR_OK);
    assert_false(agent.stale);
    sessions_free(agent.sessions);
    contexts_free(agent.contexts);
    mstr_error_free(error);
    unlink(path);
    free(path);
}

static void assert_logged(const char *message, const char *expected)
{
    int ends[2];
    char line[128] = "";
    int before = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    agent_log(MSTR_LEVEL_ERROR, "%s", message);
    dup2(before, STDERR_FILENO);
    assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
    assert_string_equal(line, expected);
    close(ends[0]);
    close(ends[1]);
    close(before);
}

static void nothing_in_the_log_acts_upon_a_terminal(void **state)
{
    (void)state;
    assert_logged("a\x1b[2J\nb", "mstr-agent: agent: a?[2J?b\n");
}

static void of_a_url_the_log_has_the_origin(void **state)
{
    (void)state;
    assert_logged("GET https://vault:8200/v1/secret/data/db: ok, 1 ms",
                  "mstr-agent: agent: GET https://vault:8200: ok, 1 ms\n");
    assert_logged("http://a:1/x:y?z http://b/: no", "mstr-agent: agent: http://a:1 http://b: no\n");
    assert_logged("http://a?name https://b#name: no", "mstr-agent: agent: http://a https://b: no\n");
    assert_logged("http://a unix:///run/s ://", "mstr-agent: agent: http://a unix:///run/s ://\n");
}

static void a_reader_of_the_log_who_takes_nothing_loses_lines_and_holds_nobody(void **state)
{
    (void)state;
    static char taken[1 << 20];
    int ends[2];
    int before = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    for (int i = 0; i < 20000; i++) { /* more than a pipe holds */
        agent_log(MSTR_LEVEL_ERROR, "a line of some length, of which there are many");
    }
    assert_true(read(ends[0], taken, sizeof(taken) - 1) > 0);
    agent_log(MSTR_LEVEL_ERROR, "the next");
    dup2(before, STDERR_FILENO);
    close(before);
    size_t length = 0;
    for (ssize_t got; (got = read(ends[0], taken + length, sizeof(taken) - 1 - length)) > 0;) {
        length += (size_t)got;
    }
    close(ends[0]);
    assert_non_null(strstr(taken, "that nobody took, and are lost: 1"));
    assert_non_null(strstr(taken, "mstr-agent: agent: the next\n"));
}

static _Atomic int64_t wall;
static _Atomic int64_t elapsed;

static int64_t tell_wall(void)
{
    return wall;
}

static int64_t tell_elapsed(void)
{
    return elapsed;
}

/* What a desk remembers, so that it can be lost. */
static void use_all(char token[CLIENT_TOKEN_SIZE])
{
    struct generation *generation = contexts_hold(desk.agent.contexts);
    assert_int_equal(mstr_context_register(generation->context, "st", store_batching, NULL, NULL), MSTR_OK);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[\"st:a\"],\"refresh\":true}"), 200);
    assert_true(client_tokens_issue(desk.agent.client_tokens, "p", elapsed, token));
    contexts_let_go(desk.agent.contexts, generation);
}

static void assert_all_is_as_it_was(const char *token)
{
    static const char again[] = "{\"references\":[\"st:a\"],\"refresh\":true}";
    assert_int_equal(desk_ask("POST", "/v1/resolve", again), 200); /* too soon after the first */
    assert_has(desk_body(), "\"source\":\"cache\"");
    assert_int_equal(store.calls, 1);
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=st:b", ""), 429);
    assert_true(strlen(desk_header("Retry-After")) <= 2); /* a minute at most */
    assert_true(client_tokens_use(desk.agent.client_tokens, "p", token, elapsed));
    assert_int_equal(desk_ask("GET", "/metrics", ""), 200);
    assert_has(desk_body(), "_uptime_seconds 1\n");
}

static void a_wall_clock_that_jumps_changes_nothing(void **state)
{
    static const struct clock_source source = {.now = tell_wall, .monotonic = tell_elapsed};
    static const int64_t jumps[] = {3600000, -3600000};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(jumps); i++) {
        char token[CLIENT_TOKEN_SIZE];
        wall = INT64_C(1800000000000);
        elapsed = 1000000;
        clock_replace(&source);
        store_reset("value");
        desk_open("[agent]\nallow = st:*\nuser_fetches = 1\n");
        use_all(token);
        wall += jumps[i];
        elapsed += 1000;
        assert_all_is_as_it_was(token);
        desk_close();
        clock_replace(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_serving_thread_can_be_woken_up),
        cmocka_unit_test(a_configuration_of_no_use_is_remembered_until_one_is),
        cmocka_unit_test(nothing_in_the_log_acts_upon_a_terminal),
        cmocka_unit_test(of_a_url_the_log_has_the_origin),
        cmocka_unit_test(a_reader_of_the_log_who_takes_nothing_loses_lines_and_holds_nobody),
        cmocka_unit_test(a_wall_clock_that_jumps_changes_nothing),
    };
    return RUN_TESTS("agent/agent");
}
