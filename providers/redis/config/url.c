/* SPDX-License-Identifier: Apache-2.0 */
/* Where the store is. */
#include "redis/config/url.h"

#include "base/text.h"
#include "base/uri.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define PASSWORD "holds a password, which belongs into \"password\""
#define DATABASE "does not end with the number of a database"

const char url_no_memory[] = "out of memory";

/* Servers have 16 databases unless they are told otherwise; a number beyond this is a slip. */
enum { DATABASE_MAX = 9999 };

enum kind { KIND_SERVER, KIND_UNIX, KIND_SENTINEL };

static const struct scheme {
    const char *begin; /* after redis or valkey */
    enum kind kind;
    bool tls;
    const char *port;
} schemes[] = {
    {"://", KIND_SERVER, false, "6379"},
    {"s://", KIND_SERVER, true, "6379"},
    {"+sentinel://", KIND_SENTINEL, false, "26379"},
    {"s+sentinel://", KIND_SENTINEL, true, "26379"},
};
static const struct scheme socket_scheme = {"unix://", KIND_UNIX, false, ""};

static const struct scheme *find_scheme(const char *text, const char **rest)
{
    if (text_starts_with(text, socket_scheme.begin)) {
        *rest = text + strlen(socket_scheme.begin);
        return &socket_scheme;
    }
    size_t name = text_starts_with(text, "redis") ? strlen("redis") : strlen("valkey");
    if (name == strlen("valkey") && !text_starts_with(text, "valkey")) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (text_starts_with(text + name, schemes[i].begin)) {
            *rest = text + name + strlen(schemes[i].begin);
            return &schemes[i];
        }
    }
    return NULL;
}

static bool fits(char *into, size_t size, const char *text, size_t length)
{
    if (length >= size || memchr(text, '\0', length) != NULL) {
        return false;
    }
    memcpy(into, text, length);
    into[length] = '\0';
    return true;
}

static const char *read_database(const char *text, struct url *url)
{
    int64_t number = 0;
    if (*text != '\0' && (!text_to_int64(text, &number) || number < 0 || number > DATABASE_MAX)) {
        return DATABASE;
    }
    url->database = (unsigned)number;
    return NULL;
}

static const char *read_user(const struct uri *uri, struct url *url)
{
    struct buffer user = BUFFER_INIT;
    char text[sizeof(url->username) * 3];
    if (uri->user == NULL || uri->user_length == 0) {
        return NULL;
    }
    if (memchr(uri->user, ':', uri->user_length) != NULL) {
        return PASSWORD;
    }
    bool good = fits(text, sizeof(text), uri->user, uri->user_length) && uri_decode(&user, text, strlen(text)) &&
                fits(url->username, sizeof(url->username), buffer_text(&user), user.length);
    bool failed = user.failed;
    buffer_release(&user);
    return good ? NULL : failed ? url_no_memory : "names a user that cannot be";
}

/* HOST[:PORT] as URLs have it, IPv6 in brackets. */
static const char *read_authority(const char *text, size_t length, const char *port, struct url *url)
{
    struct uri uri;
    char whole[700];
    int written = snprintf(whole, sizeof(whole), "http://%.*s/", (int)(length < 600 ? length : 600), text);
    if (written < 0 || length > 600 || !uri_parse(whole, &uri) || uri.host_length == 0 || uri.path_length != 1) {
        return "names no host as URLs do";
    }
    if (url->count == URL_ENDPOINTS_MAX) {
        return "names more than 8 hosts";
    }
    struct endpoint *endpoint = &url->endpoints[url->count++];
    const char *after = uri.host + uri.host_length + (uri.ipv6 ? 1 : 0);
    if (after[0] == ':' && after[1] != '/') {
        snprintf(endpoint->port, sizeof(endpoint->port), "%u", uri.port % 65536);
    } else {
        snprintf(endpoint->port, sizeof(endpoint->port), "%s", port);
    }
    if (!fits(endpoint->host, sizeof(endpoint->host), uri.host, uri.host_length)) {
        return "names too long a host";
    }
    return read_user(&uri, url);
}

static const char *read_server(const char *rest, const struct scheme *scheme, struct url *url)
{
    size_t length = strcspn(rest, "/?#");
    const char *problem = read_authority(rest, length, scheme->port, url);
    return problem != NULL ? problem : read_database(rest + length + (rest[length] == '/' ? 1 : 0), url);
}

/* HOST[,HOST...]/NAME[/DATABASE] */
static const char *read_sentinels(const char *rest, const struct scheme *scheme, struct url *url)
{
    const char *end = rest + strcspn(rest, "/?#");
    for (const char *one = rest; one <= end;) {
        size_t length = strcspn(one, ",/?#");
        const char *problem = memchr(one, '@', length) != NULL ? "names a user, who belongs into \"username\""
                                                               : read_authority(one, length, scheme->port, url);
        if (problem != NULL) {
            return problem;
        }
        one += length + 1;
    }
    const char *name = *end == '/' ? end + 1 : end;
    size_t length = strcspn(name, "/");
    if (length == 0 || !fits(url->name, sizeof(url->name), name, length) || !text_is_made_of(url->name, ".-_")) {
        return "does not name what the Sentinels watch: redis+sentinel://HOST,HOST/NAME";
    }
    return read_database(name + length + (name[length] == '/' ? 1 : 0), url);
}

/* PATH[?db=N] */
static const char *read_unix(const char *rest, struct url *url)
{
    struct endpoint *endpoint = &url->endpoints[url->count++];
    size_t length = strcspn(rest, "?");
    if (rest[0] != '/' || length >= sizeof(((struct sockaddr_un *)NULL)->sun_path) ||
        !fits(endpoint->host, sizeof(endpoint->host), rest, length)) {
        return "does not name a socket by its absolute path: unix:///PATH";
    }
    if (rest[length] == '\0') {
        return NULL;
    }
    return text_starts_with(rest + length, "?db=") ? read_database(rest + length + strlen("?db="), url) : DATABASE;
}

const char *url_parse(const char *text, struct url *url)
{
    const char *rest = NULL;
    const struct scheme *scheme = find_scheme(text, &rest);
    *url = (struct url){.tls = scheme != NULL && scheme->tls};
    if (scheme == NULL) {
        return "does not begin with redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://";
    }
    switch (scheme->kind) {
    case KIND_UNIX:
        return read_unix(rest, url);
    case KIND_SENTINEL:
        return read_sentinels(rest, scheme, url);
    default:
        return read_server(rest, scheme, url);
    }
}

bool endpoint_is_unix(const struct endpoint *endpoint)
{
    return endpoint->port[0] == '\0';
}

bool endpoint_is_local(const struct endpoint *endpoint)
{
    struct uri uri;
    char text[ENDPOINT_TEXT];
    bool ipv6 = strchr(endpoint->host, ':') != NULL;
    snprintf(text, sizeof(text), "http://%s%s%s/", ipv6 ? "[" : "", endpoint->host, ipv6 ? "]" : "");
    return endpoint_is_unix(endpoint) || (uri_parse(text, &uri) && uri_is_loopback(&uri));
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

const char *endpoint_tell(const struct endpoint *endpoint, char text[ENDPOINT_TEXT])
{
    bool ipv6 = !endpoint_is_unix(endpoint) && strchr(endpoint->host, ':') != NULL;
    snprintf(text, ENDPOINT_TEXT, "%s%s%s%s%s", ipv6 ? "[" : "", endpoint->host, ipv6 ? "]" : "",
             endpoint_is_unix(endpoint) ? "" : ":", endpoint->port);
    return text;
}

bool endpoint_make(struct endpoint *endpoint, const char *host, size_t host_length, const char *port,
                   size_t port_length)
{
    int64_t number = 0;
    return fits(endpoint->host, sizeof(endpoint->host), host, host_length) && host_length > 0 &&
           text_is_made_of(endpoint->host, ".-_:%") &&
           fits(endpoint->port, sizeof(endpoint->port), port, port_length) &&
           text_to_int64(endpoint->port, &number) && number > 0 && number < 65536;
}
