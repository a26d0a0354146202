/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of a store of a fleet: what is accepted names between one and eight places that can be told. */
#include "base/buffer.h"
#include "redis/config/url.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer text = BUFFER_INIT;
    struct url url;
    buffer_append(&text, data, size);
    if (url_parse(buffer_text(&text), &url) == NULL) {
        if (url.count == 0 || url.count > URL_ENDPOINTS_MAX) {
            abort();
        }
        for (size_t i = 0; i < url.count; i++) {
            char told[ENDPOINT_TEXT];
            if (url.endpoints[i].host[0] == '\0' || endpoint_tell(&url.endpoints[i], told)[0] == '\0') {
                abort();
            }
            endpoint_is_local(&url.endpoints[i]);
        }
    }
    buffer_release(&text);
    return 0;
}
