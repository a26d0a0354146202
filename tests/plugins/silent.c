/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves every request unanswered. */
#include "double.h"

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    (void)requests;
    (void)count;
    (void)call;
}

static const struct mstr_provider provider = {.abi_major = MSTR_ABI_MAJOR,
                                              .size = sizeof(provider),
                                              .option_size = sizeof(struct mstr_option),
                                              .name = "double",
                                              .version = "1",
                                              .create = double_create,
                                              .resolve = resolve};
DOUBLE_ENTRY(&provider)
