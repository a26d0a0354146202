/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where this agent's socket is: what the command line, MSTR_AGENT or the configuration says, else the usual place
 * (local/socket_path.h).
 */
#ifndef MSTR_AGENT_PLACE_H
#define MSTR_AGENT_PLACE_H

#include "base/buffer.h"

#include <mstr/error.h>

/* What was said, NULL = nothing; `variable` may be auto, off or require as well, which say nothing of a place.
 * Appends the path. MSTR_E_CONFIG for one that cannot be a socket's, or where others could be in the way. */
enum mstr_code place_find(const char *given, const char *variable, const char *configured, struct buffer *path,
                          mstr_error *error);

#endif
