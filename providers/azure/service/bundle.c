/* Secrets as Key Vault answers them. */
#include "azure/service/bundle.h"

#include "azure/config/field.h"
#include "base/json.h"
#include "sdk/host.h"

#include <string.h>

/* Seconds since 1970 as ms; 0 when it is missing or makes no sense. */
static int64_t time_of(struct json_object *attributes, const char *name)
{
    int64_t seconds = 0;
    return json_member_int64(attributes, name, &seconds) && seconds > 0 && seconds < INT64_MAX / 1000 ? seconds * 1000
                                                                                                      : 0;
}

/* The version is the last part of the id, which may name another vault: one that this was restored from. */
static void read_version(const char *id, struct bundle *bundle)
{
    const char *slash = id != NULL ? strrchr(id, '/') : NULL;
    if (slash != NULL) {
        field_set(bundle->version, sizeof(bundle->version), slash + 1, strlen(slash + 1));
    }
}

static enum mstr_code read_object(struct json_object *body, struct bundle *bundle, struct mstr_error *error)
{
    size_t length = 0;
    bool enabled = true;
    struct json_object *attributes = json_member(body, "attributes");
    const char *value = json_member_octets(body, "value", &length);
    const char *type = json_member_text(body, "contentType");
    if (json_member_bool(attributes, "enabled", &enabled) && !enabled) {
        return host->error_set(error, MSTR_E_DENIED, "the secret is disabled");
    }
    if (value == NULL) {
        host->error_set(error, MSTR_E_PROTOCOL, "the vault answered without a value");
        host->error_detail(error, MSTR_DETAIL_HINT, "check that the host is a vault, and whether a proxy answers");
        return MSTR_E_PROTOCOL;
    }
    read_version(json_member_text(body, "id"), bundle);
    if (type != NULL) {
        field_set(bundle->content_type, sizeof(bundle->content_type), type, strlen(type));
    }
    bundle->not_before = time_of(attributes, "nbf");
    bundle->expires = time_of(attributes, "exp");
    return buffer_append(&bundle->value, value, length) ? MSTR_OK
                                                        : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code bundle_read(const struct mstr_http_answer *answer, struct bundle *bundle, struct mstr_error *error)
{
    struct json_object *body = json_parse(answer->body, answer->body_length);
    enum mstr_code code = read_object(body, bundle, error);
    json_release(body);
    return code;
}

void bundle_release(struct bundle *bundle)
{
    buffer_release(&bundle->value);
}
