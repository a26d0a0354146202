/* SPDX-License-Identifier: Apache-2.0 */
/* Pastes the body into a path as URLs have it, and answers with what a server would find there: the name that is left
 * once steps, query, fragment and further lines are gone. */
#include "double.h"

static void answer(struct mstr_request *request)
{
    static const char *const slashes[] = {"/", "%2f"};
    const char *name = request->reference->body;
    for (size_t i = 0; i < sizeof(slashes) / sizeof(*slashes); i++) {
        for (const char *found = NULL; (found = strstr(name, slashes[i])) != NULL;) {
            name = found + strlen(slashes[i]);
        }
    }
    host->set_value(request, name, strcspn(name, "?#\r"), NULL);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        answer(requests[i]);
    }
}

static const struct mstr_provider provider = {.abi_major = MSTR_ABI_MAJOR,
                                              .size = sizeof(provider),
                                              .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
                                              .option_size = sizeof(struct mstr_option),
                                              .name = "pasting",
                                              .version = "1",
                                              .summary = "a test double",
                                              .create = double_create,
                                              .resolve = resolve};
DOUBLE_ENTRY(&provider)
