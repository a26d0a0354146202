/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which proxy leads to a host: one rule for sessions and providers. One that was set holds for every host but those
 * of its own list, loopback included. Else the environment's does (HTTPS_PROXY, http_proxy, ALL_PROXY, without
 * NO_PROXY), but for loopback. Link-local addresses, where metadata services are, are never reached through one.
 */
#ifndef MSTR_HTTP_PROXY_H
#define MSTR_HTTP_PROXY_H

#include "base/error.h"
#include "base/uri.h"

#include <stdbool.h>

/* What was set for a request. */
struct proxy_settings {
    const char *url;    /* "" = none, NULL = the environment's */
    const char *except; /* hosts to reach without it; NULL = the environment's list for the environment's proxy */
    bool environment;   /* whether variables count */
};

/* Texts point into the settings and the environment. */
struct proxy {
    const char *url;    /* NULL = none */
    const char *source; /* the variable, or "proxy", for messages */
    const char *name;   /* host and port, without user information */
    size_t name_length;
    const char *user; /* NULL = none is in the URL */
    size_t user_length;
    bool tls;  /* it is spoken to in TLS itself */
    bool http; /* and in HTTP; else it speaks SOCKS */
};

/* MSTR_E_CONFIG where the proxy has no URL of one. */
enum mstr_code proxy_find(const struct proxy_settings *settings, const struct uri *to, struct proxy *proxy,
                          mstr_error *error);
/* Takes a URL apart, also one without a scheme; false if it is none of a proxy. */
bool proxy_read(const char *url, struct proxy *proxy);
/* The same, and MSTR_E_CONFIG tells that what `source` names is none. */
enum mstr_code proxy_check(const char *url, const char *source, struct proxy *proxy, mstr_error *error);
/* How one is written. */
#define PROXY_FORMS "http://HOST:PORT; https, socks4, socks4a, socks5 and socks5h are known too"
/* Whether each entry of a list can match a host. */
bool proxy_exceptions_are_good(const char *list);
/* Whether a host is on a list as NO_PROXY has it: separated by commas or blanks, "example.com" and ".example.com" for
 * the host and those below it, "*.example.com" for those below, each with ":port" for that port alone; addresses and
 * blocks of them ("10.0.0.0/8"); "*" for all. */
bool proxy_is_excepted(const char *list, const struct uri *to);

#endif
