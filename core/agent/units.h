/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd units of the agent, as they are installed and as `mstr agent unit` prints them.
 */
#ifndef MSTR_AGENT_UNITS_H
#define MSTR_AGENT_UNITS_H

#include "base/buffer.h"

/* Service and socket, one behind the other, as files of the host or of a user. `program` is the path of
 * mstr-agent. */
void units_write_service(bool system, const char *program, struct buffer *out);
void units_write_socket(bool system, struct buffer *out);

#endif
