/* SPDX-License-Identifier: Apache-2.0 */
/* Answers every request, then once more with a failure, then with another value. */
#include "double.h"

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    double_resolve(self, requests, count, call);
    for (size_t i = 0; i < count; i++) {
        host->set_error(requests[i], MSTR_E_DENIED, "too late");
        host->set_value(requests[i], "later", 5, NULL);
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
