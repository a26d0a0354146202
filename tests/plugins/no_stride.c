/* SPDX-License-Identifier: Apache-2.0 */
/* Does not tell how long the entries of its option table are. */
#include "double.h"

static const struct mstr_option options[] = {{"x", MSTR_OPTION_STRING, 0, NULL, "x"},
                                             {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};
static const struct mstr_provider provider = {.abi_major = MSTR_ABI_MAJOR,
                                              .size = sizeof(provider),
                                              .name = "double",
                                              .version = "1",
                                              .options = options,
                                              .create = double_create,
                                              .resolve = double_resolve};
DOUBLE_ENTRY(&provider)
