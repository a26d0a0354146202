/* SPDX-License-Identifier: Apache-2.0 */
/* A workforce user's refresh token, as gcloud auth application-default login leaves it. */
#include "base/uri.h"
#include "gcp/config/url_policy.h"
#include "gcp/identity/kinds.h"
#include "gcp/wire/oauth.h"

static enum mstr_code open(struct gcp_identity *identity, struct mstr_error *error)
{
    static const char *const needed[] = {"refresh_token", "token_url", "client_id", "client_secret", NULL};
    if (!gcp_identity_need_all(identity, needed, error)) {
        return MSTR_E_CONFIG;
    }
    return url_policy_google(json_member_text(identity->config, "token_url"), "token_url", identity->source, "sts",
                             identity->universe, error);
}

static enum mstr_code fetch(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    struct buffer form = BUFFER_INIT;
    uri_form_add(&form, "grant_type", "refresh_token");
    uri_form_add(&form, "refresh_token", json_member_text(identity->config, "refresh_token"));
    const struct oauth_request request = {.url = json_member_text(identity->config, "token_url"),
                                          .form = &form,
                                          .client_id = json_member_text(identity->config, "client_id"),
                                          .client_secret = json_member_text(identity->config, "client_secret")};
    enum mstr_code code = oauth_token(identity->instance, &request, call, token, error);
    buffer_release(&form);
    return code;
}

const struct gcp_identity_kind external_user_identity = {"external_account_authorized_user", open, fetch, NULL};
