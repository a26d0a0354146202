/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of mstr-agent.
 */
#ifndef MSTR_AGENT_OPTIONS_H
#define MSTR_AGENT_OPTIONS_H

#include "settings.h"

enum verb { VERB_HELP, VERB_VERSION, VERB_RUN, VERB_STATUS, VERB_RELOAD, VERB_FLUSH, VERB_STOP, VERB_ENV, VERB_UNIT };

enum unit_part { PART_BOTH, PART_SERVICE, PART_SOCKET };

struct options {
    enum verb verb;
    mstr_context_options context;
    struct given given;
    bool system;         /* unit --system */
    const char *program; /* unit --program: what the service starts; NULL = this one */
    enum unit_part part; /* unit --only=service or --only=socket */
};

/* NULL, or what is wrong with the words; `wrong` is then the one that is. */
const char *options_read(int count, char *const *words, struct options *options, const char **wrong);

#endif
