/*
 * Where a service is reached: the user's own endpoint, or the host name by region, partition, FIPS and dual-stack.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_ENDPOINT_H
#define MSTR_PROVIDERS_AWS_WIRE_ENDPOINT_H

#include "aws/config/shared_config.h"
#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>

struct endpoint_query {
    const char *host; /* "secretsmanager", "ssm", "sts", "portal.sso", "oidc", "signin" */
    const char *region;
    const char *custom; /* the user's own URL, NULL = none */
    bool fips;
    bool dual_stack;
};

/* Whether a region may become part of a host name; MSTR_E_CONFIG tells that it may not. */
enum mstr_code endpoint_check_region(const char *region, struct mstr_error *error);
/* Appends the URL, without a trailing slash. MSTR_E_CONFIG for what cannot be. */
enum mstr_code endpoint_url(const struct endpoint_query *query, struct buffer *url, struct mstr_error *error);

/* What the user says of a service's endpoint: option (of an instance, if given), environment, services section,
 * profile. The texts live as long as these do. `config` and `profile` may be NULL. MSTR_E_CONFIG for a services
 * section that is named and missing. */
struct endpoint_settings {
    const char *custom; /* NULL = none */
    bool fips;
    bool dual_stack;
};
enum mstr_code endpoint_settings_read(const struct mstr_instance *instance, const struct shared_config *config,
                                      const struct section *profile, const char *service,
                                      struct endpoint_settings *settings, struct mstr_error *error);
/* The id of the partition that a region belongs to: "aws", "aws-cn", … */
const char *endpoint_partition(const char *region);

#endif
