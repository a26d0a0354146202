/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of the section [agent]: who may ask the agent, and for what. An agent starts by them, and a check of the
 * configuration judges by them.
 */
#ifndef MSTR_CONTEXT_AGENT_RULES_H
#define MSTR_CONTEXT_AGENT_RULES_H

#include "context/agent_policy.h"

#include <stdint.h>

/* As they are written; NULL = not at all. */
struct agent_rules_text {
    const char *allow;
    const char *profiles;
    const char *allow_user;
    const char *allow_group;
    const char *listen;
    const char *token_file;
    const char *tcp; /* who listens on TCP beside that, in words */
};

struct agent_rules {
    struct policy *policy;
    uint32_t *users;
    size_t user_count;
    uint32_t *groups;
    size_t group_count;
};

/* MSTR_E_CONFIG for what cannot be served, such as a listener without a policy; *key is then the setting which that
 * is told of. To be released whatever the result. */
enum mstr_code agent_rules_read(const struct agent_rules_text *text, struct agent_rules *rules, const char **key,
                                mstr_error *error);
void agent_rules_release(struct agent_rules *rules);

/* MSTR_E_CONFIG for a path where no socket can be, or where others could be in the way. */
enum mstr_code agent_rules_socket(const char *path, mstr_error *error);
/* Reads a reference that is to be fetched ahead: MSTR_E_CONFIG for one that nobody may ask for, which includes what
 * is malformed. */
enum mstr_code agent_rules_prefetch(mstr_context *context, const struct policy *policy, const char *text,
                                    struct agent_reference **out, mstr_error *error);
/* Hands each word of a list to each(), up to the first that fails. MSTR_E_MEMORY. */
enum mstr_code agent_rules_each(const char *list, enum mstr_code (*each)(const char *word, void *data), void *data);

#endif
