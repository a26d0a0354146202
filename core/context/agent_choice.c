/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a context uses an agent, and which. */
#include "context/agent_choice.h"

#include "base/account.h"
#include "base/environment.h"
#include "base/text.h"
#include "plugin/creation.h"

#include <stdlib.h>
#include <string.h>

/* What is said about it, the first source first. */
struct said {
    bool worded;
    enum agent_use use;
    const char *socket;
};

static bool read_word(const char *text, enum agent_use *use)
{
    static const char *const words[] = {[AGENT_OFF] = "off", [AGENT_AUTO] = "auto", [AGENT_REQUIRE] = "require"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(text, words[i]) == 0) {
            *use = (enum agent_use)i;
            return true;
        }
    }
    return false;
}

/* Whoever names a socket wants it to be used: what is said after that may only require it. */
static void take_word(struct said *said, enum agent_use use)
{
    if (!said->worded && (said->socket == NULL || use == AGENT_REQUIRE)) {
        said->worded = true;
        said->use = use;
    }
}

static enum mstr_code hear(struct said *said, const char *text, const char *source, enum mstr_code wrong,
                           mstr_error *error)
{
    enum agent_use use = AGENT_AUTO;
    if (text_empty(text)) {
        return MSTR_OK;
    }
    bool word = read_word(text, &use);
    if (!word && text[0] != '/' && text[0] != '@') {
        return error_set(error, wrong, "%s must be auto, off, require or the absolute path of a socket", source);
    }
    if (word) {
        take_word(said, use);
    } else if (said->socket == NULL) {
        said->socket = text;
        said->use = said->worded ? said->use : AGENT_AUTO;
    }
    return MSTR_OK;
}

static const char *configured(const struct registry *registry, const char *key)
{
    const struct config_value *value = config_get(registry_config(registry), "agent", key);
    return value != NULL ? value->text : NULL;
}

/* The socket of the configuration, which may be told by the environment. Where that does not, as cron's, there is no
 * agent. */
static enum mstr_code evaluate_socket(struct registry *registry, struct agent_choice *choice, mstr_error *error)
{
    const struct config_value *value = config_get(registry_config(registry), "agent", "socket");
    const struct limits limits = limits_of(NULL);
    if (value == NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = creation_evaluate(registry, value, &limits, &choice->owned, error);
    if (code == MSTR_OK) {
        choice->options.socket = choice->owned;
    } else if (code != MSTR_E_MEMORY && choice->options.use == AGENT_AUTO) {
        mstr_error_clear(error);
        choice->options.use = AGENT_OFF;
        code = MSTR_OK;
    }
    return code;
}

static enum mstr_code find_owner(const char *name, uid_t *owner, mstr_error *error)
{
    enum mstr_code code = name != NULL ? account_find(name, false, owner) : MSTR_OK;
    return code == MSTR_E_MEMORY ? error_set(error, code, "out of memory")
           : code == MSTR_E_NOT_FOUND
               ? error_set(error, MSTR_E_CONFIG, "this system knows no user \"%s\", the owner in [agent]", name)
               : code;
}

static enum mstr_code listen_to_all(struct registry *registry, const mstr_context_options *options, struct said *said,
                                    mstr_error *error)
{
    bool environment = (options->flags & MSTR_CONTEXT_NO_ENVIRONMENT) == 0;
    const char *given = MSTR_HAS(options, mstr_context_options, agent) ? options->agent : NULL;
    enum mstr_code code = hear(said, given, "the agent that is chosen", MSTR_E_USAGE, error);
    if (code == MSTR_OK && environment) {
        code = hear(said, environment_get("MSTR_AGENT"), "MSTR_AGENT", MSTR_E_CONFIG, error);
    }
    const char *use = configured(registry, "use");
    enum agent_use word = AGENT_OFF;
    if (use != NULL && read_word(use, &word)) {
        take_word(said, word);
    }
    if (!said->worded && said->socket == NULL) {
        said->use = (options->flags & MSTR_CONTEXT_USE_AGENT) != 0 ? AGENT_AUTO : AGENT_OFF;
    }
    return code;
}

enum mstr_code agent_choose(struct registry *registry, const mstr_context_options *options,
                            struct agent_choice *choice, mstr_error *error)
{
    struct said said = {false, AGENT_OFF, NULL};
    *choice = (struct agent_choice){.options = {AGENT_OFF, NULL, (uid_t)-1, false}};
    if (!environment_trusted()) {
        return MSTR_OK;
    }
    enum mstr_code code = listen_to_all(registry, options, &said, error);
    if (code != MSTR_OK || said.use == AGENT_OFF) {
        return code;
    }
    choice->options.use = said.use;
    choice->options.socket = said.socket;
    choice->options.environment = (options->flags & MSTR_CONTEXT_NO_ENVIRONMENT) == 0;
    choice->shared = configured(registry, "allow");
    if (said.socket == NULL) {
        code = evaluate_socket(registry, choice, error);
    }
    return code == MSTR_OK ? find_owner(configured(registry, "owner"), &choice->options.owner, error) : code;
}

void agent_choice_release(struct agent_choice *choice)
{
    free(choice->owned);
}
