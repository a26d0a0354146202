/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the store is, as `url` says it: redis://, rediss:// (TLS), unix://, redis+sentinel:// and rediss+sentinel://,
 * or the same with valkey in place of redis. Pure.
 */
#ifndef MSTR_PROVIDERS_REDIS_CONFIG_URL_H
#define MSTR_PROVIDERS_REDIS_CONFIG_URL_H

#include <stdbool.h>
#include <stddef.h>

enum { URL_ENDPOINTS_MAX = 8, ENDPOINT_TEXT = 300 };

/* A host and a port, or the path of a Unix socket, which has no port. */
struct endpoint {
    char host[256]; /* without brackets; or that path */
    char port[6];   /* "" = a Unix socket */
};

struct url {
    bool tls;
    unsigned database;
    char username[130];                           /* "" = none */
    char name[66];                                /* that Sentinels know the store by; "" = there are none */
    struct endpoint endpoints[URL_ENDPOINTS_MAX]; /* the store alone, or its Sentinels */
    size_t count;
};

extern const char url_no_memory[];
/* NULL, or what is wrong with it, to follow its name; url_no_memory where that could not be told. */
const char *url_parse(const char *text, struct url *url);

bool endpoint_is_unix(const struct endpoint *endpoint);
/* Nobody else can listen to what is said to it: a Unix socket, localhost, 127.0.0.0/8 or ::1. */
bool endpoint_is_local(const struct endpoint *endpoint);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* For people: HOST:PORT or the path; returns `text`. */
const char *endpoint_tell(const struct endpoint *endpoint, char text[ENDPOINT_TEXT]);
/* From a store's own words, each of a length of its own; false where they name no place. */
bool endpoint_make(struct endpoint *endpoint, const char *host, size_t host_length, const char *port,
                   size_t port_length);

#endif
