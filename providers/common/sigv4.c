/* AWS Signature Version 4: canonical request, string to sign, derived key, signature. */
#include "common/sigv4.h"

#include "common/hmac.h"
#include "util/base64.h"
#include "util/text.h"
#include "util/timestamp.h"
#include "util/uri.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 64, PARAMETERS_MAX = 128, SEGMENTS_MAX = 256 };

/* Proxies and libraries change these on the way. */
static const char *const unsigned_headers[] = {
    "authorization", "connection",        "expect",  "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
    "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
};
/* Signing adds these itself; a value set before would be signed although it is not ours. */
static const char *const added_headers[] = {
    "authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-region-set", "x-amz-security-token",
};

static char lower(char octet)
{
    return octet >= 'A' && octet <= 'Z' ? (char)(octet - 'A' + 'a') : octet;
}

/* Most names differ from most of the list in their first letter. */
static bool is_among(const char *name, const char *const list[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (lower(name[0]) == list[i][0] && text_equal_nocase(name, list[i])) {
            return true;
        }
    }
    return false;
}
#define IS_AMONG(name, list) is_among(name, list, sizeof(list) / sizeof(*(list)))

bool sigv4_region_is_valid(const char *region)
{
    size_t length = region != NULL ? strlen(region) : 0;
    return length > 0 && length < 64 && text_is_made_of(region, "-") && region[0] != '-' &&
           region[length - 1] != '-' && strspn(region, "0123456789") < length;
}

/* The path without dot segments and empty ones; a trailing slash stays, also that of a trailing dot segment. */
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
        } else if (!trailing && count < SEGMENTS_MAX) {
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
    if (request->path[0] == '\0') {
        buffer_putc(out, '/');
    } else if (request->keep_path) {
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

static void put_query(struct buffer *out, const char *query)
{
    struct parameter parameters[PARAMETERS_MAX];
    size_t count = 0;
    while (query != NULL && *query != '\0' && count < PARAMETERS_MAX) {
        size_t length = strcspn(query, "&");
        const char *equals = memchr(query, '=', length);
        size_t name = equals != NULL ? (size_t)(equals - query) : length;
        parameters[count] = (struct parameter){BUFFER_INIT, BUFFER_INIT};
        put_respelled(&parameters[count].name, query, name);
        put_respelled(&parameters[count].value, query + name + (equals != NULL), length - name - (equals != NULL));
        count++;
        query += length + (query[length] == '&');
    }
    if (count > 1) {
        qsort(parameters, count, sizeof(*parameters), by_name_then_value);
    }
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

static int compare_nocase(const char *a, const char *b)
{
    for (;; a++, b++) {
        char left = lower(*a);
        char right = lower(*b);
        if (left != right || left == '\0') {
            return left - right;
        }
    }
}

/* Appended whole and lowered in place: names are most of what is signed. */
static void put_lower(struct buffer *out, const char *text)
{
    size_t at = out->length;
    if (buffer_puts(out, text)) {
        for (; at < out->length; at++) {
            out->data[at] = lower(out->data[at]);
        }
    }
}

static bool is_blank(char octet)
{
    return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

/* Trimmed, each inner run of blanks and line folds one space. */
static void put_value(struct buffer *out, const char *value)
{
    while (is_blank(*value)) {
        value++;
    }
    while (*value != '\0') {
        size_t run = strcspn(value, " \t\r\n");
        buffer_append(out, value, run);
        value += run;
        while (is_blank(*value)) {
            value++;
        }
        if (run > 0 && *value != '\0') {
            buffer_putc(out, ' ');
        }
    }
}

/* The headers to sign in their order; equal names keep the order in which they were given. 0 if there are too many or
 * one of them may not be given. */
static size_t collect_headers(const struct sigv4_request *request, const struct mstr_header *added,
                              size_t added_count, const struct mstr_header *sorted[HEADERS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count + added_count; i++) {
        bool given = i < request->header_count;
        const struct mstr_header *header = given ? &request->headers[i] : &added[i - request->header_count];
        if (given && IS_AMONG(header->name, added_headers)) {
            return 0;
        }
        if (IS_AMONG(header->name, unsigned_headers)) {
            continue;
        }
        if (count == HEADERS_MAX) {
            return 0;
        }
        size_t at = count++;
        for (; at > 0 && compare_nocase(sorted[at - 1]->name, header->name) > 0; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = header;
    }
    return count;
}

/* The canonical headers into `out`, the list of their names into `names`. */
static void put_headers(struct buffer *out, struct buffer *names, const struct mstr_header *const sorted[],
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && compare_nocase(sorted[i]->name, sorted[i - 1]->name) == 0;
        if (again) {
            buffer_putc(out, ',');
        } else {
            buffer_puts(out, i > 0 ? "\n" : "");
            put_lower(out, sorted[i]->name);
            buffer_putc(out, ':');
            buffer_puts(names, i > 0 ? ";" : "");
            put_lower(names, sorted[i]->name);
        }
        put_value(out, sorted[i]->value);
    }
    buffer_puts(out, "\n\n");
}

static void to_hex(const unsigned char octets[32], char text[65])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
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
    memcpy(key->scope, scope, strlen(scope) + 1);
    return key->derived;
}

static bool build_canonical(const struct sigv4_request *request, const struct mstr_header *const sorted[],
                            size_t count, struct buffer *names, struct sigv4_signature *out)
{
    struct buffer *canonical = &out->canonical_request;
    buffer_reserve(canonical, 1024); /* one allocation each for the usual request */
    buffer_reserve(names, 256);
    buffer_puts(canonical, request->method);
    buffer_putc(canonical, '\n');
    put_path(canonical, request);
    put_query(canonical, request->query);
    put_headers(canonical, names, sorted, count);
    buffer_append(canonical, buffer_text(names), names->length);
    buffer_putc(canonical, '\n');
    buffer_append(canonical, out->body_hash, 64);
    return !canonical->failed && !names->failed;
}

static bool build_signature(const struct sigv4_identity *identity, const struct sigv4_key *key,
                            const struct buffer *names, struct sigv4_signature *out)
{
    unsigned char digest[32];
    char hash[65];
    struct buffer *text = &out->string_to_sign;
    if (!sha256(buffer_text(&out->canonical_request), out->canonical_request.length, digest)) {
        return false;
    }
    to_hex(digest, hash);
    buffer_reserve(text, 256);
    buffer_puts(text, "AWS4-HMAC-SHA256\n");
    buffer_puts(text, out->date);
    buffer_putc(text, '\n');
    buffer_puts(text, key->scope);
    buffer_putc(text, '\n');
    buffer_append(text, hash, 64);
    if (text->failed || !hmac_sha256(key->octets, 32, buffer_text(text), text->length, digest)) {
        return false;
    }
    to_hex(digest, out->text);
    struct buffer *authorization = &out->authorization;
    buffer_reserve(authorization, 384);
    buffer_puts(authorization, "AWS4-HMAC-SHA256 Credential=");
    buffer_puts(authorization, identity->access_key);
    buffer_putc(authorization, '/');
    buffer_puts(authorization, key->scope);
    buffer_puts(authorization, ", SignedHeaders=");
    buffer_append(authorization, buffer_text(names), names->length);
    buffer_puts(authorization, ", Signature=");
    buffer_append(authorization, out->text, 64);
    return !authorization->failed;
}

enum mstr_code sigv4_sign(const struct sigv4_identity *identity, const char *region, const char *service,
                          int64_t time, const struct sigv4_request *request, struct sigv4_key *key,
                          struct sigv4_signature *out)
{
    struct sigv4_key own = {.derived = false};
    struct mstr_header added[3];
    const struct mstr_header *sorted[HEADERS_MAX];
    struct buffer names = BUFFER_INIT;
    struct buffer scope = {.limit = sizeof(own.scope) - 1};
    unsigned char digest[32];
    enum mstr_code code = MSTR_E_MEMORY;
    size_t added_count = 0;
    *out = (struct sigv4_signature){.text = ""};
    if (!sigv4_region_is_valid(region)) {
        return MSTR_E_CONFIG;
    }
    timestamp_format_basic(time, out->date);
    if (!sha256(request->body, request->body_length, digest)) {
        goto cleanup;
    }
    to_hex(digest, out->body_hash);
    added[added_count++] = (struct mstr_header){"X-Amz-Date", out->date};
    if (request->hash_header) {
        added[added_count++] = (struct mstr_header){"X-Amz-Content-SHA256", out->body_hash};
    }
    if (identity->session_token != NULL) {
        added[added_count++] = (struct mstr_header){"X-Amz-Security-Token", identity->session_token};
    }
    size_t count = collect_headers(request, added, added_count, sorted);
    if (count == 0) {
        code = MSTR_E_USAGE;
        goto cleanup;
    }
    key = key != NULL ? key : &own;
    buffer_reserve(&scope, sizeof(own.scope) - 2);
    buffer_append(&scope, out->date, 8);
    buffer_putc(&scope, '/');
    buffer_puts(&scope, region);
    buffer_putc(&scope, '/');
    buffer_puts(&scope, service);
    buffer_puts(&scope, "/aws4_request");
    if (!scope.failed && build_canonical(request, sorted, count, &names, out) &&
        derive(identity->secret_key, out->date, region, service, buffer_text(&scope), key) &&
        build_signature(identity, key, &names, out)) {
        code = MSTR_OK;
    }

cleanup:
    buffer_release(&scope);
    buffer_release(&names);
    OPENSSL_cleanse(&own, sizeof(own));
    return code;
}

void sigv4_release(struct sigv4_signature *signature)
{
    buffer_release(&signature->authorization);
    buffer_release(&signature->canonical_request);
    buffer_release(&signature->string_to_sign);
    OPENSSL_cleanse(signature->text, sizeof(signature->text));
}
