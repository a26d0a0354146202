/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exchange on its way: the request's parts in the form curl wants them, the answer as it arrives, and why it was
 * stopped if it was. request_setup.c and peer_setup.c turn a request into options, receive.c takes what comes in,
 * failure.c tells what went wrong; client.c runs transfers on a set of connections.
 */
#ifndef MSTR_HTTP_TRANSFER_H
#define MSTR_HTTP_TRANSFER_H

#include "base/uri.h"
#include "http/close_on_exec.h"
#include "http/curl_api.h"
#include "http/options.h"
#include "http/proxy.h"
#include "http/response.h"
#include "http/tls.h"
#include "http/trust.h"

/* Why we ended it ourselves. */
enum stop {
    STOP_NONE,
    STOP_TOO_LARGE,
    STOP_TOO_MANY_HEADERS,
    STOP_MALFORMED,
    STOP_READER,
    STOP_WRITER,
    STOP_STALLED,
    STOP_REPEATED,
    STOP_PLAIN, /* plain http where TLS was expected */
    STOP_PROXY, /* the answer is a refusal by the proxy */
    STOP_CANCELLED,
    STOP_MEMORY
};

struct transfer {
    const struct curl_api *api;
    const struct http_client_options *client;
    const struct mstr_http_request *request;
    const struct http_extras *extras; /* never NULL */
    CURL *easy;
    struct uri uri;
    struct proxy proxy; /* on the way there */
    struct trust trust; /* of the host */
    int64_t timeout;    /* ms, of the whole exchange */
    struct mstr_http_response *response;
    enum stop stop;
    bool sent; /* begun to go out, where it may only once */

    /* Kept for curl, which does not copy them. */
    struct buffer lines;        /* header lines, each with its NUL */
    struct curl_slist *headers; /* one array, linked through */
    struct curl_slist connect_to;
    struct buffer connect_to_text;
    struct buffer roots;       /* PEM, where files are joined */
    struct buffer proxy_roots; /* the same for a proxy that speaks TLS */
    struct tls tls;
    struct free_numbers before_resolving; /* of a name, which curl has begun */
    char problem[CURL_ERROR_SIZE];

    int64_t started;     /* wall clock */
    int64_t moved;       /* when an octet last moved, monotonic */
    curl_off_t octets;   /* moved by then */
    mstr_error *error;   /* where to tell a failure */
    enum mstr_code code; /* the outcome */
};

/* What a plugin of an earlier ABI has no room for in its request is not set. */
#define TRANSFER_WANTS(transfer, member)                                                                             \
    (MSTR_HAS((transfer)->request, struct mstr_http_request, member) ? (transfer)->request->member : NULL)

static inline bool transfer_shows_certificate(const struct transfer *transfer)
{
    return transfer->request->client_cert_file != NULL || TRANSFER_WANTS(transfer, client_cert_pem) != NULL;
}

/* Checks the request and sets every option on `easy`. */
enum mstr_code transfer_setup(struct transfer *transfer);
/* The part of it that says which way it goes and whom TLS trusts there. */
enum mstr_code transfer_peer_setup(struct transfer *transfer);
/* The failure that libcurl knows no such option, or had no memory for its value. */
enum mstr_code transfer_refused(struct transfer *transfer);
/* Adds the callbacks that take the answer. */
bool transfer_receive_setup(struct transfer *transfer);
/* Whether an answer that came whole is one; STOP_NONE, or why it is not. */
enum stop transfer_judge(const struct transfer *transfer);
/* Whether the request could be sent, and so may have arrived. */
bool transfer_is_sent(const struct transfer *transfer);
/* Tells the failure of a transfer that curl ended with `result`, or that we stopped. */
enum mstr_code transfer_failure(struct transfer *transfer, CURLcode result);
/* Frees all but the response, which must have been moved out before. */
void transfer_release(struct transfer *transfer);

static inline bool transfer_set_long(struct transfer *transfer, CURLoption option, int64_t value)
{
    return transfer->api->easy_setopt(transfer->easy, option, (long)value) == CURLE_OK;
}

/* NULL takes a default away. curl copies the text, for which memory may lack. */
static inline bool transfer_set_text(struct transfer *transfer, CURLoption option, const char *value)
{
    CURLcode code = transfer->api->easy_setopt(transfer->easy, option, value);
    if (code == CURLE_OUT_OF_MEMORY) {
        transfer->stop = STOP_MEMORY;
    }
    return code == CURLE_OK;
}

/* "example.com:8443", for messages. */
#define TRANSFER_HOST(transfer) (int)(transfer)->uri.host_length, (transfer)->uri.host

#endif
