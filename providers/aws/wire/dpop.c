/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of possession. */
#include "aws/wire/dpop.h"

#include "base/base64.h"
#include "base/json.h"
#include "sdk/host.h"
#include "sdk/jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

enum { COORDINATE = 32, UUID = 16 };

/* A key with a passphrase must not make OpenSSL ask for one. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the prototype is OpenSSL's */
static int no_passphrase(char *buffer, int size, int writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

static EVP_PKEY *read_key(const char *pem)
{
    BIO *memory = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = memory != NULL ? PEM_read_bio_PrivateKey(memory, NULL, no_passphrase, NULL) : NULL;
    BIO_free(memory);
    ERR_clear_error();
    return key;
}

static bool put_coordinate(const EVP_PKEY *key, const char *parameter, struct buffer *out)
{
    unsigned char octets[COORDINATE];
    BIGNUM *number = NULL;
    bool good = EVP_PKEY_get_bn_param(key, parameter, &number) == 1 &&
                BN_bn2binpad(number, octets, COORDINATE) == COORDINATE && base64url_encode(out, octets, COORDINATE);
    BN_free(number);
    return good;
}

/* The public half as a JSON Web Key (RFC 7518 6.2); false when the key is of another kind. */
static bool put_jwk(const EVP_PKEY *key, struct buffer *jwk)
{
    char group[32] = "";
    if (!EVP_PKEY_is_a(key, "EC") ||
        EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), NULL) != 1 ||
        strcmp(group, "prime256v1") != 0) {
        return false;
    }
    return buffer_puts(jwk, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"") &&
           put_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, jwk) && buffer_puts(jwk, "\",\"y\":\"") &&
           put_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, jwk) && buffer_puts(jwk, "\"}");
}

/* A random one, RFC 4122 4.4. */
static bool put_uuid(struct buffer *out)
{
    unsigned char octets[UUID];
    if (host->random(octets, sizeof(octets)) != 0) {
        return false;
    }
    octets[6] = (unsigned char)((octets[6] & 0x0f) | 0x40);
    octets[8] = (unsigned char)((octets[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < UUID; i++) {
        bool hyphen = i == 4 || i == 6 || i == 8 || i == 10;
        buffer_printf(out, "%s%02x", hyphen ? "-" : "", octets[i]);
    }
    return !out->failed;
}

enum mstr_code dpop_prove(const char *pem, const char *url, int64_t now, struct buffer *proof,
                          struct mstr_error *error)
{
    struct buffer jwk = BUFFER_INIT;
    struct buffer id = BUFFER_INIT;
    struct buffer claims = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    EVP_PKEY *key = read_key(pem);
    if (key == NULL || !put_jwk(key, &jwk)) {
        code = host->error_set(error, MSTR_E_CONFIG, "its dpopKey is no private key on P-256 in PEM form");
        goto cleanup;
    }
    const struct jwt_header header = {.algorithm = JWT_ES256, .type = "dpop+jwt", .jwk = buffer_text(&jwk)};
    bool good = put_uuid(&id) && json_put_member(&claims, "jti", buffer_text(&id)) &&
                json_put_member(&claims, "htm", "POST") && json_put_member(&claims, "htu", url) &&
                buffer_printf(&claims, ",\"iat\":%lld}", (long long)(now / 1000)) &&
                jwt_sign(key, &header, &claims, proof);
    if (!good) {
        code = host->error_set(error, MSTR_E_UNEXPECTED, "the proof of possession could not be signed");
    }
cleanup:
    ERR_clear_error();
    EVP_PKEY_free(key);
    buffer_release(&jwk);
    buffer_release(&id);
    buffer_release(&claims);
    return code;
}
