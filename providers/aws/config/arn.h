/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amazon Resource Names: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, split at the first five colons.
 */
#ifndef MSTR_PROVIDERS_AWS_CONFIG_ARN_H
#define MSTR_PROVIDERS_AWS_CONFIG_ARN_H

#include <stdbool.h>

struct arn {
    char partition[32];
    char service[32];
    char region[64];
    char account[32];
    const char *resource; /* points into the text */
};

/* True if the text begins like an ARN, well-formed or not. */
bool arn_is(const char *text);
/* False unless it has all six parts, none too long, and a resource. */
bool arn_parse(const char *text, struct arn *arn);

#endif
