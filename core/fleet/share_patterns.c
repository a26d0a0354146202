/* SPDX-License-Identifier: Apache-2.0 */
/* Which references a fleet shares the values of. */
#include "fleet/share_patterns.h"

#include "base/buffer.h"
#include "base/glob.h"
#include "base/text.h"
#include "reference/reference.h"

#include <stdlib.h>
#include <string.h>

struct share_pattern {
    char *scheme;
    struct glob body;
    struct glob query; /* all that follows the "?"; blank = there must be none */
    bool has_query;
};

struct share_patterns {
    struct share_pattern *items;
    size_t count;
};

static const char blanks[] = " \t\n";

static bool read_pattern(struct share_pattern *pattern, const char *text, size_t length)
{
    const char *end = text + length;
    const char *colon = memchr(text, ':', length);
    if (colon == NULL || colon + 1 == end || memchr(text, '#', length) != NULL ||
        !reference_is_scheme(text, (size_t)(colon - text))) {
        return false;
    }
    const char *mark = memchr(colon, '?', (size_t)(end - colon));
    const char *body_end = mark != NULL ? mark : end;
    pattern->scheme = text_copy_length(text, (size_t)(colon - text));
    pattern->has_query = mark != NULL;
    return pattern->scheme != NULL && glob_read(colon + 1, (size_t)(body_end - colon - 1), &pattern->body) &&
           (mark == NULL || glob_read(mark + 1, (size_t)(end - mark - 1), &pattern->query));
}

static enum mstr_code add_pattern(struct share_patterns *patterns, const char *text, size_t length, mstr_error *error)
{
    struct share_pattern *items = realloc(patterns->items, (patterns->count + 1) * sizeof(*items));
    if (items == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    patterns->items = items;
    items[patterns->count] = (struct share_pattern){.scheme = NULL};
    return read_pattern(&items[patterns->count++], text, length)
               ? MSTR_OK
               : error_set(error, MSTR_E_CONFIG,
                           "\"%.*s\" in share_secrets is no pattern of references, such as store:prod/*",
                           length < 80 ? (int)length : 80, text);
}

enum mstr_code share_patterns_new(const char *list, struct share_patterns **out, mstr_error *error)
{
    struct share_patterns *patterns = calloc(1, sizeof(*patterns));
    enum mstr_code code = patterns != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    for (list += strspn(list, blanks); code == MSTR_OK && *list != '\0'; list += strspn(list, blanks)) {
        size_t length = strcspn(list, blanks);
        code = add_pattern(patterns, list, length, error);
        list += length;
    }
    if (code != MSTR_OK) {
        share_patterns_free(patterns);
        patterns = NULL;
    }
    *out = patterns;
    return code;
}

void share_patterns_free(struct share_patterns *patterns)
{
    for (size_t i = 0; patterns != NULL && i < patterns->count; i++) {
        free(patterns->items[i].scheme);
        glob_release(&patterns->items[i].body);
        glob_release(&patterns->items[i].query);
    }
    if (patterns != NULL) {
        free(patterns->items);
        free(patterns);
    }
}

/* Whether a segment of the path leads elsewhere than it seems to. */
static bool has_step(const char *body)
{
    for (const char *at = body; *at != '\0';) {
        size_t length = strcspn(at, "/");
        if ((length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.')) {
            return true;
        }
        at += length + (at[length] == '/');
    }
    return false;
}

static bool matches(const struct share_pattern *pattern, const struct mstr_reference *reference, const char *query)
{
    return strcmp(pattern->scheme, reference->scheme) == 0 && glob_matches(&pattern->body, reference->body) &&
           (reference->query_count == 0 || (pattern->has_query && glob_matches(&pattern->query, query)));
}

bool share_patterns_match(const struct share_patterns *patterns, const struct mstr_reference *reference)
{
    struct buffer query = BUFFER_INIT;
    bool found = false;
    for (uint32_t i = 0; i < reference->query_count; i++) {
        buffer_printf(&query, "%s%s=%s", i > 0 ? "&" : "", reference->query[i].key, reference->query[i].value);
    }
    for (size_t i = 0; !query.failed && !has_step(reference->body) && i < patterns->count && !found; i++) {
        found = matches(&patterns->items[i], reference, buffer_text(&query));
    }
    buffer_release(&query);
    return found;
}
