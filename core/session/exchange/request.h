/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests as programs hand them over.
 */
#ifndef MSTR_SESSION_EXCHANGE_REQUEST_H
#define MSTR_SESSION_EXCHANGE_REQUEST_H

#include "session/session.h"

/* Whether the structure may be looked into: begun with its initialiser, and without unknown flags. */
enum mstr_code request_check(const mstr_session_request *request, mstr_error *error);

#endif
