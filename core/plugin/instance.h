/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One configured use of a provider: the plugin it comes from, the live object once it is made, and the calls on that
 * object with their contract enforced: serialised where the plugin is not thread-safe, every request answered exactly
 * once, nothing absurd let through. Who makes it live is creation.h.
 */
#ifndef MSTR_PLUGIN_INSTANCE_H
#define MSTR_PLUGIN_INSTANCE_H

#include "base/gate.h"
#include "plugin/call.h"
#include "plugin/host.h"
#include "plugin/loader.h"
#include "plugin/options.h"

struct instance {
    struct host_instance host;         /* first: plugins hand back its address */
    const char *plugin;                /* as configured: a name, a path */
    provider_entry entry;              /* set for built-in and registered providers, and once loaded */
    bool registered;                   /* by the program, whose entry point it is */
    const struct manifest *manifest;   /* that brings it; NULL = none */
    char *file;                        /* of the plugin, NULL where it is in the program or was not looked for yet */
    struct mstr_header *given;         /* options of a registered provider; NULL = the section's */
    const struct mstr_provider *table; /* what the entry point gave, once checked */
    const struct mstr_provider *provider; /* the same, NULL until it is live */
    void *self;
    struct gate creation;
    struct gate calls; /* taken around each call unless the provider is thread-safe */
};

/* An instance that is not live. Texts are borrowed. False without resources. */
bool instance_init(struct instance *instance, const struct services *services, const char *name, const char *plugin,
                   const char *service);
/* Destroys what is live, and only that. Beside others where the provider is thread-safe. */
void instance_end(struct instance *instance);
bool instance_ends_beside_others(const struct instance *instance);
/* Destroys and frees what was made of it since. */
void instance_release(struct instance *instance);

/* Finds and loads the plugin and checks its table and service, no more. *table may be wanted for its options, and is
 * NULL unless the result is MSTR_OK. */
enum mstr_code instance_load(struct instance *instance, const struct limits *limits,
                             const struct mstr_provider **table, mstr_error *error);
/* Makes a loaded instance live; `given` are its options, ended by a NULL name. By one caller at a time. */
enum mstr_code instance_create(struct instance *instance, const struct mstr_header *given, mstr_error *error);
bool instance_is_live(const struct instance *instance);
/* Where the provider is: its file, "built in", or NULL where that is not known before it is loaded. */
const char *instance_origin(const struct instance *instance);

/* Fails for a reference that a loaded provider never resolves, so far as it says so before it is asked; what depends
 * on its options is seen once it is live. */
enum mstr_code instance_check(const struct instance *instance, const struct reference *reference, mstr_error *error);

/* Answers every request. For a live instance, as all that follow. */
void instance_resolve(struct instance *instance, struct request **requests, size_t count, struct call *call);
enum mstr_code instance_explain(struct instance *instance, const struct reference *reference,
                                struct mstr_report *report, struct call *call, mstr_error *error);
/* Nothing happens where it is not live. */
void instance_invalidate(struct instance *instance, const struct reference *reference);

#endif
