/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to the agent (contract of the agent, 4): where it is, whether it may be used, and what to do without it. An
 * agent that is not there, that cannot be believed, or that is of a newer kind is no failure: its caller goes on
 * alone, unless it was told to require one; every other answer is final. Thread-safe; holds no lock while it waits.
 */
#ifndef MSTR_RESOLVE_AGENT_LINK_H
#define MSTR_RESOLVE_AGENT_LINK_H

#include "base/log.h"
#include "local/local.h"

enum agent_use { AGENT_OFF, AGENT_AUTO, AGENT_REQUIRE };

struct agent_options {
    enum agent_use use;
    const char *socket; /* that somebody chose; NULL = the usual ones */
    uid_t owner;        /* who may listen beside the user and root; (uid_t)-1 = nobody */
    bool environment;   /* whether variables count */
};

struct agent_link;

/* `log` is borrowed. NULL without memory. */
struct agent_link *agent_link_new(const struct agent_options *options, const struct log *log);
/* NULL is accepted. */
void agent_link_free(struct agent_link *link);
enum agent_use agent_link_use(const struct agent_link *link);

/* Whether one was greeted. */
bool agent_link_is_known(struct agent_link *link);

enum agent_verdict {
    AGENT_ANSWERED,
    AGENT_ALONE, /* the caller does it itself */
    AGENT_FAILED /* for good; the error is told */
};

/* Longest key that an agent tells. */
enum { AGENT_KEY_MAX = 128 };

/* Finds the agent and asks it who it is, unless that is known: `key` is for fingerprints. `anew` asks again. */
enum agent_verdict agent_link_greet(struct agent_link *link, bool anew, const struct limits *limits,
                                    char key[AGENT_KEY_MAX + 1], mstr_error *error);
/* Sends a request to the agent that was greeted. One that is busy (429, 503) is asked again after the pause that it
 * wants, within the limits. The answer is to be released whatever the verdict. */
enum agent_verdict agent_link_send(struct agent_link *link, const struct local_request *request,
                                   const struct limits *limits, struct local_answer *answer, mstr_error *error);
/* The verdict on an agent that the caller found to be of no use, as the error tells; a further agent is not looked
 * for in a while. */
enum agent_verdict agent_link_give_up(struct agent_link *link, mstr_error *error);
/* Warns of something once for each `about`. */
void agent_link_warn(struct agent_link *link, const char *about, const char *text);

#endif
