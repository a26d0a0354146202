/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as it was read: sections and keys in order, later files over earlier ones key by key, the
 * environment over the files. Values are kept as written; references in them are resolved by the context. Immutable
 * once read, so it may be read from any thread.
 */
#ifndef MSTR_CONFIG_CONFIG_H
#define MSTR_CONFIG_CONFIG_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/limits.h"

#include <mstr/context.h>
#include <stdbool.h>
#include <stdint.h>

struct config;

struct config_value {
    const char *text;
    const char *file; /* or "environment" */
    unsigned line;    /* 0 for the environment */
    bool comment;     /* a comment was cut off its line */
    bool tight;       /* without a blank behind its sign */
};

/* Reads what `options` name (NULL = the defaults). With MSTR_E_CONFIG the error tells the first problem;
 * config_problems() tells all, so *out is set even then, unless memory or time ran out. */
enum mstr_code config_read(const mstr_context_options *options, struct config **out, mstr_error *error);
/* The same with another folder in the place of /etc/mstr. */
enum mstr_code config_read_below(const char *folder, const mstr_context_options *options, struct config **out,
                                 mstr_error *error);
/* What the options bound the reading by. */
struct limits config_limits(const mstr_context_options *options);
void config_free(struct config *config);

/* A key of a section such as "profile default"; NULL when it is absent. */
const struct config_value *config_get(const struct config *config, const char *section, const char *key);
bool config_has_section(const struct config *config, const char *section);
/* The selected profile's name when a session names none: that of the options, else $MSTR_PROFILE, else "default". */
const char *config_default_profile(const struct config *config);

/* Appends the section of a profile, NULL = of the default one, and tells whether it is absent. MSTR_E_CONFIG where it
 * is, though somebody chose it. */
enum mstr_code config_find_profile(const struct config *config, const char *name, struct buffer *section,
                                   bool *absent, mstr_error *error);

/* The first profile that there is, NULL = none; and the hint, where a login is missing as there is no default one, to
 * choose that. */
const char *config_first_profile(const struct config *config);
void config_hint_profile(const char *other, mstr_error *error);

/* Walks names of sections, or keys of one section, in their order; NULL past the last. */
const char *config_section_at(const struct config *config, size_t index);
const char *config_key_at(const struct config *config, const char *section, size_t index);

/* Problems and files looked for, in the order met. */
struct config_problem {
    const char *file;
    unsigned line;
    const char *section; /* or NULL */
    const char *text;
};
const struct config_problem *config_problem_at(const struct config *config, size_t index);
/* Whether there is one in the section, so that it may lack what was refused. */
bool config_has_problem(const struct config *config, const char *section);
struct config_file {
    const char *path;
    const char *problem; /* NULL when it was read; "absent" is no error */
    bool open;           /* others than root and the user may read it */
};
const struct config_file *config_file_at(const struct config *config, size_t index);

/* Appends a value as it may be shown, "(hidden)" in place of each part that may be secret; false where that is all of
 * it. References are no secrets. `cut`: a comment was cut off, which may have been the rest of a URL with a
 * password. */
bool config_show(const char *section, const char *key, const char *text, bool cut, struct buffer *shown);

/* Appends what is wrong with how a secret is written, and returns false: a comment or quotes may be a part of it, so
 * that it would be another secret. For whoever learns that a value is secret when it is read already. */
bool config_check_secret(const char *key, const struct config_value *value, struct buffer *problem);

/* Whether the whole value is in matching quotes, which no file's grammar takes off. */
bool config_is_quoted(const char *value);

/* yes, no, true, false, on, off, 1, 0. */
bool config_boolean(const char *text, bool *value);

#endif
