/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/proxy.c */
#include "desk.h"

#define SERVER "[profile p]\nbase_url = http://127.0.0.1:1/\nusername = u\npassword = p\n"

static void what_begins_or_ends_a_session_is_answered_here(void **state)
{
    (void)state;
    desk_open(SERVER);
    assert_int_equal(desk_ask("POST", "/session/p/auth/login", "{}"), 204);
    assert_int_equal(strlen(desk_header("X-MSTR-AuthToken")), CLIENT_TOKEN_SIZE - 1);
    assert_int_equal(desk_ask("POST", "/session/p/api/auth/logout", ""), 204);
    assert_int_equal(desk_ask("PUT", "/session/p/sessions", ""), 204);
    assert_int_equal(desk_ask("GET", "/session/p/sessions", ""), 502); /* this one is the server's */
    desk_close();
}

static void all_else_below_auth_is_refused(void **state)
{
    static const char *const targets[] = {"/session/p/auth/delegate", "/session/p/%41uth/token",
                                          "/session/p/api/AUTH/apiTokens", "/session/p/auth"};
    (void)state;
    desk_open(SERVER);
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        assert_int_equal(desk_ask("POST", targets[i], ""), 403);
        assert_has(desk_body(), "\"code\":\"ERR017\"");
    }
    desk_close();
    desk_open(SERVER "[agent]\nallow_auth = token delegate login\n");
    assert_int_equal(desk_ask("POST", "/session/p/auth/Delegate", ""), 502);
    assert_int_equal(desk_ask("GET", "/session/p/auth/token", ""), 403); /* never */
    assert_int_equal(desk_ask("GET", "/session/p/auth/login", ""), 403);
    desk_close();
}

static void a_profile_that_is_not_listed_is_refused(void **state)
{
    (void)state;
    desk_open(SERVER "[agent]\nprofiles = q\n");
    assert_int_equal(desk_ask("GET", "/session/p/x", ""), 403);
    assert_int_equal(desk_ask("GET", "/session/q", ""), 400);
    assert_int_equal(desk_ask("GET", "/session/q/..", ""), 400);
    desk_close();
}

static int log_in_over_tcp(const char *body)
{
    const struct peer peer = {.tcp = true};
    return desk_ask_as(&peer, "POST", "/session/p/auth/login", body);
}

static void over_tcp_the_agents_token_is_the_password(void **state)
{
    (void)state;
    desk_open(SERVER);
    buffer_puts(&desk.agent.token.text, "0123456789abcdef");
    assert_int_equal(log_in_over_tcp("{\"username\":\"u\",\"password\":\"wrong\"}"), 401);
    assert_has(desk_body(), "\"code\":\"ERR003\"");
    assert_int_equal(log_in_over_tcp("{\"username\":\"u\",\"password\":\"0123456789abcdef\"}"), 204);
    assert_int_equal(log_in_over_tcp("{\"username\":\"0123456789abcdef\",\"loginMode\":4096}"), 204);
    assert_int_equal(log_in_over_tcp("no JSON"), 401);
    const struct peer peer = {.tcp = true};
    assert_int_equal(desk_ask_as(&peer, "GET", "/session/p/x", ""), 401);
    for (int i = 0; i < 20; i++) {
        log_in_over_tcp("{}");
    }
    assert_int_equal(log_in_over_tcp("{}"), 429);
    assert_int_equal(log_in_over_tcp("{\"username\":\"u\",\"password\":\"0123456789abcdef\"}"), 204);
    desk_close();
}

static void a_request_has_five_minutes_where_its_client_says_nothing(void **state)
{
    (void)state;
    desk_open(SERVER);
    assert_int_equal(desk_ask("GET", "/session/p/things", ""), 502);
    assert_int_equal(desk.request.deadline - desk.request.began, 5 * 60 * 1000);
    desk_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_begins_or_ends_a_session_is_answered_here),
        cmocka_unit_test(all_else_below_auth_is_refused),
        cmocka_unit_test(a_profile_that_is_not_listed_is_refused),
        cmocka_unit_test(a_request_has_five_minutes_where_its_client_says_nothing),
        cmocka_unit_test(over_tcp_the_agents_token_is_the_password),
    };
    return RUN_TESTS("agent/proxy");
}
