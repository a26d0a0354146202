/* SPDX-License-Identifier: Apache-2.0 */
/* Has a table that ends before the members of the first version. */
#include "double.h"

static const struct mstr_provider provider = {
    .abi_major = MSTR_ABI_MAJOR, .size = 16, .name = "double", .version = "1"};
DOUBLE_ENTRY(&provider)
