/* SPDX-License-Identifier: Apache-2.0 */
/* Who read a value. */
#include "sdk/identity_digest.h"

#include "base/json.h"
#include "sdk/hmac.h"
#include "sdk/host.h"
#include "sdk/jwt.h"

#include <string.h>
#include <sys/types.h>

static void digest_octets(const char *proof, size_t length, char digest[IDENTITY_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char octets[32] = {0};
    if (proof == NULL || !sha256(proof, length, octets)) {
        host->random(octets, sizeof(octets)); /* is nobody else's */
    }
    for (int i = 0; i < IDENTITY_SIZE - 1; i++) {
        digest[i] = digits[i % 2 == 0 ? octets[i / 2] >> 4 : octets[i / 2] & 15];
    }
    digest[IDENTITY_SIZE - 1] = '\0';
}

void identity_digest(const char *proof, char digest[IDENTITY_SIZE])
{
    digest_octets(proof, strlen(proof), digest);
}

/* Each with its length before it, so that no two lists run together to the same text. */
void identity_digest_of(const char *const texts[], size_t count, char digest[IDENTITY_SIZE])
{
    struct buffer all = BUFFER_INIT;
    for (size_t i = 0; i < count; i++) {
        buffer_printf(&all, "%zd:%s", texts[i] != NULL ? (ssize_t)strlen(texts[i]) : -1,
                      texts[i] != NULL ? texts[i] : "");
    }
    digest_octets(all.failed ? NULL : buffer_text(&all), all.length, digest);
    buffer_release(&all);
}

void identity_digest_of_token(const char *token, char digest[IDENTITY_SIZE])
{
    struct json_object *claims = NULL;
    bool read = jwt_claims(token, &claims) == MSTR_OK;
    /* RFC 7519 4.1; those of Entra, where "sub" is another one in each application, and "oid" the same. */
    const char *const named[] = {json_member_text(claims, "iss"), json_member_text(claims, "sub"),
                                 json_member_text(claims, "oid"), json_member_text(claims, "appid"),
                                 json_member_text(claims, "azp")};
    if (named[0] != NULL && named[1] != NULL) {
        identity_digest_of(named, sizeof(named) / sizeof(*named), digest);
    } else {
        digest_octets(read ? token : NULL, strlen(token), digest);
    }
    json_release(claims);
}
