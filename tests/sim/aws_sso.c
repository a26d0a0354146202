/* SPDX-License-Identifier: Apache-2.0 */
/* IAM Identity Center: refreshing an access token at OIDC, and role credentials from the portal. */
#include "aws.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { TOKEN_SECONDS = 3600, ROLE_SECONDS = 3600 };

static void fail(struct sim_reply *reply, int status, const char *type, const char *error, const char *description)
{
    struct json_object *body = json_object_new_object();
    json_object_object_add(body, "error", json_object_new_string(error));
    json_object_object_add(body, "error_description", json_object_new_string(description));
    json_object_object_add(body, "message", json_object_new_string(description));
    sim_reply_header(reply, "x-amzn-ErrorType", type);
    aws_add_request_id(reply);
    sim_reply_json(reply, status, body);
    sim_verdict(reply, "%s: %s", type, description);
}

static struct json_object *tokens(void)
{
    return json_member(aws_seed("sso"), "tokens");
}

static struct json_object *find_in(struct json_object *list, const char *member, const char *value)
{
    for (size_t i = 0; list && value && i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        const char *text = json_member_text(item, member);
        if (text && !strcmp(text, value))
            return item;
    }
    return NULL;
}

/* A new access token takes over the roles of the first one of the seed. */
static const char *new_access_token(char token[65])
{
    struct json_object *first = json_object_array_get_idx(tokens(), 0);
    struct json_object *item = json_object_new_object();
    sim_random_text(token, 64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    json_object_object_add(item, "token", json_object_new_string(token));
    json_object_object_add(item, "expires_ms", json_object_new_int64(sim_now() + TOKEN_SECONDS * 1000LL));
    json_object_object_add(item, "roles", json_object_get(json_member(first, "roles")));
    json_object_array_add(tokens(), item);
    return token;
}

static bool owns(struct json_object *client, const char *refresh_token)
{
    struct json_object *list = json_member(client, "refresh_tokens");
    for (size_t i = 0; list && refresh_token && i < json_object_array_length(list); i++)
        if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), refresh_token))
            return true;
    return false;
}

static void refresh(struct aws_call *call, struct json_object *input)
{
    const char *grant = json_member_text(input, "grantType");
    const char *secret = json_member_text(input, "clientSecret");
    struct json_object *client =
        find_in(json_member(aws_seed("sso"), "clients"), "id", json_member_text(input, "clientId"));
    const char *known = json_member_text(client, "secret");
    char token[65];
    if (!grant || strcmp(grant, "refresh_token") != 0) {
        fail(call->reply, 400, "UnsupportedGrantTypeException", "unsupported_grant_type", "grantType is not known");
    } else if (!known || !secret || strcmp(known, secret) != 0) {
        fail(call->reply, 401, "InvalidClientException", "invalid_client", "the client is not known");
    } else if (!owns(client, json_member_text(input, "refreshToken")) || !tokens()) {
        fail(call->reply, 400, "InvalidGrantException", "invalid_grant", "the refresh token is not valid");
    } else {
        struct json_object *result = json_object_new_object();
        json_object_object_add(result, "accessToken", json_object_new_string(new_access_token(token)));
        json_object_object_add(result, "expiresIn", json_object_new_int(TOKEN_SECONDS));
        json_object_object_add(result, "tokenType", json_object_new_string("Bearer"));
        if (sim_knob_bool("aws", "sso_rotates_refresh_token", true))
            json_object_object_add(result, "refreshToken",
                                   json_object_new_string(json_member_text(input, "refreshToken")));
        aws_add_request_id(call->reply);
        sim_reply_json(call->reply, 200, result);
    }
}

bool aws_oidc(struct aws_call *call)
{
    if (strcmp(call->request->path, "/token") != 0 || !sim_is(call->request, "POST"))
        return false;
    struct json_object *input = sim_has_type(call->request, "application/json") ? sim_body_json(call->request) : NULL;
    if (json_object_is_type(input, json_type_object))
        refresh(call, input);
    else
        fail(call->reply, 400, "InvalidRequestException", "invalid_request", "a JSON object is expected");
    json_object_put(input);
    return true;
}

static bool grants(struct json_object *token, const char *account, const char *role)
{
    struct json_object *roles = json_member(token, "roles");
    for (size_t i = 0; roles && account && role && i < json_object_array_length(roles); i++) {
        struct json_object *item = json_object_array_get_idx(roles, i);
        const char *item_account = json_member_text(item, "account");
        const char *item_role = json_member_text(item, "role");
        if (item_account && item_role && !strcmp(item_account, account) && !strcmp(item_role, role))
            return true;
    }
    return false;
}

static void issue(struct aws_call *call, const char *account, const char *role)
{
    char arn[256];
    snprintf(arn, sizeof(arn), "arn:aws:sts::%s:assumed-role/AWSReservedSSO_%s_0/user", account, role);
    const struct aws_key *key = aws_key_issue(account, arn, sim_knob_int("aws", "lifetime", ROLE_SECONDS));
    struct json_object *credentials = json_object_new_object();
    json_object_object_add(credentials, "accessKeyId", json_object_new_string(key->id));
    json_object_object_add(credentials, "secretAccessKey", json_object_new_string(key->secret));
    json_object_object_add(credentials, "sessionToken", json_object_new_string(key->token));
    json_object_object_add(credentials, "expiration", json_object_new_int64(key->expires));
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "roleCredentials", credentials);
    aws_add_request_id(call->reply);
    sim_reply_json(call->reply, 200, result);
}

bool aws_portal(struct aws_call *call)
{
    if (strcmp(call->request->path, "/federation/credentials") != 0 || !sim_is(call->request, "GET"))
        return false;
    const char *account = sim_query(call->request, "account_id");
    const char *role = sim_query(call->request, "role_name");
    struct json_object *token = find_in(tokens(), "token", sim_header(call->request, "x-amz-sso_bearer_token"));
    int64_t expires = INT64_MAX;
    json_member_int64(token, "expires_ms", &expires);
    if (!account || !role)
        fail(call->reply, 400, "InvalidRequestException", "invalid_request", "account_id or role_name is missing");
    else if (!token || expires <= sim_now())
        fail(call->reply, 401, "UnauthorizedException", "unauthorized", "Session token not found or invalid");
    else if (!grants(token, account, role))
        fail(call->reply, 404, "ResourceNotFoundException", "not_found", "No access");
    else
        issue(call, account, role);
    return true;
}
