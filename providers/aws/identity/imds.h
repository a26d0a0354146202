/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EC2's instance metadata service, version 2: a session token first, then reads; without one only where its URLs were
 * given, and none for that.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_IMDS_H
#define MSTR_PROVIDERS_AWS_IDENTITY_IMDS_H

#include "aws/identity/identity.h"

/* Its address without a trailing slash: the variable, the profile's key, or by the endpoint mode. */
enum mstr_code imds_url(const struct section *profile, struct buffer *url, struct mstr_error *error);

/* Appends the region of the instance; nothing where the service has none. */
enum mstr_code imds_region(const struct surroundings *around, struct buffer *region, struct mstr_error *error);

#endif
