/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature Version 4, verified from what arrived: nothing here is shared with the code that signs. The canonical
 * request is rebuilt from the received request, so a client that signs one thing and sends another is refused.
 */
#include "aws.h"

#include "base/text.h"
#include "base/timestamp.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_LENGTH = 32, HEX_LENGTH = 64, SIGNED_MAX = 64, SKEW_MS = 5 * 60 * 1000 };

/* The parts of the Authorization header. */
struct authorization {
    char key[64];
    char date[9];
    char region[64];
    char service[64];
    char *signed_headers;
    char signature[HEX_LENGTH + 1];
};

static bool refuse(struct aws_refusal *refusal, int status, const char *code, const char *message)
{
    aws_refuse(refusal, status, code, "%s", message);
    return false;
}

static void to_hex(const unsigned char *octets, size_t length, char *out)
{
    for (size_t i = 0; i < length; i++)
        snprintf(out + 2 * i, 3, "%02x", octets[i]);
}

static void digest_hex(const void *data, size_t length, char out[HEX_LENGTH + 1])
{
    unsigned char digest[DIGEST_LENGTH];
    EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL);
    to_hex(digest, sizeof(digest), out);
}

static void keyed(const unsigned char *key, size_t key_length, const char *text, unsigned char out[DIGEST_LENGTH])
{
    HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)text, strlen(text), out, NULL);
}

static void encode_octet(struct buffer *out, unsigned char octet, bool slash)
{
    if (isalnum(octet) || strchr("-._~", octet) || (slash && octet == '/'))
        buffer_putc(out, (char)octet);
    else
        buffer_printf(out, "%%%02X", octet);
}

/* Copies the value of Name=… up to the next comma; false if there is none. */
static bool take_field(const char *text, const char *name, char *out, size_t size)
{
    const char *at = strstr(text, name);
    if (!at)
        return false;
    at += strlen(name);
    size_t length = strcspn(at, ", ");
    if (length == 0 || length >= size)
        return false;
    memcpy(out, at, length);
    out[length] = '\0';
    return true;
}

static bool parse_scope(char *credential, struct authorization *parsed)
{
    const char *parts[5];
    size_t count = 0;
    for (char *part = credential; part && count < 5; count++) {
        parts[count] = part;
        part = strchr(part, '/');
        if (part)
            *part++ = '\0';
    }
    if (count != 5 || strcmp(parts[4], "aws4_request") != 0 || strlen(parts[1]) != 8)
        return false;
    snprintf(parsed->key, sizeof(parsed->key), "%s", parts[0]);
    snprintf(parsed->date, sizeof(parsed->date), "%.8s", parts[1]);
    snprintf(parsed->region, sizeof(parsed->region), "%s", parts[2]);
    snprintf(parsed->service, sizeof(parsed->service), "%s", parts[3]);
    return true;
}

static bool parse_authorization(const char *header, struct authorization *parsed, struct aws_refusal *refusal)
{
    char credential[256];
    char headers[2048];
    if (!header)
        return refuse(refusal, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    if (!text_starts_with(header, "AWS4-HMAC-SHA256 "))
        return refuse(refusal, 403, "IncompleteSignatureException", "The authorization is not AWS4-HMAC-SHA256.");
    if (!take_field(header, "Credential=", credential, sizeof(credential)) ||
        !take_field(header, "SignedHeaders=", headers, sizeof(headers)) ||
        !take_field(header, "Signature=", parsed->signature, sizeof(parsed->signature)) ||
        !parse_scope(credential, parsed))
        return refuse(refusal, 403, "IncompleteSignatureException",
                      "Authorization header requires Credential, SignedHeaders and Signature.");
    parsed->signed_headers = text_copy(headers);
    return true;
}

/* All values of a header as the canonical form has them: trimmed, blanks collapsed, joined by commas. */
static bool put_header(struct buffer *out, const struct sim_request *request, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < request->headers.count; i++) {
        if (!text_equal_nocase(request->headers.items[i].name, name))
            continue;
        if (found)
            buffer_putc(out, ',');
        found = true;
        bool blank = false;
        for (const char *c = request->headers.items[i].value + strspn(request->headers.items[i].value, " \t"); *c;
             c++) {
            if (*c == ' ' || *c == '\t') {
                blank = true;
                continue;
            }
            if (blank)
                buffer_putc(out, ' ');
            blank = false;
            buffer_putc(out, *c);
        }
    }
    return found;
}

static int compare_encoded(const void *a, const void *b)
{
    char *const *left = a;
    char *const *right = b;
    int order = strcmp(left[0], right[0]);
    return order ? order : strcmp(left[1], right[1]);
}

static int hex_value(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* A name or value of the query as the canonical form has it; escapes on the wire are undone first. */
static char *canonical_part(const char *text, size_t length)
{
    struct buffer out = BUFFER_INIT;
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)text[i];
        if (octet == '%' && i + 2 < length && isxdigit((unsigned char)text[i + 1]) &&
            isxdigit((unsigned char)text[i + 2])) {
            octet = (unsigned char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        }
        encode_octet(&out, octet, false);
    }
    char *result = text_copy(buffer_text(&out));
    buffer_release(&out);
    return result;
}

static void put_query(struct buffer *out, const char *query)
{
    char *parts[SIGNED_MAX][2];
    size_t count = 0;
    while (query && *query && count < SIGNED_MAX) {
        size_t length = strcspn(query, "&");
        size_t name = strcspn(query, "=&");
        parts[count][0] = canonical_part(query, name);
        parts[count][1] = name < length ? canonical_part(query + name + 1, length - name - 1) : text_copy("");
        count++;
        query += length;
        query += *query == '&';
    }
    qsort(parts, count, sizeof(parts[0]), compare_encoded);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s%s=%s", i ? "&" : "", parts[i][0], parts[i][1]);
        free(parts[i][0]);
        free(parts[i][1]);
    }
}

/* The path is always "/" or a plain prefix here, so there are no dot segments to remove. */
static void put_target(struct buffer *out, const char *target)
{
    size_t length = strcspn(target, "?");
    for (size_t i = 0; i < length; i++)
        encode_octet(out, (unsigned char)target[i], true);
    buffer_putc(out, '\n');
    put_query(out, target[length] ? target + length + 1 : NULL);
    buffer_putc(out, '\n');
}

/* False if a signed header was not sent, or the list is not in order. */
static bool put_signed_headers(struct buffer *out, const struct sim_request *request, const char *list)
{
    char *copy = text_copy(list);
    char *state = NULL;
    const char *previous = "";
    bool complete = true;
    for (char *name = strtok_r(copy, ";", &state); name && complete; name = strtok_r(NULL, ";", &state)) {
        buffer_printf(out, "%s:", name);
        complete = strcmp(previous, name) < 0 && put_header(out, request, name);
        buffer_putc(out, '\n');
        previous = name;
    }
    free(copy);
    return complete;
}

static bool is_signed(const char *list, const char *name)
{
    size_t length = strlen(name);
    while (*list) {
        size_t span = strcspn(list, ";");
        if (span == length && !strncasecmp(list, name, span))
            return true;
        list += span;
        list += *list == ';';
    }
    return false;
}

/* host, content-type and every x-amz-… that was sent must be signed. */
static bool covers_what_it_must(const struct sim_request *request, const char *list, struct aws_refusal *refusal)
{
    for (size_t i = 0; i < request->headers.count; i++) {
        const char *name = request->headers.items[i].name;
        char message[256];
        if (strcasecmp(name, "host") != 0 && strcasecmp(name, "content-type") != 0 &&
            strncasecmp(name, "x-amz-", 6) != 0)
            continue;
        if (is_signed(list, name))
            continue;
        snprintf(message, sizeof(message), "'%s' must be a 'SignedHeader' in the AWS Authorization.", name);
        return refuse(refusal, 403, "InvalidSignatureException", message);
    }
    return true;
}

static bool timely(const struct authorization *parsed, const char *amz_date, struct aws_refusal *refusal)
{
    int year, month, day, hour, minute, second;
    int64_t moment = 0;
    char now[17];
    char message[256];
    if (!amz_date || strlen(amz_date) != 16 ||
        sscanf(amz_date, "%4d%2d%2dT%2d%2d%2dZ", &year, &month, &day, &hour, &minute, &second) != 6 ||
        !timestamp_from_civil(year, month, day, hour, minute, second, &moment))
        return refuse(refusal, 403, "IncompleteSignatureException", "X-Amz-Date is missing or malformed.");
    if (strncmp(parsed->date, amz_date, 8) != 0)
        return refuse(refusal, 403, "InvalidSignatureException",
                      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP");
    timestamp_format_basic(sim_now(), now);
    if (moment < sim_now() - SKEW_MS) {
        snprintf(message, sizeof(message), "Signature expired: %s is now earlier than 5 min. before %s", amz_date,
                 now);
        return refuse(refusal, 400, "InvalidSignatureException", message);
    }
    if (moment > sim_now() + SKEW_MS) {
        snprintf(message, sizeof(message), "Signature not yet current: %s is still later than 5 min. after %s",
                 amz_date, now);
        return refuse(refusal, 400, "InvalidSignatureException", message);
    }
    return true;
}

static void sign(const struct aws_key *key, const struct authorization *parsed, const char *text,
                 char out[HEX_LENGTH + 1])
{
    unsigned char derived[DIGEST_LENGTH];
    char start[128];
    const char *const steps[] = {parsed->date, parsed->region, parsed->service, "aws4_request", text};
    snprintf(start, sizeof(start), "AWS4%s", key->secret);
    keyed((const unsigned char *)start, strlen(start), steps[0], derived);
    for (size_t i = 1; i < sizeof(steps) / sizeof(steps[0]); i++)
        keyed(derived, sizeof(derived), steps[i], derived);
    to_hex(derived, sizeof(derived), out);
}

static bool signature_holds(const struct sim_request *request, const struct authorization *parsed,
                            const struct aws_key *key, struct aws_refusal *refusal)
{
    struct buffer canonical = BUFFER_INIT;
    char hash[HEX_LENGTH + 1];
    char expected[HEX_LENGTH + 1];
    char text[512];
    buffer_printf(&canonical, "%s\n", request->method);
    put_target(&canonical, request->target);
    bool complete = put_signed_headers(&canonical, request, parsed->signed_headers);
    digest_hex(buffer_text(&request->body), request->body.length, hash);
    buffer_printf(&canonical, "\n%s\n%s", parsed->signed_headers, hash);
    digest_hex(canonical.data, canonical.length, hash);
    snprintf(text, sizeof(text), "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", sim_header(request, "X-Amz-Date"),
             parsed->date, parsed->region, parsed->service, hash);
    buffer_release(&canonical);
    sign(key, parsed, text, expected);
    if (complete && !strcmp(expected, parsed->signature))
        return true;
    return refuse(refusal, 400, "InvalidSignatureException",
                  "The request signature we calculated does not match the signature you provided. Check your AWS "
                  "Secret Access Key and signing method. Consult the service documentation for details.");
}

static bool key_is_good(const struct sim_request *request, const struct aws_key *key, struct aws_refusal *refusal)
{
    const char *token = sim_header(request, "X-Amz-Security-Token");
    if (!key || strcmp(token ? token : "", key->token) != 0)
        return refuse(refusal, 400, "UnrecognizedClientException",
                      "The security token included in the request is invalid.");
    if (key->expires && key->expires <= sim_now())
        return refuse(refusal, 400, "ExpiredTokenException", "The security token included in the request is expired");
    return true;
}

static bool scope_fits(const struct sim_request *request, const struct authorization *parsed, const char *service,
                       struct aws_refusal *refusal)
{
    char message[256];
    const char *host = sim_header(request, "Host");
    if (strcmp(parsed->service, service) != 0) {
        snprintf(message, sizeof(message), "Credential should be scoped to correct service: '%s'.", service);
        return refuse(refusal, 403, "InvalidSignatureException", message);
    }
    /* A host that names its region, as the real ones do, must be signed for it. */
    if (host && strstr(host, ".amazonaws.com")) {
        char wanted[96];
        snprintf(wanted, sizeof(wanted), ".%s.amazonaws.com", parsed->region);
        const bool global = !strcmp(host, "sts.amazonaws.com") && !strcmp(parsed->region, "us-east-1");
        if (!global && !strstr(host, wanted)) {
            snprintf(message, sizeof(message), "Credential should be scoped to a valid region, not '%s'.",
                     parsed->region);
            return refuse(refusal, 403, "InvalidSignatureException", message);
        }
    }
    return true;
}

const struct aws_key *aws_verify(const struct sim_request *request, const char *service, char region[64],
                                 struct aws_refusal *refusal)
{
    struct authorization parsed = {0};
    const struct aws_key *key = NULL;
    if (parse_authorization(sim_header(request, "Authorization"), &parsed, refusal)) {
        key = aws_key_named(parsed.key);
        snprintf(region, 64, "%s", parsed.region);
        if (!key_is_good(request, key, refusal) || !scope_fits(request, &parsed, service, refusal) ||
            !timely(&parsed, sim_header(request, "X-Amz-Date"), refusal) ||
            !covers_what_it_must(request, parsed.signed_headers, refusal) ||
            !signature_holds(request, &parsed, key, refusal))
            key = NULL;
    }
    free(parsed.signed_headers);
    return key;
}
