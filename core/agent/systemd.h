/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What systemd and the agent say to each other: sockets that were opened for it (sd_listen_fds(3)), and how it is
 * (sd_notify(3)). Nothing happens where nobody set the variables.
 */
#ifndef MSTR_AGENT_SYSTEMD_H
#define MSTR_AGENT_SYSTEMD_H

#include <mstr/error.h>
#include <stdbool.h>
#include <stdint.h>

/* The sockets by the names `api` and `tcp`, which stay -1 where none was given; the variables are gone then.
 * MSTR_E_CONFIG for what is no listening stream socket of the kind that its name says. */
enum mstr_code systemd_sockets(int *api, int *tcp, mstr_error *error);
/* Sends a state such as "READY=1". */
void systemd_notify(const char *state);
/* ms after which it wants to hear again that the agent works; 0 = it does not. */
int64_t systemd_watchdog(void);

#endif
