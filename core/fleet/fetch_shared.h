/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that a fleet shares (contract of the fleet, "Shared secrets"): before another fetch is asked, the store is
 * looked into; what the other one gave is put there, by one worker at a time, while the others wait a little for it.
 *
 * Only references that the patterns of `share_secrets` match, and only values whose provider named the identity that
 * read them: until a value of a scheme was read here, nothing of it is taken from others. What is taken is
 * never served once it is not fresh. Where the store is of no use everything is as without it. The store is set up
 * when the first such reference is wanted. Thread-safe; no lock is held while anybody is asked.
 */
#ifndef MSTR_FLEET_FETCH_SHARED_H
#define MSTR_FLEET_FETCH_SHARED_H

#include "fleet/shared_store.h"
#include "reference/pattern.h"

struct fetch_shared;

/* The patterns of a section; none without `share_secrets`. MSTR_E_CONFIG for one that is none; MSTR_E_MEMORY. */
enum mstr_code fetch_shared_patterns(const struct config *config, const char *section, struct patterns **out,
                                     mstr_error *error);

/* All that is in the options is borrowed, but for the section, which is copied. MSTR_E_CONFIG for a pattern that is
 * none; MSTR_E_MEMORY. */
enum mstr_code fetch_shared_new(const struct shared_store_options *options, struct fetch_shared **out,
                                mstr_error *error);
/* NULL is accepted. */
void fetch_shared_free(struct fetch_shared *shared);
struct fetch *fetch_shared_fetch(struct fetch_shared *shared);

/* Takes a secret from the store, and tells the other workers. Where that cannot be, and for a reference NULL without
 * asking the store, nothing is taken any more that is there by now; the other workers hear of each value that is
 * fetched in its place. */
void fetch_shared_forget(struct fetch_shared *shared, const struct reference *reference);

#endif
