/* SPDX-License-Identifier: Apache-2.0 */
/* Amazon Resource Names. */
#include "aws/config/arn.h"

#include <string.h>

bool arn_is(const char *text)
{
    return strncmp(text, "arn:", 4) == 0;
}

/* Copies up to the next colon and steps behind it. */
static bool take(const char **at, char *into, size_t size)
{
    const char *colon = strchr(*at, ':');
    if (colon == NULL || (size_t)(colon - *at) >= size) {
        return false;
    }
    memcpy(into, *at, (size_t)(colon - *at));
    into[colon - *at] = '\0';
    *at = colon + 1;
    return true;
}

bool arn_parse(const char *text, struct arn *arn)
{
    const char *at = text + 4;
    if (!arn_is(text) || !take(&at, arn->partition, sizeof(arn->partition)) ||
        !take(&at, arn->service, sizeof(arn->service)) || !take(&at, arn->region, sizeof(arn->region)) ||
        !take(&at, arn->account, sizeof(arn->account))) {
        return false;
    }
    arn->resource = at;
    return *at != '\0' && arn->partition[0] != '\0' && arn->service[0] != '\0';
}
