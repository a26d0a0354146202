/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent may be asked for: patterns of references (reference/pattern.h), and names of profiles. What is
 * local, such as env: or file:, needs a pattern that names its scheme outright. Immutable once read; thread-safe.
 */
#ifndef MSTR_CONTEXT_AGENT_POLICY_H
#define MSTR_CONTEXT_AGENT_POLICY_H

#include "base/buffer.h"
#include "context/context_agent.h"

struct policy;

/* Lists separated by blanks; NULL = anything that is not local, and any profile. NULL without memory, or with
 * `problem` told for a pattern that is none. */
struct policy *policy_new(const char *allow, const char *profiles, struct buffer *problem);
/* NULL is accepted. */
void policy_free(struct policy *policy);
/* Never by a pattern where the reference is `dotted`. */
bool policy_allows(const struct policy *policy, const struct agent_reference *reference);
bool policy_allows_profile(const struct policy *policy, const char *profile);
/* A policy of one pattern, as a request names one; it takes local schemes by a "*" as well. */
struct policy *policy_of_pattern(const char *pattern, struct buffer *problem);

#endif
