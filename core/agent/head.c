/* SPDX-License-Identifier: Apache-2.0 */
/* What a request's head must be before anything of it is believed. */
#include "head.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool is_named(const struct request_header *header, const char *name)
{
    return header->name_length == strlen(name) && text_equal_nocase_length(header->name, name, header->name_length);
}

static size_t count(const struct request *request, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        found += is_named(&request->headers[i], name);
    }
    return found;
}

/* RFC 9110 5.6.2. */
static bool is_token(const char *text, size_t length)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)text[i];
        bool letter = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
        if (octet == '\0' || (!letter && !(octet >= '0' && octet <= '9') && strchr(others, octet) == NULL)) {
            return false;
        }
    }
    return length > 0;
}

static bool is_value(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)text[i];
        if ((octet < 0x20 && octet != '\t') || octet == 0x7f) {
            return false;
        }
    }
    return true;
}

static const char *fields_fault(const struct request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct request_header *header = &request->headers[i];
        if (!is_token(header->name, header->name_length)) {
            return "a header's name is no name";
        }
        if (!is_value(header->value, header->value_length)) {
            return "a header's value has control octets";
        }
    }
    return NULL;
}

static bool is_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 18 && text[digits] == '\0';
}

static const char *framing_fault(const struct request *request)
{
    const char *length = request_header(request, "Content-Length");
    const char *coding = request_header(request, "Transfer-Encoding");
    if (count(request, "Content-Length") + count(request, "Transfer-Encoding") > 1) {
        return "its length is told more than once";
    }
    if (length != NULL && !is_number(length)) {
        return "its Content-Length is no number";
    }
    if (coding != NULL && (!text_equal_nocase(coding, "chunked") || request->old)) {
        return "its Transfer-Encoding is another one than chunked";
    }
    return NULL;
}

/* In visible ASCII, and a path: no authority, whoever it names. */
static const char *target_fault(const struct request *request)
{
    const char *target = request->target;
    for (const char *at = target; *at != '\0'; at++) {
        if ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f || *at == '#') {
            return "its target is no path in ASCII";
        }
    }
    return target[0] == '/' ? NULL : "its target is no path";
}

static bool is_own_host(const char *host, unsigned port)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    char own[32];
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        snprintf(own, sizeof(own), "%s:%u", names[i], port);
        if (strcmp(host, own) == 0) {
            return true;
        }
    }
    return false;
}

/* What browsers and proxies add; with a hyphen behind it, whatever begins so. Sec-Fetch-Mode is sent by Node's
 * fetch() too. */
static bool is_mark(const struct request_header *header)
{
    static const char *const marks[] = {"Origin",    "Referer", "Sec-Fetch-Site", "X-Forwarded-", "Forwarded",
                                        "X-Real-IP", "Via"};
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        size_t length = strlen(marks[i]);
        bool fits = marks[i][length - 1] == '-' ? header->name_length >= length : header->name_length == length;
        if (fits && text_equal_nocase_length(header->name, marks[i], length)) {
            return true;
        }
    }
    return false;
}

/* A page in a browser reaches a loopback port, a name that is rebound to it too, and so does a proxy's client. */
static const char *tcp_fault(const struct request *request, unsigned port, int *status)
{
    const char *host = request_header(request, "Host");
    for (size_t i = 0; i < request->header_count; i++) {
        if (is_mark(&request->headers[i])) {
            return "a browser or a proxy sent it";
        }
    }
    *status = 421;
    return host == NULL || !is_own_host(host, port) ? "its Host is none of this agent's" : NULL;
}

const char *head_fault(const struct request *request, unsigned port, int *status)
{
    const char *expected = request_header(request, "Expect");
    size_t hosts = count(request, "Host");
    *status = 405;
    if (strcmp(request->method, "CONNECT") == 0 || strcmp(request->method, "TRACE") == 0) {
        return "its method is none of this agent's";
    }
    *status = 400;
    const char *fault = target_fault(request);
    fault = fault == NULL ? fields_fault(request) : fault;
    fault = fault == NULL ? framing_fault(request) : fault;
    if (fault == NULL && (hosts > 1 || (hosts == 0 && !request->old))) {
        fault = "it has not one Host";
    }
    if (fault == NULL && expected != NULL && !text_equal_nocase(expected, "100-continue")) {
        *status = 417;
        fault = "it expects what this agent does not do";
    }
    return fault == NULL && request->peer.tcp ? tcp_fault(request, port, status) : fault;
}

bool head_is_whole(const struct request *request, const struct head_place *place)
{
    const char *at = place->method + strlen(request->method) + 1 + strlen(request->target) + 1;
    if (at != place->version) {
        return false;
    }
    at += strlen(place->version) + 2;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct request_header *header = &request->headers[i];
        if (header->name != at) {
            return false;
        }
        at = header->value + header->value_length + 2;
    }
    return at + 2 == place->method + place->length;
}

int64_t head_length(const struct request *request)
{
    int64_t length = 0;
    const char *told = request_header(request, "Content-Length");
    if (request_header(request, "Transfer-Encoding") != NULL) {
        return -1;
    }
    return told != NULL && text_to_int64(told, &length) ? length : 0;
}
