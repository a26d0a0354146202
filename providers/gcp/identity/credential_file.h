/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential files, as Google calls the JSON in which an identity is configured: which kind it is of, by its "type".
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_CREDENTIAL_FILE_H
#define MSTR_PROVIDERS_GCP_IDENTITY_CREDENTIAL_FILE_H

#include "gcp/identity/identity.h"

/* The identity that a file's text configures; the caller releases it. MSTR_E_CONFIG tells what is wrong with the
 * text, never quoting it; `source` begins the message. */
enum mstr_code credential_file_parse(const struct mstr_instance *instance, const char *source, const char *text,
                                     size_t length, struct gcp_identity **out, struct mstr_error *error);
/* The kind that the "type" member names; MSTR_E_CONFIG lists the known ones. */
enum mstr_code credential_file_kind(struct json_object *config, const char *source,
                                    const struct gcp_identity_kind **kind, struct mstr_error *error);

#endif
