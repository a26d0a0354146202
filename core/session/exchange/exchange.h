/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exchange with the server for a request of a program, over as many attempts as it takes: with the session's
 * token, again after a passing failure where that is safe, and once more after a renewal of the session.
 */
#ifndef MSTR_SESSION_EXCHANGE_EXCHANGE_H
#define MSTR_SESSION_EXCHANGE_EXCHANGE_H

#include "session/attempt.h"

/* MSTR_OK with an answer of any status. */
enum mstr_code session_exchange(mstr_session *session, const struct exchange *exchange, const struct limits *limits,
                                struct mstr_http_response **out, mstr_error *error);

#endif
