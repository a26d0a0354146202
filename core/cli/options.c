/* SPDX-License-Identifier: Apache-2.0 */
/* The command line in parts, and the small grammars of option values. */
#include "options.h"

#include "nearest.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The caller shows it. Words of a command line may be long, so no more than `length` octets are taken. */
static int wrong(struct arguments *arguments, const char *before, int length, const char *word, const char *after)
{
    snprintf(arguments->problem, sizeof arguments->problem, "%s%.*s%s", before, length, word, after);
    return ARGUMENT_WRONG;
}

static const struct option *find_letter(const struct option *const *tables, char letter)
{
    for (; *tables != NULL; tables++) {
        for (const struct option *option = *tables; option->id != 0; option++) {
            if (option->letter == letter) {
                return option;
            }
        }
    }
    return NULL;
}

static const struct option *find_name(const struct option *const *tables, const char *name, size_t length)
{
    for (; *tables != NULL; tables++) {
        for (const struct option *option = *tables; option->id != 0; option++) {
            if (option->name != NULL && strncmp(option->name, name, length) == 0 && option->name[length] == '\0') {
                return option;
            }
        }
    }
    return NULL;
}

/* What may have been meant by a name that no table has. */
static const char *nearest_name(const struct option *const *tables, const char *name, size_t length)
{
    struct nearest nearest = {.word = name, .length = length};
    for (; *tables != NULL; tables++) {
        for (const struct option *option = *tables; option->id != 0; option++) {
            if (option->name != NULL) {
                nearest_try(&nearest, option->name);
            }
        }
    }
    return nearest.best;
}

/* The word after the option, as its argument. */
static const char *following(struct arguments *arguments)
{
    return arguments->next < arguments->count ? arguments->words[arguments->next++] : NULL;
}

static int long_option(struct arguments *arguments, const struct option *const *tables, const char **value)
{
    const char *word = arguments->words[arguments->next++];
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    const struct option *option = find_name(tables, name, length);
    bool attached = name[length] == '=';
    int shown = length < 64 ? (int)length + 2 : 66;
    if (option == NULL) {
        char meant[64] = "";
        const char *nearest = nearest_name(tables, name, length);
        if (nearest != NULL) {
            snprintf(meant, sizeof meant, "; did you mean --%s?", nearest);
        }
        return wrong(arguments, "unknown option ", shown, word, meant);
    }
    if (option->argument == NULL) {
        return attached ? wrong(arguments, "", shown, word, " takes no argument") : option->id;
    }
    *value = attached ? name + length + 1 : following(arguments);
    return *value != NULL ? option->id : wrong(arguments, "", shown, word, " needs an argument");
}

static int short_option(struct arguments *arguments, const struct option *const *tables, const char **value)
{
    char letter = *arguments->cluster++;
    const struct option *option = find_letter(tables, letter);
    const char *rest = *arguments->cluster != '\0' ? arguments->cluster : NULL;
    if (option == NULL) {
        return wrong(arguments, "unknown option -", 1, &letter, "");
    }
    if (option->argument == NULL) {
        arguments->cluster = rest;
        return option->id;
    }
    arguments->cluster = NULL;
    *value = rest != NULL ? rest : following(arguments);
    return *value != NULL ? option->id : wrong(arguments, "-", 1, &letter, " needs an argument");
}

int arguments_next(struct arguments *arguments, const struct option *const *tables, const char **value)
{
    *value = NULL;
    if (arguments->cluster != NULL) {
        return short_option(arguments, tables, value);
    }
    if (arguments->next >= arguments->count) {
        return ARGUMENT_END;
    }
    const char *word = arguments->words[arguments->next];
    if (!arguments->ended && word[0] == '-' && word[1] != '\0') {
        if (strcmp(word, "--") == 0) {
            arguments->next++;
            arguments->ended = true;
            return arguments_next(arguments, tables, value);
        }
        if (word[1] == '-') {
            return long_option(arguments, tables, value);
        }
        arguments->next++;
        arguments->cluster = word + 1;
        return short_option(arguments, tables, value);
    }
    arguments->ended = arguments->ended || arguments->stop_at_operand;
    arguments->next++;
    *value = word;
    return ARGUMENT_OPERAND;
}

static bool is_letter(char octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || octet == '_';
}

int assignment_name(const char *word)
{
    int length = 0;
    while (is_letter(word[length]) || (length > 0 && word[length] >= '0' && word[length] <= '9')) {
        length++;
    }
    return word[length] == '=' ? length : 0;
}
