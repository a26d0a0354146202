/*
 * Keys of service accounts, and JWTs that they signed. Keys are made on request and known by an id until the next
 * reset; nothing here is shared with the code that signs. Making a key pair takes long, so the pairs outlive a reset.
 */
#include "gcp.h"

#include "util/base64.h"
#include "util/json.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 16, KEY_BITS = 2048, ID_LENGTH = 40, SKEW = 300 };

static struct key {
    EVP_PKEY *pair;
    char id[ID_LENGTH + 1];
    char email[256];
} keys[KEYS_MAX];
static size_t key_count;

void gcp_keys_load(void)
{
    key_count = 0;
}

void gcp_keys_unload(void)
{
    for (size_t i = 0; i < KEYS_MAX; i++)
        EVP_PKEY_free(keys[i].pair);
    memset(keys, 0, sizeof(keys));
    key_count = 0;
}

/* base64url, where an old library leaves the padding in. */
static bool decode(const char *text, size_t length, struct buffer *out)
{
    while (length > 0 && text[length - 1] == '=')
        length--;
    return base64url_decode(out, text, length);
}

static struct json_object *decode_json(const char *text, size_t length)
{
    struct buffer decoded = BUFFER_INIT;
    struct json_object *value = NULL;
    if (decode(text, length, &decoded))
        value = json_parse(buffer_text(&decoded), decoded.length);
    buffer_release(&decoded);
    return value;
}

static bool signature_holds(EVP_PKEY *key, const char *text, size_t length, const struct buffer *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerify(context, (const unsigned char *)buffer_text(signature), signature->length,
                                  (const unsigned char *)text, length) == 1;
    EVP_MD_CTX_free(context);
    return holds;
}

/* By one of the account's keys: the one that the header names, or any. */
static bool signed_by(const char *email, const char *id, const char *text, const char *last_dot)
{
    struct buffer signature = BUFFER_INIT;
    bool holds = false;
    if (decode(last_dot + 1, strlen(last_dot + 1), &signature))
        for (size_t i = 0; !holds && i < key_count; i++)
            holds = !strcmp(keys[i].email, email) && (!id || !strcmp(keys[i].id, id)) &&
                    signature_holds(keys[i].pair, text, (size_t)(last_dot - text), &signature);
    buffer_release(&signature);
    return holds;
}

enum gcp_jwt_fault gcp_jwt_verify(const char *text, struct json_object **claims)
{
    const char *first = strchr(text, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    *claims = NULL;
    if (!second || strchr(second + 1, '.'))
        return GCP_JWT_MALFORMED;
    struct json_object *header = decode_json(text, (size_t)(first - text));
    struct json_object *body = decode_json(first + 1, (size_t)(second - first - 1));
    const char *algorithm = json_member_text(header, "alg");
    const char *issuer = json_member_text(body, "iss");
    struct json_object *account = gcp_find("service_accounts", "email", issuer);
    enum gcp_jwt_fault fault = GCP_JWT_GOOD;
    if (!algorithm || strcmp(algorithm, "RS256") != 0 || !issuer)
        fault = GCP_JWT_MALFORMED;
    else if (!account || gcp_flag(account, "disabled"))
        fault = GCP_JWT_UNKNOWN_ISSUER;
    else if (!signed_by(issuer, json_member_text(header, "kid"), text, second))
        fault = GCP_JWT_BAD_SIGNATURE;
    json_object_put(header);
    if (fault != GCP_JWT_GOOD)
        json_object_put(body);
    else
        *claims = body;
    return fault;
}

bool gcp_jwt_is_timely(struct json_object *claims)
{
    int64_t issued = 0;
    int64_t expires = 0;
    int64_t now = sim_now() / 1000;
    return json_member_int64(claims, "iat", &issued) && json_member_int64(claims, "exp", &expires) &&
           issued <= now + SKEW && expires > now && expires - issued <= GCP_JWT_LIFETIME_MAX && expires > issued;
}

/* The file that a user would download. */
static struct json_object *describe(const struct key *key, const char *token_uri)
{
    char text[320];
    char *pem = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(memory, key->pair, NULL, NULL, 0, NULL, NULL);
    long length = BIO_get_mem_data(memory, &pem);
    struct json_object *file = json_object_new_object();
    json_object_object_add(file, "type", json_object_new_string("service_account"));
    snprintf(text, sizeof(text), "%s", strchr(key->email, '@') ? strchr(key->email, '@') + 1 : "");
    text[strcspn(text, ".")] = '\0';
    json_object_object_add(file, "project_id", json_object_new_string(text));
    json_object_object_add(file, "private_key_id", json_object_new_string(key->id));
    json_object_object_add(file, "private_key", json_object_new_string_len(pem, (int)length));
    json_object_object_add(file, "client_email", json_object_new_string(key->email));
    json_object_object_add(file, "client_id", json_object_new_string("100000000000000000001"));
    json_object_object_add(file, "token_uri",
                           json_object_new_string(token_uri ? token_uri : "https://oauth2.googleapis.com/token"));
    json_object_object_add(file, "universe_domain", json_object_new_string("googleapis.com"));
    BIO_free(memory);
    return file;
}

void gcp_keys_admin(struct json_object *arguments, struct sim_reply *reply)
{
    const char *email = json_member_text(arguments, "email");
    if (!gcp_find("service_accounts", "email", email) || key_count == KEYS_MAX)
        return;
    struct key *key = &keys[key_count];
    if (!key->pair)
        key->pair = EVP_RSA_gen(KEY_BITS);
    if (!key->pair)
        return;
    sim_random_text(key->id, ID_LENGTH, "0123456789abcdef");
    snprintf(key->email, sizeof(key->email), "%s", email);
    key_count++;
    sim_reply_json(reply, 200, describe(key, json_member_text(arguments, "token_uri")));
}
