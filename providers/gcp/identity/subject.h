/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an external account's subject token comes from: one source a file, all of one shape.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_SUBJECT_H
#define MSTR_PROVIDERS_GCP_IDENTITY_SUBJECT_H

#include "aws/config/kept_config.h"
#include "gcp/identity/identity.h"

struct subject {
    struct buffer token;
    char *cert_file; /* TLS client certificate of the requests that present the token, for free(); NULL = none */
    char *key_file;
};

struct subject_source {
    const char *member; /* of "credential_source" that selects it */
    /* Checks the configuration; no network. */
    enum mstr_code (*check)(const struct gcp_identity *identity, struct json_object *source,
                            struct mstr_error *error);
    /* Fills a zeroed subject, which the caller releases also on failure. */
    enum mstr_code (*fetch)(const struct gcp_identity *identity, struct json_object *source,
                            const struct mstr_call *call, struct subject *subject, struct mstr_error *error);
};

/* The state of an identity whose kind is an external account. */
struct external_account {
    const struct subject_source *source;
    struct kept_config aws_files; /* of subject_aws */
};

extern const struct subject_source subject_program; /* where "credential_source" names none */
extern const struct subject_source subject_file;
extern const struct subject_source subject_url;
extern const struct subject_source subject_executable;
extern const struct subject_source subject_aws;
extern const struct subject_source subject_certificate;

#endif
