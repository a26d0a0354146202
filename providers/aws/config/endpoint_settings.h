/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user says of a service's endpoint: settings, environment, services section, profile.
 */
#ifndef MSTR_PROVIDERS_AWS_CONFIG_ENDPOINT_SETTINGS_H
#define MSTR_PROVIDERS_AWS_CONFIG_ENDPOINT_SETTINGS_H

#include "aws/config/configuration.h"

struct endpoint_settings {
    const char *custom; /* NULL = none; lives as long as the configuration */
    bool fips;
    bool dual_stack;
    bool legacy; /* STS is asked at its one endpoint of old */
};

/* `own` is a URL that comes before all others, NULL = none; `service` is named as in AWS_ENDPOINT_URL_….
 * MSTR_E_CONFIG for a services section that the profile names and that is missing, and for values that there are
 * not. */
enum mstr_code endpoint_settings_read(const struct configuration *config, const char *own, const char *service,
                                      struct endpoint_settings *settings, struct mstr_error *error);

#endif
