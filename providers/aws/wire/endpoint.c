/* SPDX-License-Identifier: Apache-2.0 */
/* Where a service is reached. */
#include "aws/wire/endpoint.h"

#include "aws/config/endpoint_settings.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"
#include "sdk/sigv4.h"

#include <string.h>

/* A region is PREFIX-word-digits; `prefixes` are tried in full, so that us-gov-west-1 is not of "us-". */
static const struct partition {
    const char *id;
    const char *prefixes[16];
    const char *suffix;
    const char *dual_suffix;
    const char *signin_suffix;
} partitions[] = {
    {"aws", {"us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"}, "amazonaws.com", "api.aws", "aws.amazon.com"},
    {"aws-cn", {"cn"}, "amazonaws.com.cn", "api.amazonwebservices.com.cn", "amazonaws.cn"},
    {"aws-us-gov", {"us-gov"}, "amazonaws.com", "api.aws", "amazonaws-us-gov.com"},
    {"aws-eusc", {"eusc-de"}, "amazonaws.eu", "api.amazonwebservices.eu", "amazonaws-eusc.eu"},
    {"aws-iso", {"us-iso"}, "c2s.ic.gov", "api.aws.ic.gov", "c2shome.ic.gov"},
    {"aws-iso-b", {"us-isob"}, "sc2s.sgov.gov", "api.aws.scloud", "sc2shome.sgov.gov"},
    {"aws-iso-e", {"eu-isoe"}, "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "csphome.adc-e.uk"},
    {"aws-iso-f", {"us-isof"}, "csp.hci.ic.gov", "api.aws.hci.ic.gov", "csphome.hci.ic.gov"},
};

/* Whether `region` is `prefix`, a hyphen, one word, a hyphen and digits. */
static bool has_form(const char *region, const char *prefix)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t length = strlen(prefix);
    if (strncmp(region, prefix, length) != 0 || region[length] != '-') {
        return false;
    }
    region += length + 1;
    length = strspn(region, word);
    if (length == 0 || region[length] != '-') {
        return false;
    }
    region += length + 1;
    length = strspn(region, "0123456789");
    return length > 0 && region[length] == '\0';
}

static const struct partition *find_partition(const char *region)
{
    for (size_t i = 0; i < sizeof(partitions) / sizeof(*partitions); i++) {
        for (size_t j = 0; partitions[i].prefixes[j] != NULL; j++) {
            if (has_form(region, partitions[i].prefixes[j])) {
                return &partitions[i];
            }
        }
    }
    for (size_t i = sizeof(partitions) / sizeof(*partitions); i-- > 1;) { /* pseudo-regions: aws-cn-global */
        size_t length = strlen(partitions[i].id);
        if (strncmp(region, partitions[i].id, length) == 0 && strcmp(region + length, "-global") == 0) {
            return &partitions[i];
        }
    }
    return &partitions[0];
}

const char *endpoint_partition(const char *region)
{
    return find_partition(region)->id;
}

enum mstr_code endpoint_check_region(const char *region, struct mstr_error *error)
{
    if (sigv4_region_is_valid(region)) {
        return MSTR_OK;
    }
    host->error_set(error, MSTR_E_CONFIG, "\"%.64s\" is no AWS region", region);
    host->error_detail(
        error, MSTR_DETAIL_HINT,
        "a region is a name such as eu-west-1; it comes from the reference, the section, AWS_REGION or "
        "the profile");
    return MSTR_E_CONFIG;
}

enum mstr_code endpoint_check(const char *custom, struct mstr_error *error)
{
    struct uri uri;
    if (!uri_parse(custom, &uri) || uri.user != NULL || uri.query != NULL || uri.fragment) {
        return host->error_set(error, MSTR_E_CONFIG, "endpoint \"%.200s\" %s", custom,
                               uri_fault(custom, "is not a plain http or https URL"));
    }
    return MSTR_OK;
}

static enum mstr_code custom_url(const struct endpoint_query *query, struct buffer *url, struct mstr_error *error)
{
    if (query->fips || query->dual_stack) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "Invalid Configuration: %s and custom endpoint are not supported",
                               query->fips ? "FIPS" : "Dualstack");
    }
    if (endpoint_check(query->custom, error) != MSTR_OK) {
        return MSTR_E_CONFIG;
    }
    size_t length = strlen(query->custom);
    while (length > 0 && query->custom[length - 1] == '/') {
        length--;
    }
    return buffer_append(url, query->custom, length) ? MSTR_OK : MSTR_E_MEMORY;
}

/* The exceptions to the general rule of suffixes. */
static const char *suffix_of(const struct endpoint_query *query, const struct partition *partition)
{
    if (!query->dual_stack) {
        return partition->suffix;
    }
    bool secrets_manager = strcmp(query->host, "secretsmanager") == 0;
    bool commercial = strcmp(partition->id, "aws") == 0 || strcmp(partition->id, "aws-us-gov") == 0;
    bool china = strcmp(partition->id, "aws-cn") == 0;
    if (secrets_manager && (commercial || (china && !query->fips))) {
        return partition->suffix; /* its plain names are dual-stack there */
    }
    return partition->dual_suffix;
}

/* In the partition of the government the plain names of most services are such. */
static bool has_fips_name(const struct endpoint_query *query, const struct partition *partition)
{
    bool always = strcmp(query->host, "secretsmanager") == 0;
    return query->fips && (always || query->dual_stack || strcmp(partition->id, "aws-us-gov") != 0);
}

/* The sign-in service's own names, which it has without switches, and with FIPS alone in the partition of the
 * government, whose western region's serves the whole of it. False where it has a name like the others. */
static bool put_signin(const struct endpoint_query *query, const struct partition *partition, struct buffer *url)
{
    bool of_government = strcmp(partition->id, "aws-us-gov") == 0;
    if (strcmp(query->host, "signin") != 0 || query->dual_stack || (query->fips && !of_government)) {
        return false;
    }
    bool whole = query->fips && strcmp(query->region, "us-gov-west-1") == 0;
    buffer_printf(url, "https://%s%ssignin%s.%s", whole ? "" : query->region, whole ? "" : ".",
                  query->fips ? "-fips" : "", partition->signin_suffix);
    return true;
}

/* The regions that STS serves at its endpoint of old; those that came later have one of their own alone. */
static bool put_global_sts(const struct endpoint_query *query, struct buffer *url)
{
    static const char *const regions[] = {"ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2",
                                          "ca-central-1",   "eu-central-1", "eu-north-1",     "eu-west-1",
                                          "eu-west-2",      "eu-west-3",    "sa-east-1",      "us-east-1",
                                          "us-east-2",      "us-west-1",    "us-west-2"};
    bool global = strcmp(query->region, "aws-global") == 0;
    for (size_t i = 0; query->legacy && i < sizeof(regions) / sizeof(*regions); i++) {
        global = global || strcmp(query->region, regions[i]) == 0;
    }
    global = global && strcmp(query->host, "sts") == 0 && !query->fips && !query->dual_stack;
    return global && buffer_puts(url, "https://" ENDPOINT_GLOBAL_STS);
}

enum mstr_code endpoint_url(const struct endpoint_query *query, struct buffer *url, struct mstr_error *error)
{
    if (query->custom != NULL) {
        return custom_url(query, url, error);
    }
    if (text_empty(query->region)) {
        return host->error_set(error, MSTR_E_CONFIG, "Invalid Configuration: Missing Region");
    }
    enum mstr_code code = endpoint_check_region(query->region, error);
    if (code != MSTR_OK) {
        return code;
    }
    const struct partition *partition = find_partition(query->region);
    if (!put_signin(query, partition, url) && !put_global_sts(query, url)) {
        buffer_printf(url, "https://%s%s.%s.%s", query->host, has_fips_name(query, partition) ? "-fips" : "",
                      query->region, suffix_of(query, partition));
    }
    return url->failed ? MSTR_E_MEMORY : MSTR_OK;
}

enum mstr_code endpoint_find(const struct aws_service *service, const char *region, const char *own,
                             const struct configuration *config, struct buffer *url, struct mstr_error *error)
{
    struct endpoint_settings settings;
    enum mstr_code code = endpoint_settings_read(config, own, service->endpoint, &settings, error);
    const struct endpoint_query query = {.host = service->host,
                                         .region = region,
                                         .custom = settings.custom,
                                         .fips = settings.fips,
                                         .dual_stack = settings.dual_stack,
                                         .legacy = settings.legacy};
    return code == MSTR_OK ? endpoint_url(&query, url, error) : code;
}
