/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists that the server gives in pages, as one JSON array on standard output.
 */
#ifndef MSTR_CLI_PAGES_H
#define MSTR_CLI_PAGES_H

#include <mstr/session.h>

/* Repeats the request with offset and limit until all items have come: as many as x-mstr-total-count or the body's
 * totalItems say, else until a page is short. The caller's own `limit` parameter is the page's size. */
enum mstr_code pages_print(mstr_session *session, const mstr_session_request *request, mstr_error *error);

#endif
