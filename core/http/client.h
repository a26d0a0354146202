/*
 * One thread-safe HTTP client over libcurl, for sessions and plugins alike: pooled handles and connections,
 * deadlines, cancellation, limits, no redirects, wiped buffers. libcurl is opened on the first request. Nothing of
 * curl shows here.
 *
 * An idle connections (a curl multi handle with its connections) is leased to one call at a time, the one that last
 * spoke to the same origin first, so that one thread keeps to one connection an origin and many threads share nothing
 * while they wait.
 */
#ifndef MSTR_HTTP_CLIENT_H
#define MSTR_HTTP_CLIENT_H

#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"

#include <mstr/provider.h>

struct http_client;

struct http_client_options {
    const char *ca_file;         /* NULL = the system's */
    const char *proxy;           /* NULL = none unless trust_environment */
    const char *no_proxy;        /* NULL = none; loopback and link-local addresses never use a proxy */
    bool trust_environment;      /* HTTPS_PROXY, NO_PROXY and the like, unless set-user-id */
    int64_t connect_timeout;     /* ms; 0 = 10 s */
    size_t max_idle_connections; /* 0 = 64 */
};

/* What only sessions need, beyond the wire request that plugins have. Zero is the default. */
struct http_extras {
    const char *proxy; /* "" = none, NULL = the client's */
    const char *no_proxy;
    const char *proxy_user;
    const char *proxy_password;
    const char *key_passphrase;
    const char *const *secrets; /* NULL, or what of the body is secret whatever its name, up to a NULL */
    const char *pinned_key;     /* "sha256//base64" list */
    bool accept_compressed;     /* gzip, deflate, as libcurl has them; response_limit bounds the inflated size */
    bool http2;                 /* where the server offers it over TLS */
    bool send_once;            /* not even on a new connection where a kept one broke: for what must not be doubled */
    int64_t low_speed_timeout; /* ms without an octet in either direction; 0 = none */
    /* Upload by callback: returns octets written into `into`, 0 at the end, -1 to abort. `length` -1 = chunked. */
    int64_t (*read)(void *into, size_t capacity, void *data);
    bool (*rewind)(void *data); /* start again; NULL = the body can be sent once */
    int64_t read_length;
    void *read_data;
    /* Download by callback: returns false to abort. Called only for answers of status 200 to 299; others are kept. */
    bool (*write)(const void *octets, size_t length, void *data);
    void *write_data;
};

enum mstr_code http_client_new(const struct http_client_options *options, const struct log *log,
                               struct http_client **out, mstr_error *error);
void http_client_free(struct http_client *client);

/* Sends one request; `extras` may be NULL. On success *out holds the answer, whatever its status. What the request
 * held as secrets is replaced in a refusal (status 400 or above) and in the error; see sent_secrets.h. */
enum mstr_code http_send(struct http_client *client, const struct mstr_http_request *request,
                         const struct http_extras *extras, const struct limits *limits,
                         struct mstr_http_response **out, mstr_error *error);
/* Sends several side by side on one connections and returns when all have ended. */
void http_send_many(struct http_client *client, struct mstr_http_exchange *exchanges, size_t count,
                    const struct limits *limits);

const struct mstr_http_answer *http_answer(const struct mstr_http_response *response);
/* First header of that name, without regard to case, or NULL. */
const char *http_header(const struct mstr_http_response *response, const char *name);
/* All in order of arrival; false past the last. */
bool http_header_at(const struct mstr_http_response *response, size_t index, const char **name, const char **value);
/* The URL that was asked. */
const char *http_url(const struct mstr_http_response *response);
void http_response_free(struct mstr_http_response *response);

#endif
