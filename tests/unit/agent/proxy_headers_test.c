/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/proxy_headers.c */
#include "agent/proxy_headers.h"

#include "support/unit.h"

static bool leaves(const char *name, const char *connection)
{
    const struct request_header headers[] = {{"connection", 10, connection, strlen(connection)},
                                             {name, strlen(name), "x", 1}};
    const struct request request = {.headers = headers, .header_count = 2};
    return proxy_header_leaves(&request, &headers[1]);
}

static void what_says_who_asks_or_where_to_stays_here(void **state)
{
    static const char *const names[] = {
        "Cookie",
        "authorization",
        "X-MSTR-AuthToken",
        "x-mstr-identitytoken",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-Forwarded-For",
        "x-forwarded-host",
        "X-Forwarded-",
        "Forwarded",
        "X_MSTR_AuthToken",
        "a_b",
        "X-Mstr-Timeout",
        "X-Mstr-Token",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        print_message("           %s\n", names[i]);
        assert_false(leaves(names[i], "close"));
    }
}

static void framing_and_what_belongs_to_a_connection_stays_here(void **state)
{
    static const char *const names[] = {"Connection", "Keep-Alive", "Proxy-Connection",  "TE",
                                        "Trailer",    "Upgrade",    "Transfer-Encoding", "Proxy-Authorization",
                                        "Expect",     "Host",       "content-length"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        print_message("           %s\n", names[i]);
        assert_false(leaves(names[i], "close"));
        assert_false(proxy_header_returns(names[i], NULL));
    }
    assert_false(leaves("X-Mine", "close, x-mine"));
    assert_false(leaves("X-Mine", "X-Mine"));
    assert_true(leaves("X-Mine", "X-Mine2,\tX-Min"));
}

static void what_the_library_says_itself_is_taken_unless_connection_names_it(void **state)
{
    struct request_header headers[] = {{"content-type", 12, "text/x", 6}, {"Connection", 10, "close", 5}};
    const struct request request = {.headers = headers, .header_count = 2};
    (void)state;
    assert_string_equal(proxy_header_value(&request, "Content-Type"), "text/x");
    assert_null(proxy_header_value(&request, "X-MSTR-ProjectID"));
    headers[1].value = "close, Content-Type";
    assert_null(proxy_header_value(&request, "Content-Type"));
}

static void all_else_goes_on(void **state)
{
    static const char *const names[] = {"Accept", "User-Agent", "X-MSTR-MS-Changeset", "If-None-Match", "X-Forward"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_true(leaves(names[i], "keep-alive"));
        assert_true(proxy_header_returns(names[i], NULL));
    }
}

static void what_begins_a_session_never_comes_back(void **state)
{
    static const char *const names[] = {"Set-Cookie",       "X-MSTR-AuthToken",   "x-mstr-identitytoken",
                                        "WWW-Authenticate", "proxy-authenticate", "Content-Encoding",
                                        "X-Mstr-Agent"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        print_message("           %s\n", names[i]);
        assert_false(proxy_header_returns(names[i], NULL));
    }
    assert_false(proxy_header_returns("X-Mine", "x-mine"));
    assert_true(proxy_header_returns("X-MSTR-Total-Count", "x-mine"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_says_who_asks_or_where_to_stays_here),
        cmocka_unit_test(framing_and_what_belongs_to_a_connection_stays_here),
        cmocka_unit_test(what_the_library_says_itself_is_taken_unless_connection_names_it),
        cmocka_unit_test(all_else_goes_on),
        cmocka_unit_test(what_begins_a_session_never_comes_back),
    };
    return RUN_TESTS("agent/proxy_headers");
}
