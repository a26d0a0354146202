/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of one provider instance: the keys of its section, checked against the provider's own table before it
 * is created, with defaults filled in and values brought into the form that plugins are promised.
 */
#ifndef MSTR_PLUGIN_OPTIONS_H
#define MSTR_PLUGIN_OPTIONS_H

#include "config/config.h"

#include <mstr/provider.h>

struct options;

/* The table itself, before anything walks over it: MSTR_OK, or MSTR_E_PLUGIN where it breaks the contract. It may be
 * NULL; `stride` is the plugin's size of an entry. */
enum mstr_code options_check_table(const struct mstr_option *table, size_t stride, mstr_error *error);
/* `given` ends with a NULL name; values are literal, references in them resolved. `table` has passed
 * options_check_table(). MSTR_OK, MSTR_E_CONFIG naming the option and the nearest one, MSTR_E_MEMORY. */
enum mstr_code options_check(const struct mstr_option *table, size_t stride, const struct mstr_header *given,
                             struct options **out, mstr_error *error);
/* One option alone: that the table has it, and its value unless that is NULL. Errors as options_check(). */
enum mstr_code options_check_one(const struct mstr_option *table, size_t stride, const char *name, const char *value,
                                 mstr_error *error);
/* One option that is not given: whether it may be left out. Errors as options_check(). */
enum mstr_code options_check_absent(const struct mstr_option *option, mstr_error *error);
/* One value as a section has it, its references not resolved: that a secret is not written so that it may be cut or
 * quoted. Of an option that the table does not have nothing is wrong here. Errors as options_check(). */
enum mstr_code options_check_written(const struct mstr_option *table, size_t stride, const char *name,
                                     const struct config_value *value, mstr_error *error);
/* Options as they were given, before they are checked; ended by a NULL name. A copy, NULL without memory; of NULL an
 * empty one. */
struct mstr_header *options_copy_given(const struct mstr_header *given);
/* Wipes; NULL is accepted. */
void options_free_given(struct mstr_header *given);
/* Wipes; NULL is accepted. */
void options_free(struct options *options);
/* The value, its default, or NULL. */
const char *options_get(const struct options *options, const char *name);

/* The entry of a table whose entries may be longer than ours; NULL past the last. */
const struct mstr_option *options_at(const struct mstr_option *table, size_t stride, size_t index);

#endif
