/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a service is reached: the user's own endpoint, or the host name by region, partition, FIPS and dual-stack.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_ENDPOINT_H
#define MSTR_PROVIDERS_AWS_WIRE_ENDPOINT_H

#include "aws/config/configuration.h"
#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>

/* A service that is called. */
struct aws_service {
    const char *name;     /* as in configuration and in the signature's scope */
    const char *endpoint; /* as in AWS_ENDPOINT_URL_… */
    const char *host;     /* first label of its host names */
};

struct endpoint_query {
    const char *host; /* "secretsmanager", "ssm", "sts", "portal.sso", "oidc", "signin" */
    const char *region;
    const char *custom; /* the user's own URL, NULL = none */
    bool fips;
    bool dual_stack;
    bool legacy; /* of STS */
};

/* STS's one endpoint of old, whose signatures are of one region. */
#define ENDPOINT_GLOBAL_STS        "sts.amazonaws.com"
#define ENDPOINT_GLOBAL_STS_REGION "us-east-1"

/* Whether a region may become part of a host name; MSTR_E_CONFIG tells that it may not. */
enum mstr_code endpoint_check_region(const char *region, struct mstr_error *error);
/* The same of the user's own URL. */
enum mstr_code endpoint_check(const char *custom, struct mstr_error *error);
/* Appends the URL, without a trailing slash. MSTR_E_CONFIG for what cannot be. */
enum mstr_code endpoint_url(const struct endpoint_query *query, struct buffer *url, struct mstr_error *error);
/* The same by what the user says of the service; `own` is a URL that comes before all others, NULL = none. */
enum mstr_code endpoint_find(const struct aws_service *service, const char *region, const char *own,
                             const struct configuration *config, struct buffer *url, struct mstr_error *error);
/* The id of the partition that a region belongs to: "aws", "aws-cn", … */
const char *endpoint_partition(const char *region);

#endif
