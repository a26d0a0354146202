/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers as though a server had sent them, for tests of those who read answers.
 */
#ifndef MSTR_TESTS_UNIT_SESSION_ANSWER_H
#define MSTR_TESTS_UNIT_SESSION_ANSWER_H

#include "http/response.h"
#include "support/unit.h"

/* `header` is a whole line or NULL; to be freed with http_response_free(). */
static inline struct mstr_http_response *test_answer(int status, const char *header, const char *body)
{
    struct mstr_http_response *response = response_new("http://127.0.0.1/", 0);
    assert_non_null(response);
    response_add_line(response, "HTTP/1.1 200 OK", strlen("HTTP/1.1 200 OK"));
    if (header != NULL) {
        response_add_line(response, header, strlen(header));
    }
    response_add_line(response, "", 0);
    buffer_puts(&response->body, body);
    response->answer.status = status;
    response->answer.body = buffer_text(&response->body);
    response->answer.body_length = response->body.length;
    return response;
}

#endif
