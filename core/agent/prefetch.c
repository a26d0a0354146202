/* SPDX-License-Identifier: Apache-2.0 */
/* Values that somebody will ask for, fetched before he does. */
#include "prefetch.h"

#include "base/text.h"

#include <stdlib.h>

static void prefetch_one(struct agent *agent, struct generation *generation, const char *text)
{
    mstr_error *error = mstr_error_new();
    struct agent_reference *reference = NULL;
    struct agent_lookup lookup = {.error = error};
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.cancel = agent->cancel;
    lookup.code = agent_reference_read(generation->context, text, &reference, error);
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
}

void prefetch_run(void *data)
{
    struct agent *agent = data;
    struct generation *generation = contexts_hold(agent->contexts);
    char *list = text_copy(generation->settings.prefetch);
    char *rest = NULL;
    for (char *word = list != NULL ? strtok_r(list, " \t", &rest) : NULL; word != NULL;
         word = strtok_r(NULL, " \t", &rest)) {
        prefetch_one(agent, generation, word);
    }
    free(list);
    contexts_let_go(agent->contexts, generation);
}
