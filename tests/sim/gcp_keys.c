/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of service accounts, and JWTs that they signed. Keys are made on request and known by an id until the next
 * reset; nothing here is shared with the code that signs. Making a key pair takes long, so the pairs outlive a reset.
 */
#include "gcp.h"
#include "jwt.h"

#include "base/json.h"

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

/* By one of the account's keys: the one that the header names, or any. */
static bool is_signed_by(const struct sim_jwt *jwt, const char *email)
{
    const char *id = json_member_text(jwt->header, "kid");
    bool holds = false;
    for (size_t i = 0; !holds && i < key_count; i++)
        holds = !strcmp(keys[i].email, email) && (!id || !strcmp(keys[i].id, id)) &&
                sim_jwt_is_signed_by(jwt, keys[i].pair);
    return holds;
}

enum gcp_jwt_fault gcp_jwt_verify(const char *text, struct json_object **claims)
{
    struct sim_jwt jwt;
    enum gcp_jwt_fault fault = GCP_JWT_GOOD;
    bool read = sim_jwt_read(text, &jwt);
    const char *issuer = json_member_text(jwt.claims, "iss");
    struct json_object *account = gcp_find("service_accounts", "email", issuer);
    if (!read || !sim_jwt_has_algorithm(&jwt, "RS256") || !issuer)
        fault = GCP_JWT_MALFORMED;
    else if (!account || sim_flag(account, "disabled"))
        fault = GCP_JWT_UNKNOWN_ISSUER;
    else if (!is_signed_by(&jwt, issuer))
        fault = GCP_JWT_BAD_SIGNATURE;
    *claims = fault == GCP_JWT_GOOD ? json_object_get(jwt.claims) : NULL;
    sim_jwt_release(&jwt);
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
