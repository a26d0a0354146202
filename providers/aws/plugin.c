/* SPDX-License-Identifier: Apache-2.0 */
/* The AWS plugin's table: Secrets Manager and Parameter Store, by whichever identity the machine has. */
#include "aws/identity/chain.h"
#include "aws/identity/sts.h"
#include "aws/service/aws.h"
#include "aws/wire/endpoint.h"
#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

enum { CLOCK_WORTH_A_WORD = 60 }; /* s */

static const struct mstr_option options[] = {
    {"region", MSTR_OPTION_STRING, 0, NULL, "region where a reference names none; else AWS_REGION or the profile's"},
    {"profile", MSTR_OPTION_STRING, 0, NULL, "profile of the shared config; else AWS_PROFILE"},
    {"credential_source", MSTR_OPTION_STRING, 0, NULL,
     "the one source to ask: environment, profile, web_identity, container or imds"},
    {"role_arn", MSTR_OPTION_STRING, 0, NULL, "role to assume with the identity found"},
    {"external_id", MSTR_OPTION_STRING, 0, NULL, "external id for role_arn"},
    {"mfa_serial", MSTR_OPTION_STRING, 0, NULL, "MFA device whose code role_arn asks for"},
    {"endpoint", MSTR_OPTION_URL, 0, NULL, "URL of the service in place of the region's"},
    {"ca_file", MSTR_OPTION_PATH, 0, NULL, "PEM bundle to trust for the service"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static const char *const services[] = {"secretsmanager", "ssm", NULL};

/* The texts last as long as the instance. */
static struct aws_settings read_settings(const struct mstr_instance *instance)
{
    return (struct aws_settings){
        .instance = instance,
        .profile = host->option(instance, "profile"),
        .region = host->option(instance, "region"),
        .credential_source = host->option(instance, "credential_source"),
        .role_arn = host->option(instance, "role_arn"),
        .external_id = host->option(instance, "external_id"),
        .mfa_serial = host->option(instance, "mfa_serial"),
        .endpoint = host->option(instance, "endpoint"),
        .ca_file = host->option(instance, "ca_file"),
    };
}

static const struct secret_service *service_of(const struct mstr_instance *instance)
{
    return instance->service != NULL && strcmp(instance->service, "ssm") == 0 ? &ssm : &secrets_manager;
}

/* What a section cannot mean, whatever the files and the environment say. */
static enum mstr_code check_settings(const struct aws_settings *settings, struct mstr_error *error)
{
    enum mstr_code code = chain_check(settings, error);
    if (code == MSTR_OK && !text_empty(settings->region)) {
        code = endpoint_check_region(settings->region, error);
    }
    return code == MSTR_OK && settings->endpoint != NULL ? endpoint_check(settings->endpoint, error) : code;
}

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    const struct aws_settings settings = read_settings(instance);
    enum mstr_code code = check_settings(&settings, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct aws *aws = calloc(1, sizeof(*aws));
    if (aws == NULL || !kept_config_init(&aws->config)) {
        free(aws);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    aws->settings = settings;
    aws->settings.kept = &aws->config;
    if (!renewable_keys_init(&aws->keys, &aws->settings)) {
        kept_config_destroy(&aws->config);
        free(aws);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    aws->service = service_of(instance);
    *self = aws;
    return MSTR_OK;
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    static const struct batch_kind kind = {.size = sizeof(struct asked), .read = aws_read, .fetch = aws_fetch};
    batch_resolve(&kind, self, requests, count, call);
}

static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    struct wanted wanted;
    return wanted_read(&service_of(instance)->kind, reference, &wanted, error);
}

/* Whom AWS takes the keys for. That STS cannot be reached is no reason why the secret could not. */
static void explain_caller(const struct surroundings *around, struct aws_keys *keys, struct mstr_report *report)
{
    struct buffer arn = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    int64_t start = host->monotonic();
    enum mstr_code code = sts_caller(around, keys, &arn, error);
    report_fact(report, "caller", code, buffer_text(&arn), error, start);
    host->error_free(error);
    buffer_release(&arn);
}

static void explain_region(const char *region, struct mstr_report *report)
{
    host->report_step(report, MSTR_STEP_INFO, "region", region != NULL ? region : "none is configured",
                      region != NULL ? NULL : "set AWS_REGION, or region in the section or profile", 0);
}

static void explain_endpoint(const struct aws *aws, const char *region, const struct configuration *config,
                             struct mstr_report *report)
{
    struct buffer url = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    int64_t start = host->monotonic();
    enum mstr_code code = endpoint_find(&aws->service->service, region, aws->settings.endpoint, config, &url, error);
    report_fact(report, "endpoint", code, buffer_text(&url), error, start);
    host->error_free(error);
    buffer_release(&url);
}

/* What AWS has of its own for it; else the host tells. */
static void explain_trust(const struct configuration *config, struct mstr_report *report)
{
    struct buffer text = BUFFER_INIT;
    const char *source = configuration_ca_source(config);
    if (source != NULL && buffer_printf(&text, "%s=%s", source, configuration_ca_file(config))) {
        host->report_step(report, MSTR_STEP_INFO, "trust", buffer_text(&text), NULL, 0);
    }
    buffer_release(&text);
}

static void explain_clock(const struct aws_retry_policy *policy, struct mstr_report *report)
{
    struct buffer text = BUFFER_INIT;
    int64_t skew = aws_retry_skew(policy) / 1000;
    if (skew > CLOCK_WORTH_A_WORD || skew < -CLOCK_WORTH_A_WORD) {
        buffer_printf(&text, "this machine's is %lld s %s AWS's", (long long)(skew < 0 ? -skew : skew),
                      skew < 0 ? "ahead of" : "behind");
        host->report_step(report, MSTR_STEP_INFO, "clock", buffer_text(&text), "set it; requests are signed by AWS's",
                          0);
    }
    buffer_release(&text);
}

static enum mstr_code explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                              const struct mstr_call *call, struct mstr_error *error)
{
    struct aws *aws = self;
    struct aws_keys *keys = NULL;
    struct configuration config;
    struct wanted wanted;
    struct aws_retry_policy policy = {.attempts = 2}; /* whoever examines wants to know soon, by a wrong clock too */
    enum mstr_code code = configuration_load(call, &aws->settings, &config, error);
    if (code == MSTR_OK) {
        code = wanted_read(&aws->service->kind, reference, &wanted, error);
    }
    if (code == MSTR_OK) {
        const char *region = wanted.region != NULL ? wanted.region : config.region;
        const struct surroundings around = {
            .call = call, .config = &config, .region = wanted.region, .retry_policy = &policy};
        explain_trust(&config, report);
        code = chain_walk(&around, report, &keys, error);
        region = region == NULL && keys != NULL ? keys->region : region;
        explain_region(region, report);
        if (code == MSTR_OK) {
            explain_caller(&around, keys, report);
            explain_endpoint(aws, region, &config, report);
            explain_clock(&policy, report);
        }
    }
    aws_keys_release(keys);
    configuration_release(&config);
    return code;
}

static void invalidate(void *self, const struct mstr_reference *reference)
{
    struct aws *aws = self;
    if (reference == NULL) {
        renewable_keys_forget(&aws->keys, NULL);
    }
}

static void destroy(void *self)
{
    struct aws *aws = self;
    renewable_keys_destroy(&aws->keys);
    kept_config_destroy(&aws->config);
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
        .check = check,
    };
    host_take(table);
    return &provider;
}
