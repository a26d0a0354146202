/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From where an identity may be used, which Google calls its trust boundary: asked for with each token where
 * GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED wants that, or told by the credential file, and sent along with the token.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_ALLOWED_LOCATIONS_H
#define MSTR_PROVIDERS_GCP_IDENTITY_ALLOWED_LOCATIONS_H

#include "gcp/identity/identity.h"

/* The value of the header x-allowed-locations; "" = there is none. Where they cannot be asked for with a new token,
 * what was known before goes on. */
enum mstr_code allowed_locations_find(struct gcp_identity *identity, const struct token *token,
                                      const struct mstr_call *call, char out[LOCATIONS_MAX + 1],
                                      struct mstr_error *error);

#endif
