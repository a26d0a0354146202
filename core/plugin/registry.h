/*
 * All provider instances of a context by scheme: the built-in ones, the sections of the configuration, and what the
 * program registered. Nothing is loaded before a reference names it. Thread-safe.
 */
#ifndef MSTR_PLUGIN_REGISTRY_H
#define MSTR_PLUGIN_REGISTRY_H

#include "plugin/instance.h"

struct registry;

struct registry *registry_new(mstr_context *context);
/* Destroys all instances; NULL is accepted. */
void registry_free(struct registry *registry);

/* MSTR_OK; MSTR_E_CONFIG for an unknown scheme, with the nearest known one; MSTR_E_MEMORY. The instance is not ready.
 */
enum mstr_code registry_find(struct registry *registry, const char *scheme, struct instance **out, mstr_error *error);
/* Adds a provider of the program's own and makes its instance. MSTR_E_EXISTS; else as instance_ready(). */
enum mstr_code registry_add(struct registry *registry, const char *name, provider_entry entry,
                            const struct mstr_header *options, const struct limits *limits, mstr_error *error);
/* All schemes in order; NULL past the last. */
const char *registry_scheme_at(struct registry *registry, size_t index);
/* Calls `each` for every instance made so far. */
void registry_each_ready(struct registry *registry, void (*each)(struct instance *instance, void *data), void *data);

/* The file of a plugin on the context's path, for free(). */
enum mstr_code registry_find_file(mstr_context *context, const char *plugin, char **file, mstr_error *error);
/* The options given to an instance, references in them resolved; ended by a NULL name. */
enum mstr_code registry_options(struct instance *instance, struct mstr_header **given, const struct limits *limits,
                                mstr_error *error);
/* Wipes; NULL is accepted. */
void registry_free_options(struct mstr_header *given);

#endif
