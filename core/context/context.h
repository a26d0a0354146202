/*
 * What a context holds, for the floors above: the session asks it for configuration, credentials and the HTTP client.
 * The files of this floor also find the registry's and the resolver's services here.
 */
#ifndef MSTR_CONTEXT_CONTEXT_H
#define MSTR_CONTEXT_CONTEXT_H

#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/config.h"
#include "http/client.h"

#include <mstr/context.h>

struct lookup;
struct prompt;
struct registry;

/* As mstr_context_new(), but a context comes about also when the configuration has problems: it is good for telling
 * of them. NULL only without memory, or for options that were not initialised. */
enum mstr_code context_new_whatever(const mstr_context_options *options, mstr_context **out, mstr_error *error);

const struct log *context_log(const mstr_context *context);
const struct config *context_config(const mstr_context *context);
struct registry *context_registry(const mstr_context *context);
struct prompt *context_prompt(mstr_context *context);
/* As the program gave it, or NULL. */
const char *context_plugin_path(const mstr_context *context);
/* Made on first use; shared by all sessions and plugins. NULL with `error` told when it cannot be made. */
struct http_client *context_http(mstr_context *context, mstr_error *error);

/* One credential to be resolved. */
struct credential_want {
    const char *name;                  /* for messages: "password" */
    const mstr_credential *credential; /* NULL = absent, left alone */
    mstr_secret *value;                /* out; to be released by the caller */
    bool from_cache;                   /* out: the value, or a part of it, was not fetched just now */
};

/* Resolves all at once: references of all wants in one batch, callbacks once each, off any lock. On failure nothing
 * is left in the wants and the error names the credential. `refresh` passes over the cache. */
enum mstr_code context_resolve(mstr_context *context, struct credential_want *wants, size_t count, bool refresh,
                               const struct limits *limits, mstr_error *error);

/* The value of configuration text. `local` allows references to env and file alone. */
enum mstr_code context_expand(mstr_context *context, const char *text, bool local, const struct limits *limits,
                              mstr_secret **out, mstr_error *error);

void context_lookup(mstr_context *context, struct lookup *lookups, size_t count, bool refresh,
                    const struct limits *limits);

#endif
