/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenID issuer that the simulator is itself, so that tests have tokens to show. Its key is made when it is first
 * needed, since that takes long, and outlives a reset. */
#include "core.h"
#include "jwt.h"

#include "base/base64.h"

#include <openssl/rsa.h>
#include <pthread.h>
#include <string.h>

enum { KEY_BITS = 2048 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static EVP_PKEY *issuer_key;

static EVP_PKEY *key(void)
{
    pthread_mutex_lock(&mutex);
    if (!issuer_key)
        issuer_key = EVP_RSA_gen(KEY_BITS);
    EVP_PKEY *made = issuer_key;
    pthread_mutex_unlock(&mutex);
    return made;
}

void sim_issuer_release(void)
{
    EVP_PKEY_free(issuer_key);
    issuer_key = NULL;
}

static bool sign(const struct buffer *text, struct buffer *signature)
{
    unsigned char octets[KEY_BITS / 8];
    size_t length = sizeof(octets);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done =
        EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key()) == 1 &&
        EVP_DigestSign(context, octets, &length, (const unsigned char *)buffer_text(text), text->length) == 1 &&
        base64url_encode(signature, octets, length);
    EVP_MD_CTX_free(context);
    return done;
}

bool sim_jwt_issue(const char *claims, struct buffer *token)
{
    static const char header[] = "{\"alg\":\"RS256\",\"kid\":\"sim\",\"typ\":\"JWT\"}";
    struct buffer signature = BUFFER_INIT;
    base64url_encode(token, header, strlen(header));
    buffer_putc(token, '.');
    base64url_encode(token, claims, strlen(claims));
    bool good = sign(token, &signature) && buffer_putc(token, '.') && buffer_puts(token, buffer_text(&signature));
    buffer_release(&signature);
    return good;
}

bool sim_jwt_is_of_issuer(const struct sim_jwt *jwt)
{
    return sim_jwt_is_signed_by(jwt, key());
}
