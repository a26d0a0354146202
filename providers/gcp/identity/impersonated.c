/* One service account by way of another identity, as gcloud --impersonate-service-account writes it. */
#include "gcp/config/url_policy.h"
#include "gcp/wire/iam.h"

#include <string.h>

static enum mstr_code open(struct credential *credential, struct mstr_error *error)
{
    const char *url = credential_need(credential, "service_account_impersonation_url", error);
    struct json_object *source = json_member(credential->config, "source_credentials");
    struct json_object *delegates = json_member(credential->config, "delegates");
    const struct credential_type *type = NULL;
    struct credential *inner = NULL;
    if (url == NULL) {
        return MSTR_E_CONFIG;
    }
    enum mstr_code code =
        url_policy_google(url, "service_account_impersonation_url", "iamcredentials", credential, error);
    if (code == MSTR_OK && delegates != NULL && !json_object_is_type(delegates, json_type_array)) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: \"delegates\" is no array", credential->source);
    }
    if (code == MSTR_OK && !json_object_is_type(source, json_type_object)) {
        code =
            host->error_set(error, MSTR_E_CONFIG, "%s: needs the object \"source_credentials\"", credential->source);
    }
    code = code == MSTR_OK ? credential_type_of(source, credential->source, &type, error) : code;
    if (code == MSTR_OK && type == &credential_impersonated) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: \"source_credentials\" impersonate in turn",
                               credential->source);
    }
    if (code == MSTR_OK) { /* the source is a tree of its own from here on */
        json_object_get(source);
        json_object_object_del(credential->config, "source_credentials");
        code = credential_new(credential->instance, type, credential->source, source, &inner, error);
    }
    if (code == MSTR_OK && strcmp(inner->universe, credential->universe) != 0) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: its source is of another universe", credential->source);
    }
    credential->state = inner;
    credential->principal = iam_email(url);
    return code;
}

static enum mstr_code fetch(struct credential *credential, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    struct token caller = {.text = NULL};
    enum mstr_code code = credential_token(credential->state, call, &caller, error);
    if (code == MSTR_OK) {
        const struct iam_request request = {
            .url = json_member_text(credential->config, "service_account_impersonation_url"),
            .bearer = caller.text,
            .delegates = json_member(credential->config, "delegates")};
        code = iam_generate_token(credential, &request, call, token, error);
        if (code != MSTR_OK) {
            host->error_detail(error, MSTR_DETAIL_STEP, "impersonation");
        }
    }
    token_release(&caller);
    return code;
}

static void close_source(struct credential *credential)
{
    credential_release(credential->state);
}

const struct credential_type credential_impersonated = {"impersonated_service_account", open, fetch, close_source};
