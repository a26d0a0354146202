/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider that answers every request with the reference's body: what the doubles of this folder are, but for the
 * one way in which each is broken. A double defines what it changes before it includes this.
 */
#ifndef MSTR_TESTS_PLUGINS_DOUBLE_H
#define MSTR_TESTS_PLUGINS_DOUBLE_H

#include <mstr/provider.h>
#include <string.h>

static const struct mstr_host *host;

static inline enum mstr_code double_create(const struct mstr_instance *instance, void **self,
                                           struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

static inline void double_resolve(void *self, struct mstr_request *const *requests, size_t count,
                                  const struct mstr_call *call)
{
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        const char *body = requests[i]->reference->body;
        host->set_value(requests[i], body, strlen(body), NULL);
    }
}

/* The members of a good table; later ones of the same name override them. */
#define DOUBLE_MEMBERS                                                                                               \
    .abi_major = MSTR_ABI_MAJOR, .size = sizeof(struct mstr_provider),                                               \
    .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH, .option_size = sizeof(struct mstr_option),             \
    .name = "double", .version = "1.2.3", .summary = "a test double", .create = double_create,                       \
    .resolve = double_resolve

#define DOUBLE_ENTRY(table)                                                                                          \
    const struct mstr_provider *mstr_provider_entry(const struct mstr_host *given)                                   \
    {                                                                                                                \
        host = given;                                                                                                \
        return (const struct mstr_provider *)(const void *)(table);                                                  \
    }

#endif
