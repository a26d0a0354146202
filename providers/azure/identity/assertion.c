/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions signed with a certificate's key (RFC 7523, as Microsoft Entra reads it). */
#include "azure/identity/assertion.h"

#include "base/base64.h"
#include "base/json.h"
#include "sdk/host.h"
#include "sdk/jwt.h"

enum { LIFETIME = 600 }; /* s */

/* The certificates as a JSON array of standard base64. */
static bool put_chain(const struct certificate *certificate, struct buffer *out)
{
    bool good = true;
    for (int i = 0; good && i < sk_X509_num(certificate->chain); i++) {
        good = jwt_put_certificate(out, sk_X509_value(certificate->chain, i));
    }
    return good && buffer_putc(out, ']');
}

static bool put_thumbprint(const struct certificate *certificate, const EVP_MD *digest, struct buffer *out)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    return X509_digest(sk_X509_value(certificate->chain, 0), digest, hash, &length) == 1 &&
           base64url_encode(out, hash, length);
}

/* A random id of RFC 9562, version 4. */
static bool put_id(struct buffer *claims)
{
    unsigned char octets[16];
    if (host->random(octets, sizeof(octets)) != 0) {
        return false;
    }
    octets[6] = (unsigned char)((octets[6] & 0x0f) | 0x40);
    octets[8] = (unsigned char)((octets[8] & 0x3f) | 0x80);
    buffer_puts(claims, ",\"jti\":\"");
    for (size_t i = 0; i < sizeof(octets); i++) {
        bool joint = i == 4 || i == 6 || i == 8 || i == 10;
        buffer_puts(claims, joint ? "-" : "");
        hex_encode(claims, octets + i, 1);
    }
    return buffer_putc(claims, '"');
}

static bool put_claims(const struct assertion *assertion, struct buffer *claims)
{
    long long now = (long long)(assertion->now / 1000);
    json_put_member(claims, "aud", assertion->audience);
    json_put_member(claims, "iss", assertion->client_id);
    json_put_member(claims, "sub", assertion->client_id);
    return put_id(claims) &&
           buffer_printf(claims, ",\"nbf\":%lld,\"iat\":%lld,\"exp\":%lld}", now, now, now + LIFETIME);
}

bool assertion_sign(const struct assertion *assertion, const struct certificate *certificate, struct buffer *out)
{
    struct buffer claims = BUFFER_INIT;
    struct buffer thumbprint = BUFFER_INIT;
    struct buffer chain = BUFFER_INIT;
    bool good = put_claims(assertion, &claims) &&
                put_thumbprint(certificate, assertion->adfs ? EVP_sha1() : EVP_sha256(), &thumbprint) &&
                (!assertion->with_chain || put_chain(certificate, &chain));
    const struct jwt_header header = {.algorithm = assertion->adfs ? JWT_RS256 : JWT_PS256,
                                      .x5t = assertion->adfs ? buffer_text(&thumbprint) : NULL,
                                      .x5t_s256 = assertion->adfs ? NULL : buffer_text(&thumbprint),
                                      .x5c = assertion->with_chain ? buffer_text(&chain) : NULL};
    good = good && jwt_sign(certificate->key, &header, &claims, out);
    buffer_release(&claims);
    buffer_release(&thumbprint);
    buffer_release(&chain);
    return good;
}
