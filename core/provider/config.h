/*
 * The configuration as it was read: sections and keys in order, later files over earlier ones key by key, the environment
 * over the files. Values are kept as written; references in them are resolved by the context. Immutable once read, so
 * it may be read from any thread.
 */
#ifndef MSTR_PROVIDER_CONFIG_H
#define MSTR_PROVIDER_CONFIG_H

#include "error/error.h"

#include <mstr/context.h>
#include <stdbool.h>
#include <stdint.h>

struct config;

struct config_value {
    const char *text;
    const char *file; /* or "environment" */
    unsigned line;    /* 0 for the environment */
};

/* A key of a section such as "profile default"; NULL when it is absent. */
const struct config_value *config_get(const struct config *config, const char *section, const char *key);
bool config_has_section(const struct config *config, const char *section);
/* The selected profile's name when the caller names none: $MSTR_PROFILE, else "default". */
const char *config_default_profile(const struct config *config);

/* "250ms", "30s", "5m", "1h", bare seconds -> ms; false if it is none of these or out of range. */
bool config_duration(const char *text, int64_t *milliseconds);
/* yes, no, true, false, on, off, 1, 0. */
bool config_boolean(const char *text, bool *value);

#endif
