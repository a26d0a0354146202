/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reference asks for: which secret of a service, which version of it, in which region.
 */
#ifndef MSTR_PROVIDERS_AWS_SERVICE_WANTED_H
#define MSTR_PROVIDERS_AWS_SERVICE_WANTED_H

#include "aws/config/arn.h"

#include <mstr/provider.h>

/* What references to a service may hold. */
struct wanted_kind {
    const char *service;  /* as in ARNs */
    const char *resource; /* what theirs begin with */
    const char *arn_of;   /* "a parameter", for messages */
    const char *owner;    /* "a parameter's" */
    bool versions;        /* query keys tell a version; else there is only the region */
};

/* Points into the reference and itself. */
struct wanted {
    const char *id;      /* name or ARN */
    const char *version; /* NULL = none is named, as for the two below */
    const char *stage;
    const char *region;
    struct arn arn;
};

/* MSTR_E_CONFIG tells what cannot be asked for. */
enum mstr_code wanted_read(const struct wanted_kind *kind, const struct mstr_reference *reference,
                           struct wanted *wanted, struct mstr_error *error);

#endif
