/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request that outlives what the program gave: all is copied but readers and the writer. The call's options are not
 * taken over, as the job has its limits.
 */
#ifndef MSTR_QUEUE_REQUEST_COPY_H
#define MSTR_QUEUE_REQUEST_COPY_H

#include "queue/copies.h"

#include <mstr/request.h>

/* `copy` is one whose structures were checked. False without memory. */
bool request_copy(const mstr_session_request *request, struct copies *copies, mstr_session_request *copy);

#endif
