/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values from the agent (contract of the agent, 4): one question for all schemes, and what the agent does not serve
 * from another fetch, which is this process's own providers. Schemes whose values never leave the process, and those
 * whose settings are others than the agent's, are not asked of it.
 */
#ifndef MSTR_RESOLVE_FETCH_AGENT_H
#define MSTR_RESOLVE_FETCH_AGENT_H

#include "base/text_list.h"
#include "plugin/registry.h"
#include "resolve/agent_link.h"
#include "resolve/fetch.h"

#include <pthread.h>

struct fetch_agent {
    struct fetch fetch; /* first */
    struct agent_link *link;
    struct fetch *own;
    struct registry *registry;
    const char *shared; /* the patterns of references that an agent serves though they are local; NULL = none */
    pthread_mutex_t mutex;
    struct text_list apart; /* schemes that are set otherwise there; under the mutex, as the next */
    int64_t apart_until;    /* clock_monotonic() ms; then they are asked of it once more */
};

/* Owns none of these. False without resources. */
bool fetch_agent_init(struct fetch_agent *agent, struct agent_link *link, struct fetch *own,
                      struct registry *registry, const char *shared);
void fetch_agent_release(struct fetch_agent *agent);
/* Has the agent forget what it holds of a reference; nothing where it was not asked yet. */
void fetch_agent_forget(struct fetch_agent *agent, const struct reference *reference);
/* Appends, for people, whether the agent would serve the scheme, or why not, that there is none included; nothing for
 * what no agent is asked for, and while the process leaves it alone, which was told then. */
void fetch_agent_tell(struct fetch_agent *agent, const char *scheme, const struct limits *limits,
                      struct buffer *text);

#endif
