/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section [agent] of the configuration as the server uses it, and what the command line says over it.
 */
#ifndef MSTR_AGENT_SETTINGS_H
#define MSTR_AGENT_SETTINGS_H

#include "context/agent_rules.h"
#include "peer.h"
#include "quota.h"

#include <mstr/mstr.h>

/* What the command line said; NULL = nothing. */
struct given {
    const char *socket;
    const char *listen;
    const char *token_file;
    bool tcp; /* systemd has handed a TCP socket over */
};

struct settings {
    char *socket; /* NULL = the usual place, as of all texts */
    char *listen;
    char *token_file;
    char *prefetch;
    bool memory_locked;       /* or the agent does not start */
    struct agent_rules named; /* what follows borrows of it */
    const struct policy *policy;
    struct peer_rules rules;
    int64_t idle; /* ms without a request after which it ends; 0 = never */
    struct quota_limits quota;
    size_t header_octets;
    int64_t head_timeout;
    int64_t connection_idle;
    int64_t write_stall;
    size_t references;
    size_t workers;
    size_t instance_workers;
    size_t session_requests; /* of one profile in flight */
    size_t replay_octets;
    size_t working_set; /* of a login */
    char *allow_auth;   /* list of what below auth/ goes to the server; NULL = nothing */
};

/* Reads it. MSTR_E_CONFIG for what cannot be served, such as a listener without a policy. To be released whatever the
 * result. */
enum mstr_code agent_settings_read(mstr_context *context, const struct given *given, struct settings *settings,
                                   mstr_error *error);
/* Whether a switch is on. */
bool agent_settings_is_yes(const char *text);
void agent_settings_release(struct settings *settings);

#endif
