/* SPDX-License-Identifier: Apache-2.0 */
/* What a table has: columns, prompts, and the cells of the row at hand. */
#include "session/table/number.h"
#include "session/table/table.h"

uint32_t table_flags(const mstr_table *table)
{
    return table->flags;
}

struct limits table_limits(const mstr_table *table)
{
    return table->instance.limits;
}

/* The deadline stays, which those who fetch pages ahead read. */
void table_set_cancel(mstr_table *table, mstr_cancel *cancel)
{
    table->instance.limits.cancel = cancel;
}

size_t mstr_table_columns(const mstr_table *table)
{
    return table->flatten.layout.count;
}

const mstr_column *mstr_table_column(const mstr_table *table, size_t index)
{
    return index < table->flatten.layout.count ? &table->flatten.layout.columns[index] : NULL;
}

const mstr_prompt *mstr_table_prompt(const mstr_table *table, size_t index)
{
    return index < table->prompts.count ? &table->prompts.items[index] : NULL;
}

static const struct cell *cell_of(const mstr_table *table, size_t index)
{
    return table->has_row && index < table->flatten.layout.count ? &table->flatten.cells[index] : NULL;
}

enum mstr_cell_kind mstr_table_cell_kind(const mstr_table *table, size_t index)
{
    const struct cell *cell = cell_of(table, index);
    return cell != NULL ? cell->kind : MSTR_CELL_NULL;
}

static const char *give(struct page_text text, size_t *length)
{
    if (length != NULL) {
        *length = text.length;
    }
    return text.at;
}

const char *mstr_table_text(const mstr_table *table, size_t index, size_t *length)
{
    const struct cell *cell = cell_of(table, index);
    return give(cell != NULL ? cell->text : (struct page_text){NULL, 0}, length);
}

const char *mstr_table_formatted(const mstr_table *table, size_t index, size_t *length)
{
    const struct cell *cell = cell_of(table, index);
    if (cell == NULL || (table->flags & MSTR_TABLE_FORMATTED) == 0) {
        return give((struct page_text){NULL, 0}, length);
    }
    bool metric = table->flatten.layout.columns[index].kind == MSTR_COLUMN_METRIC;
    return give(metric ? cell->formatted : cell->text, length);
}

int mstr_table_int64(const mstr_table *table, size_t index, int64_t *number)
{
    const struct cell *cell = cell_of(table, index);
    return cell != NULL && cell->kind == MSTR_CELL_NUMBER && number_to_int64(cell->text.at, number);
}

int mstr_table_double(const mstr_table *table, size_t index, double *number)
{
    const struct cell *cell = cell_of(table, index);
    return cell != NULL && cell->kind == MSTR_CELL_NUMBER && number_to_double(cell->text.at, number);
}
