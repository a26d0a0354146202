/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transfers that are set up on no libcurl, and which options they come to.
 */
#ifndef MSTR_TESTS_UNIT_HTTP_TRANSFER_FIXTURE_H
#define MSTR_TESTS_UNIT_HTTP_TRANSFER_FIXTURE_H

#include "curl_double.h"

#include "http/transfer.h"

/* To be released with transfer_release(). */
static inline enum mstr_code set_up(struct transfer *t, const struct mstr_http_request *request, mstr_error *error)
{
    static const struct http_client_options no_options;
    static const struct http_extras no_extras;
    curl_double.count = 0;
    t->api = &curl_double_api;
    t->request = request;
    t->client = t->client != NULL ? t->client : &no_options;
    t->extras = t->extras != NULL ? t->extras : &no_extras;
    t->timeout = 60000;
    t->error = error;
    return transfer_setup(t);
}

struct option_case {
    struct mstr_http_request request; /* "GET" and a URL of https where there is none */
    struct http_extras extras;
    struct http_client_options client;
    CURLoption option;
    const char *value; /* NULL = it is left alone */
};

static inline void check_options(const struct option_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct mstr_http_request request = cases[i].request;
        struct transfer t = {.client = &cases[i].client, .extras = &cases[i].extras};
        request.method = request.method != NULL ? request.method : "GET";
        request.url = request.url != NULL ? request.url : "https://service.example:8443/a/../b?q";

        assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);

        const char *value = curl_double_text(cases[i].option);
        if ((value == NULL) != (cases[i].value == NULL) || (value != NULL && strcmp(value, cases[i].value) != 0)) {
            fail_msg("case %zu: option %d is \"%s\", not \"%s\"", i, (int)cases[i].option,
                     value != NULL ? value : "-", cases[i].value != NULL ? cases[i].value : "-");
        }
        transfer_release(&t);
    }
}

#endif
