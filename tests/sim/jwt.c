/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Tokens as services receive them; nothing here is shared with the code that signs. */
#include "jwt.h"

#include "base/base64.h"
#include "support/json_parse.h"

#include <openssl/rsa.h>
#include <string.h>

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

bool sim_jwt_read(const char *text, struct sim_jwt *jwt)
{
    const char *first = strchr(text, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    *jwt = (struct sim_jwt){.text = text, .signature = BUFFER_INIT};
    if (!second || strchr(second + 1, '.'))
        return false;
    jwt->signed_length = (size_t)(second - text);
    jwt->header = decode_json(text, (size_t)(first - text));
    jwt->claims = decode_json(first + 1, (size_t)(second - first - 1));
    return jwt->header && jwt->claims && decode(second + 1, strlen(second + 1), &jwt->signature);
}

void sim_jwt_release(struct sim_jwt *jwt)
{
    json_object_put(jwt->header);
    json_object_put(jwt->claims);
    buffer_release(&jwt->signature);
}

bool sim_jwt_has_algorithm(const struct sim_jwt *jwt, const char *algorithm)
{
    const char *named = json_member_text(jwt->header, "alg");
    return named && !strcmp(named, algorithm);
}

bool sim_jwt_is_signed_by(const struct sim_jwt *jwt, EVP_PKEY *key)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    bool pss = sim_jwt_has_algorithm(jwt, "PS256");
    bool holds = (pss || sim_jwt_has_algorithm(jwt, "RS256")) &&
                 EVP_DigestVerifyInit(context, &parameters, EVP_sha256(), NULL, key) == 1 &&
                 (!pss || (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
                           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
                 EVP_DigestVerify(context, (const unsigned char *)buffer_text(&jwt->signature), jwt->signature.length,
                                  (const unsigned char *)jwt->text, jwt->signed_length) == 1;
    EVP_MD_CTX_free(context);
    return holds;
}
