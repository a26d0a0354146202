/*
 * Answers as programs see them: the HTTP answer with its JSON, which is parsed when it is first asked for. Made by
 * who gives a program an answer.
 */
#ifndef MSTR_SESSION_PARTS_RESPONSE_H
#define MSTR_SESSION_PARTS_RESPONSE_H

#include "http/client.h"

#include <mstr/request.h>

/* Wraps an answer for the program, to be freed with mstr_response_free() together with the answer, or alone with
 * response_unwrap(). NULL without memory. */
mstr_response *response_wrap(struct mstr_http_response *http);
void response_unwrap(mstr_response *response);

#endif
