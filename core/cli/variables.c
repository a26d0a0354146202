/* SPDX-License-Identifier: Apache-2.0 */
/* An environment under construction. */
#include "variables.h"

#include <mstr/secret.h>

#include <stdlib.h>
#include <string.h>

extern char **environ;

static void wipe_free(char *text)
{
    if (text != NULL) {
        mstr_wipe(text, strlen(text));
        free(text);
    }
}

static size_t find(const struct variables *variables, const char *name, size_t length)
{
    size_t i = 0;
    while (i < variables->count &&
           (strncmp(variables->texts[i], name, length) != 0 || variables->texts[i][length] != '=')) {
        i++;
    }
    return i;
}

bool variables_put(struct variables *variables, char *text)
{
    if (text == NULL) {
        return false;
    }
    size_t at = find(variables, text, strcspn(text, "="));
    if (at < variables->count) {
        wipe_free(variables->texts[at]);
        variables->texts[at] = text;
        return true;
    }
    /* One more for the NULL that ends it. */
    if (variables->count + 1 >= variables->capacity) {
        size_t capacity = variables->capacity * 2 + 64;
        char **texts = realloc(variables->texts, capacity * sizeof *texts);
        if (texts == NULL) {
            wipe_free(text);
            return false;
        }
        variables->texts = texts;
        variables->capacity = capacity;
    }
    variables->texts[variables->count++] = text;
    variables->texts[variables->count] = NULL;
    return true;
}

bool variables_set(struct variables *variables, const char *name, const char *value, size_t length)
{
    size_t name_length = strlen(name);
    char *text = malloc(name_length + length + 2);
    if (text != NULL) {
        memcpy(text, name, name_length);
        text[name_length] = '=';
        memcpy(text + name_length + 1, value, length);
        text[name_length + 1 + length] = '\0';
    }
    return variables_put(variables, text);
}

bool variables_has(const struct variables *variables, const char *name)
{
    return find(variables, name, strlen(name)) < variables->count;
}

static bool is_plain(const char *text)
{
    static const char *const names[] = {"PATH=", "HOME=", "LANG=", "TZ="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(text, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool variables_inherit(struct variables *variables, bool pristine)
{
    bool good = true;
    for (char **text = environ; good && *text != NULL; text++) {
        good = (pristine && !is_plain(*text)) || variables_put(variables, strdup(*text));
    }
    return good;
}

void variables_release(struct variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        wipe_free(variables->texts[i]);
    }
    free(variables->texts);
    *variables = (struct variables){0};
}

const char *variables_longest(const struct variables *variables, int *name, size_t *length, size_t *all)
{
    const char *longest = "";
    *length = *all = 0;
    for (size_t i = 0; i < variables->count; i++) {
        size_t octets = strlen(variables->texts[i]) + 1;
        *all += octets;
        if (octets > *length) {
            *length = octets;
            longest = variables->texts[i];
        }
    }
    *name = (int)strcspn(longest, "=");
    return longest;
}
