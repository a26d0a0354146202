/*
 * One configured use of a provider, from the name in the configuration to the live object, and the calls on it with
 * their contract enforced: serialised where the plugin is not thread-safe, every request answered exactly once,
 * nothing absurd let through.
 */
#ifndef MSTR_PLUGIN_INSTANCE_H
#define MSTR_PLUGIN_INSTANCE_H

#include "base/gate.h"
#include "base/limits.h"
#include "plugin/loader.h"
#include "plugin/options.h"
#include "reference/reference.h"
#include "secret/secret_filter.h"

#include <mstr/context.h>
#include <mstr/provider.h>
#include <pthread.h>
#include <stdbool.h>

/* Values larger than this are refused as nonsense. */
#define VALUE_MAX ((size_t)16 * 1024 * 1024)

struct instance {
    struct mstr_instance public; /* first: plugins hand back its address */
    mstr_context *context;
    const char *plugin;        /* "aws", "env", a path */
    provider_entry entry;      /* set for built-in and registered providers, and once loaded */
    bool registered;           /* by the program, whose entry point it is */
    char *file;                /* of the plugin, NULL where it is in the program */
    struct mstr_header *given; /* options of a registered provider; NULL = the section's */
    struct options *options;
    const struct mstr_provider *table;    /* what the entry point gave, once checked */
    const struct mstr_provider *provider; /* the same, NULL until it is ready */
    void *self;
    struct gate creation;
    struct gate calls; /* taken around each call unless the provider is thread-safe */
};

/* The call as the host sees it. */
struct call {
    struct mstr_call public;
    struct limits limits;
    mstr_context *context;
    char trace_id[17];
    pthread_mutex_t mutex;
    struct secret_filter sent; /* what the plugin sent as secrets in this call; behind the mutex */
};
void call_init(struct call *call, mstr_context *context, const struct limits *limits);
void call_release(struct call *call);
/* Notes what the request holds as secrets, so that the call's errors and steps do not tell it. */
void call_note_sent(struct call *call, const struct mstr_http_request *request);
/* Takes the secrets of the call out of a text or an error. */
void call_hide(struct call *call, struct buffer *text);
void call_hide_in_error(struct call *call, mstr_error *error);

/* One request as the host sees it. */
struct request {
    struct mstr_request public;
    bool answered;
    bool keep;
    enum mstr_code code;
    mstr_secret *secret;
};
/* False without memory. */
bool request_init(struct request *request, const struct reference *reference, bool refresh);
void request_release(struct request *request);

/* Loads the plugin, checks its table and options and creates the object, unless that was done. Waits for another
 * thread that is at it. */
enum mstr_code instance_ready(struct instance *instance, const struct limits *limits, mstr_error *error);
/* Loads the plugin and checks its table and service, no more. */
enum mstr_code instance_load(struct instance *instance, const struct mstr_provider **table, mstr_error *error);
/* Answers every request; the instance must be ready. */
void instance_resolve(struct instance *instance, struct request **requests, size_t count, struct call *call);
enum mstr_code instance_explain(struct instance *instance, const struct reference *reference,
                                struct mstr_report *report, struct call *call, mstr_error *error);
void instance_invalidate(struct instance *instance, const struct reference *reference);
/* Destroys and frees what instance_ready() made. */
void instance_release(struct instance *instance);

/* The first fault of a plugin's table, or NULL. */
const char *instance_table_fault(const struct mstr_provider *provider);

#endif
