/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Tokens: writing, signing, and reading what they claim. */
#include "sdk/jwt.h"

#include "base/base64.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

enum { SIGNATURE_MAX = 2048 }; /* octets: RSA keys of up to 16,384 bits */
enum { P256_BYTES = 32 };      /* each half of an ES256 signature, RFC 7518 3.4 */

static const struct {
    const char *name;
    int key_type;
} algorithms[] = {
    [JWT_RS256] = {"RS256", EVP_PKEY_RSA},
    [JWT_PS256] = {"PS256", EVP_PKEY_RSA},
    [JWT_ES256] = {"ES256", EVP_PKEY_EC},
};

/* OpenSSL writes the two numbers of an ECDSA signature in DER; a token holds them side by side. */
static bool side_by_side(unsigned char *signature, size_t *length)
{
    const unsigned char *der = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)*length);
    bool good = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, P256_BYTES) == P256_BYTES &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + P256_BYTES, P256_BYTES) == P256_BYTES;
    ECDSA_SIG_free(pair);
    *length = (size_t)2 * P256_BYTES;
    return good;
}

static bool sign(EVP_PKEY *key, enum jwt_algorithm algorithm, const struct buffer *input, size_t start,
                 struct buffer *out)
{
    unsigned char signature[SIGNATURE_MAX];
    size_t length = sizeof(signature);
    EVP_PKEY_CTX *options = NULL; /* owned by the context */
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_PKEY_get_base_id(key) == algorithms[algorithm].key_type &&
                EVP_PKEY_get_size(key) <= SIGNATURE_MAX &&
                EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, key) == 1;
    if (good && algorithm == JWT_PS256) {
        good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    good = good &&
           EVP_DigestSign(context, signature, &length, (const unsigned char *)input->data + start,
                          input->length - start) == 1 &&
           (algorithm != JWT_ES256 || side_by_side(signature, &length));
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return good && buffer_putc(out, '.') && base64url_encode(out, signature, length);
}

/* A member whose value is JSON already. */
static void put_json(struct buffer *out, const char *name, const char *json)
{
    if (json != NULL) {
        buffer_printf(out, ",\"%s\":%s", name, json);
    }
}

bool jwt_put_certificate(struct buffer *array, X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    buffer_puts(array, array->length == 0 ? "[\"" : ",\"");
    bool good = length > 0 && base64_encode(array, der, (size_t)length) && buffer_putc(array, '"');
    OPENSSL_free(der);
    return good;
}

bool jwt_sign(EVP_PKEY *key, const struct jwt_header *header, const struct buffer *claims, struct buffer *out)
{
    struct buffer text = BUFFER_INIT;
    size_t start = out->length;
    json_put_member(&text, "alg", algorithms[header->algorithm].name);
    json_put_member(&text, "typ", header->type != NULL ? header->type : "JWT");
    json_put_member(&text, "kid", header->kid);
    json_put_member(&text, "x5t", header->x5t);
    json_put_member(&text, "x5t#S256", header->x5t_s256);
    put_json(&text, "x5c", header->x5c);
    put_json(&text, "jwk", header->jwk);
    buffer_putc(&text, '}');
    base64url_encode(out, buffer_text(&text), text.length);
    buffer_putc(out, '.');
    base64url_encode(out, buffer_text(claims), claims->length);
    bool good = !text.failed && !claims->failed && !out->failed && sign(key, header->algorithm, out, start, out);
    buffer_release(&text);
    return good;
}

enum mstr_code jwt_claims(const char *token, struct json_object **claims)
{
    struct buffer payload = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    const char *first = strchr(token, '.');
    const char *second = first != NULL ? strchr(first + 1, '.') : NULL;
    *claims = NULL;
    if (second != NULL && base64url_decode(&payload, first + 1, (size_t)(second - first - 1))) {
        code = json_read(buffer_text(&payload), payload.length, claims);
    }
    if (!json_object_is_type(*claims, json_type_object)) { /* RFC 7519 7.2, step 10 */
        json_release(*claims);
        *claims = NULL;
    }
    code = payload.failed ? MSTR_E_MEMORY : code;
    buffer_release(&payload);
    return code == MSTR_E_MEMORY ? code : MSTR_OK;
}
