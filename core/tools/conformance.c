/* SPDX-License-Identifier: Apache-2.0 */
/* What the conformance runs of all kinds of plugins have in common. */
#include "tools/conformance.h"

#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CYCLES = 50, OPTIONS_MAX = 128 };

/* Octets by which the heap may grow with each cycle: libraries' own tables settle only slowly. */
enum { GROWTH_MAX = 1024 };

void conformance_tell(int *failures, bool passed, const char *what, const char *why)
{
    printf("%s - %s%s%s\n", passed ? "ok" : "FAILED", what, passed ? "" : ": ", passed ? "" : why);
    *failures += !passed;
}

static const char *check_default(const struct mstr_option *option)
{
    const char *value = option->default_value;
    char *end = NULL;
    if (value == NULL) {
        return NULL;
    }
    if ((option->flags & MSTR_OPTION_REQUIRED) != 0) {
        return "a required option has a default";
    }
    switch (option->type) {
    case MSTR_OPTION_INTEGER:
        strtoll(value, &end, 10);
        return *value == '\0' || *end != '\0' ? "the default is no integer" : NULL;
    case MSTR_OPTION_PATH:
        return value[0] != '/' && strncmp(value, "~/", 2) != 0 ? "the default is no absolute path" : NULL;
    case MSTR_OPTION_URL:
        return strncmp(value, "http", 4) != 0 ? "the default is no URL" : NULL;
    default:
        return NULL;
    }
}

static const char *fault_of(const struct mstr_option *option)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    if (option->name[0] == '\0' || strspn(option->name, allowed) != strlen(option->name)) {
        return "a name is not of lower-case letters, digits, _ and -";
    }
    if ((int)option->type < MSTR_OPTION_STRING || option->type > MSTR_OPTION_SECRET) {
        return "an option has an unknown type";
    }
    if (option->help == NULL || option->help[0] == '\0') {
        return "an option has no help";
    }
    return check_default(option);
}

const char *conformance_option_fault(const struct mstr_option *table, size_t stride, const char *const *taken)
{
    const char *names[OPTIONS_MAX];
    size_t count = 0;
    const char *at = (const char *)table;
    for (; at != NULL && ((const struct mstr_option *)(const void *)at)->name != NULL; at += stride) {
        const struct mstr_option *option = (const void *)at;
        if (count == OPTIONS_MAX) {
            return "it does not end within 128 entries";
        }
        if (fault_of(option) != NULL) {
            return fault_of(option);
        }
        for (size_t i = 0; taken[i] != NULL; i++) {
            if (strcmp(taken[i], option->name) == 0) {
                return "a name is one of the host's own";
            }
        }
        for (size_t i = 0; i < count; i++) {
            if (strcmp(names[i], option->name) == 0) {
                return "two options have the same name";
            }
        }
        names[count++] = option->name;
    }
    return NULL;
}

void conformance_take_state(struct conformance_state *state)
{
    memset(state, 0, sizeof *state);
    if (getcwd(state->directory, sizeof state->directory) == NULL) {
        state->directory[0] = '\0';
    }
    snprintf(state->locale, sizeof state->locale, "%s", setlocale(LC_ALL, NULL));
    state->mask = umask(0);
    umask(state->mask);
    pthread_sigmask(SIG_SETMASK, NULL, &state->signals);
}

bool conformance_same_state(const struct conformance_state *one, const struct conformance_state *other)
{
    return strcmp(one->directory, other->directory) == 0 && strcmp(one->locale, other->locale) == 0 &&
           one->mask == other->mask && memcmp(&one->signals, &other->signals, sizeof one->signals) == 0;
}

/* Octets in use of the heap; always 0 where the C library does not tell, so that nothing is found then. */
static size_t allocated(void)
{
#ifdef MSTR_HAVE_MALLINFO2
    return mallinfo2().uordblks;
#else
    return 0;
#endif
}

bool conformance_cycles(void (*cycle)(void *data), void *data)
{
    size_t first = 0;
    for (int i = 0; i < CYCLES; i++) {
        cycle(data);
        first = i == CYCLES / 2 ? allocated() : first; /* caches of libraries are filled by then */
    }
    return allocated() < first + (size_t)(CYCLES / 2) * GROWTH_MAX;
}

int64_t conformance_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
