/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making an instance live on its first use: its plugin loaded, its options gathered from the configuration, with the
 * references in them resolved, and checked. Thread-safe: one thread makes it, the others wait within their limits.
 */
#ifndef MSTR_PLUGIN_CREATION_H
#define MSTR_PLUGIN_CREATION_H

#include "plugin/registry.h"

/* Does nothing where it is live. */
enum mstr_code creation_ensure(struct registry *registry, struct instance *instance, const struct limits *limits,
                               mstr_error *error);
/* The live instance of a scheme. *out is set also where only the making failed. */
enum mstr_code creation_find(struct registry *registry, const char *scheme, const struct limits *limits,
                             struct instance **out, mstr_error *error);
/* Adds a provider of the program's own and makes its instance. MSTR_E_EXISTS; else as creation_ensure(). */
enum mstr_code creation_register(struct registry *registry, const char *name, provider_entry entry,
                                 const struct mstr_header *options, const struct limits *limits, mstr_error *error);

/* A setting that is read before anything else is: only env: and file: may stand in it. *out is for free(). */
enum mstr_code creation_evaluate(struct registry *registry, const struct config_value *value,
                                 const struct limits *limits, char **out, mstr_error *error);

#endif
