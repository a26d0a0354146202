/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's host, whose every exchange has the one answer that the target sets, without headers.
 */
#ifndef MSTR_TESTS_FUZZ_ANSWERED_HOST_H
#define MSTR_TESTS_FUZZ_ANSWERED_HOST_H

#include "base/buffer.h"
#include "plugin/host.h"
#include "sdk/host.h"

#include <stdint.h>

static struct mstr_http_answer answer;

static const struct mstr_http_answer *this_answer(const struct mstr_http_response *response)
{
    (void)response;
    return &answer;
}

static const char *no_header(const struct mstr_http_response *response, const char *name)
{
    (void)response;
    (void)name;
    return NULL;
}

/* `body` holds the octets, to be released by the caller. The status is 200. */
static inline void answer_with(struct buffer *body, const uint8_t *data, size_t size)
{
    static struct mstr_host table;
    table = host_table;
    table.http_answer = this_answer;
    table.http_header = no_header;
    host = &table;
    buffer_append(body, data, size);
    answer = (struct mstr_http_answer){
        .size = sizeof(answer), .status = 200, .body = buffer_text(body), .body_length = body->length};
}

#endif
