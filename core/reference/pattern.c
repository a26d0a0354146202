/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of references. */
#include "reference/pattern.h"

#include "base/glob.h"
#include "base/text.h"
#include "reference/canonical.h"

#include <stdlib.h>
#include <string.h>

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

struct patterns {
    struct pattern *items;
    size_t count;
};

static const char blanks[] = " \t\n";

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
        size_t length = strcspn(at, "&"); /* the text ends there too */
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
    char *canonical = read_text(pattern, at, (size_t)(end - at), &written) ? reference_canonical(written) : NULL;
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

/* False without memory, or with the problem told. */
static bool add_pattern(struct patterns *patterns, const char *text, struct buffer *problem)
{
    struct pattern *items = realloc(patterns->items, (patterns->count + 1) * sizeof(*items));
    if (items == NULL) {
        return false;
    }
    patterns->items = items;
    struct pattern *pattern = &items[patterns->count++];
    *pattern = (struct pattern){0};
    bool good = pattern_read(pattern, text);
    if (!good && !pattern->exhausted) {
        buffer_printf(problem, "\"%.80s\" is no pattern of references, such as store:prod/*", text);
    }
    return good;
}

struct patterns *patterns_new(const char *list, struct buffer *problem)
{
    struct patterns *patterns = calloc(1, sizeof(*patterns));
    bool good = patterns != NULL;
    for (list += strspn(list, blanks); good && *list != '\0'; list += strspn(list, blanks)) {
        size_t length = strcspn(list, blanks);
        char *word = text_copy_length(list, length);
        good = word != NULL && add_pattern(patterns, word, problem);
        free(word);
        list += length;
    }
    if (!good) {
        patterns_free(patterns);
        return NULL;
    }
    return patterns;
}

struct patterns *patterns_of_one(const char *pattern, struct buffer *problem)
{
    struct patterns *patterns = calloc(1, sizeof(*patterns));
    if (patterns != NULL && !add_pattern(patterns, pattern, problem)) {
        patterns_free(patterns);
        return NULL;
    }
    return patterns;
}

void patterns_free(struct patterns *patterns)
{
    if (patterns != NULL) {
        for (size_t i = 0; i < patterns->count; i++) {
            pattern_release(&patterns->items[i]);
        }
        free(patterns->items);
        free(patterns);
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

static bool pattern_matches(const struct pattern *pattern, const struct pattern_subject *subject, bool outright)
{
    if (!scheme_matches(pattern, subject->scheme, outright && subject->local) ||
        !glob_matches(&pattern->body, subject->body)) {
        return false;
    }
    for (size_t i = 0; i < subject->query_count; i++) {
        if (!query_matches(pattern, &subject->query[i])) {
            return false;
        }
    }
    return true;
}

/* What a pattern lets through is what is asked for, octet by octet: "/a/link/../b" is "/a/b" to a pattern, and
 * something else to the kernel. */
bool patterns_match(const struct patterns *patterns, const struct pattern_subject *subject, bool outright)
{
    bool exact = !subject->dotted || !outright;
    for (size_t i = 0; exact && i < patterns->count; i++) {
        if (pattern_matches(&patterns->items[i], subject, outright)) {
            return true;
        }
    }
    return false;
}
