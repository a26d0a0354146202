/* SPDX-License-Identifier: Apache-2.0 */
/* The version of the library that is loaded. */
#include <mstr/version.h>

const char *mstr_version(void)
{
    return MSTR_VERSION;
}
