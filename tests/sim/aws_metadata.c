/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials by place: the instance metadata service in its second version, and the container endpoint. */
#include "aws.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS_MAX = 64, TTL_MAX = 21600, LIFETIME = 6 * 3600 };

static const char extended_list[] = "/latest/meta-data/iam/security-credentials-extended/";
static const char plain_list[] = "/latest/meta-data/iam/security-credentials/";

static struct {
    char text[57];
    int64_t expires;
} tokens[TOKENS_MAX];
static size_t next_token;

void aws_metadata_load(void)
{
    memset(tokens, 0, sizeof(tokens));
    next_token = 0;
}

static const char *text_or(struct json_object *object, const char *member, const char *otherwise)
{
    const char *text = json_member_text(object, member);
    return text ? text : otherwise;
}

static void issue_token(struct aws_call *call)
{
    const char *ttl = sim_header(call->request, "x-aws-ec2-metadata-token-ttl-seconds");
    int64_t seconds = 0;
    if (sim_header(call->request, "X-Forwarded-For")) {
        sim_reply_text(call->reply, 403, "text/plain", "Forbidden");
        sim_verdict(call->reply, "the request came through a proxy");
        return;
    }
    if (!ttl || !text_to_int64(ttl, &seconds) || seconds < 1 || seconds > TTL_MAX) {
        sim_reply_text(call->reply, 400, "text/plain", "Bad Request");
        sim_verdict(call->reply, "the ttl header is missing or out of range");
        return;
    }
    const size_t i = next_token++ % TOKENS_MAX;
    sim_random_text(tokens[i].text, 56, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    tokens[i].expires = sim_now() + seconds * 1000;
    sim_reply_header(call->reply, "x-aws-ec2-metadata-token-ttl-seconds", ttl);
    sim_reply_text(call->reply, 200, "text/plain", tokens[i].text);
}

static bool token_is_good(const struct sim_request *request)
{
    const char *token = sim_header(request, "x-aws-ec2-metadata-token");
    if (!token)
        return sim_knob_bool("aws", "imds_v1", false);
    for (size_t i = 0; *token && i < TOKENS_MAX; i++)
        if (!strcmp(tokens[i].text, token))
            return tokens[i].expires > sim_now();
    return false;
}

static void put_credentials(struct json_object *result, const struct aws_key *key, bool extended)
{
    char text[21];
    json_object_object_add(result, "AccessKeyId", json_object_new_string(key->id));
    json_object_object_add(result, "SecretAccessKey", json_object_new_string(key->secret));
    json_object_object_add(result, "Token", json_object_new_string(key->token));
    timestamp_format_rfc3339(key->expires, text);
    json_object_object_add(result, "Expiration", json_object_new_string(text));
    if (extended)
        json_object_object_add(result, "AccountId", json_object_new_string(key->account));
}

static void role_credentials(struct aws_call *call, struct json_object *imds, const char *role, bool extended)
{
    char text[256];
    const char *account = text_or(imds, "account", "123456789012");
    const char *code = sim_knob_text("aws", "imds_code", "Success", text, sizeof(text));
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "Code", json_object_new_string(code));
    json_object_object_add(result, "Type", json_object_new_string("AWS-HMAC"));
    timestamp_format_rfc3339(sim_now(), text);
    json_object_object_add(result, "LastUpdated", json_object_new_string(text));
    if (!sim_knob_text("aws", "imds_code", NULL, text, sizeof(text))) {
        snprintf(text, sizeof(text), "arn:aws:sts::%s:assumed-role/%s/i-0simulator", account, role);
        put_credentials(result, aws_key_issue(account, text, sim_knob_int("aws", "lifetime", LIFETIME)), extended);
    }
    sim_reply_json(call->reply, 200, result);
}

static void not_found(struct sim_reply *reply)
{
    sim_reply_text(reply, 404, "text/html", "<html><body><h1>404 - Not Found</h1></body></html>\n");
}

static void read_metadata(struct aws_call *call, struct json_object *imds)
{
    const char *role = json_member_text(imds, "role");
    const char *path = call->request->path;
    const bool extended = sim_knob_bool("aws", "imds_extended", true);
    const char *asked = extended ? sim_path_after(call->request, extended_list) : NULL;
    const bool in_extended = asked != NULL;
    if (!asked)
        asked = sim_path_after(call->request, plain_list);
    if (!asked && !strncmp(path, plain_list, strlen(plain_list) - 1) && strlen(path) == strlen(plain_list) - 1)
        asked = ""; /* the real service does not mind the missing slash either */
    if (asked && role && !*asked) {
        sim_reply_text(call->reply, 200, "text/plain", role);
    } else if (asked && role && !strcmp(asked, role)) {
        role_credentials(call, imds, role, in_extended);
    } else if (!strcmp(path, "/latest/meta-data/placement/region")) {
        sim_reply_text(call->reply, 200, "text/plain", text_or(imds, "region", "us-east-1"));
    } else if (!strcmp(path, "/latest/meta-data/placement/availability-zone")) {
        char zone[80];
        snprintf(zone, sizeof(zone), "%sa", text_or(imds, "region", "us-east-1"));
        sim_reply_text(call->reply, 200, "text/plain", zone);
    } else {
        not_found(call->reply);
    }
}

bool aws_imds(struct aws_call *call)
{
    if (!text_starts_with(call->request->path, "/latest/"))
        return false;
    if (!strcmp(call->request->path, "/latest/api/token")) {
        if (sim_is(call->request, "PUT"))
            issue_token(call);
        else
            sim_reply_text(call->reply, 405, "text/plain", "Method Not Allowed");
    } else if (!token_is_good(call->request)) {
        sim_reply_text(call->reply, 401, "text/plain", "Unauthorized");
        sim_verdict(call->reply, "the metadata token is missing, unknown or expired");
    } else if (!sim_is(call->request, "GET")) {
        sim_reply_text(call->reply, 405, "text/plain", "Method Not Allowed");
    } else {
        read_metadata(call, aws_seed("imds"));
    }
    return true;
}

static bool is_container_path(struct json_object *container, const char *path)
{
    struct json_object *paths = json_member(container, "paths");
    for (size_t i = 0; paths && i < json_object_array_length(paths); i++)
        if (!strcmp(json_object_get_string(json_object_array_get_idx(paths, i)), path))
            return true;
    return false;
}

bool aws_container(struct aws_call *call)
{
    struct json_object *container = aws_seed("container");
    const char *token = json_member_text(container, "token");
    const char *sent = sim_header(call->request, "Authorization");
    if (!is_container_path(container, call->request->path) || !sim_is(call->request, "GET"))
        return false;
    struct json_object *result = json_object_new_object();
    if (token && (!sent || strcmp(sent, token) != 0)) {
        json_object_object_add(result, "code", json_object_new_string("AccessDeniedException"));
        json_object_object_add(result, "message", json_object_new_string("the authorization token is not known"));
        sim_verdict(call->reply, "wrong or missing Authorization");
        sim_reply_json(call->reply, 401, result);
        return true;
    }
    const char *role = text_or(container, "role", "arn:aws:iam::123456789012:role/simulator-task");
    put_credentials(result, aws_key_issue("123456789012", role, sim_knob_int("aws", "lifetime", LIFETIME)), true);
    json_object_object_add(result, "RoleArn", json_object_new_string(role));
    sim_reply_json(call->reply, 200, result);
    return true;
}
