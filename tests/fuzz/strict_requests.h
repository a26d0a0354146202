/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many requests the octets of a connection are to a reader that takes RFC 9112 at its strictest, and ends with
 * the first that has more than one meaning: no other reader may see more.
 */
#ifndef MSTR_TESTS_FUZZ_STRICT_REQUESTS_H
#define MSTR_TESTS_FUZZ_STRICT_REQUESTS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Up to a text behind `at`, or NULL. */
static inline const char *strict_find(const char *at, const char *end, const char *text)
{
    size_t length = strlen(text);
    while (at + length <= end && memcmp(at, text, length) != 0) {
        at++;
    }
    return at + length <= end ? at : NULL;
}

/* A header's value if the line is one of that name. */
static inline const char *strict_value(const char *line, const char *end, const char *name)
{
    size_t length = strlen(name);
    if ((size_t)(end - line) <= length || strncasecmp(line, name, length) != 0 || line[length] != ':') {
        return NULL;
    }
    for (line += length + 1; line < end && (*line == ' ' || *line == '\t'); line++) {
    }
    return line;
}

/* Behind a body in chunks; NULL where it is none, or not whole. */
static inline const char *strict_skip_chunks(const char *at, const char *end)
{
    while (at < end) {
        char *digits = NULL;
        char size[9] = "";
        const char *line = strict_find(at, end, "\r\n");
        size_t length = line != NULL ? (size_t)(line - at) : 0;
        if (length == 0 || length >= sizeof(size)) {
            return NULL;
        }
        memcpy(size, at, length);
        unsigned long octets = strtoul(size, &digits, 16);
        if (digits != size + length || (size_t)(end - line) < octets + 4) {
            return NULL;
        }
        at = line + 2 + octets;
        if (memcmp(at, "\r\n", 2) != 0) {
            return NULL;
        }
        at += 2;
        if (octets == 0) {
            return at;
        }
    }
    return NULL;
}

/* Behind the request whose head begins there; NULL where nothing that follows can be believed. */
static inline const char *strict_skip_request(const char *at, const char *end)
{
    const char *head_end = strict_find(at, end, "\r\n\r\n");
    long long length = 0;
    unsigned framings = 0;
    bool chunked = false;
    if (head_end == NULL) {
        return NULL;
    }
    for (const char *line = at; line < head_end + 2;) {
        const char *line_end = strict_find(line, end, "\r\n");
        const char *told = strict_value(line, line_end, "Content-Length");
        const char *coding = strict_value(line, line_end, "Transfer-Encoding");
        if (told != NULL) {
            char *digits = NULL;
            length = strtoll(told, &digits, 10);
            framings +=
                digits == line_end && told < line_end && *told >= '0' && *told <= '9' && length < 1 << 20 ? 1 : 2;
        }
        framings += coding != NULL ? 1 : 0;
        chunked |= coding != NULL;
        line = line_end + 2;
    }
    at = head_end + 4;
    if (framings > 1) {
        return NULL;
    }
    return chunked ? strict_skip_chunks(at, end) : length <= end - at ? at + length : NULL;
}

static inline unsigned strict_requests(const char *octets, size_t length)
{
    unsigned count = 0;
    const char *end = octets + length;
    for (const char *at = octets; at != NULL && at < end; count++) {
        at = strict_skip_request(at, end);
    }
    return count;
}

#endif
