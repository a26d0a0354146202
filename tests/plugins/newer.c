/* SPDX-License-Identifier: Apache-2.0 */
/* Was built for a later minor version, whose table and options have grown. */
#include "double.h"

struct later_option {
    struct mstr_option first;
    const char *appended;
};
static const struct later_option options[] = {{{"greeting", MSTR_OPTION_STRING, 0, "hello", "h"}, "new"},
                                              {{"number", MSTR_OPTION_INTEGER, 0, "7", "n"}, "new"},
                                              {{NULL, MSTR_OPTION_STRING, 0, NULL, NULL}, NULL}};

static const struct mstr_instance *of_options;

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)error;
    of_options = instance;
    *self = NULL;
    return MSTR_OK;
}

/* The option that the body names. */
static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        const char *value = host->option(of_options, requests[i]->reference->body);
        host->set_value(requests[i], value, strlen(value), NULL);
    }
}

static const struct later_provider {
    struct mstr_provider first;
    void (*appended)(void);
} provider = {.first = {.abi_major = MSTR_ABI_MAJOR,
                        .size = sizeof(provider),
                        .option_size = sizeof(struct later_option),
                        .name = "double",
                        .version = "2",
                        .options = &options[0].first,
                        .create = create,
                        .resolve = resolve}};
DOUBLE_ENTRY(&provider)
