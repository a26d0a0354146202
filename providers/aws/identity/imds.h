/*
 * EC2's instance metadata service, version 2 only: a session token first, then reads.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_IMDS_H
#define MSTR_PROVIDERS_AWS_IDENTITY_IMDS_H

#include "aws/identity/identity.h"

/* Its address without a trailing slash: the variable, the profile's key, or by the endpoint mode. */
enum mstr_code imds_url(const struct section *profile, struct buffer *url, struct mstr_error *error);

#endif
