/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the MicroStrategy server says when it refuses: Library's error object, the modeling service's list of errors,
 * or something that is neither, as proxies answer. All that is known ends up in the error: number, I-Server code with
 * its name, ticket, status. What was sent as a secret is in neither the answer nor its decoded texts; see
 * http/sent_secrets.h.
 */
#ifndef MSTR_SESSION_PARTS_SERVER_ERROR_H
#define MSTR_SESSION_PARTS_SERVER_ERROR_H

#include "base/error.h"
#include "http/client.h"

/* Tells an answer of status 400 or above to `what`, e.g. "GET projects". Returns the class. */
enum mstr_code server_error_tell(const struct mstr_http_response *response, const char *what, mstr_error *error);
/* The number of the code in such an answer, 9 for ERR009; 0 if there is none. MSTR_OK or MSTR_E_MEMORY. */
enum mstr_code server_error_number_in(const struct mstr_http_response *response, int *number);
/* The number of a code such as "ERR003", "ERR0003" or "ERR017 "; 0 if it has none. */
int server_error_number(const char *code);

/* Whether a login was refused since the user, or the server, has as many sessions as it may have. */
bool server_error_is_limit(const mstr_error *error);

#endif
