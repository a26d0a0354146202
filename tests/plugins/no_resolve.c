/* SPDX-License-Identifier: Apache-2.0 */
/* Cannot resolve. */
#include "double.h"

static const struct mstr_provider provider = {
    .abi_major = MSTR_ABI_MAJOR, .size = sizeof(provider), .name = "double", .version = "1", .create = double_create};
DOUBLE_ENTRY(&provider)
