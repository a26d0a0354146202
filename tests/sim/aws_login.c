/* SPDX-License-Identifier: Apache-2.0 */
/* The sign-in service behind `aws login`: refresh tokens bound to a key by DPoP (RFC 9449). */
#include "aws.h"

#include "base/base64.h"
#include "base/text.h"
#include "support/json_parse.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COORDINATE = 32, LIFETIME = 900, PROOF_AGE_MS = 5 * 60 * 1000 };

static void fail(struct sim_reply *reply, int status, const char *type, const char *error, const char *message)
{
    struct json_object *body = json_object_new_object();
    json_object_object_add(body, "error", json_object_new_string(error));
    json_object_object_add(body, "message", json_object_new_string(message));
    sim_reply_header(reply, "x-amzn-ErrorType", type);
    aws_add_request_id(reply);
    sim_reply_json(reply, status, body);
    sim_verdict(reply, "%s: %s", type, message);
}

static struct json_object *decode_json(const char *text, size_t length)
{
    struct buffer decoded = BUFFER_INIT;
    struct json_object *value = NULL;
    if (base64url_decode(&decoded, text, length))
        value = json_parse(buffer_text(&decoded), decoded.length);
    buffer_release(&decoded);
    return value;
}

static bool has(struct json_object *object, const char *member, const char *expected)
{
    const char *text = json_member_text(object, member);
    return text && !strcmp(text, expected);
}

static bool put_coordinate(struct buffer *point, struct json_object *jwk, const char *name)
{
    const size_t before = point->length;
    const char *text = json_member_text(jwk, name);
    return text && base64url_decode(point, text, strlen(text)) && point->length == before + COORDINATE;
}

/* The public key of a JWK on P-256, or NULL. */
static EVP_PKEY *read_key(struct json_object *jwk)
{
    struct buffer point = BUFFER_INIT;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    char group[] = "P-256";
    buffer_putc(&point, 4);
    if (context && has(jwk, "kty", "EC") && has(jwk, "crv", "P-256") && put_coordinate(&point, jwk, "x") &&
        put_coordinate(&point, jwk, "y") && !json_member(jwk, "d") && EVP_PKEY_fromdata_init(context) == 1) {
        OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data, point.length),
                               OSSL_PARAM_construct_end()};
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
    }
    EVP_PKEY_CTX_free(context);
    buffer_release(&point);
    return key;
}

/* r‖s of JWS as the DER that OpenSSL wants. */
static int to_der(const struct buffer *raw, unsigned char **der)
{
    if (raw->length != 2 * COORDINATE)
        return -1;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn((const unsigned char *)raw->data, COORDINATE, NULL);
    BIGNUM *s = BN_bin2bn((const unsigned char *)raw->data + COORDINATE, COORDINATE, NULL);
    ECDSA_SIG_set0(signature, r, s);
    int length = i2d_ECDSA_SIG(signature, der);
    ECDSA_SIG_free(signature);
    return length;
}

static bool signature_holds(EVP_PKEY *key, const char *text, size_t length, const char *encoded)
{
    struct buffer raw = BUFFER_INIT;
    unsigned char *der = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int der_length = base64url_decode(&raw, encoded, strlen(encoded)) ? to_der(&raw, &der) : -1;
    bool holds = der_length > 0 && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerify(context, der, (size_t)der_length, (const unsigned char *)text, length) == 1;
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    buffer_release(&raw);
    return holds;
}

static const char *check_claims(struct json_object *claims, const struct sim_request *request)
{
    int64_t issued = 0;
    const char *host = sim_header(request, "Host");
    const char *url = json_member_text(claims, "htu");
    const char *at = url ? strstr(url, "://") : NULL;
    char expected[512];
    snprintf(expected, sizeof(expected), "%s%s", host ? host : "", request->path);
    if (!has(claims, "htm", "POST"))
        return "htm is not POST";
    if (!at || strcmp(at + 3, expected) != 0)
        return "htu is not the URL of the request";
    if (!json_member_text(claims, "jti"))
        return "jti is missing";
    if (!json_member_int64(claims, "iat", &issued) || llabs(issued * 1000 - sim_now()) > PROOF_AGE_MS)
        return "iat is not now";
    return NULL;
}

/* Why the proof does not hold; NULL if it does. `key_id` gets a coordinate of the key, which tells it from others. */
static const char *check_proof(const char *proof, const struct sim_request *request, char key_id[64])
{
    const char *first = proof ? strchr(proof, '.') : NULL;
    const char *second = first ? strchr(first + 1, '.') : NULL;
    if (!second)
        return "the DPoP header is missing or no JWT";
    struct json_object *header = decode_json(proof, (size_t)(first - proof));
    struct json_object *claims = decode_json(first + 1, (size_t)(second - first - 1));
    EVP_PKEY *key = header ? read_key(json_member(header, "jwk")) : NULL;
    const char *why = NULL;
    if (!has(header, "typ", "dpop+jwt") || !has(header, "alg", "ES256"))
        why = "the DPoP header is not of type dpop+jwt with ES256";
    else if (!key)
        why = "the DPoP key is no public key on P-256";
    else if (!signature_holds(key, proof, (size_t)(second - proof), second + 1))
        why = "the DPoP signature does not hold";
    else
        why = check_claims(claims, request);
    if (!why)
        snprintf(key_id, 64, "%s", json_member_text(json_member(header, "jwk"), "x"));
    EVP_PKEY_free(key);
    json_object_put(claims);
    json_object_put(header);
    return why;
}

static struct json_object *find_grant(struct json_object *input)
{
    struct json_object *list = json_member(aws_seed("login"), "refresh_tokens");
    const char *token = json_member_text(input, "refreshToken");
    for (size_t i = 0; list && token && i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        const char *client = json_member_text(item, "client_id");
        if (has(item, "token", token) && client && has(input, "clientId", client))
            return item;
    }
    return NULL;
}

/* The first key that proves a grant is the one that it is bound to. */
static bool is_bound(struct json_object *grant, const char *key_id)
{
    const char *bound = json_member_text(grant, "key_id");
    if (!bound)
        json_object_object_add(grant, "key_id", json_object_new_string(key_id));
    return !bound || !strcmp(bound, key_id);
}

/* With a new refresh token in the place of the one that was used. */
static void issue(struct aws_call *call, struct json_object *grant)
{
    char refresh[41];
    const char *account = json_member_text(aws_seed("login"), "account");
    char arn[256];
    if (!account)
        account = "123456789012";
    snprintf(arn, sizeof(arn), "arn:aws:sts::%s:assumed-role/Admin/admin", account);
    const struct aws_key *key = aws_key_issue(account, arn, LIFETIME);
    struct json_object *token = json_object_new_object();
    json_object_object_add(token, "accessKeyId", json_object_new_string(key->id));
    json_object_object_add(token, "secretAccessKey", json_object_new_string(key->secret));
    json_object_object_add(token, "sessionToken", json_object_new_string(key->token));
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "accessToken", token);
    json_object_object_add(result, "tokenType", json_object_new_string("aws_sigv4"));
    json_object_object_add(result, "expiresIn", json_object_new_int(LIFETIME));
    sim_random_text(refresh, 40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    json_object_object_add(grant, "token", json_object_new_string(refresh));
    json_object_object_add(result, "refreshToken", json_object_new_string(refresh));
    aws_add_request_id(call->reply);
    sim_reply_json(call->reply, 200, result);
}

bool aws_login(struct aws_call *call)
{
    if (strcmp(call->request->path, "/v1/token") != 0 || !sim_is(call->request, "POST"))
        return false;
    struct json_object *input = sim_has_type(call->request, "application/json") ? sim_body_json(call->request) : NULL;
    char key_id[64];
    const char *proof = check_proof(sim_header(call->request, "DPoP"), call->request, key_id);
    struct json_object *grant = find_grant(input);
    if (!has(input, "grantType", "refresh_token"))
        fail(call->reply, 400, "ValidationException", "INVALID_REQUEST", "grantType refresh_token is expected");
    else if (proof)
        fail(call->reply, 400, "ValidationException", "INVALID_REQUEST", proof);
    else if (!grant)
        fail(call->reply, 400, "AccessDeniedException", "TOKEN_EXPIRED", "The refresh token has expired.");
    else if (!is_bound(grant, key_id))
        fail(call->reply, 400, "ValidationException", "INVALID_REQUEST", "The DPoP key is not the token's.");
    else
        issue(call, grant);
    json_object_put(input);
    return true;
}
