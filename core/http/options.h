/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client is told once, and what an exchange is told beyond the wire request that plugins have.
 */
#ifndef MSTR_HTTP_OPTIONS_H
#define MSTR_HTTP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mstr_http_response;

struct http_client_options {
    const char *ca_file;     /* NULL = as trust.h says */
    const char *proxy;       /* NULL = as proxy.h says */
    const char *no_proxy;    /* hosts to reach without it */
    bool trust_environment;  /* variables count that name proxies and CA files, unless set-user-id */
    int64_t connect_timeout; /* ms; 0 = 10 s */
    size_t max_idle_sets;    /* 0 = 64 */
};

/* Room for a proxy as it is told. */
enum { PROXY_TOLD = 320 };

/* What only sessions need, beyond the wire request that plugins have. Zero is the default. */
struct http_extras {
    const char *proxy;    /* "" = none, NULL = the client's */
    const char *no_proxy; /* hosts to reach without it, or without the environment's */
    bool no_environment;  /* variables count for others, not here */
    char *proxy_told;     /* NULL, or of PROXY_TOLD octets: gets host and port of the proxy that is asked, and in
                             parentheses the setting or variable that names it, also where the sending fails */
    const char *proxy_user;
    const char *proxy_password;
    const char *key_passphrase;
    const char *const *secrets; /* NULL, or what of the body is secret whatever its name, up to a NULL */
    const char *pinned_key;     /* "sha256//base64" list */
    bool accept_compressed;     /* gzip, deflate, as libcurl has them; response_limit bounds the inflated size */
    bool http2;                 /* where the server offers it over TLS */
    bool send_once;            /* not even on a new connection where a kept one broke: for what must not be doubled */
    bool keep_broken;          /* an answer of status 200 to 299 comes out beside a failure too, as far as it came */
    int64_t low_speed_timeout; /* ms without an octet in either direction; 0 = none */
    int64_t linger; /* ms for which an answer is waited for after a cancellation or the deadline, once the request
                     * is out: of what begins something that the answer alone names */
    /* Upload by callback: returns octets written into `into`, 0 at the end, -1 to abort. `length` -1 = chunked. */
    int64_t (*read)(void *into, size_t capacity, void *data);
    bool (*rewind)(void *data); /* start again; NULL = the body can be sent once */
    int64_t read_length;
    void *read_data;
    /* Download by callback: returns false to abort. Called only for answers of status 200 to 299; others are kept. */
    bool (*write)(const void *octets, size_t length, void *data);
    /* Is shown the answer's head before each piece of it, and returns false to abort. NULL = nobody looks. */
    bool (*begin)(const struct mstr_http_response *answer, void *data);
    void *write_data;
};

#endif
