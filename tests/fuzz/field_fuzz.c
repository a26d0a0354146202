/* SPDX-License-Identifier: Apache-2.0 */
/* Field selection: the first line is the field, the rest the document. A value is never longer than its text. */
#include "base/text.h"
#include "secret/field.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line = size > 0 ? memchr(text, '\n', size) : NULL;
    if (line == NULL) {
        return 0;
    }
    char *field = text_copy_length(text, (size_t)(line - text));
    size_t length = size - (size_t)(line + 1 - text);
    mstr_secret *document = mstr_secret_new(line + 1, length);
    mstr_secret *value = NULL;
    if (field != NULL && document != NULL && field_select(document, field, &value, NULL) == MSTR_OK) {
        if (mstr_secret_length(value) > length || mstr_secret_octets(value)[mstr_secret_length(value)] != '\0') {
            abort();
        }
    }
    mstr_secret_release(value);
    mstr_secret_release(document);
    free(field);
    return 0;
}
