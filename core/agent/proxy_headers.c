/* SPDX-License-Identifier: Apache-2.0 */
/* Which headers pass the session proxy. */
#include "proxy_headers.h"

#include "base/text.h"

/* Of one connection alone (RFC 9110 7.6.1), and what each side says anew. */
static const char *const of_connection[] = {
    "Connection",          "Keep-Alive", "Proxy-Connection", "TE",   "Trailer", "Transfer-Encoding", "Upgrade",
    "Proxy-Authorization", "Expect",     "Content-Length",   "Host", NULL};
/* Who asks, and for what in the place of what; then what the library says itself, and what is meant for the agent. */
static const char *const of_client[] = {
    "Cookie",           "Authorization",          "X-MSTR-AuthToken", "X-MSTR-IdentityToken", "X-Original-URL",
    "X-Rewrite-URL",    "X-HTTP-Method-Override", "Forwarded",        "Accept-Encoding",      "Content-Type",
    "X-MSTR-ProjectID", "X-Mstr-Timeout",         "X-Mstr-Token",     "X-Mstr-Agent",         NULL};
static const char forwarded[] = "X-Forwarded-";
/* What begins a session, and what the agent's own side says: a body comes decompressed, and nobody keeps it. */
static const char *const of_server[] = {
    "Set-Cookie",         "Set-Cookie2", "X-MSTR-AuthToken", "X-MSTR-IdentityToken", "WWW-Authenticate",
    "Proxy-Authenticate", "Date",        "Cache-Control",    "Content-Encoding",     "Location",
    "X-Mstr-Agent",       NULL};

static bool is_one_of(const char *const *names, const char *name, size_t length)
{
    while (*names != NULL && (strlen(*names) != length || !text_equal_nocase_length(*names, name, length))) {
        names++;
    }
    return *names != NULL;
}

/* Whether a list such as that of Connection has the name in it. */
static bool is_listed(const char *list, const char *name, size_t length)
{
    static const char between[] = " \t,";
    for (const char *at = list; *at != '\0';) {
        at += strspn(at, between);
        size_t word = strcspn(at, between);
        if (word > 0 && word == length && text_equal_nocase_length(at, name, length)) {
            return true;
        }
        at += word;
    }
    return false;
}

static bool is_named_by_connection(const struct request *request, const char *name, size_t length)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct request_header *other = &request->headers[i];
        if (is_one_of((const char *const[]){"Connection", NULL}, other->name, other->name_length) &&
            is_listed(other->value, name, length)) {
            return true;
        }
    }
    return false;
}

bool proxy_header_leaves(const struct request *request, const struct request_header *header)
{
    const char *name = header->name;
    size_t length = header->name_length;
    bool is_forwarded = length >= strlen(forwarded) && text_equal_nocase_length(name, forwarded, strlen(forwarded));
    return !is_one_of(of_connection, name, length) && !is_one_of(of_client, name, length) && !is_forwarded &&
           memchr(name, '_', length) == NULL && !is_named_by_connection(request, name, length);
}

const char *proxy_header_value(const struct request *request, const char *name)
{
    return is_named_by_connection(request, name, strlen(name)) ? NULL : request_header(request, name);
}

bool proxy_header_returns(const char *name, const char *connection)
{
    size_t length = strlen(name);
    return !is_one_of(of_connection, name, length) && !is_one_of(of_server, name, length) &&
           (connection == NULL || !is_listed(connection, name, length));
}
