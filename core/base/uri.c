/* SPDX-License-Identifier: Apache-2.0 */
/* URIs (RFC 3986): encoding, and http(s) URLs in parts. */
#include "base/uri.h"

#include "base/base64.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

static bool unreserved(char octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9') ||
           octet == '-' || octet == '.' || octet == '_' || octet == '~';
}

size_t uri_encode_octet(char octet, char encoded[3])
{
    static const char digits[] = "0123456789ABCDEF";
    if (unreserved(octet)) {
        encoded[0] = octet;
        return 1;
    }
    encoded[0] = '%';
    encoded[1] = digits[(unsigned char)octet >> 4];
    encoded[2] = digits[octet & 15];
    return 3;
}

bool uri_encode_keep(struct buffer *out, const char *octets, size_t length, const char *keep)
{
    for (size_t i = 0; i < length; i++) {
        char encoded[3];
        if (octets[i] != '\0' && strchr(keep, octets[i]) != NULL) {
            buffer_putc(out, octets[i]);
        } else {
            buffer_append(out, encoded, uri_encode_octet(octets[i], encoded));
        }
    }
    return !out->failed;
}

bool uri_encode(struct buffer *out, const char *octets, size_t length)
{
    return uri_encode_keep(out, octets, length, "");
}

bool uri_decode(struct buffer *out, const char *text, size_t length)
{
    size_t start = out->length;
    bool good = !out->failed;
    for (size_t i = 0; good && i < length; i++) {
        if (text[i] != '%') {
            good = buffer_putc(out, text[i]);
            continue;
        }
        good = length - i > 2 && hex_decode(out, text + i + 1, 2) && out->data[out->length - 1] != '\0';
        i += 2;
    }
    if (!good) {
        buffer_truncate(out, start);
    }
    return good;
}

bool uri_form_add(struct buffer *out, const char *name, const char *value)
{
    if (out->length > 0) {
        buffer_putc(out, '&');
    }
    uri_encode(out, name, strlen(name));
    buffer_putc(out, '=');
    return uri_encode(out, value, strlen(value));
}

/* Octets that no part of a URL may hold raw: controls, blanks, and the backslash, which clients read in two ways.
 * Octets above ASCII are let through for servers that want them raw in a path; the host is checked more strictly. */
static bool clean(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char octet = (unsigned char)*text;
        if (octet <= 0x20 || octet == 0x7f || octet == '\\') {
            return false;
        }
    }
    return true;
}

static bool copy_host(const struct uri *uri, char *out, size_t size)
{
    if (uri->host_length >= size) {
        return false;
    }
    memcpy(out, uri->host, uri->host_length);
    out[uri->host_length] = '\0';
    return true;
}

/* "[…]" or a name of RFC 3986's reg-name characters, without percent escapes. */
static bool parse_host(struct uri *uri, const char **at, const char *end)
{
    const char *close = **at == '[' ? memchr(*at, ']', (size_t)(end - *at)) : NULL;
    if (close != NULL) {
        char address[INET6_ADDRSTRLEN];
        struct in6_addr parsed;
        uri->host = *at + 1;
        uri->host_length = (size_t)(close - uri->host);
        uri->ipv6 = true;
        *at = close + 1;
        return copy_host(uri, address, sizeof(address)) && inet_pton(AF_INET6, address, &parsed) == 1;
    }
    uri->host = *at;
    while (*at < end && (unreserved(**at) || strchr("!$&'()*+,;=", **at) != NULL)) {
        ++*at;
    }
    uri->host_length = (size_t)(*at - uri->host);
    return uri->host_length > 0 && uri->host_length <= 255;
}

static bool parse_port(struct uri *uri, const char *at, const char *end)
{
    unsigned standard = uri->https ? 443 : 80;
    uri->port = standard;
    uri->default_port = true;
    if (at == end) {
        return true;
    }
    if (*at++ != ':') {
        return false;
    }
    if (at == end) { /* RFC 3986, 3.2.3: an empty port means the default */
        return true;
    }
    unsigned port = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        port = port * 10 + (unsigned)(*at - '0');
        if (port > 65535) {
            return false;
        }
    }
    uri->port = port;
    uri->default_port = port == standard;
    return port != 0;
}

static bool parse_authority(struct uri *uri, const char *at, const char *end)
{
    const char *sign = memchr(at, '@', (size_t)(end - at));
    if (sign != NULL) {
        uri->user = at;
        uri->user_length = (size_t)(sign - at);
        at = sign + 1;
    }
    return parse_host(uri, &at, end) && parse_port(uri, at, end);
}

bool uri_parse(const char *text, struct uri *uri)
{
    *uri = (struct uri){.text = text};
    if (text == NULL || !clean(text)) {
        return false;
    }
    uri->https = text_equal_nocase_length(text, "https://", 8);
    if (!uri->https && !text_equal_nocase_length(text, "http://", 7)) {
        return false;
    }
    const char *at = text + (uri->https ? 8 : 7);
    const char *end = at + strcspn(at, "/?#");
    if (!parse_authority(uri, at, end)) {
        return false;
    }
    uri->path = end;
    uri->path_length = strcspn(end, "?#");
    at = end + uri->path_length;
    if (*at == '?') {
        uri->query = at + 1;
        uri->query_length = strcspn(uri->query, "#");
        at = uri->query + uri->query_length;
    }
    uri->fragment = *at == '#';
    return true;
}

bool uri_is_international(const char *text)
{
    const char *scheme = text != NULL ? strstr(text, "://") : NULL;
    const char *at = scheme != NULL ? scheme + 3 : "";
    const char *end = at + strcspn(at, "/?#");
    const char *sign = memchr(at, '@', (size_t)(end - at));
    for (at = sign != NULL ? sign + 1 : at; at < end; at++) {
        if ((unsigned char)*at > 0x7f) {
            return true;
        }
    }
    return false;
}

const char *uri_fault(const char *text, const char *otherwise)
{
    return uri_is_international(text) ? "is not " URI_INTERNATIONAL : otherwise;
}

bool uri_host_header(const struct uri *uri, struct buffer *out)
{
    if (uri->ipv6) {
        buffer_putc(out, '[');
    }
    for (size_t i = 0; i < uri->host_length; i++) {
        char octet = uri->host[i];
        buffer_putc(out, octet >= 'A' && octet <= 'Z' ? (char)(octet + ('a' - 'A')) : octet);
    }
    if (uri->ipv6) {
        buffer_putc(out, ']');
    }
    if (!uri->default_port) {
        buffer_printf(out, ":%u", uri->port);
    }
    return !out->failed;
}

/* What is wrong with a segment, decoded once; NULL if nothing is. A server may take such a one for another path than
 * the one that was looked at: it may drop what follows a ; before it resolves dots, decode twice, or join slashes. */
static const char *segment_fault(const char *segment, size_t length, bool last, bool *memory)
{
    struct buffer plain = BUFFER_INIT;
    const char *fault = NULL;
    bool decoded = uri_decode(&plain, segment, length);
    const char *text = buffer_text(&plain);
    if (plain.failed) {
        *memory = false;
    } else if (!decoded) {
        fault = "a malformed escape";
    } else if (length == 0 && !last) {
        fault = "an empty segment";
    } else if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
        fault = "a \".\" or \"..\" segment";
    } else if (text[strcspn(text, ";/\\%")] != '\0') {
        fault = "a \";\", or an encoded slash, backslash or percent sign";
    }
    for (; fault == NULL && *memory && *text != '\0'; text++) {
        fault = (unsigned char)*text < 0x20 || *text == 0x7f ? "an encoded control character" : NULL;
    }
    buffer_release(&plain);
    return fault;
}

const char *uri_path_fault(const char *path, size_t length, bool *memory)
{
    const char *end = path + length;
    const char *at = path + (length > 0 && *path == '/');
    const char *fault = NULL;
    for (bool last = false; fault == NULL && *memory && !last;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *stop = slash != NULL ? slash : end;
        last = slash == NULL;
        fault = segment_fault(at, (size_t)(stop - at), last, memory);
        at = stop + 1;
    }
    return fault;
}

bool uri_path_put(struct buffer *out, const char *path, size_t length)
{
    struct buffer plain = BUFFER_INIT;
    const size_t begin = length > 0 && *path == '/';
    uri_decode(&plain, path + begin, length - begin);
    out->failed |= plain.failed;
    uri_encode_keep(out, buffer_text(&plain), plain.length, "/!$&'()*+,=:@"); /* RFC 3986 3.3, but for ";" */
    buffer_release(&plain);
    return !out->failed;
}

bool uri_origin(const struct uri *uri, struct buffer *out)
{
    buffer_puts(out, uri->https ? "https://" : "http://");
    return uri_host_header(uri, out);
}

bool uri_same_origin(const struct uri *a, const struct uri *b)
{
    return a->https == b->https && a->port == b->port && a->ipv6 == b->ipv6 && a->host_length == b->host_length &&
           text_equal_nocase_length(a->host, b->host, a->host_length);
}

bool uri_address(const struct uri *uri, unsigned char address[16])
{
    char host[INET6_ADDRSTRLEN];
    if (!copy_host(uri, host, sizeof(host))) {
        return false;
    }
    if (uri->ipv6) {
        return inet_pton(AF_INET6, host, address) == 1;
    }
    memset(address, 0, 10);
    memset(address + 10, 0xff, 2);
    return inet_pton(AF_INET, host, address + 12) == 1;
}

bool uri_same_block(const unsigned char a[16], const unsigned char b[16], unsigned bits)
{
    unsigned whole = bits / 8;
    unsigned mask = 0xffu << (8 - bits % 8) & 0xffu;
    return memcmp(a, b, whole) == 0 && (mask == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

/* A block of addresses: `bits` of them count. */
struct block {
    unsigned char prefix[16];
    unsigned bits;
};

static bool within(const struct uri *uri, const struct block *blocks, size_t count)
{
    unsigned char address[16];
    if (!uri_address(uri, address)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (uri_same_block(address, blocks[i].prefix, blocks[i].bits)) {
            return true;
        }
    }
    return false;
}

bool uri_is_loopback(const struct uri *uri)
{
    static const struct block blocks[] = {
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127}, 104},
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
    };
    return within(uri, blocks, 2) || (uri->host_length == 9 && text_equal_nocase_length(uri->host, "localhost", 9));
}

bool uri_is_link_local(const struct uri *uri)
{
    static const struct block blocks[] = {
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 169, 254}, 112},
        {{0xfe, 0x80}, 10},
        {{0xfd, 0x00, 0x0e, 0xc2}, 32}, /* EC2's metadata services */
    };
    return within(uri, blocks, 3);
}
