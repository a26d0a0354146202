/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the values of a scheme, or a session of a profile, depend on, so that a caller and the agent find out whether
 * they mean the same: names and values, in one order. Both sides use this module, each for itself.
 *
 * A plain setting enters as it is. What is or may be secret (literals, variables, URLs of proxies) enters as
 * HMAC-SHA-256 under a key of the agent's, so that whoever sees it cannot guess at it. Nothing is loaded or resolved
 * for it. Thread-safe.
 */
#ifndef MSTR_PLUGIN_FINGERPRINT_H
#define MSTR_PLUGIN_FINGERPRINT_H

#include "plugin/registry.h"

struct json_object;

/* Appends the fingerprint for references of a scheme: {"plugin":"corp",…}. `key` is the agent's, as it tells it.
 * MSTR_E_CONFIG or MSTR_E_PLUGIN where the scheme cannot be used at all; MSTR_E_MEMORY. */
enum mstr_code fingerprint_of_scheme(struct registry *registry, const char *scheme, const char *key,
                                     struct buffer *json, mstr_error *error);
/* The same for processes of several machines: files below the home enter by what stands in them, wherever it is. */
enum mstr_code fingerprint_across(struct registry *registry, const char *scheme, const char *key, struct buffer *json,
                                  mstr_error *error);
/* The same for sessions of a profile: its settings, and what those of its references depend on. */
enum mstr_code fingerprint_of_profile(struct registry *registry, const char *profile, const char *key,
                                      struct buffer *json, mstr_error *error);
/* Compares another's fingerprint with one's own, and appends the name of the first setting in which they differ;
 * nothing where they are the same. `theirs` that is no object of texts differs as a whole, and so does that of a
 * scheme which cannot be used here at all. */
enum mstr_code fingerprint_compare_scheme(struct registry *registry, const char *scheme, const char *key,
                                          struct json_object *theirs, struct buffer *name, mstr_error *error);
enum mstr_code fingerprint_compare_profile(struct registry *registry, const char *profile, const char *key,
                                           struct json_object *theirs, struct buffer *name, mstr_error *error);

#endif
