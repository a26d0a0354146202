/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent from its start to its end: what it needs is made, requests are served by this one thread, signals and
 * wishes are heeded, and at the end new connections are served for 2 s more, requests have 8 s, and the rest 10 s.
 */
#ifndef MSTR_AGENT_LIFE_H
#define MSTR_AGENT_LIFE_H

#include "options.h"

/* Returns once the agent has ended: MSTR_OK, or why it did not begin. */
enum mstr_code life_run(const struct options *options, mstr_error *error);

#endif
