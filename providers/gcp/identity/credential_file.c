/* SPDX-License-Identifier: Apache-2.0 */
/* Credential files: which kind of identity they configure. */
#include "gcp/identity/credential_file.h"

#include "gcp/identity/kinds.h"

#include <string.h>

static const struct gcp_identity_kind *const kinds[] = {&service_account_identity,  &authorized_user_identity,
                                                        &external_account_identity, &external_user_identity,
                                                        &impersonated_identity,     &gdch_identity};

static enum mstr_code unknown_type(const char *type, const char *source, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_CONFIG, "%s: %s%.64s%s", source,
                    type == NULL ? "has no \"type\"" : "has the unknown type \"", type == NULL ? "" : type,
                    type == NULL ? "" : "\"");
    host->error_detail(
        error, MSTR_DETAIL_HINT,
        "known types are service_account, authorized_user, external_account, "
        "external_account_authorized_user and impersonated_service_account; an OAuth client id file is "
        "no credential");
    return MSTR_E_CONFIG;
}

enum mstr_code credential_file_kind(struct json_object *config, const char *source,
                                    const struct gcp_identity_kind **kind, struct mstr_error *error)
{
    const char *name = json_member_text(config, "type");
    for (size_t i = 0; name != NULL && i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(kinds[i]->name, name) == 0) {
            *kind = kinds[i];
            return MSTR_OK;
        }
    }
    return unknown_type(name, source, error);
}

enum mstr_code credential_file_parse(const struct mstr_instance *instance, const char *source, const char *text,
                                     size_t length, struct gcp_identity **out, struct mstr_error *error)
{
    const struct gcp_identity_kind *kind = NULL;
    struct json_object *config = NULL;
    enum mstr_code parsed = json_read(text, length, &config);
    enum mstr_code code = json_object_is_type(config, json_type_object)
                              ? credential_file_kind(config, source, &kind, error)
                              : host->error_set(error, MSTR_E_CONFIG, "%s: is not a JSON object", source);
    if (code != MSTR_OK) {
        return json_done(config, parsed, code, error);
    }
    return gcp_identity_new(instance, kind, source, config, out, error);
}
