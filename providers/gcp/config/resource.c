/* SPDX-License-Identifier: Apache-2.0 */
/* Names of secrets and their versions. */
#include "gcp/config/resource.h"

#include "base/text.h"

#include <string.h>

enum { PARTS_MAX = 8, ALIAS_MAX = 63 };

/* Splits at '/' into blank parts; their number, 0 if one is too long or there are too many. */
static size_t split(const char *text, char parts[PARTS_MAX][RESOURCE_PART_MAX + 1])
{
    size_t count = 0;
    for (;; text++) {
        size_t length = strcspn(text, "/");
        if (count == PARTS_MAX || length > RESOURCE_PART_MAX) {
            return 0;
        }
        memcpy(parts[count], text, length);
        parts[count++][length] = '\0';
        text += length;
        if (*text == '\0') {
            return count;
        }
    }
}

/* The long form: pairs of a collection and a name, four at most. */
static bool take_pairs(char parts[PARTS_MAX][RESOURCE_PART_MAX + 1], size_t count, struct resource *resource)
{
    const struct {
        const char *collection;
        char *into;
        bool optional;
    } pairs[] = {{"projects", resource->project, false},
                 {"locations", resource->location, true},
                 {"secrets", resource->secret, false},
                 {"versions", resource->version, true}};
    size_t at = 0;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        if (strcmp(parts[at], pairs[i].collection) == 0 && parts[at + 1][0] != '\0') {
            strcpy(pairs[i].into, parts[at + 1]);
            at += 2;
        } else if (!pairs[i].optional) {
            return false;
        }
    }
    return at == count;
}

static bool take_short(char parts[PARTS_MAX][RESOURCE_PART_MAX + 1], size_t count, struct resource *resource)
{
    strcpy(resource->project, parts[0]);
    strcpy(resource->secret, parts[1]);
    strcpy(resource->version, count > 2 ? parts[2] : "latest");
    return count == 2 || count == 3;
}

static bool digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

static bool is_version(const char *text)
{
    if (digits(text)) {
        return text[0] >= '1' && strlen(text) <= 19;
    }
    return strlen(text) <= ALIAS_MAX && strchr("0123456789-_", text[0]) == NULL && text_is_made_of(text, "-_");
}

static bool is_project(const char *text)
{
    return strchr(".-:", text[0]) == NULL && text_is_made_of(text, "-.:");
}

bool resource_set_project(struct resource *resource, const char *project)
{
    bool good = is_project(project) && strlen(project) <= RESOURCE_PART_MAX;
    if (good) {
        strcpy(resource->project, project);
    }
    return good;
}

bool resource_answers(const struct resource *told, const struct resource *asked)
{
    bool comparable = digits(told->project) == digits(asked->project);
    return strcmp(told->secret, asked->secret) == 0 && strcmp(told->location, asked->location) == 0 &&
           (!comparable || strcmp(told->project, asked->project) == 0) &&
           (!digits(asked->version) || strcmp(told->version, asked->version) == 0);
}

const char *resource_parse(const char *body, struct resource *resource)
{
    char parts[PARTS_MAX][RESOURCE_PART_MAX + 1] = {""};
    bool brief = text_starts_with(body, "//");
    memset(resource, 0, sizeof(*resource));
    strcpy(resource->version, "latest");
    size_t count = split(brief ? body + 2 : body, parts);
    if (count == 0 || !(brief ? take_short : take_pairs)(parts, count, resource)) {
        return "is neither //PROJECT/SECRET[/VERSION] nor projects/P[/locations/L]/secrets/S[/versions/V]";
    }
    if (strcmp(resource->project, RESOURCE_OWN_PROJECT) != 0 && !is_project(resource->project)) {
        return "has a project that is neither an id of letters, digits, '-', '.' and ':' nor '-'";
    }
    if (!text_is_made_of(resource->location, "-")) {
        return "has a location that is none";
    }
    if (resource->secret[0] == '\0' || !text_is_made_of(resource->secret, "-_")) {
        return "has a secret id other than letters, digits, '-' and '_'";
    }
    return resource->version[0] != '\0' && is_version(resource->version)
               ? NULL
               : "has a version that is neither a number from 1, an alias nor latest";
}
