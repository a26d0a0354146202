/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent (core/agent) needs of a context beyond the public headers: references in their canonical form,
 * values with how long they stay fresh, and a cache that outlives a reload. Nobody else includes it. Thread-safe as a
 * context is.
 */
#ifndef MSTR_CONTEXT_CONTEXT_AGENT_H
#define MSTR_CONTEXT_CONTEXT_AGENT_H

#include "base/buffer.h"

#include <mstr/mstr.h>
#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct reference;

/* A reference as policies see it, so that one secret has one spelling. Texts live as long as this does. */
struct agent_reference {
    const char *scheme; /* the name of the instance */
    const char *body;   /* decoded, "." and ".." worked out; of an ARN "arn:ACCOUNT:REGION:NAME" */
    const struct mstr_query *query;
    size_t query_count;
    const char *field; /* or NULL */
    const char *key;   /* the same for all references to the same secret and version */
    bool local;        /* its values never leave the process that asks */
    bool dotted; /* it was written with "." or "..", by which a store may find another value than `body` names */
    struct reference *reference;
    char *owned;
};

/* MSTR_E_CONFIG for a malformed reference or a scheme that nobody brings; MSTR_E_PLUGIN; MSTR_E_MEMORY. */
enum mstr_code agent_reference_read(mstr_context *context, const char *text, struct agent_reference **out,
                                    mstr_error *error);
/* NULL is accepted. */
void agent_reference_free(struct agent_reference *reference);

/* A value that is wanted. */
struct agent_lookup {
    const struct agent_reference *reference;
    mstr_error *error;   /* where to tell a failure; may be NULL */
    mstr_secret *secret; /* out: to be released by the caller; NULL when it failed */
    enum mstr_code code; /* out */
    int64_t fresh_for;   /* out: ms in which the cache holds it for fresh; 0 = not at all */
};
/* Fills in all of them. */
void context_agent_resolve(mstr_context *context, struct agent_lookup *lookups, size_t count,
                           const mstr_call_options *options);
/* Fills in one if the cache can answer at once; false if somebody has to fetch. */
bool context_agent_peek(mstr_context *context, struct agent_lookup *lookup);
/* Whether a lookup failed because a person would have to be asked, whom an agent has not; the error then says so. */
bool context_agent_needs_person(mstr_error *error);
/* What the store and the provider say of a value beside what the public header tells: its media type, and what to do
 * about a null in it; NULL where they say nothing. */
const char *context_agent_content_type(const mstr_secret *secret);
const char *context_agent_null_hint(const mstr_secret *secret);
/* Holds a caller's fingerprint against this context's, under the agent's key: of a scheme, or of the sessions of a
 * profile. Appends the name of the first setting that differs; nothing where all are the same. */
enum mstr_code context_agent_compare(mstr_context *context, bool profile, const char *name, const char *key,
                                     struct json_object *theirs, struct buffer *setting, mstr_error *error);

/* Forgets what is cached of the references that `wanted` names. */
void context_agent_forget(mstr_context *context, bool (*wanted)(const struct agent_reference *reference, void *data),
                          void *data);
/* Whether the values of a scheme, or the sessions of a profile, are the same in both: nothing that they depend on
 * differs. */
bool context_agent_is_same(mstr_context *a, mstr_context *b, bool profile, const char *name);
/* Takes over the cached values of those schemes that are the same in both, and what is known of refused logins. `to`
 * is not in use yet. */
void context_agent_inherit(mstr_context *to, mstr_context *from);
/* Tells the instances that were used, and whether they were made. */
void context_agent_instances(mstr_context *context, void (*each)(const char *scheme, bool live, void *data),
                             void *data);

#endif
