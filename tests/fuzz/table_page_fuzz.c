/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of a grid that a server sends, the first octet choosing how it is flattened: whatever it is, it is either
 * refused or gives rows whose cells are whole, and its status is that which its JSON has.
 */
#include "session/table/flatten.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 10000 };

static void look_at(const struct flatten *flatten)
{
    for (size_t i = 0; i < flatten->layout.count; i++) {
        const struct cell *cell = &flatten->cells[i];
        bool null = cell->kind == MSTR_CELL_NULL;
        if (null != (cell->text.at == NULL) || (!null && cell->text.at[cell->text.length] != '\0')) {
            abort();
        }
        if (*flatten->layout.columns[i].label != '\0' && flatten->layout.columns[i].id == NULL) {
            abort();
        }
    }
}

static void read_rows(struct flatten *flatten)
{
    bool more = true;
    for (unsigned rows = 0; more && rows < ROWS_MAX; rows++) {
        if (flatten_next(flatten, &more, NULL) != MSTR_OK) {
            return;
        }
        if (more) {
            look_at(flatten);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct page_status status;
    struct flatten flatten;
    if (size == 0) {
        return 0;
    }
    size_t length = size - 1;
    char *text = malloc(length + 1); /* of its very length: no NUL is behind it */
    memcpy(text, data + 1, length);
    page_status(text, length, &status);
    flatten_init(&flatten,
                 data[0] & (MSTR_TABLE_FORMATTED | MSTR_TABLE_TYPED | MSTR_TABLE_CROSS_KEEP | MSTR_TABLE_IDS));
    for (int page = 0; page < 2; page++) { /* the same page twice is two pages of one grid */
        if (flatten_page(&flatten, text, length, page > 0, NULL) == MSTR_OK) {
            read_rows(&flatten);
        }
    }
    flatten_end_grid(&flatten);
    read_rows(&flatten);
    flatten_release(&flatten);
    free(text);
    return 0;
}
