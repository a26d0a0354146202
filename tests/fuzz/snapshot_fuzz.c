/* SPDX-License-Identifier: Apache-2.0 */
/* Saved sessions in both forms: what is taken from one can be written and read again. */
#include "session/saved/snapshot.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_again(const struct snapshot *snapshot)
{
    struct snapshot again = {.base = NULL};
    struct buffer text = BUFFER_INIT;
    if (!snapshot_put_full(snapshot, &text) ||
        snapshot_read_full(text.data, text.length, false, &again, NULL) != MSTR_OK) {
        abort();
    }
    buffer_release(&text);
    snapshot_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snapshot plain = {.base = NULL};
    struct snapshot full = {.base = NULL};
    if (snapshot_read_plain((const char *)data, size, false, &plain, NULL) == MSTR_OK && plain.token != NULL) {
        read_again(&plain);
    }
    if (snapshot_read_full((const char *)data, size, false, &full, NULL) == MSTR_OK) {
        read_again(&full);
    }
    snapshot_release(&plain);
    snapshot_release(&full);
    return 0;
}
