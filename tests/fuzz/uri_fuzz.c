/* SPDX-License-Identifier: Apache-2.0 */
/* URLs: one that parses writes an origin that parses to the same origin. Encoding is undone by decoding. */
#include "base/uri.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_url(const char *text)
{
    struct uri uri;
    struct uri again;
    struct buffer origin = BUFFER_INIT;
    if (uri_parse(text, &uri)) {
        bool same = uri_origin(&uri, &origin) && uri_parse(buffer_text(&origin), &again) &&
                    uri_same_origin(&uri, &again) && uri_is_loopback(&uri) == uri_is_loopback(&again) &&
                    again.user == NULL;
        if (!same || uri.host_length + uri.path_length + uri.query_length > strlen(text)) {
            abort();
        }
    }
    buffer_release(&origin);
}

static void check_encoding(const char *octets, size_t size)
{
    struct buffer encoded = BUFFER_INIT;
    struct buffer decoded = BUFFER_INIT;
    bool nul = memchr(octets, '\0', size) != NULL;
    uri_encode(&encoded, octets, size);
    bool good = uri_decode(&decoded, buffer_text(&encoded), encoded.length);
    if (good == nul || (good && (decoded.length != size || memcmp(buffer_text(&decoded), octets, size) != 0))) {
        abort();
    }
    buffer_clear(&decoded);
    uri_decode(&decoded, octets, size);
    buffer_release(&encoded);
    buffer_release(&decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer text = BUFFER_INIT;
    buffer_append(&text, data, size);
    check_url(buffer_text(&text));
    if (size > 0) {
        check_encoding((const char *)data, size);
    }
    buffer_release(&text);
    return 0;
}
