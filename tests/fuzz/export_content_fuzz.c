/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server sends as an export, the first octet choosing what was asked for: in one piece and octet by octet it
 * comes to the same, and text is UTF-8.
 */
#include "session/document/content.h"

#include <mstr/error.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool keep(const void *octets, size_t length, void *data)
{
    return buffer_append(data, octets, length);
}

static enum mstr_code run(const uint8_t *data, size_t size, size_t piece, struct buffer *out)
{
    struct content content = {
        .format = (enum mstr_document_format)(data[0] & 3), .raw = (data[0] & 4) != 0, .write = keep, .data = out};
    bool good = true;
    for (size_t at = 1; good && at < size; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        char *octets = malloc(length); /* of its very length */
        memcpy(octets, data + at, length);
        good = content_take(&content, octets, length);
        free(octets);
    }
    enum mstr_code code = content_end(&content, NULL);
    if (code == MSTR_OK && (content.type == NULL || content.octets != (int64_t)out->length)) {
        abort();
    }
    content_release(&content);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer whole = BUFFER_INIT;
    struct buffer pieces = BUFFER_INIT;
    if (size == 0) {
        return 0;
    }
    enum mstr_code code = run(data, size, size, &whole);
    if (run(data, size, 1, &pieces) != code) {
        abort();
    }
    if (code == MSTR_OK &&
        (whole.length != pieces.length || memcmp(buffer_text(&whole), buffer_text(&pieces), whole.length) != 0)) {
        abort();
    }
    buffer_release(&whole);
    buffer_release(&pieces);
    return 0;
}
