/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IAM Credentials API: a short-lived token of a service account that the caller may impersonate.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_IAM_H
#define MSTR_PROVIDERS_GCP_WIRE_IAM_H

#include "base/json.h"
#include "sdk/token.h"

#include <mstr/provider.h>

struct iam_request {
    const char *url;               /* …/serviceAccounts/EMAIL:generateAccessToken */
    const char *bearer;            /* the caller's own token */
    struct json_object *delegates; /* array, NULL = none */
    int64_t lifetime;              /* s, 0 = an hour */
    const char *cert_file;         /* TLS client certificate, NULL = none */
    const char *key_file;
};

/* EMAIL out of …/serviceAccounts/EMAIL:generateAccessToken, for free(); NULL where there is none. */
char *iam_email(const char *url);

enum mstr_code iam_generate_token(const struct mstr_instance *instance, const struct iam_request *request,
                                  const struct mstr_call *call, struct token *token, struct mstr_error *error);

#endif
