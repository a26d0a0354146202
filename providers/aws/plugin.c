/* The AWS plugin's table: Secrets Manager, by whichever identity the machine has. */
#include "aws/aws.h"

#include <stdlib.h>

static const struct mstr_option options[] = {
    {"region", MSTR_OPTION_STRING, 0, NULL, "region where a reference names none; else AWS_REGION"},
    {"endpoint", MSTR_OPTION_URL, 0, NULL, "URL of the service in place of the region's"},
    {"ca_file", MSTR_OPTION_PATH, 0, NULL, "PEM bundle to trust for the service"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static const char *const services[] = {"secretsmanager", NULL};

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    struct aws *aws = calloc(1, sizeof(*aws));
    if (aws == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    aws->instance = instance;
    aws->service = &secrets_manager;
    *self = aws;
    return MSTR_OK;
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    struct aws *aws = self;
    aws->service->resolve(aws, requests, count, call);
}

static void destroy(void *self)
{
    free(self);
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE,
        .option_size = sizeof(struct mstr_option),
        .name = "aws",
        .version = "1",
        .summary = "AWS Secrets Manager",
        .services = services,
        .options = options,
        .create = create,
        .resolve = resolve,
        .destroy = destroy,
    };
    host = table;
    return &provider;
}
