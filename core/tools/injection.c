/* SPDX-License-Identifier: Apache-2.0 */
/* References that try to lead elsewhere. */
#include "tools/injection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As references write it: decoded once, "%252f" is what a URL takes for a slash. */
static const struct {
    const char *name;
    const char *before; /* the last segment of the body */
    const char *after;  /* the body */
} tries[] = {
    {"a step upwards (..)", "x/../", ""},
    {"an encoded slash (%2f)", "x%252f..%252f", ""},
    {"an encoded step (%2e)", "x/%252e%252e/", ""},
    {"a query (?)", "", "%3Fx=1"},
    {"a fragment (#)", "", "%23x"},
    {"a line of its own (CR LF)", "", "%0D%0AX-Injected: 1"},
};

const char *injection_name(size_t index)
{
    return index < sizeof(tries) / sizeof(*tries) ? tries[index].name : NULL;
}

/* Where the last segment of the body begins, which ends at `end`. */
static const char *last_segment(const char *body, const char *end)
{
    while (end > body && end[-1] != '/') {
        end--;
    }
    return end;
}

char *injection_make(size_t index, const char *reference)
{
    const char *body = reference + strcspn(reference, ":");
    body += *body == ':';
    const char *end = body + strcspn(body, "?#");
    const char *last = last_segment(body, end);
    size_t size = strlen(reference) + strlen(tries[index].before) + strlen(tries[index].after) + 1;
    char *made = malloc(size);
    if (made != NULL) {
        snprintf(made, size, "%.*s%s%.*s%s%s", (int)(last - reference), reference, tries[index].before,
                 (int)(end - last), last, tries[index].after, end);
    }
    return made;
}
