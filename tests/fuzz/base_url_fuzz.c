/* SPDX-License-Identifier: Apache-2.0 */
/* Base URLs: what is accepted has one normal form, of the same origin, which is accepted again as it is. */
#include "told.h"

#include "base/uri.h"
#include "config/base_url.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_normal(const char *given, const struct buffer *normal, bool plain)
{
    struct buffer again = BUFFER_INIT;
    struct uri before;
    struct uri after;
    const char *text = buffer_text(normal);
    if (!uri_parse(given, &before) || !uri_parse(text, &after) || !uri_same_origin(&before, &after) ||
        after.user != NULL || after.query != NULL || after.fragment || text[normal->length - 1] != '/' ||
        (!plain && !after.https && !uri_is_loopback(&after)) || normal->length > strlen(given) + strlen("api/") + 1) {
        abort();
    }
    if (base_url_read(text, plain, &again, NULL) != MSTR_OK || strcmp(buffer_text(&again), text) != 0) {
        abort();
    }
    buffer_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mstr_error *error = mstr_error_new();
    char *text = malloc(size + 1);
    if (text == NULL || error == NULL) {
        abort();
    }
    memcpy(text, data, size);
    text[size] = '\0';
    for (int plain = 0; plain < 2; plain++) {
        struct buffer normal = BUFFER_INIT;
        enum mstr_code code = base_url_read(text, plain != 0, &normal, error);
        check_told(code, error);
        if (code == MSTR_OK) {
            check_normal(text, &normal, plain != 0);
        }
        buffer_release(&normal);
    }
    free(text);
    mstr_error_free(error);
    return 0;
}
