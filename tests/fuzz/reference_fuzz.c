/* SPDX-License-Identifier: Apache-2.0 */
/* References: what is accepted has all its parts, and its key is a reference to the same secret again. */
#include "base/text.h"
#include "reference/reference.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parts(const struct reference *reference)
{
    const struct mstr_reference *parts = &reference->parts;
    bool may_be_empty = strcmp(parts->scheme, "text") == 0; /* whose body is the value */
    bool whole = parts->scheme[0] != '\0' && (parts->body[0] != '\0' || may_be_empty) &&
                 strncmp(parts->text, parts->scheme, strlen(parts->scheme)) == 0;
    for (uint32_t i = 0; i < parts->query_count; i++) {
        whole = whole && parts->query[i].key != NULL && parts->query[i].value != NULL;
    }
    if (!whole) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reference *reference = NULL;
    struct reference *again = NULL;
    char *text = text_copy_length((const char *)data, size);
    if (text != NULL && reference_parse(text, &reference, NULL) == MSTR_OK) {
        check_parts(reference);
        /* Escaping may make the key longer than a reference may be. */
        if (strlen(reference->key) < REFERENCE_MAX &&
            (reference_parse(reference->key, &again, NULL) != MSTR_OK || strcmp(again->key, reference->key) != 0 ||
             strcmp(again->parts.body, reference->parts.body) != 0)) {
            abort();
        }
    }
    reference_free(again);
    reference_free(reference);
    free(text);
    return 0;
}
