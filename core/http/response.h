/*
 * An answer while it arrives: header lines and body, bounded and wiped. Reading it is the affair of client.h.
 */
#ifndef MSTR_HTTP_RESPONSE_H
#define MSTR_HTTP_RESPONSE_H

#include "base/buffer.h"
#include "http/client.h"

#define RESPONSE_HEADER_OCTETS (64 * 1024)
#define RESPONSE_HEADER_LINES  256

struct mstr_http_response {
    struct mstr_http_answer answer;
    struct buffer body;
    struct buffer headers; /* name NUL value NUL, and so on */
    size_t header_count;
    bool complete; /* the header section has ended; what follows are trailers, or the next section after 1xx */
    char peer[48];
    char *url;
};

/* NULL without memory; freed with http_response_free(). */
struct mstr_http_response *response_new(const char *url, size_t body_limit);
/* Makes what has arrived the answer; times are of the wall clock, ms. */
void response_complete(struct mstr_http_response *response, int64_t sent, int64_t received);

enum response_line { RESPONSE_LINE_GOOD, RESPONSE_LINE_MALFORMED, RESPONSE_LINE_TOO_MANY };
/* Takes one line of the header section, status line and empty line included, with its line end. */
enum response_line response_add_line(struct mstr_http_response *response, const char *line, size_t length);

#endif
