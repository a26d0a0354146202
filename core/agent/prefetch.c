/* SPDX-License-Identifier: Apache-2.0 */
/* Values that somebody will ask for, fetched before he does. */
#include "prefetch.h"

#include "context/agent_rules.h"

struct prefetch {
    struct agent *agent;
    struct generation *generation;
};

static enum mstr_code prefetch_one(const char *text, void *data)
{
    const struct prefetch *prefetch = data;
    struct generation *generation = prefetch->generation;
    mstr_error *error = mstr_error_new();
    struct agent_reference *reference = NULL;
    struct agent_lookup lookup = {.error = error};
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.cancel = prefetch->agent->cancel;
    lookup.code = agent_rules_prefetch(generation->context, generation->settings.policy, text, &reference, error);
    if (lookup.code == MSTR_OK) {
        lookup.reference = reference;
        context_agent_resolve(generation->context, &lookup, 1, &call);
    }
    if (lookup.code != MSTR_OK) {
        agent_log(MSTR_LEVEL_WARN, "prefetch: %s", mstr_error_message(error));
    }
    mstr_secret_release(lookup.secret);
    agent_reference_free(reference);
    mstr_error_free(error);
    return MSTR_OK;
}

void prefetch_run(void *data)
{
    struct agent *agent = data;
    struct generation *generation = contexts_hold(agent->contexts);
    agent_rules_each(generation->settings.prefetch, prefetch_one, &(struct prefetch){agent, generation});
    contexts_let_go(agent->contexts, generation);
}
