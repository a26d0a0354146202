/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An identity of AWS: a GetCallerIdentity request is signed, but not sent; Vault sends it to STS to learn who signed.
 * Whoever the AWS plugin would sign as, signs.
 */
#include "aws/identity/chain.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"
#include "sdk/sigv4.h"
#include "vault/identity/login.h"

#include <stdio.h>
#include <string.h>

static const char question[] = "Action=GetCallerIdentity&Version=2011-06-15";
static const char content_type[] = "application/x-www-form-urlencoded; charset=utf-8";
static const char length_text[] = "43"; /* of the question */
enum { HEADERS_MOST = 4, NAME_MOST = 128 };

/* Where STS is: of the region that the option names; without one, the global host of us-east-1. Vault sends the
 * request to the endpoint that it is configured for, so that both must be of one region. */
static const char *find_region(const struct mstr_instance *instance, char name[NAME_MOST])
{
    const char *region = host->option(instance, "sts_region");
    bool china = !text_empty(region) && text_starts_with(region, "cn-");
    snprintf(name, NAME_MOST, "sts.%.63s%samazonaws.com%s", text_empty(region) ? "" : region,
             text_empty(region) ? "" : ".", china ? ".cn" : "");
    return text_empty(region) ? "us-east-1" : region;
}

static void put_base64(struct buffer *body, const char *name, const char *text)
{
    struct buffer encoded = BUFFER_INIT;
    body->failed |= !base64_encode(&encoded, text, strlen(text));
    json_put_member(body, name, buffer_text(&encoded));
    buffer_release(&encoded);
}

static void put_header(struct buffer *json, const char *name, const char *value)
{
    struct buffer text = BUFFER_INIT;
    json->failed |= !json_put_string(&text, value, strlen(value));
    buffer_printf(json, "%s\"%s\":[%s]", json->length > 0 ? "," : "{", name, buffer_text(&text));
    buffer_release(&text);
}

/* The request as the auth method wants it: each part in base64, the headers as JSON of lists. */
static bool put_request(const char *sts, const struct mstr_header *headers, size_t count, const char *session,
                        const struct sigv4_signature *signature, struct buffer *body)
{
    struct buffer url = BUFFER_INIT;
    struct buffer json = BUFFER_INIT;
    buffer_printf(&url, "https://%s/", sts);
    for (size_t i = 0; i < count; i++) {
        put_header(&json, headers[i].name, headers[i].value);
    }
    put_header(&json, "X-Amz-Date", signature->date);
    if (session != NULL) {
        put_header(&json, "X-Amz-Security-Token", session);
    }
    put_header(&json, "Authorization", buffer_text(&signature->authorization));
    buffer_putc(&json, '}');
    json_put_member(body, "iam_http_request_method", "POST");
    put_base64(body, "iam_request_url", buffer_text(&url));
    put_base64(body, "iam_request_body", question);
    put_base64(body, "iam_request_headers", buffer_text(&json));
    body->failed |= url.failed || json.failed;
    buffer_release(&json);
    buffer_release(&url);
    return !body->failed;
}

static enum mstr_code sign(const struct vault_turn *turn, struct aws_keys *keys, struct buffer *body,
                           struct mstr_error *error)
{
    char sts[NAME_MOST];
    struct sigv4_signature signature;
    const char *server = host->option(turn->settings->instance, "iam_server_id");
    const char *region = find_region(turn->settings->instance, sts);
    const struct mstr_header headers[HEADERS_MOST] = {{"Host", sts},
                                                      {"Content-Type", content_type},
                                                      {"Content-Length", length_text},
                                                      {"X-Vault-AWS-IAM-Server-ID", server}};
    size_t count = text_empty(server) ? HEADERS_MOST - 1 : HEADERS_MOST;
    const struct sigv4_request request = {.method = "POST",
                                          .path = "/",
                                          .headers = headers,
                                          .header_count = count,
                                          .body = question,
                                          .body_length = strlen(question)};
    memset(&signature, 0, sizeof(signature));
    enum mstr_code code = aws_keys_sign(keys, region, "sts", host->now(), &request, &signature);
    if (code != MSTR_OK) {
        host->error_set(error, code, "the request to AWS STS cannot be signed: is sts_region \"%.64s\" a region?",
                        region);
    } else if (!put_request(sts, headers, count, keys->session_token, &signature, body)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    sigv4_release(&signature);
    return code;
}

static enum mstr_code find_keys(const struct vault_turn *turn, struct aws_keys **keys, struct mstr_error *error)
{
    const struct aws_settings settings = {.instance = turn->settings->instance};
    struct configuration config;
    const struct surroundings around = {
        .call = turn->call, .config = &config, .region = host->option(turn->settings->instance, "sts_region")};
    enum mstr_code code = configuration_load(turn->call, &settings, &config, error);
    if (code == MSTR_OK) {
        code = chain_walk(&around, NULL, keys, error);
    }
    configuration_release(&config);
    return code;
}

enum mstr_code vault_aws(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct buffer proof = BUFFER_INIT;
    struct aws_keys *keys = NULL;
    const char *role = host->option(turn->settings->instance, "role");
    if (!turn->chosen) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "auth = aws would choose it");
    }
    enum mstr_code code = find_keys(turn, &keys, error);
    if (code == MSTR_OK) {
        json_put_member(&body, "role", text_empty(role) ? NULL : role);
        code = sign(turn, keys, &body, error);
    }
    if (code == MSTR_OK) {
        buffer_putc(&body, '}');
        buffer_printf(&proof, "%s %s", keys->access_key, text_empty(role) ? "" : role);
        const struct vault_login login = {.method = "aws", .body = buffer_text(&body), .proof = buffer_text(&proof)};
        code = body.failed || proof.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                           : vault_login(turn, &login, out, error);
    }
    aws_keys_release(keys);
    buffer_release(&proof);
    buffer_release(&body);
    return code;
}
