/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All provider instances of a context by scheme. Which provider serves a scheme: one of the program itself whose name
 * is reserved (env, file, …); else that of a section of the configuration with a plugin, or one that the program
 * registered; else the plugin whose manifest is found first, those of the program's bundle last. So a store that is
 * added later never takes a name from an in-house one. Nothing is loaded before a reference names it. Thread-safe.
 */
#ifndef MSTR_PLUGIN_REGISTRY_H
#define MSTR_PLUGIN_REGISTRY_H

#include "base/text_list.h"
#include "config/config.h"
#include "plugin/instance.h"

/* A provider that is part of the program. */
struct builtin {
    const char *plugin; /* its name; NULL ends a table */
    provider_entry entry;
    bool reserved; /* its name is that of its scheme, and nobody else may have it */
    bool local;    /* may be named by the section of another provider: it needs neither network nor options */
};

struct registry;

/* All of it is borrowed. `builtins` ends with a NULL name. */
struct registry *registry_new(const struct services *services, const struct config *config,
                              const struct builtin *builtins);
/* Destroys all instances; NULL is accepted. */
void registry_free(struct registry *registry);
const struct services *registry_services(const struct registry *registry);
const struct config *registry_config(const struct registry *registry);

/* MSTR_OK; MSTR_E_CONFIG for a scheme that nobody brings, with the nearest known one; MSTR_E_PLUGIN for its manifest;
 * MSTR_E_MEMORY. The instance need not be live. */
enum mstr_code registry_find(struct registry *registry, const char *scheme, struct instance **out, mstr_error *error);
/* An instance of the program's own provider that nobody finds before registry_put(). MSTR_E_EXISTS if the name is
 * taken. To be put or given up. */
enum mstr_code registry_prepare(struct registry *registry, const char *name, provider_entry entry,
                                const struct mstr_header *options, struct instance **out, mstr_error *error);
/* MSTR_E_EXISTS if the name was taken meanwhile; MSTR_E_MEMORY. */
enum mstr_code registry_put(struct registry *registry, struct instance *instance, mstr_error *error);
/* Frees what registry_prepare() made; NULL is accepted. */
void registry_give_up(struct instance *instance);

/* MSTR_E_CONFIG unless the scheme is one of the providers that may stand in another provider's section. */
enum mstr_code registry_check_local(const struct registry *registry, const char *scheme, mstr_error *error);
/* Whether the values of an instance never leave the process that asks, so that no agent serves them: those of the
 * program's own providers, of what the program registered, and of a manifest that says so. */
bool registry_keeps_here(const struct registry *registry, const struct instance *instance);
/* Whether a key of a provider's section is for the registry, not for the provider. */
bool registry_reads_key(const char *key);

/* Adds the schemes that can be used, the program's own first. Lists the plugins' folders. */
void registry_list_schemes(struct registry *registry, struct text_list *schemes);
/* Calls `each` for every instance made so far. */
void registry_visit_instances(struct registry *registry, void (*each)(struct instance *instance, void *data),
                              void *data);

#endif
