/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 and hexadecimal: what decodes has one form, so encoding it again gives the input back. */
#include "base/base64.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool (*encoder)(struct buffer *out, const void *octets, size_t length);
typedef bool (*decoder)(struct buffer *out, const char *text, size_t length);

static void check(encoder encode, decoder decode, const uint8_t *data, size_t size)
{
    struct buffer once = BUFFER_INIT;
    struct buffer twice = BUFFER_INIT;
    encode(&once, data, size);
    bool back = decode(&twice, buffer_text(&once), once.length) && twice.length == size;
    if (!back || (size > 0 && memcmp(twice.data, data, size) != 0)) {
        abort();
    }
    buffer_clear(&once);
    buffer_clear(&twice);
    if (decode(&once, (const char *)data, size) && encode != hex_encode) { /* which folds case */
        encode(&twice, buffer_text(&once), once.length);
        if (twice.length != size || (size > 0 && memcmp(twice.data, data, size) != 0)) {
            abort();
        }
    }
    buffer_release(&once);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(base64_encode, base64_decode, data, size);
    check(base64url_encode, base64url_decode, data, size);
    check(hex_encode, hex_decode, data, size);
    return 0;
}
