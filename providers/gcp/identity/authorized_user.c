/* SPDX-License-Identifier: Apache-2.0 */
/* A user's refresh token, as gcloud auth application-default login leaves it. */
#include "base/text.h"
#include "base/uri.h"
#include "gcp/config/url_policy.h"
#include "gcp/identity/kinds.h"
#include "gcp/wire/oauth.h"

#include <string.h>

static const char *token_uri(const struct gcp_identity *identity)
{
    const char *uri = json_member_text(identity->config, "token_uri");
    return text_empty(uri) ? "https://oauth2.googleapis.com/token" : uri;
}

static enum mstr_code open(struct gcp_identity *identity, struct mstr_error *error)
{
    static const char *const needed[] = {"client_id", "client_secret", "refresh_token", NULL};
    if (!gcp_identity_need_all(identity, needed, error)) {
        return MSTR_E_CONFIG;
    }
    if (strcmp(identity->universe, UNIVERSE_DEFAULT) != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "%s: user credentials exist in the universe googleapis.com only",
                               identity->source);
    }
    identity->principal = text_copy(json_member_text(identity->config, "account"));
    return url_policy_plain(token_uri(identity), "token_uri", identity->source, error);
}

static enum mstr_code fetch(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    struct buffer form = BUFFER_INIT;
    const char *rapt = json_member_text(identity->config, "rapt_token");
    uri_form_add(&form, "grant_type", "refresh_token");
    uri_form_add(&form, "client_id", json_member_text(identity->config, "client_id"));
    uri_form_add(&form, "client_secret", json_member_text(identity->config, "client_secret"));
    uri_form_add(&form, "refresh_token", json_member_text(identity->config, "refresh_token"));
    if (!text_empty(rapt)) {
        uri_form_add(&form, "rapt", rapt);
    }
    const struct oauth_request request = {.url = token_uri(identity), .form = &form};
    enum mstr_code code = oauth_token(identity->instance, &request, call, token, error);
    buffer_release(&form);
    return code;
}

const struct gcp_identity_kind authorized_user_identity = {"authorized_user", open, fetch, NULL};
