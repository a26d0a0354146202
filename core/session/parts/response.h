/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers as programs see them: the HTTP answer with its JSON, which is parsed when it is first asked for. Made by
 * who gives a program an answer.
 */
#ifndef MSTR_SESSION_PARTS_RESPONSE_H
#define MSTR_SESSION_PARTS_RESPONSE_H

#include "base/error.h"
#include "http/client.h"

#include <mstr/request.h>

/* Wraps an answer for the program, to be freed with mstr_response_free() together with the answer, or alone with
 * response_unwrap(). NULL without memory. */
mstr_response *response_wrap(struct mstr_http_response *http);
void response_unwrap(mstr_response *response);
/* Has `see` look at an answer that stays who owns it, without memory for that; what it tells. */
int response_show(const struct mstr_http_response *http, int (*see)(const mstr_response *answer, void *data),
                  void *data);

/* What to tell where mstr_response_text() or mstr_response_number() has just found nothing: that memory ran out,
 * which errno says, or else `code` with this message. */
enum mstr_code response_tell_absent(mstr_error *error, enum mstr_code code, const char *format, ...)
    MSTR_PRINTF(3, 4);

#endif
