/* SPDX-License-Identifier: Apache-2.0 */
/* The ini reader: any octets, and texts that can be read to their end by the callback. */
#include "base/ini.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever an event promises must be there, and lines only go forward. */
static bool check(const struct ini_event *event, void *data)
{
    unsigned *line = data;
    bool whole = (event->kind != INI_SECTION || event->type != NULL) &&
                 (event->kind != INI_PROPERTY || (event->key != NULL && event->value != NULL)) &&
                 (event->kind != INI_SUB_PROPERTY || (event->parent != NULL && event->key != NULL)) &&
                 (event->kind != INI_ERROR || event->value != NULL);
    if (!whole || event->line < *line) {
        abort();
    }
    *line = event->line;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned line = 1;
    ini_read((const char *)data, size, check, &line);
    line = 1;
    ini_read_flat((const char *)data, size, check, &line);
    return 0;
}
