/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each verb of the command line does, and the exit status that follows.
 */
#ifndef MSTR_AGENT_VERBS_H
#define MSTR_AGENT_VERBS_H

#include "options.h"

int verbs_run(const struct options *options);

#endif
