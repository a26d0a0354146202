/* SPDX-License-Identifier: Apache-2.0 */
/* One service account by way of another identity, as gcloud --impersonate-service-account writes it. */
#include "gcp/config/url_policy.h"
#include "gcp/identity/credential_file.h"
#include "gcp/identity/kinds.h"
#include "gcp/wire/iam.h"

#include <string.h>

static enum mstr_code open(struct gcp_identity *identity, struct mstr_error *error)
{
    const char *url = gcp_identity_need(identity, "service_account_impersonation_url", error);
    struct json_object *source = json_member(identity->config, "source_credentials");
    struct json_object *delegates = json_member(identity->config, "delegates");
    const struct gcp_identity_kind *kind = NULL;
    struct gcp_identity *inner = NULL;
    if (url == NULL) {
        return MSTR_E_CONFIG;
    }
    enum mstr_code code = url_policy_google(url, "service_account_impersonation_url", identity->source,
                                            "iamcredentials", identity->universe, error);
    if (code == MSTR_OK && delegates != NULL && !json_object_is_type(delegates, json_type_array)) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: \"delegates\" is no array", identity->source);
    }
    if (code == MSTR_OK && !json_object_is_type(source, json_type_object)) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: needs the object \"source_credentials\"", identity->source);
    }
    code = code == MSTR_OK ? credential_file_kind(source, identity->source, &kind, error) : code;
    if (code == MSTR_OK && kind == &impersonated_identity) {
        code =
            host->error_set(error, MSTR_E_CONFIG, "%s: \"source_credentials\" impersonate in turn", identity->source);
    }
    if (code == MSTR_OK) { /* the source is a tree of its own from here on */
        json_object_get(source);
        json_object_object_del(identity->config, "source_credentials");
        code = gcp_identity_new(identity->instance, kind, identity->source, source, &inner, error);
    }
    if (code == MSTR_OK && strcmp(inner->universe, identity->universe) != 0) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: its source is of another universe", identity->source);
    }
    identity->state = inner;
    identity->principal = iam_email(url);
    return code;
}

static enum mstr_code fetch(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    struct token caller = {.text = NULL};
    enum mstr_code code = gcp_identity_token(identity->state, call, &caller, error);
    if (code == MSTR_OK) {
        const struct iam_request request = {
            .url = json_member_text(identity->config, "service_account_impersonation_url"),
            .bearer = caller.text,
            .delegates = json_member(identity->config, "delegates")};
        code = iam_generate_token(identity->instance, &request, call, token, error);
        if (code != MSTR_OK) {
            host->error_detail(error, MSTR_DETAIL_STEP, "impersonation");
        }
    }
    token_release(&caller);
    return code;
}

static void close_source(struct gcp_identity *identity)
{
    gcp_identity_release(identity->state);
}

const struct gcp_identity_kind impersonated_identity = {"impersonated_service_account", open, fetch, close_source};
