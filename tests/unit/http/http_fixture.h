/*
 * What the tests of core/http share: a client, a server, and one call that sends.
 */
#ifndef MSTR_TESTS_UNIT_HTTP_FIXTURE_H
#define MSTR_TESTS_UNIT_HTTP_FIXTURE_H

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

#endif
