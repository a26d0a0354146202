/* The AWS plugin's table: Secrets Manager and Parameter Store, by whichever identity the machine has. */
#include "aws/aws.h"

#include <stdlib.h>
#include <string.h>

static const struct mstr_option options[] = {
    {"region", MSTR_OPTION_STRING, 0, NULL, "region where a reference names none; else AWS_REGION or the profile's"},
    {"profile", MSTR_OPTION_STRING, 0, NULL, "profile of the shared config; else AWS_PROFILE"},
    {"credential_source", MSTR_OPTION_STRING, 0, NULL,
     "the one source to ask: environment, profile, web_identity, container or imds"},
    {"role_arn", MSTR_OPTION_STRING, 0, NULL, "role to assume with the identity found"},
    {"external_id", MSTR_OPTION_STRING, 0, NULL, "external id for role_arn"},
    {"endpoint", MSTR_OPTION_URL, 0, NULL, "URL of the service in place of the region's"},
    {"ca_file", MSTR_OPTION_PATH, 0, NULL, "PEM bundle to trust for the service"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static const char *const services[] = {"secretsmanager", "ssm", NULL};

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    struct aws *aws = calloc(1, sizeof(*aws));
    if (aws == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (!chain_init(&aws->chain)) {
        free(aws);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    aws->instance = instance;
    bool parameters = instance->service != NULL && strcmp(instance->service, "ssm") == 0;
    aws->service = parameters ? &ssm : &secrets_manager;
    *self = aws;
    return MSTR_OK;
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    struct aws *aws = self;
    aws->service->resolve(aws, requests, count, call);
}

static enum mstr_code explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                              const struct mstr_call *call, struct mstr_error *error)
{
    struct aws *aws = self;
    struct identity *identity = NULL;
    struct buffer region = BUFFER_INIT;
    (void)reference;
    if (chain_region(aws->instance, &region, error) == MSTR_OK) {
        host->report_step(report, MSTR_STEP_INFO, "region", buffer_text(&region), NULL, 0);
    }
    enum mstr_code code = chain_walk(aws->instance, call, &aws->chain.pace, report, &identity, error);
    identity_release(identity);
    buffer_release(&region);
    return code;
}

static void invalidate(void *self, const struct mstr_reference *reference)
{
    struct aws *aws = self;
    if (reference == NULL) {
        chain_forget(&aws->chain, NULL);
    }
}

static void destroy(void *self)
{
    struct aws *aws = self;
    chain_destroy(&aws->chain);
    free(aws);
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "aws",
        .version = "1",
        .summary = "AWS Secrets Manager and SSM Parameter Store",
        .services = services,
        .options = options,
        .create = create,
        .resolve = resolve,
        .explain = explain,
        .invalidate = invalidate,
        .destroy = destroy,
    };
    host = table;
    return &provider;
}
