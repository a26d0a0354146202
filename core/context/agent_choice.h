/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a context uses an agent, and which: what the program says, else MSTR_AGENT, else the section [agent], else
 * the program's default. Each may say a word (auto, off, require) or a socket; the socket is the first one that is
 * said, and so is the word. A program that runs with more rights than its user never looks for one.
 */
#ifndef MSTR_CONTEXT_AGENT_CHOICE_H
#define MSTR_CONTEXT_AGENT_CHOICE_H

#include "plugin/registry.h"
#include "resolve/agent_link.h"

#include <mstr/context.h>

struct agent_choice {
    struct agent_options options;
    char *owned;        /* texts of the options */
    const char *shared; /* patterns of references that an agent serves though they are local; NULL = none */
};

/* MSTR_E_CONFIG for what is neither a word nor a path, which is MSTR_E_USAGE where the program says it, and for an
 * owner whom the system does not know; MSTR_E_MEMORY.
 * To be released whatever the result. */
enum mstr_code agent_choose(struct registry *registry, const mstr_context_options *options,
                            struct agent_choice *choice, mstr_error *error);
void agent_choice_release(struct agent_choice *choice);

#endif
