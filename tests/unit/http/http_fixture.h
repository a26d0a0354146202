/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of core/http share: a client with one call that sends, and what a server may answer.
 */
#ifndef MSTR_TESTS_UNIT_HTTP_FIXTURE_H
#define MSTR_TESTS_UNIT_HTTP_FIXTURE_H

#include "base/buffer.h"
#include "base/clock.h"
#include "http/client.h"
#include "support/tiny_server.h"
#include "support/unit.h"

struct fixture {
    struct http_client *client;
    mstr_error *error;
    struct mstr_http_request request;
    struct http_extras extras;
    struct limits limits;
    struct mstr_http_response *response;
};

static inline struct fixture fixture_new(const struct http_client_options *options)
{
    static const struct http_client_options none;
    struct fixture f = {.error = mstr_error_new(), .limits = {.deadline = clock_monotonic() + 60000}};
    f.request = (struct mstr_http_request){.size = (uint32_t)sizeof(f.request), .method = "GET"};
    assert_int_equal(http_client_new(options != NULL ? options : &none, NULL, &f.client, f.error), MSTR_OK);
    return f;
}

/* The answer before this one is freed. */
static inline enum mstr_code fixture_send(struct fixture *f, const char *url)
{
    http_response_free(f->response);
    f->request.url = url;
    return http_send(f->client, &f->request, &f->extras, &f->limits, &f->response, f->error);
}

static inline void fixture_free(struct fixture *f)
{
    http_response_free(f->response);
    http_client_free(f->client);
    mstr_error_free(f->error);
}

/* Answers with the request's own head and body. */
static inline bool echo(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)data;
    struct buffer out = BUFFER_INIT;
    buffer_printf(&out, "HTTP/1.1 200 OK\r\nX-Connection: %u\r\nContent-Length: %zu\r\n\r\n%s", request->connection,
                  strlen(request->head) + request->body_length, request->head);
    buffer_append(&out, request->body, request->body_length);
    bool good = tiny_write(c, out.data, out.length);
    buffer_release(&out);
    return good;
}

/* Answers with the text given, once a connection. */
static inline bool answer(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    tiny_text(c, data);
    return false;
}

#endif
