/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer while it arrives: header lines and body, wiped, and bounded together: this is the one place that counts
 * what an exchange receives. Reading it is the affair of answer.h.
 */
#ifndef MSTR_HTTP_RESPONSE_H
#define MSTR_HTTP_RESPONSE_H

#include "base/buffer.h"
#include "http/answer.h"
#include "secret/secret_filter.h"

/* Of all header sections of an exchange together: interim answers (1xx), the final one, trailers. */
#define RESPONSE_HEADER_OCTETS (64 * 1024)
#define RESPONSE_HEADER_LINES  256
#define RESPONSE_INTERIM_MOST  32
/* A body that is no success needs no more, whatever the limit. */
#define RESPONSE_REFUSAL_OCTETS ((size_t)1024 * 1024)

struct mstr_http_response {
    struct mstr_http_answer answer;
    struct buffer body;
    struct buffer headers; /* name NUL value NUL, and so on */
    size_t header_count;
    bool complete;      /* the header section has ended; what follows are trailers, or the next section after 1xx */
    size_t line_octets; /* received in lines, of all sections */
    size_t line_count;  /* but status lines and empty ones */
    size_t section_count;
    char peer[48];
    struct http_phases phases;
    char *url;
    struct secret_filter sent; /* what a refusal must not repeat, kept for what is decoded from it later */
};

/* NULL without memory; freed with http_response_free(). */
struct mstr_http_response *response_new(const char *url, size_t body_limit);
/* Makes what has arrived the answer; times are of the wall clock, ms. */
void response_complete(struct mstr_http_response *response, int64_t sent, int64_t received);

enum response_line { RESPONSE_LINE_GOOD, RESPONSE_LINE_MALFORMED, RESPONSE_LINE_TOO_MANY, RESPONSE_LINE_NO_MEMORY };
/* Takes one line of the header section, status line and empty line included, with its line end. */
enum response_line response_add_line(struct mstr_http_response *response, const char *line, size_t length);

/* How many octets the body may have. */
size_t response_body_limit(const struct mstr_http_response *response);
enum response_body { RESPONSE_BODY_GOOD, RESPONSE_BODY_TOO_LARGE, RESPONSE_BODY_NO_MEMORY };
enum response_body response_add_body(struct mstr_http_response *response, const void *octets, size_t length);

/* Takes what was sent as a secret out of body and headers, but those that set cookies. */
void response_hide(struct mstr_http_response *response);

#endif
