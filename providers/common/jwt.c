/* JSON Web Tokens signed with RS256. */
#include "gcp/jwt.h"

#include "util/base64.h"
#include "util/json.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

enum { SIGNATURE_MAX = 2048 }; /* octets: RSA keys of up to 16,384 bits */

static bool sign(EVP_PKEY *key, const struct buffer *input, size_t start, struct buffer *out)
{
    unsigned char signature[SIGNATURE_MAX];
    size_t length = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_PKEY_get_size(key) <= SIGNATURE_MAX &&
                EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(context, signature, &length, (const unsigned char *)input->data + start,
                               input->length - start) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return good && buffer_putc(out, '.') && base64url_encode(out, signature, length);
}

bool jwt_sign(EVP_PKEY *key, const char *kid, const struct buffer *claims, struct buffer *out)
{
    struct buffer header = BUFFER_INIT;
    size_t start = out->length;
    buffer_puts(&header, "{\"alg\":\"RS256\",\"typ\":\"JWT\"");
    if (kid != NULL) {
        buffer_puts(&header, ",\"kid\":");
        json_put_string(&header, kid, strlen(kid));
    }
    buffer_putc(&header, '}');
    base64url_encode(out, buffer_text(&header), header.length);
    buffer_putc(out, '.');
    base64url_encode(out, buffer_text(claims), claims->length);
    bool good = !header.failed && !claims->failed && !out->failed && sign(key, out, start, out);
    buffer_release(&header);
    return good;
}
