/* SPDX-License-Identifier: Apache-2.0 */
/* Gives values of impossible lengths: the body tells which. */
#include "double.h"

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(requests[i]->reference->body, "null") == 0) {
            host->set_value(requests[i], NULL, 5, NULL);
        } else {
            host->set_value(requests[i], "x", (size_t)-1, NULL);
        }
    }
}

static const struct mstr_provider provider = {.abi_major = MSTR_ABI_MAJOR,
                                              .size = sizeof(provider),
                                              .option_size = sizeof(struct mstr_option),
                                              .name = "double",
                                              .version = "1",
                                              .create = double_create,
                                              .resolve = resolve};
DOUBLE_ENTRY(&provider)
