/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of the section [agent]. */
#include "context/agent_rules.h"

#include "base/account.h"
#include "base/error.h"
#include "base/text.h"
#include "local/socket_path.h"

#include <stdlib.h>

/* A list that is read: of users, of groups, or of names. */
struct list {
    const char *key;
    bool group;
    uint32_t **ids;
    size_t *count;
    mstr_error *error;
};

enum mstr_code agent_rules_each(const char *list, enum mstr_code (*each)(const char *word, void *data), void *data)
{
    char *copy = text_copy(list);
    char *rest = NULL;
    enum mstr_code code = copy != NULL || list == NULL ? MSTR_OK : MSTR_E_MEMORY;
    for (char *word = copy != NULL ? strtok_r(copy, " \t\n", &rest) : NULL; code == MSTR_OK && word != NULL;
         word = strtok_r(NULL, " \t\n", &rest)) {
        code = each(word, data);
    }
    free(copy);
    return code;
}

static enum mstr_code add_id(const char *word, void *data)
{
    const struct list *list = data;
    uint32_t *longer = realloc(*list->ids, (*list->count + 1) * sizeof(**list->ids));
    if (longer == NULL) {
        return MSTR_E_MEMORY;
    }
    *list->ids = longer;
    enum mstr_code code = account_find(word, list->group, &longer[*list->count]);
    if (code == MSTR_E_NOT_FOUND) {
        return error_set(list->error, MSTR_E_CONFIG, "%s in [agent] names \"%.80s\", which this system does not know",
                         list->key, word);
    }
    *list->count += code == MSTR_OK;
    return code;
}

static enum mstr_code check_profile(const char *word, void *data)
{
    const struct list *list = data;
    if (text_equal_nocase_length(word, "api", 3)) {
        return error_set(list->error, MSTR_E_CONFIG,
                         "%s in [agent] names \"%.80s\", which nobody can ask for: clients cut URLs at \"api\"",
                         list->key, word);
    }
    return MSTR_OK;
}

static enum mstr_code read_policy(const struct agent_rules_text *text, struct agent_rules *rules, mstr_error *error)
{
    struct buffer problem = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    rules->policy = policy_new(text->allow, text->profiles, &problem);
    if (rules->policy == NULL) {
        code = problem.length > 0 ? error_set(error, MSTR_E_CONFIG, "allow in [agent]: %s", buffer_text(&problem))
                                  : MSTR_E_MEMORY;
    }
    buffer_release(&problem);
    return code;
}

/* Whoever lets others in says to what. `key` is the one that does. */
static enum mstr_code check_width(const struct agent_rules_text *text, const struct agent_rules *rules,
                                  const char **key, mstr_error *error)
{
    *key = rules->user_count > 0    ? "allow_user"
           : rules->group_count > 0 ? "allow_group"
           : text->listen != NULL   ? "listen"
                                    : text->tcp;
    if (*key != NULL && (text->allow == NULL || text->profiles == NULL)) {
        return error_set(error, MSTR_E_CONFIG,
                         "with %s the agent does not start without allow and profiles in [agent]", *key);
    }
    if ((text->listen != NULL || text->tcp != NULL) && text->token_file == NULL) {
        *key = "listen";
        return error_set(error, MSTR_E_CONFIG, "to listen on TCP the agent needs a token_file");
    }
    return MSTR_OK;
}

enum mstr_code agent_rules_read(const struct agent_rules_text *text, struct agent_rules *rules, const char **key,
                                mstr_error *error)
{
    *rules = (struct agent_rules){.policy = NULL};
    const struct {
        struct list list;
        const char *text;
        enum mstr_code (*each)(const char *word, void *data);
    } lists[] = {
        {{"profiles", false, NULL, NULL, error}, text->profiles, check_profile},
        {{"allow_user", false, &rules->users, &rules->user_count, error}, text->allow_user, add_id},
        {{"allow_group", true, &rules->groups, &rules->group_count, error}, text->allow_group, add_id},
    };
    *key = "allow";
    enum mstr_code code = read_policy(text, rules, error);
    for (size_t i = 0; code == MSTR_OK && i < sizeof(lists) / sizeof(*lists); i++) {
        struct list list = lists[i].list;
        *key = list.key;
        code = agent_rules_each(lists[i].text, lists[i].each, &list);
    }
    code = code == MSTR_OK ? check_width(text, rules, key, error) : code;
    return code == MSTR_E_MEMORY ? error_set(error, code, "out of memory") : code;
}

void agent_rules_release(struct agent_rules *rules)
{
    policy_free(rules->policy);
    free(rules->users);
    free(rules->groups);
}

enum mstr_code agent_rules_socket(const char *path, mstr_error *error)
{
    const char *fault = socket_path_fault(path);
    return fault != NULL ? error_set(error, MSTR_E_CONFIG, "the agent's socket %.120s %s", path, fault) : MSTR_OK;
}

enum mstr_code agent_rules_prefetch(mstr_context *context, const struct policy *policy, const char *text,
                                    struct agent_reference **out, mstr_error *error)
{
    enum mstr_code code = agent_reference_read(context, text, out, error);
    if (code == MSTR_OK && !policy_allows(policy, *out)) {
        agent_reference_free(*out);
        *out = NULL;
        code = error_set(error, MSTR_E_CONFIG, "prefetch in [agent] names %.200s, which allow does not", text);
    }
    return code;
}
