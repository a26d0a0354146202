/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/proxy_reply.c */
#include "agent/proxy_reply.h"

#include "http/response.h"
#include "session/parts/response.h"
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
    static const char here[] = "nobody is sent out of the API by an agent; check base_url";
    static const char elsewhere[] = "credentials never follow a redirect to another origin; check base_url";
    static const struct {
        const char *headers;
        const char *location; /* NULL = refused, */
        const char *told;     /* with this */
        const char *hint;
    } cases[] = {{"Location: " MOUNTED_BASE "y?z", "/session/p%20q/y?z", NULL, NULL},
                 {"Location: /api/y", "/session/p%20q/y", NULL, NULL},
                 {"Location: /api/y?z/../z", "/session/p%20q/y?z/../z", NULL, NULL}, /* no part of the path */
                 {"Location: y/z?a=/b:c", "y/z?a=/b:c", NULL, NULL},
                 {"Location: ?z", "?z", NULL, NULL},
                 {"Location: y/../../z", NULL, "redirects to y/../../z, which is not followed", elsewhere},
                 {"Location: y//z", NULL, "redirects to y//z, which", elsewhere},
                 {"Location: elsewhere:y", NULL, "redirects to elsewhere:y, which", elsewhere},
                 {"Location: //elsewhere/api/y", NULL, "redirects to //elsewhere/api/y, which", elsewhere},
                 {"Location: /other/y?z", NULL, "redirects to /other/y, which", here},
                 {"Location: /api/../y", NULL, "redirects to /api/../y, which", here},
                 {"Location: http://elsewhere/api/y", NULL, "redirects to http://elsewhere/api/y, which", elsewhere}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reply reply = head_of(302, cases[i].headers);
        const char *location = header_of(&reply, "Location");
        assert_int_equal(reply.status, cases[i].location != NULL ? 302 : 502);
        assert_string_equal(location != NULL ? location : "", cases[i].location != NULL ? cases[i].location : "");
        if (cases[i].told != NULL) {
            assert_non_null(strstr(buffer_text(&reply.body), cases[i].told));
            assert_non_null(strstr(buffer_text(&reply.body), cases[i].hint));
        }
        reply_release(&reply);
    }
}

static void another_protocol_is_none_that_a_client_asked_for(void **state)
{
    (void)state;
    static const char *const lines[] = {"HTTP/1.1 101 Switching Protocols\r\n", "X-One: 1\r\n"};
    struct mstr_http_response *received = response_new("http://127.0.0.1:1/api/x", 1024);
    struct reply reply = {0};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(response_add_line(received, lines[i], strlen(lines[i])), RESPONSE_LINE_GOOD);
    }
    response_complete(received, 0, 0);
    mstr_response *answer = response_wrap(received);

    proxy_reply_head(NULL, &profile, answer, &reply);

    assert_int_equal(reply.status, 502);
    assert_null(header_of(&reply, "X-One"));
    mstr_response_free(answer);
    reply_release(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_return_but_those_of_the_session_and_of_the_connection),
        cmocka_unit_test(a_length_is_believed_where_the_octets_are_the_servers_own),
        cmocka_unit_test(another_protocol_is_none_that_a_client_asked_for),
        cmocka_unit_test(a_redirect_stays_below_the_root_or_is_refused),
    };
    return RUN_TESTS("agent/proxy_reply");
}
