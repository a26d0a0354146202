/* SPDX-License-Identifier: Apache-2.0 */
/* Was built for another major version of the ABI. */
#include "double.h"

static const struct mstr_provider provider = {
    .abi_major = MSTR_ABI_MAJOR + 1, .size = sizeof(provider), .name = "double", .version = "1"};
DOUBLE_ENTRY(&provider)
