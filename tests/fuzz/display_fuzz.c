/* SPDX-License-Identifier: Apache-2.0 */
/* What the tool shows of texts from elsewhere: one line of UTF-8 without control characters of any kind, no longer
 * than an escape for each octet, and shown again it stays as it is. */
#define _GNU_SOURCE /* memfd_create() */
#include "cli/display.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ESCAPE = 6 }; /* \u{7F} */

/* The text as it is shown, for free(). */
static char *show(const char *text, size_t *length)
{
    int file = memfd_create("shown", MFD_CLOEXEC);
    output_redirect(file);
    display(output_data, text);
    off_t end = output_restore() == 0 ? lseek(file, 0, SEEK_CUR) : -1;
    *length = (size_t)end;
    char *shown = end >= 0 ? calloc(1, *length + 1) : NULL;
    if (shown == NULL || pread(file, shown, *length, 0) != end) {
        abort();
    }
    close(file);
    return shown;
}

/* C0, DEL, C1, and a few of those that turn or hide what stands beside them. */
static void check(const char *shown, size_t length)
{
    static const char *const unseen[] = {"\xE2\x80\x8B", "\xE2\x80\xAE", "\xE2\x81\xA6",
                                         "\xE2\x80\xA8", "\xEF\xBB\xBF", "\xD8\x9C"};
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)shown[i];
        if (octet < 0x20 || octet == 0x7F || (octet == 0xC2 && (unsigned char)shown[i + 1] < 0xA0)) {
            abort();
        }
    }
    for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++) {
        if (strstr(shown, unseen[i]) != NULL) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t length = 0;
    size_t again = 0;
    char *text = calloc(1, size + 1);
    if (text == NULL) {
        abort();
    }
    memcpy(text, data, size);
    char *shown = show(text, &length);
    char *twice = show(shown, &again);
    check(shown, length);
    if (!output_is_utf8(shown, length) || length > ESCAPE * strlen(text) || strcmp(shown, twice) != 0) {
        abort();
    }
    free(twice);
    free(shown);
    free(text);
    return 0;
}
