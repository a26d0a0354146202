/* SPDX-License-Identifier: Apache-2.0 */
/* What references ask for. */
#include "aws/service/wanted.h"

#include "aws/wire/endpoint.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

enum { ID_MAX = 2048 };

static enum mstr_code read_query(const struct wanted_kind *kind, const struct mstr_reference *reference,
                                 struct wanted *wanted, struct mstr_error *error)
{
    const struct {
        const char *key;
        const char **value;
    } keys[] = {{"region", &wanted->region}, {"version-id", &wanted->version}, {"version-stage", &wanted->stage}};
    const size_t known = kind->versions ? sizeof(keys) / sizeof(*keys) : 1;
    for (uint32_t i = 0; i < reference->query_count; i++) {
        size_t j = 0;
        while (j < known && strcmp(reference->query[i].key, keys[j].key) != 0) {
            j++;
        }
        if (j == known) {
            return host->error_set(error, MSTR_E_CONFIG, "unknown query key \"%s\": there %s region",
                                   reference->query[i].key,
                                   kind->versions ? "are version-id, version-stage and" : "is only");
        }
        *keys[j].value = reference->query[i].value;
    }
    return MSTR_OK;
}

/* An ARN names its region, and asking any other would end in "not found". */
static enum mstr_code read_arn(const struct wanted_kind *kind, struct wanted *wanted, struct mstr_error *error)
{
    const struct arn *arn = &wanted->arn;
    if (!arn_parse(wanted->id, &wanted->arn) || strcmp(arn->service, kind->service) != 0 ||
        !text_starts_with(arn->resource, kind->resource)) {
        return host->error_set(error, MSTR_E_CONFIG, "\"%.200s\" is no ARN of %s", wanted->id, kind->arn_of);
    }
    if (wanted->region != NULL && strcmp(wanted->region, arn->region) != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "the ARN is of region %s, but the reference asks for %s",
                               arn->region, wanted->region);
    }
    if (strcmp(endpoint_partition(arn->region), arn->partition) != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "region %s is not of partition %s", arn->region, arn->partition);
    }
    wanted->region = arn->region;
    return MSTR_OK;
}

/* What goes out as JSON; a body may be any octets. */
static bool is_utf8(const struct wanted *wanted)
{
    const char *const texts[] = {wanted->id, wanted->version, wanted->stage};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (texts[i] != NULL && !text_is_utf8(texts[i], strlen(texts[i]))) {
            return false;
        }
    }
    return true;
}

enum mstr_code wanted_read(const struct wanted_kind *kind, const struct mstr_reference *reference,
                           struct wanted *wanted, struct mstr_error *error)
{
    *wanted = (struct wanted){.id = reference->body};
    enum mstr_code code = read_query(kind, reference, wanted, error);
    if (code == MSTR_OK && strlen(wanted->id) > ID_MAX) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s name has at most %d characters", kind->owner, ID_MAX);
    }
    if (code == MSTR_OK && !is_utf8(wanted)) {
        code = host->error_set(error, MSTR_E_CONFIG, "the reference holds octets that are no UTF-8");
    }
    if (code == MSTR_OK && arn_is(wanted->id)) {
        code = read_arn(kind, wanted, error);
    }
    return code == MSTR_OK && wanted->region != NULL ? endpoint_check_region(wanted->region, error) : code;
}
