/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS's Security Token Service: roles assumed with other keys or with a web identity's token. Query protocol, answers
 * in XML.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_STS_H
#define MSTR_PROVIDERS_AWS_IDENTITY_STS_H

#include "aws/identity/identity.h"

struct role {
    const char *arn;
    const char *session_name; /* NULL = one of our own */
    const char *external_id;  /* NULL = none */
    const char *duration;     /* s; NULL = the service's */
    const char *token_file;   /* of a web identity; NULL = assumed with keys */
    const char *mfa_serial;   /* of the device whose code the role asks for; NULL = none */
};

/* `keys` sign the call; they are NULL for a web identity. */
enum mstr_code sts_assume(const struct surroundings *around, const struct role *role, struct aws_keys *keys,
                          struct aws_keys **out, struct mstr_error *error);

/* Whom the keys belong to, for explanations: appends an ARN. */
enum mstr_code sts_caller(const struct surroundings *around, struct aws_keys *keys, struct buffer *arn,
                          struct mstr_error *error);

#endif
