/* SPDX-License-Identifier: Apache-2.0 */
/* Times: what is read can be written, and reads the same then. */
#include "base/timestamp.h"

#include "base/buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int64_t milliseconds)
{
    char text[21];
    int64_t again = 0;
    timestamp_format_rfc3339(milliseconds, text);
    if (!timestamp_parse_rfc3339(text, &again)) {
        abort();
    }
    /* An offset may lead out of the years that can be written. */
    if (milliseconds >= 0 && milliseconds < 253402300800000 && again != milliseconds / 1000 * 1000) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer text = BUFFER_INIT;
    int64_t milliseconds = 0;
    buffer_append(&text, data, size);
    if (timestamp_parse_rfc3339(buffer_text(&text), &milliseconds)) {
        check(milliseconds);
    }
    if (timestamp_parse_iso8601(buffer_text(&text), &milliseconds)) {
        check(milliseconds);
    }
    if (timestamp_parse_http(buffer_text(&text), &milliseconds)) {
        check(milliseconds);
    }
    if (size >= sizeof(milliseconds)) {
        memcpy(&milliseconds, data, sizeof(milliseconds));
        check(milliseconds);
    }
    buffer_release(&text);
    return 0;
}
