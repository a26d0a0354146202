/* Who read a value. */
#include "sdk/identity_digest.h"

#include "sdk/hmac.h"
#include "sdk/host.h"

#include <string.h>

void identity_digest(const char *proof, char digest[IDENTITY_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char octets[32] = {0};
    if (!sha256(proof, strlen(proof), octets)) {
        host->random(octets, sizeof(octets)); /* is nobody else's */
    }
    for (int i = 0; i < IDENTITY_SIZE - 1; i++) {
        digest[i] = digits[i % 2 == 0 ? octets[i / 2] >> 4 : octets[i / 2] & 15];
    }
    digest[IDENTITY_SIZE - 1] = '\0';
}
