/* SPDX-License-Identifier: Apache-2.0 */
/* What tokens must be good for. */
#include "azure/wire/demand.h"

#include <string.h>

bool demand_equals(const struct demand *a, const struct demand *b)
{
    return strcmp(a->resource, b->resource) == 0 && strcmp(a->tenant, b->tenant) == 0 &&
           strcmp(a->claims, b->claims) == 0;
}
