/* SPDX-License-Identifier: Apache-2.0 */
/* Which proxy leads to a host. */
#include "http/proxy.h"

#include "base/environment.h"
#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* One host of a list. */
struct entry {
    struct uri host;
    bool below; /* "*.": not the host itself */
    bool any_port;
};

/* The port behind a name, or an address in brackets; false where it is no number. */
static bool cut_port(struct entry *entry, const char **end)
{
    const char *at = entry->host.host;
    const char *close = *at == '[' ? memchr(at, ']', (size_t)(*end - at)) : NULL;
    const char *colon = close != NULL ? close + 1 : memchr(at, ':', (size_t)(*end - at));
    bool lone = colon != NULL && colon < *end && memchr(colon + 1, ':', (size_t)(*end - colon - 1)) == NULL;
    entry->any_port = !lone; /* several colons are an address */
    if (lone) {
        char *after = NULL;
        unsigned long port = strtoul(colon + 1, &after, 10);
        if (*colon != ':' || after != *end || after == colon + 1 || port > 65535) {
            return false;
        }
        entry->host.port = (unsigned)port;
        *end = colon;
    }
    if (close != NULL) {
        entry->host.host++;
        *end = close;
    }
    return true;
}

/* Names end with a dot or without. */
static size_t name_length(const char *name, size_t length)
{
    return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

/* One that is not empty. */
static bool read_entry(const char *text, size_t length, struct entry *entry)
{
    const char *end = text + length;
    *entry = (struct entry){.host.host = text};
    if (text[0] == '*' && text[1] == '.') {
        entry->below = true;
        entry->host.host += 2;
    } else if (text[0] == '.') {
        entry->host.host++;
    }
    if (!cut_port(entry, &end)) {
        return false;
    }
    entry->host.host_length = name_length(entry->host.host, (size_t)(end - entry->host.host));
    entry->host.ipv6 = memchr(entry->host.host, ':', entry->host.host_length) != NULL;
    return true;
}

static bool is_same_name(const struct entry *entry, const struct uri *to)
{
    size_t host = name_length(to->host, to->host_length);
    size_t length = entry->host.host_length;
    if (length == 0 || length > host ||
        !text_equal_nocase_length(to->host + host - length, entry->host.host, length)) {
        return false;
    }
    return host == length ? !entry->below : to->host[host - length - 1] == '.';
}

/* "10.0.0.0/8", or an address alone: what it begins with, and how many bits of that count. */
static bool read_block(const struct entry *entry, unsigned char prefix[16], unsigned *bits)
{
    struct uri network = entry->host;
    const char *slash = memchr(network.host, '/', network.host_length);
    unsigned long count = 128;
    if (slash != NULL) {
        char *after = NULL;
        unsigned long most = network.ipv6 ? 128 : 32;
        count = strtoul(slash + 1, &after, 10);
        if (after != network.host + network.host_length || after == slash + 1 || count > most) {
            return false;
        }
        count += 128 - most;
        network.host_length = (size_t)(slash - network.host);
    }
    *bits = (unsigned)count;
    return uri_address(&network, prefix);
}

static bool is_in_block(const struct entry *entry, const unsigned char address[16])
{
    unsigned char prefix[16];
    unsigned bits = 0;
    return read_block(entry, prefix, &bits) && uri_same_block(prefix, address, bits);
}

static bool is_name(const struct uri *host)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    return host->host_length > 0 && strspn(host->host, letters) >= host->host_length;
}

static const char separators[] = ", \t";

bool proxy_exceptions_are_good(const char *list)
{
    unsigned char prefix[16];
    unsigned bits = 0;
    for (const char *at = list; *at != '\0';) {
        struct entry entry;
        size_t length = strcspn(at, separators);
        bool all = length == 1 && *at == '*';
        if (length > 0 && !all &&
            (!read_entry(at, length, &entry) || !(is_name(&entry.host) || read_block(&entry, prefix, &bits)))) {
            return false;
        }
        at += length + (at[length] != '\0');
    }
    return true;
}

bool proxy_is_excepted(const char *list, const struct uri *to)
{
    unsigned char address[16];
    bool is_address = uri_address(to, address);
    for (const char *at = list; *at != '\0';) {
        struct entry entry;
        size_t length = strcspn(at, separators);
        if (length == 1 && *at == '*') {
            return true;
        }
        if (length > 0 && read_entry(at, length, &entry) && (entry.any_port || entry.host.port == to->port) &&
            (is_address ? is_in_block(&entry, address) : is_same_name(&entry, to))) {
            return true;
        }
        at += length + (at[length] != '\0');
    }
    return false;
}

/* libcurl decodes user and password, and where they come to a control character it goes without the proxy, and tells
 * nobody. */
static bool has_control(const char *user, size_t length)
{
    for (size_t i = 0; i + 2 < length; i++) {
        if (user[i] == '%' && (user[i + 1] == '0' || user[i + 1] == '1') &&
            isxdigit((unsigned char)user[i + 2]) != 0) {
            return true;
        }
    }
    return false;
}

bool proxy_read(const char *url, struct proxy *proxy)
{
    static const struct {
        const char *scheme;
        bool http;
        bool tls;
    } schemes[] = {{"http://", true, false},     {"https://", true, true},    {"socks4://", false, false},
                   {"socks4a://", false, false}, {"socks5://", false, false}, {"socks5h://", false, false}};
    struct buffer text = BUFFER_INIT;
    struct uri uri;
    const char *rest = url;
    *proxy = (struct proxy){.url = url, .http = true};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t length = strlen(schemes[i].scheme);
        if (text_equal_nocase_length(url, schemes[i].scheme, length)) {
            proxy->http = schemes[i].http;
            proxy->tls = schemes[i].tls;
            rest = url + length;
        }
    }
    buffer_printf(&text, "http://%s", rest);
    bool good = uri_parse(buffer_text(&text), &uri) && uri.path_length <= 1 && uri.query == NULL && !uri.fragment &&
                !has_control(uri.user, uri.user_length);
    if (good) {
        proxy->user = uri.user != NULL ? rest : NULL;
        proxy->user_length = uri.user_length;
        proxy->name = uri.user != NULL ? rest + uri.user_length + 1 : rest;
        proxy->name_length = strcspn(proxy->name, "/");
    }
    buffer_release(&text);
    return good;
}

enum mstr_code proxy_check(const char *url, const char *source, struct proxy *proxy, mstr_error *error)
{
    if (!proxy_read(url, proxy)) {
        error_set(error, MSTR_E_CONFIG, "%s is not the URL of a proxy", source);
        error_set_hint(error, "write " PROXY_FORMS);
        *proxy = (struct proxy){.url = NULL};
        return MSTR_E_CONFIG;
    }
    proxy->source = source;
    return MSTR_OK;
}

/* The first variable that has a value; "" where none has. */
static const char *find_variable(const char *const *names, const char **source)
{
    const char *value = NULL;
    for (; *names != NULL && text_empty(value); names++) {
        *source = *names;
        value = environment_get(*names);
    }
    return text_empty(value) ? "" : value;
}

static const char *find_in_environment(const struct uri *to, const char **source)
{
    /* HTTP_PROXY is a header of whoever calls a CGI program, so the small letters alone count. */
    static const char *const for_http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const for_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
    return find_variable(to->https ? for_https : for_http, source);
}

enum mstr_code proxy_find(const struct proxy_settings *settings, const struct uri *to, struct proxy *proxy,
                          mstr_error *error)
{
    static const char *const lists[] = {"no_proxy", "NO_PROXY", NULL};
    const char *source = "proxy";
    const char *url = settings->url;
    const char *except = settings->except;
    *proxy = (struct proxy){.url = NULL};
    if (url == NULL && settings->environment && !uri_is_loopback(to)) {
        const char *list = NULL;
        except = except != NULL ? except : find_variable(lists, &list);
        url = find_in_environment(to, &source);
    }
    if (text_empty(url) || uri_is_link_local(to) || (except != NULL && proxy_is_excepted(except, to))) {
        return MSTR_OK;
    }
    return proxy_check(url, source, proxy, error);
}
