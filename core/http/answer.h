/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an answer that has arrived. Texts live as long as the answer.
 */
#ifndef MSTR_HTTP_ANSWER_H
#define MSTR_HTTP_ANSWER_H

#include <mstr/provider.h>
#include <stdbool.h>

struct json_object;

const struct mstr_http_answer *http_answer(const struct mstr_http_response *response);
/* First header of that name, without regard to case, or NULL. */
const char *http_header(const struct mstr_http_response *response, const char *name);
/* All in order of arrival; false past the last. */
bool http_header_at(const struct mstr_http_response *response, size_t index, const char **name, const char **value);
/* The body, to be released with json_release(). The texts of a refusal are searched for secrets of its request once
 * more, since one within an escape of an escape comes out only when the body is decoded. MSTR_E_PROTOCOL and NULL if
 * it is no JSON; MSTR_E_MEMORY. */
enum mstr_code http_json(const struct mstr_http_response *response, struct json_object **json);
/* The URL that was asked. */
const char *http_url(const struct mstr_http_response *response);
/* What a new connection took, ms; all 0 where there was one already. */
struct http_phases {
    int64_t lookup, connect, handshake;
};
struct http_phases http_phases(const struct mstr_http_response *response);
void http_response_free(struct mstr_http_response *response);

#endif
