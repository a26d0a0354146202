/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent may be asked for. */
#include "context/agent_policy.h"

#include "base/text.h"
#include "reference/pattern.h"

#include <stdlib.h>
#include <string.h>

struct policy {
    struct patterns *patterns;
    bool all;       /* that is not local */
    bool outright;  /* it lets something through */
    char *profiles; /* NULL = all */
};

static const char blanks[] = " \t\n";

struct policy *policy_new(const char *allow, const char *profiles, struct buffer *problem)
{
    struct policy *policy = calloc(1, sizeof(*policy));
    if (policy == NULL) {
        return NULL;
    }
    policy->all = allow == NULL;
    policy->outright = true;
    policy->profiles = text_copy(profiles);
    policy->patterns = patterns_new(allow != NULL ? allow : "", problem);
    if ((profiles != NULL && policy->profiles == NULL) || policy->patterns == NULL) {
        policy_free(policy);
        return NULL;
    }
    return policy;
}

struct policy *policy_of_pattern(const char *pattern, struct buffer *problem)
{
    struct policy *policy = calloc(1, sizeof(*policy));
    if (policy != NULL && (policy->patterns = patterns_of_one(pattern, problem)) == NULL) {
        policy_free(policy);
        return NULL;
    }
    return policy;
}

void policy_free(struct policy *policy)
{
    if (policy != NULL) {
        patterns_free(policy->patterns);
        free(policy->profiles);
        free(policy);
    }
}

/* To forget too much does no harm. */
bool policy_allows(const struct policy *policy, const struct agent_reference *reference)
{
    const struct pattern_subject subject = {
        .scheme = reference->scheme,
        .body = reference->body,
        .query = reference->query,
        .query_count = reference->query_count,
        .local = reference->local,
        .dotted = reference->dotted,
    };
    return patterns_match(policy->patterns, &subject, policy->outright) || (policy->all && !reference->local);
}

bool policy_allows_profile(const struct policy *policy, const char *profile)
{
    const char *at = policy->profiles;
    size_t length = strlen(profile);
    if (at == NULL) {
        return true;
    }
    for (at += strspn(at, blanks); *at != '\0'; at += strspn(at, blanks)) {
        size_t word = strcspn(at, blanks);
        if (word == length && memcmp(at, profile, length) == 0) {
            return true;
        }
        at += word;
    }
    return false;
}
