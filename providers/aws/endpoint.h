/*
 * Where a service is reached: the user's own endpoint, or the host name by region, partition, FIPS and dual-stack.
 */
#ifndef MSTR_PROVIDERS_AWS_ENDPOINT_H
#define MSTR_PROVIDERS_AWS_ENDPOINT_H

#include "util/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>

struct endpoint_query {
    const char *host; /* "secretsmanager", "ssm", "sts", "portal.sso", "oidc" */
    const char *region;
    const char *custom; /* the user's own URL, NULL = none */
    bool fips;
    bool dual_stack;
};

/* Appends the URL, without a trailing slash. MSTR_E_CONFIG for what cannot be. */
enum mstr_code endpoint_url(const struct endpoint_query *query, struct buffer *url, struct mstr_error *error);

/* The user's own endpoint: the option (of an instance, if given), AWS_ENDPOINT_URL_<service>, AWS_ENDPOINT_URL; NULL
 * = none. */
const char *endpoint_custom(const struct mstr_instance *instance, const char *service);
/* AWS_USE_FIPS_ENDPOINT and the like: "true" in any case. */
bool endpoint_switch(const char *variable);
/* The id of the partition that a region belongs to: "aws", "aws-cn", … */
const char *endpoint_partition(const char *region);

#endif
