/* SPDX-License-Identifier: Apache-2.0 */
/* The environment, distrusted in set-user-id programs. */
#include "base/environment.h"

#include <stdlib.h>
#include <sys/auxv.h>

bool environment_trusted(void)
{
    return getauxval(AT_SECURE) == 0;
}

const char *environment_get(const char *name)
{
    return environment_trusted() ? getenv(name) : NULL;
}
