/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens: opaque ones that the endpoints issue, and JWTs that service accounts sign for themselves. */
#include "gcp.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct gcp_token *tokens;

void gcp_tokens_unload(void)
{
    while (tokens) {
        struct gcp_token *next = tokens->next;
        free(tokens);
        tokens = next;
    }
}

const struct gcp_token *gcp_token_issue(const char *prefix, const char *principal, const char *scopes,
                                        int64_t seconds)
{
    struct gcp_token *token = calloc(1, sizeof(*token));
    char random[129];
    if (!token)
        abort();
    sim_random_text(random, sizeof(random) - 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    snprintf(token->text, sizeof(token->text), "%s%s", prefix, random);
    snprintf(token->principal, sizeof(token->principal), "%s", principal);
    snprintf(token->scopes, sizeof(token->scopes), "%s", scopes);
    token->expires = sim_now() + seconds * 1000;
    token->next = tokens;
    tokens = token;
    return token;
}

void gcp_tokens_answer(struct sim_reply *reply, const struct gcp_token *token, const char *issued_type)
{
    int64_t seconds = (token->expires - sim_now()) / 1000;
    char text[24];
    struct json_object *answer = json_object_new_object();
    json_object_object_add(answer, "access_token", json_object_new_string(token->text));
    if (issued_type)
        json_object_object_add(answer, "issued_token_type", json_object_new_string(issued_type));
    json_object_object_add(answer, "token_type", json_object_new_string("Bearer"));
    snprintf(text, sizeof(text), "%lld", (long long)seconds);
    json_object_object_add(answer, "expires_in",
                           sim_knob_bool("gcp", "expires_in_text", false) ? json_object_new_string(text)
                                                                          : json_object_new_int64(seconds));
    sim_reply_json(reply, 200, answer);
}

static bool has_scope(const char *scopes)
{
    size_t length = strlen(GCP_SCOPE);
    for (const char *at = scopes; at && (at = strstr(at, GCP_SCOPE)) != NULL; at += length)
        if ((at == scopes || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

static const struct gcp_token *unauthenticated(struct gcp_call *call, const char *reason)
{
    sim_reply_header(call->reply, "WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\"");
    gcp_error(call->reply, "UNAUTHENTICATED", reason,
              "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
              "valid authentication credential.");
    return NULL;
}

/* AIP-4111: iss and sub are the account, and either aud or scope says what for. */
static bool meant_for(struct json_object *claims, const char *service)
{
    char expected[256];
    const char *issuer = json_member_text(claims, "iss");
    const char *subject = json_member_text(claims, "sub");
    const char *audience = json_member_text(claims, "aud");
    const char *scope = json_member_text(claims, "scope");
    snprintf(expected, sizeof(expected), "https://%s.googleapis.com/", service);
    return subject && !strcmp(subject, issuer) && !audience != !scope &&
           (audience ? !strcmp(audience, expected) : has_scope(scope));
}

static const struct gcp_token *self_signed(struct gcp_call *call, const char *text, const char *service)
{
    struct json_object *claims = NULL;
    const struct gcp_token *token = NULL;
    enum gcp_jwt_fault fault = gcp_jwt_verify(text, &claims);
    if (fault == GCP_JWT_GOOD && gcp_jwt_is_timely(claims) && meant_for(claims, service))
        token = gcp_token_issue("jwt.", json_member_text(claims, "iss"), GCP_SCOPE, 0);
    json_object_put(claims);
    return token ? token
                 : unauthenticated(call,
                                   fault == GCP_JWT_UNKNOWN_ISSUER ? "ACCOUNT_STATE_INVALID" : "JWT_TOKEN_INVALID");
}

const struct gcp_token *gcp_bearer(struct gcp_call *call, const char *service)
{
    const char *header = sim_header(call->request, "Authorization");
    if (!header || !text_starts_with(header, "Bearer "))
        return unauthenticated(call, "CREDENTIALS_MISSING");
    const char *text = header + strlen("Bearer ");
    if (text_starts_with(text, "eyJ"))
        return self_signed(call, text, service);
    const struct gcp_token *token = tokens;
    while (token && strcmp(token->text, text) != 0)
        token = token->next;
    if (!token)
        return unauthenticated(call, "ACCESS_TOKEN_TYPE_UNSUPPORTED");
    if (token->expires <= sim_now())
        return unauthenticated(call, "ACCESS_TOKEN_EXPIRED");
    if (!has_scope(token->scopes)) {
        gcp_error(call->reply, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                  "Request had insufficient authentication scopes.");
        return NULL;
    }
    return token;
}
