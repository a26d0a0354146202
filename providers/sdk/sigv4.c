/* SPDX-License-Identifier: Apache-2.0 */
/* AWS Signature Version 4: canonical request, string to sign, derived key, signature. */
#include "sdk/sigv4.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "base/uri.h"
#include "sdk/hmac.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 64, PARAMETERS_MAX = 128, SEGMENTS_MAX = 256 };

/* Header names that are not signed, or not to be given; the length first, since most names differ in it. */
struct name {
    size_t length;
    const char *text;
};
#define NAME(text)                                                                                                   \
    {                                                                                                                \
        sizeof(text) - 1, text                                                                                       \
    }
/* Proxies and libraries change these on the way. */
static const struct name unsigned_headers[] = {
    NAME("authorization"),
    NAME("connection"),
    NAME("expect"),
    NAME("keep-alive"),
    NAME("proxy-authenticate"),
    NAME("proxy-authorization"),
    NAME("te"),
    NAME("trailer"),
    NAME("transfer-encoding"),
    NAME("upgrade"),
    NAME("user-agent"),
    NAME("x-amzn-trace-id"),
};
/* Signing adds these itself; a value set before would be signed although it is not ours. */
static const struct name added_headers[] = {
    NAME("authorization"),    NAME("x-amz-content-sha256"), NAME("x-amz-date"),
    NAME("x-amz-region-set"), NAME("x-amz-security-token"),
};

static char lower(char octet)
{
    return octet >= 'A' && octet <= 'Z' ? (char)(octet - 'A' + 'a') : octet;
}

static bool is_among(const char *name, size_t length, const struct name list[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (length == list[i].length && text_equal_nocase(name, list[i].text)) {
            return true;
        }
    }
    return false;
}
#define IS_AMONG(name, length, list) is_among(name, length, list, sizeof(list) / sizeof(*(list)))

bool sigv4_region_is_valid(const char *region)
{
    size_t length = region != NULL ? strlen(region) : 0;
    return length > 0 && length < 64 && text_is_made_of(region, "-") && region[0] != '-' &&
           region[length - 1] != '-' && strspn(region, "0123456789") < length;
}

/* The path without dot segments and empty ones; a trailing slash stays, also that of a trailing dot segment.
 * is_within_bounds() has counted the segments. */
static void put_normal_path(struct buffer *out, const char *path)
{
    struct {
        const char *start;
        size_t length;
    } segments[SEGMENTS_MAX];
    size_t count = 0;
    bool trailing = true;
    while (*path != '\0') {
        path += *path == '/';
        size_t length = strcspn(path, "/");
        bool dot = length == 1 && path[0] == '.';
        bool dots = length == 2 && path[0] == '.' && path[1] == '.';
        trailing = length == 0 || dot || dots;
        if (dots) {
            count -= count > 0;
        } else if (!trailing) {
            segments[count].start = path;
            segments[count++].length = length;
        }
        path += length;
    }
    for (size_t i = 0; i < count; i++) {
        buffer_putc(out, '/');
        uri_encode(out, segments[i].start, segments[i].length);
    }
    if (count == 0 || trailing) {
        buffer_putc(out, '/');
    }
}

static void put_path(struct buffer *out, const struct sigv4_request *request)
{
    if (request->keep_path && request->path[0] != '\0') {
        uri_encode_keep(out, request->path, strlen(request->path), "/");
    } else {
        put_normal_path(out, request->path);
    }
    buffer_putc(out, '\n');
}

struct parameter {
    struct buffer name;
    struct buffer value;
};

static int by_name_then_value(const void *a, const void *b)
{
    const struct parameter *left = a;
    const struct parameter *right = b;
    int order = strcmp(buffer_text(&left->name), buffer_text(&right->name));
    return order != 0 ? order : strcmp(buffer_text(&left->value), buffer_text(&right->value));
}

/* Decoded and encoded anew, so that whatever was escaped on the wire has one spelling. */
static void put_respelled(struct buffer *out, const char *text, size_t length)
{
    struct buffer plain = BUFFER_INIT;
    if (uri_decode(&plain, text, length)) {
        uri_encode(out, buffer_text(&plain), plain.length);
    } else {
        uri_encode(out, text, length);
    }
    buffer_release(&plain);
}

/* is_within_bounds() has counted the parameters. */
static void put_query(struct buffer *out, const char *query)
{
    struct parameter parameters[PARAMETERS_MAX];
    size_t count = 0;
    while (query != NULL && *query != '\0') {
        size_t length = strcspn(query, "&");
        const char *equals = memchr(query, '=', length);
        size_t name = equals != NULL ? (size_t)(equals - query) : length;
        parameters[count] = (struct parameter){BUFFER_INIT, BUFFER_INIT};
        put_respelled(&parameters[count].name, query, name);
        put_respelled(&parameters[count].value, query + name + (equals != NULL), length - name - (equals != NULL));
        count++;
        query += length + (query[length] == '&');
    }
    qsort(parameters, count, sizeof(*parameters), by_name_then_value);
    for (size_t i = 0; i < count; i++) {
        buffer_puts(out, i > 0 ? "&" : "");
        buffer_puts(out, buffer_text(&parameters[i].name));
        buffer_putc(out, '=');
        buffer_puts(out, buffer_text(&parameters[i].value));
        buffer_release(&parameters[i].name);
        buffer_release(&parameters[i].value);
    }
    buffer_putc(out, '\n');
}

static void put_lower(struct buffer *out, const char *text)
{
    size_t begin = out->length;
    buffer_puts(out, text);
    for (size_t i = begin; i < out->length; i++) {
        out->data[i] = lower(out->data[i]);
    }
}

/* Trimmed, each inner run of blanks and line folds one space. */
static void put_value(struct buffer *out, const char *value)
{
    static const char blanks[] = " \t\r\n";
    value += strspn(value, blanks);
    while (*value != '\0') {
        size_t word = strcspn(value, blanks);
        buffer_append(out, value, word);
        value += word;
        value += strspn(value, blanks);
        buffer_puts(out, *value != '\0' ? " " : "");
    }
}

/* The headers to sign in their order; equal names keep the order in which they were given. 0 if there are too many or
 * one of them may not be given. */
static size_t collect_headers(const struct sigv4_request *request, const struct mstr_header *added,
                              size_t added_count, struct mstr_header sorted[HEADERS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count + added_count; i++) {
        bool given = i < request->header_count;
        const struct mstr_header *header = given ? &request->headers[i] : &added[i - request->header_count];
        size_t length = strlen(header->name);
        if (given && IS_AMONG(header->name, length, added_headers)) {
            return 0;
        }
        if (given && IS_AMONG(header->name, length, unsigned_headers)) {
            continue;
        }
        if (count == HEADERS_MAX) {
            return 0;
        }
        size_t at = count++;
        for (; at > 0 && text_compare_nocase(sorted[at - 1].name, header->name) > 0; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = *header;
    }
    return count;
}

/* The canonical headers into `out`, the list of their names into `list`. */
static void put_headers(struct buffer *out, struct buffer *list, const struct mstr_header sorted[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && text_compare_nocase(sorted[i].name, sorted[i - 1].name) == 0) {
            buffer_putc(out, ',');
        } else {
            buffer_puts(out, i > 0 ? "\n" : "");
            buffer_puts(list, i > 0 ? ";" : "");
            put_lower(out, sorted[i].name);
            put_lower(list, sorted[i].name);
            buffer_putc(out, ':');
        }
        put_value(out, sorted[i].value);
    }
    buffer_puts(out, "\n\n");
}

static void to_hex(const unsigned char octets[32], char text[65])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        unsigned octet = octets[i];
        text[2 * i] = digits[octet >> 4];
        text[2 * i + 1] = digits[octet & 15];
    }
    text[64] = '\0';
}

/* The key of the day, unless the caller's is still the right one. */
static bool derive(const char *secret_key, const char *date, const char *region, const char *service,
                   const char *scope, struct sigv4_key *key)
{
    if (key->derived && strcmp(key->scope, scope) == 0) {
        return true;
    }
    struct buffer first = BUFFER_INIT;
    buffer_puts(&first, "AWS4");
    buffer_puts(&first, secret_key);
    unsigned char *octets = key->octets;
    key->derived = !first.failed && hmac_sha256(buffer_text(&first), first.length, date, 8, octets) &&
                   hmac_sha256(octets, 32, region, strlen(region), octets) &&
                   hmac_sha256(octets, 32, service, strlen(service), octets) &&
                   hmac_sha256(octets, 32, "aws4_request", 12, octets);
    buffer_release(&first);
    strcpy(key->scope, scope);
    return key->derived;
}

/* Builds the canonical request, and of Authorization all but the signature: both hold the names of what is signed. */
static bool build_canonical(const struct sigv4_keys *keys, const struct sigv4_request *request,
                            const struct mstr_header sorted[], size_t count, const char *scope,
                            struct sigv4_signature *out)
{
    struct buffer *canonical = &out->canonical_request;
    struct buffer *authorization = &out->authorization;
    buffer_printf(authorization, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=", keys->access_key, scope);
    size_t names = authorization->length;
    buffer_puts(canonical, request->method);
    buffer_putc(canonical, '\n');
    put_path(canonical, request);
    put_query(canonical, request->query);
    put_headers(canonical, authorization, sorted, count);
    if (authorization->failed) {
        return false;
    }
    buffer_append(canonical, authorization->data + names, authorization->length - names);
    buffer_putc(canonical, '\n');
    buffer_append(canonical, out->body_hash, 64);
    buffer_puts(authorization, ", Signature=");
    return !canonical->failed && !authorization->failed;
}

static bool build_signature(const char *scope, const struct sigv4_key *key, struct sigv4_signature *out)
{
    char hash[65];
    unsigned char digest[32];
    const struct buffer *canonical = &out->canonical_request;
    if (!sha256(canonical->data, canonical->length, digest)) {
        return false;
    }
    to_hex(digest, hash);
    int length =
        snprintf(out->string_to_sign, SIGV4_STRING_SIZE, "AWS4-HMAC-SHA256\n%s\n%s\n%s", out->date, scope, hash);
    if (!hmac_sha256(key->octets, 32, out->string_to_sign, (size_t)length, digest)) {
        return false;
    }
    to_hex(digest, out->text);
    return buffer_append(&out->authorization, out->text, 64);
}

/* False when it would be longer than any that a service has. */
static bool build_scope(const char *date, const char *region, const char *service, char scope[SIGV4_SCOPE_SIZE])
{
    return snprintf(scope, SIGV4_SCOPE_SIZE, "%.8s/%s/%s/aws4_request", date, region, service) < SIGV4_SCOPE_SIZE;
}

static size_t count_of(const char *text, char octet)
{
    size_t count = 0;
    for (; text != NULL && *text != '\0'; text++) {
        count += *text == octet;
    }
    return count;
}

/* Whether there is room for all of it: a part left out would make a signature that the service refuses. */
static bool is_within_bounds(const struct sigv4_request *request)
{
    return count_of(request->query, '&') < PARAMETERS_MAX && count_of(request->path, '/') < SEGMENTS_MAX;
}

enum mstr_code sigv4_sign(const struct sigv4_keys *keys, const char *region, const char *service, int64_t time,
                          const struct sigv4_request *request, struct sigv4_key *key, struct sigv4_signature *out)
{
    struct sigv4_key own;
    struct mstr_header added[3];
    struct mstr_header sorted[HEADERS_MAX];
    char scope[SIGV4_SCOPE_SIZE];
    unsigned char digest[32];
    enum mstr_code code = MSTR_E_MEMORY;
    size_t added_count = 0;
    out->authorization = out->canonical_request = (struct buffer)BUFFER_INIT;
    out->text[0] = out->string_to_sign[0] = '\0';
    timestamp_format_basic(time, out->date);
    if (!sigv4_region_is_valid(region) || !build_scope(out->date, region, service, scope)) {
        return MSTR_E_CONFIG;
    }
    if (!is_within_bounds(request)) {
        return MSTR_E_USAGE;
    }
    if (!sha256(request->body, request->body_length, digest)) {
        goto cleanup;
    }
    to_hex(digest, out->body_hash);
    added[added_count++] = (struct mstr_header){"X-Amz-Date", out->date};
    if (request->hash_header) {
        added[added_count++] = (struct mstr_header){"X-Amz-Content-SHA256", out->body_hash};
    }
    if (keys->session_token != NULL) {
        added[added_count++] = (struct mstr_header){"X-Amz-Security-Token", keys->session_token};
    }
    size_t count = collect_headers(request, added, added_count, sorted);
    if (count == 0) {
        code = MSTR_E_USAGE;
        goto cleanup;
    }
    own.derived = false;
    key = key != NULL ? key : &own;
    if (build_canonical(keys, request, sorted, count, scope, out) &&
        derive(keys->secret_key, out->date, region, service, scope, key) && build_signature(scope, key, out)) {
        code = MSTR_OK;
    }

cleanup:
    OPENSSL_cleanse(&own, sizeof(own));
    return code;
}

void sigv4_release(struct sigv4_signature *signature)
{
    buffer_release(&signature->authorization);
    buffer_release(&signature->canonical_request);
}
