/* SPDX-License-Identifier: Apache-2.0 */
/* Text with references in it: every piece is either literal or has alternatives, never both. */
#include "base/text.h"
#include "reference/template.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct template *template = NULL;
    char *text = text_copy_length((const char *)data, size);
    if (text != NULL && template_parse(text, &template, NULL) == MSTR_OK) {
        for (size_t i = 0; i < template->count; i++) {
            const struct template_piece *piece = &template->pieces[i];
            bool literal = piece->literal != NULL;
            if (literal == (piece->alternative_count > 0)) {
                abort();
            }
            for (size_t j = 0; j < piece->alternative_count; j++) {
                if (piece->alternatives[j] == NULL) {
                    abort();
                }
            }
        }
    }
    template_free(template);
    free(text);
    return 0;
}
