/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a context is made of: configuration, providers, cache, HTTP client. It puts the floors below together and
 * hands the session above what it needs of them.
 */
#ifndef MSTR_CONTEXT_CONTEXT_H
#define MSTR_CONTEXT_CONTEXT_H

#include "config/config.h"
#include "fleet/fleets.h"
#include "plugin/registry.h"
#include "resolve/agent_link.h"
#include "resolve/credentials.h"
#include "secret/refusals.h"

#include <mstr/context.h>

/* As mstr_context_new(), but a context comes about also when the configuration has problems: it is good for telling
 * of them. NULL only without memory, or for options that were not initialised. */
enum mstr_code context_new_whatever(const mstr_context_options *options, mstr_context **out, mstr_error *error);

const struct log *context_log(const mstr_context *context);
const struct config *context_config(const mstr_context *context);
const struct services *context_services(const mstr_context *context);
struct registry *context_registry(const mstr_context *context);
const struct resolver *context_resolver(const mstr_context *context);
/* The same without an agent. */
struct resolver context_own_resolver(mstr_context *context);
/* The way to the agent; NULL where none is used. */
struct agent_link *context_agent_link(mstr_context *context);
/* Has the agent forget a reference, where one is used. */
void context_forget_at_agent(mstr_context *context, const struct reference *reference);
/* fetch_shared_forget(), where a fleet shares secrets. */
void context_forget_in_fleet(mstr_context *context, const struct reference *reference);
/* Appends what fetch_agent_tell() tells, where an agent is used. */
void context_tell_agent(mstr_context *context, const char *scheme, const struct limits *limits, struct buffer *text);
struct cache_hot *context_cache_hot(const mstr_context *context);
/* Of the logins of all its sessions. */
struct refusals *context_refusals(const mstr_context *context);
/* Its fleet of that section, made on first use. */
enum mstr_code context_fleet(mstr_context *context, const char *section, const struct limits *limits,
                             struct fleet **out, mstr_error *error);
/* Makes it the same for both. `to` is not in use yet. */
void context_share_refusals(mstr_context *to, mstr_context *from);
/* Made on first use; shared by all sessions and plugins. NULL with `error` told when it cannot be made. */
struct http_client *context_http(mstr_context *context, mstr_error *error);

/* credentials_resolve() with this context's resolver. */
enum mstr_code context_resolve(mstr_context *context, struct credential_want *wants, size_t count, bool refresh,
                               const struct limits *limits, mstr_error *error);
/* Whether a text begins with the name of a provider that there is, installed whole or not, and a colon. */
bool context_names_provider(mstr_context *context, const char *text);
/* Parses a variable of a section [env NAME]: text with references in it, or a reference, or text as it is. */
enum mstr_code context_parse_variable(mstr_context *context, const char *text, struct template **out,
                                      mstr_error *error);
/* The value of configuration text, references in it resolved. */
enum mstr_code context_expand(mstr_context *context, const char *text, const struct limits *limits, mstr_secret **out,
                              mstr_error *error);

#endif
