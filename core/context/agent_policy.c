/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent may be asked for. */
#include "context/agent_policy.h"

#include "base/glob.h"
#include "base/text.h"

#include <stdlib.h>

enum { QUERY_MAX = 16, PATTERN_MAX = GLOB_MAX };
struct pattern {
    char *scheme; /* as it is written */
    struct glob schemes;
    struct glob body;
    char *keys[QUERY_MAX];
    struct glob values[QUERY_MAX];
    size_t query_count;
    bool exhausted; /* it could not be read for want of memory */
};

struct policy {
    struct pattern *patterns;
    size_t count;
    bool all;       /* that is not local */
    bool outright;  /* local schemes need their name in full, and paths their one spelling */
    char *profiles; /* NULL = all */
};

static void pattern_release(struct pattern *pattern)
{
    free(pattern->scheme);
    glob_release(&pattern->schemes);
    glob_release(&pattern->body);
    for (size_t i = 0; i < pattern->query_count; i++) {
        free(pattern->keys[i]);
        glob_release(&pattern->values[i]);
    }
}

static bool read_glob(struct pattern *pattern, const char *text, size_t length, struct glob *glob)
{
    bool good = glob_read(text, length, glob);
    pattern->exhausted = pattern->exhausted || glob->exhausted;
    return good;
}

/* A copy of a part of the text. */
static bool read_text(struct pattern *pattern, const char *text, size_t length, char **copy)
{
    *copy = text_copy_length(text, length);
    pattern->exhausted = pattern->exhausted || *copy == NULL;
    return *copy != NULL;
}

/* key=value, and so on. */
static bool read_query(struct pattern *pattern, const char *at, const char *end)
{
    while (at < end) {
        size_t length = strcspn(at, "&");
        length = length < (size_t)(end - at) ? length : (size_t)(end - at);
        const char *equals = memchr(at, '=', length);
        if (equals == NULL || equals == at || pattern->query_count == QUERY_MAX) {
            return false;
        }
        size_t index = pattern->query_count++;
        if (!read_text(pattern, at, (size_t)(equals - at), &pattern->keys[index]) ||
            !read_glob(pattern, equals + 1, length - (size_t)(equals + 1 - at), &pattern->values[index])) {
            return false;
        }
        at += length + 1;
    }
    return true;
}

/* In the form that references are matched in. */
static bool read_body(struct pattern *pattern, const char *at, const char *end)
{
    char *written = NULL;
    char *canonical =
        read_text(pattern, at, (size_t)(end - at), &written) ? agent_reference_canonical(written) : NULL;
    bool good = canonical != NULL && read_glob(pattern, canonical, strlen(canonical), &pattern->body);
    pattern->exhausted = pattern->exhausted || canonical == NULL;
    free(canonical);
    free(written);
    return good;
}

static bool pattern_read(struct pattern *pattern, const char *text)
{
    const char *colon = strchr(text, ':');
    size_t length = strlen(text);
    if (colon == NULL || colon == text || colon[1] == '\0' || strchr(text, '#') != NULL || length > PATTERN_MAX) {
        return false;
    }
    const char *end = colon + strcspn(colon, "?");
    return read_text(pattern, text, (size_t)(colon - text), &pattern->scheme) &&
           text_is_made_of(pattern->scheme, "-*") &&
           read_glob(pattern, text, (size_t)(colon - text), &pattern->schemes) &&
           read_body(pattern, colon + 1, end) && (*end == '\0' || read_query(pattern, end + 1, text + length));
}

static bool add_pattern(struct policy *policy, const char *text, struct buffer *problem)
{
    struct pattern *patterns = realloc(policy->patterns, (policy->count + 1) * sizeof(*patterns));
    if (patterns == NULL) {
        return false;
    }
    policy->patterns = patterns;
    struct pattern *pattern = &patterns[policy->count];
    *pattern = (struct pattern){0};
    if (!pattern_read(pattern, text)) {
        if (!pattern->exhausted) {
            buffer_printf(problem, "\"%.80s\" is no pattern of references, such as store:prod/*", text);
        }
        pattern_release(pattern);
        return false;
    }
    policy->count++;
    return true;
}

static const char blanks[] = " \t\n";

static bool add_patterns(struct policy *policy, const char *text, struct buffer *problem)
{
    bool good = true;
    for (text += strspn(text, blanks); good && *text != '\0'; text += strspn(text, blanks)) {
        size_t length = strcspn(text, blanks);
        char *word = text_copy_length(text, length);
        good = word != NULL && add_pattern(policy, word, problem);
        free(word);
        text += length;
    }
    return good;
}

struct policy *policy_new(const char *allow, const char *profiles, struct buffer *problem)
{
    struct policy *policy = calloc(1, sizeof(*policy));
    if (policy == NULL) {
        return NULL;
    }
    policy->all = allow == NULL;
    policy->outright = true;
    policy->profiles = text_copy(profiles);
    if ((profiles != NULL && policy->profiles == NULL) || (allow != NULL && !add_patterns(policy, allow, problem))) {
        policy_free(policy);
        return NULL;
    }
    return policy;
}

struct policy *policy_of_pattern(const char *pattern, struct buffer *problem)
{
    struct policy *policy = policy_new("", NULL, problem);
    if (policy != NULL && !add_pattern(policy, pattern, problem)) {
        policy_free(policy);
        return NULL;
    }
    if (policy != NULL) {
        policy->outright = false;
    }
    return policy;
}

void policy_free(struct policy *policy)
{
    if (policy != NULL) {
        for (size_t i = 0; i < policy->count; i++) {
            pattern_release(&policy->patterns[i]);
        }
        free(policy->patterns);
        free(policy->profiles);
        free(policy);
    }
}

static bool scheme_matches(const struct pattern *pattern, const char *scheme, bool outright)
{
    return outright ? strcmp(pattern->scheme, scheme) == 0 : glob_matches(&pattern->schemes, scheme);
}

static bool query_matches(const struct pattern *pattern, const struct mstr_query *query)
{
    for (size_t i = 0; i < pattern->query_count; i++) {
        if (strcmp(pattern->keys[i], query->key) == 0) {
            return glob_matches(&pattern->values[i], query->value);
        }
    }
    return false;
}

static bool pattern_matches(const struct pattern *pattern, const struct agent_reference *reference, bool outright)
{
    if (!scheme_matches(pattern, reference->scheme, outright && reference->local) ||
        !glob_matches(&pattern->body, reference->body)) {
        return false;
    }
    for (size_t i = 0; i < reference->query_count; i++) {
        if (!query_matches(pattern, &reference->query[i])) {
            return false;
        }
    }
    return true;
}

/* What a pattern lets through is what is asked for, octet by octet: "/a/link/../b" is "/a/b" to a pattern, and
 * something else to the kernel. To forget too much does no harm. */
bool policy_allows(const struct policy *policy, const struct agent_reference *reference)
{
    bool exact = !reference->dotted || !policy->outright;
    for (size_t i = 0; exact && i < policy->count; i++) {
        if (pattern_matches(&policy->patterns[i], reference, policy->outright)) {
            return true;
        }
    }
    return policy->all && !reference->local;
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
