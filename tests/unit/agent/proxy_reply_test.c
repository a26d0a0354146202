/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/proxy_reply.c */
#include "agent/proxy_reply.h"

#include "support/mounted.h"

static const struct buffer profile = {.data = "p q", .length = 3};

/* The head of the reply to what the server answers. */
static struct reply head_of(int status, const char *headers)
{
    const struct route route = {"GET x", status, "body", headers, 0, MSTR_OK};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *answer = NULL;
    struct reply reply = {0};
    struct mounted *mounted = mounted_open(&route, 1);
    request.method = "GET";
    request.path = "x";
    request.flags = MSTR_REQUEST_KEEP_ERRORS | MSTR_REQUEST_KEEP_REDIRECTS;
    mounted_done(mounted, mstr_session_send(mounted->session, &request, &answer, mounted->error));
    proxy_reply_head(mounted->session, &profile, answer, &reply);
    mstr_response_free(answer);
    mounted_free(mounted);
    return reply;
}

static const char *header_of(const struct reply *reply, const char *name)
{
    const char *found = NULL;
    const char *value = NULL;
    for (size_t at = 0; reply_header_next(reply, &at, &found, &value);) {
        if (strcmp(found, name) == 0) {
            return value;
        }
    }
    return NULL;
}

static void headers_return_but_those_of_the_session_and_of_the_connection(void **state)
{
    (void)state;
    struct reply reply = head_of(201, "X-One: 1\nSet-Cookie: a=b\nConnection: X-Two\nX-Two: 2\nConnection: X-Three\n"
                                      "X-Three: 3\nX-MSTR-AuthToken: t");
    assert_int_equal(reply.status, 201);
    assert_null(reply.type);
    assert_string_equal(header_of(&reply, "X-One"), "1");
    assert_null(header_of(&reply, "Set-Cookie"));
    assert_null(header_of(&reply, "X-Two"));
    assert_null(header_of(&reply, "X-Three"));
    assert_null(header_of(&reply, "X-MSTR-AuthToken"));
    reply_release(&reply);
}

static void a_length_is_believed_where_the_octets_are_the_servers_own(void **state)
{
    static const struct {
        const char *headers;
        int64_t length;
    } cases[] = {{"Content-Length: 4", 4},
                 {"X: y", -1},
                 {"Content-Length: 4\nContent-Encoding: gzip", -1},
                 {"Content-Length: 4\nTransfer-Encoding: chunked", -1},
                 {"Content-Length: four", -1}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reply reply = head_of(200, cases[i].headers);
        assert_int_equal(reply.length, cases[i].length);
        reply_release(&reply);
    }
}

static void a_redirect_stays_below_the_root_or_is_refused(void **state)
{
    static const struct {
        const char *headers;
        const char *location; /* NULL = refused */
    } cases[] = {{"Location: " MOUNTED_BASE "y?z", "/session/p%20q/y?z"},
                 {"Location: /api/y", "/session/p%20q/y"},
                 {"Location: /api/y?z/../z", "/session/p%20q/y?z/../z"}, /* no part of the path */
                 {"Location: y/z?a=/b:c", "y/z?a=/b:c"},
                 {"Location: ?z", "?z"},
                 {"Location: y/../../z", NULL},
                 {"Location: y//z", NULL},
                 {"Location: elsewhere:y", NULL},
                 {"Location: //elsewhere/api/y", NULL},
                 {"Location: /other/y", NULL},
                 {"Location: /api/../y", NULL},
                 {"Location: http://elsewhere/api/y", NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reply reply = head_of(302, cases[i].headers);
        const char *location = header_of(&reply, "Location");
        assert_int_equal(reply.status, cases[i].location != NULL ? 302 : 502);
        assert_string_equal(location != NULL ? location : "", cases[i].location != NULL ? cases[i].location : "");
        reply_release(&reply);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_return_but_those_of_the_session_and_of_the_connection),
        cmocka_unit_test(a_length_is_believed_where_the_octets_are_the_servers_own),
        cmocka_unit_test(a_redirect_stays_below_the_root_or_is_refused),
    };
    return RUN_TESTS("agent/proxy_reply");
}
