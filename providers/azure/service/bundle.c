/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets as Key Vault answers them. */
#include "azure/service/bundle.h"

#include "azure/config/field.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

/* Seconds since 1970 as ms; 0 when it is missing or makes no sense. */
static int64_t time_of(struct json_object *attributes, const char *name)
{
    int64_t seconds = 0;
    return json_member_int64(attributes, name, &seconds) && seconds > 0 && seconds < INT64_MAX / 1000 ? seconds * 1000
                                                                                                      : 0;
}

/* The id tells the version; and that a gateway, or a vault under another one's name, gave what was asked for. */
static enum mstr_code read_id(const char *text, const struct secret_id *asked, const struct vault *vault,
                              struct bundle *bundle, struct mstr_error *error)
{
    struct secret_id id;
    bool good = secret_id_parse(text, &id).what == NULL && vault_is_called(vault, id.vault) &&
                text_equal_nocase(id.name, asked->name) &&
                (asked->version[0] == '\0' || text_equal_nocase(id.version, asked->version));
    if (!good) {
        return error_hint(
            error,
            host->error_set(error, MSTR_E_PROTOCOL, "%s answered with another secret, \"%.200s\"", vault->url, text),
            "name the vault in the reference as it calls itself, and set endpoint where it is reached "
            "under another name; check what stands between");
    }
    memcpy(bundle->version, id.version, sizeof(bundle->version));
    return MSTR_OK;
}

static enum mstr_code read_object(struct json_object *body, const struct secret_id *asked, const struct vault *vault,
                                  struct bundle *bundle, struct mstr_error *error)
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
        return error_hint(error, host->error_set(error, MSTR_E_PROTOCOL, "the vault answered without a value"),
                          "check that the host is a vault, and whether a proxy answers");
    }
    const char *id = json_member_text(body, "id");
    if (id == NULL) {
        return error_hint(error, host->error_set(error, MSTR_E_PROTOCOL, "the vault answered without an id"),
                          "check that the host is a vault, and whether a proxy answers");
    }
    enum mstr_code code = read_id(id, asked, vault, bundle, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (type != NULL) {
        field_set(bundle->content_type, sizeof(bundle->content_type), type, strlen(type));
    }
    bundle->not_before = time_of(attributes, "nbf");
    bundle->expires = time_of(attributes, "exp");
    return buffer_append(&bundle->value, value, length) ? MSTR_OK
                                                        : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code bundle_read(const struct mstr_http_answer *answer, const struct secret_id *asked,
                           const struct vault *vault, struct bundle *bundle, struct mstr_error *error)
{
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    enum mstr_code code = read_object(body, asked, vault, bundle, error);
    return json_done(body, parsed, code, error);
}

void bundle_release(struct bundle *bundle)
{
    buffer_release(&bundle->value);
}
