/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure Arc: machines elsewhere, whose agent gives a token to those who can read a file that it names.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_ARC_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_ARC_H

#include "azure/identity/managed_host.h"

extern const struct managed_host arc_host;

/* Where the agent leaves its keys; tests have a place of their own. */
extern const char *arc_key_directory;
/* The key that the agent left for this request, checked by the rules for such files. Seen by tests. */
enum mstr_code arc_read_key(const char *directory, const char *path, struct buffer *key, struct mstr_error *error);

#endif
