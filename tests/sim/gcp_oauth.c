/* SPDX-License-Identifier: Apache-2.0 */
/* The token endpoints of users and service accounts: refresh tokens, and assertions signed by a key. */
#include "gcp.h"

#include "base/base64.h"
#include "base/text.h"
#include "support/json_parse.h"

#include <stdio.h>
#include <string.h>

static const char not_timely[] = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                                 "timeframe. Check your iat and exp values in the JWT claim.";

static int64_t lifetime(void)
{
    return sim_knob_int("gcp", "lifetime", GCP_LIFETIME);
}

/* The endpoint itself, as the host calls it or as Google does. */
static bool is_audience(const struct sim_request *request, const char *audience)
{
    char own[512];
    const char *host = sim_header(request, "Host");
    snprintf(own, sizeof(own), "http%s://%s%s", request->tls ? "s" : "", host ? host : "", request->path);
    return audience && (!strcmp(audience, own) || !strcmp(audience, "https://oauth2.googleapis.com/token"));
}

static void answer_claims(struct gcp_call *call, struct json_object *claims)
{
    const char *issuer = json_member_text(claims, "iss");
    const char *subject = json_member_text(claims, "sub");
    const char *scope = json_member_text(claims, "scope");
    struct json_object *account = gcp_find("service_accounts", "email", issuer);
    if (!gcp_jwt_is_timely(claims))
        gcp_oauth_error(call->reply, 400, "invalid_grant", not_timely);
    else if (!is_audience(call->request, json_member_text(claims, "aud")))
        gcp_oauth_error(call->reply, 400, "invalid_grant", "Invalid JWT: Failed audience check.");
    else if (subject && strcmp(subject, issuer) != 0 && !sim_flag(account, "delegation"))
        gcp_oauth_error(
            call->reply, 401, "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
            "for any of the scopes requested.");
    else if (text_empty(scope))
        gcp_oauth_error(call->reply, 400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
    else
        gcp_tokens_answer(call->reply, gcp_token_issue("ya29.c.", issuer, scope, lifetime()), NULL);
}

static void grant_assertion(struct gcp_call *call, const struct sim_pairs *form)
{
    struct json_object *claims = NULL;
    const char *assertion = sim_pairs_get(form, "assertion");
    switch (assertion ? gcp_jwt_verify(assertion, &claims) : GCP_JWT_MALFORMED) {
    case GCP_JWT_GOOD:
        answer_claims(call, claims);
        break;
    case GCP_JWT_UNKNOWN_ISSUER:
        gcp_oauth_error(call->reply, 400, "invalid_grant", "Invalid grant: account not found");
        break;
    case GCP_JWT_BAD_SIGNATURE:
        gcp_oauth_error(call->reply, 400, "invalid_grant", "Invalid JWT Signature.");
        break;
    case GCP_JWT_MALFORMED:
        gcp_oauth_error(call->reply, 400, "invalid_request", "Required parameter is missing or malformed: assertion");
        break;
    }
    json_object_put(claims);
}

static bool has(struct json_object *object, const char *member, const char *expected)
{
    const char *text = json_member_text(object, member);
    return text && expected && !strcmp(text, expected);
}

static void grant_refresh(struct gcp_call *call, const struct sim_pairs *form)
{
    const char *sent = sim_pairs_get(form, "refresh_token");
    struct json_object *user = gcp_find("users", "refresh_token", sent);
    const char *rapt = json_member_text(user, "rapt");
    if (!has(user, "client_id", sim_pairs_get(form, "client_id")) ||
        !has(user, "client_secret", sim_pairs_get(form, "client_secret"))) {
        gcp_oauth_error(call->reply, user ? 401 : 400, user ? "invalid_client" : "invalid_grant",
                        user ? "The OAuth client was not found." : "Token has been expired or revoked.");
    } else if (rapt && !has(user, "rapt", sim_pairs_get(form, "rapt"))) {
        gcp_oauth_error(call->reply, 400, "invalid_grant", "reauth related error (invalid_rapt)");
        struct json_object *body = json_parse(buffer_text(&call->reply->body), call->reply->body.length);
        json_object_object_add(body, "error_subtype", json_object_new_string("invalid_rapt"));
        sim_reply_json(call->reply, 400, body);
    } else {
        gcp_tokens_answer(call->reply,
                          gcp_token_issue("ya29.a0", json_member_text(user, "email"), GCP_SCOPE, lifetime()), NULL);
    }
}

static void token(struct gcp_call *call, const struct sim_pairs *form)
{
    const char *type = sim_pairs_get(form, "grant_type");
    if (type && !strcmp(type, "urn:ietf:params:oauth:grant-type:jwt-bearer"))
        grant_assertion(call, form);
    else if (type && !strcmp(type, "refresh_token"))
        grant_refresh(call, form);
    else
        gcp_oauth_error(call->reply, 400, "unsupported_grant_type", "Invalid grant_type.");
}

/* A workforce user's refresh token, with the client in the Authorization header (RFC 6749 2.3.1). */
static void workforce_token(struct gcp_call *call, const struct sim_pairs *form)
{
    struct buffer expected = BUFFER_INIT;
    struct buffer pair = BUFFER_INIT;
    const char *type = sim_pairs_get(form, "grant_type");
    const char *sent = sim_header(call->request, "Authorization");
    struct json_object *user = gcp_find("workforce_users", "refresh_token", sim_pairs_get(form, "refresh_token"));
    buffer_printf(&pair, "%s:%s", user ? json_member_text(user, "client_id") : "",
                  user ? json_member_text(user, "client_secret") : "");
    buffer_puts(&expected, "Basic ");
    base64_encode(&expected, buffer_text(&pair), pair.length);
    if (!type || strcmp(type, "refresh_token") != 0)
        gcp_oauth_error(call->reply, 400, "unsupported_grant_type", "Invalid grant_type.");
    else if (!user)
        gcp_oauth_error(call->reply, 400, "invalid_grant", "The refresh token is invalid or expired.");
    else if (!sent || strcmp(sent, buffer_text(&expected)) != 0)
        gcp_oauth_error(call->reply, 401, "invalid_client", "The client could not be authenticated.");
    else
        gcp_tokens_answer(call->reply,
                          gcp_token_issue("ya29.d.", json_member_text(user, "principal"), GCP_SCOPE, lifetime()),
                          NULL);
    buffer_release(&pair);
    buffer_release(&expected);
}

bool gcp_oauth(struct gcp_call *call)
{
    static const struct {
        const char *path;
        void (*run)(struct gcp_call *call, const struct sim_pairs *form);
    } endpoints[] = {{"/token", token}, {"/v1/oauthtoken", workforce_token}};
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        struct sim_pairs form = {0};
        if (strcmp(call->request->path, endpoints[i].path) != 0 || !sim_is(call->request, "POST"))
            continue;
        sim_body_form(call->request, &form);
        if (sim_has_type(call->request, "application/x-www-form-urlencoded"))
            endpoints[i].run(call, &form);
        else
            gcp_oauth_error(call->reply, 400, "invalid_request", "The body must be a form.");
        sim_pairs_release(&form);
        return true;
    }
    return false;
}
