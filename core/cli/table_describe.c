/* SPDX-License-Identifier: Apache-2.0 */
/* Columns and prompts as text and as JSON. */
#include "table_describe.h"

#include "display.h"
#include "output.h"
#include "table_output.h"

static void put_part(const char *before, const char *text)
{
    output_puts(output_data, before);
    display(output_data, text);
}

/* attribute  Customer@ID  integer  8D679D3711D3E4981000E787EC6DE8A4 */
static void put_column(const mstr_column *column)
{
    static const char *const kinds[] = {
        [MSTR_COLUMN_PAGE_BY] = "page-by", [MSTR_COLUMN_ATTRIBUTE] = "attribute", [MSTR_COLUMN_METRIC] = "metric"};
    put_part("", kinds[column->kind]);
    put_part("\t", column->label);
    put_part("\t", *column->data_type != '\0' ? column->data_type : "unknown");
    put_part("\t", column->id);
    output_puts(output_data, "\n");
}

/* prompt  Year  VALUE NUMERIC, at least 1990, required, has a default  9E5D…@0@10  Which year? */
static void put_prompt(const mstr_prompt *prompt)
{
    put_part("prompt\t", *prompt->name != '\0' ? prompt->name : prompt->key);
    put_part("\t", prompt->type);
    put_part(*prompt->data_type != '\0' ? " " : "", prompt->data_type);
    put_part(*prompt->minimum != '\0' ? ", at least " : "", prompt->minimum);
    put_part(*prompt->maximum != '\0' ? ", at most " : "", prompt->maximum);
    output_puts(output_data, (prompt->flags & MSTR_PROMPT_REQUIRED) != 0 ? ", required" : "");
    output_puts(output_data, (prompt->flags & MSTR_PROMPT_HAS_DEFAULT) != 0 ? ", has a default" : "");
    put_part("\t", prompt->key);
    put_part("\t", prompt->title);
    output_puts(output_data, "\n");
}

static void put_prompt_object(const mstr_prompt *prompt, const char *before)
{
    const struct {
        const char *name, *text;
    } members[] = {{"id", prompt->id},      {"name", prompt->name},          {"title", prompt->title},
                   {"type", prompt->type},  {"dataType", prompt->data_type}, {"min", prompt->minimum},
                   {"max", prompt->maximum}};
    output_puts(output_data, before);
    output_member(output_data, "{", "key", prompt->key);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (*members[i].text != '\0') {
            output_member(output_data, ", ", members[i].name, members[i].text);
        }
    }
    output_printf(output_data, ", \"required\": %s, \"hasDefault\": %s}",
                  (prompt->flags & MSTR_PROMPT_REQUIRED) != 0 ? "true" : "false",
                  (prompt->flags & MSTR_PROMPT_HAS_DEFAULT) != 0 ? "true" : "false");
}

void table_describe(const mstr_table *table, bool json)
{
    const mstr_prompt *prompt = NULL;
    if (!json) {
        for (size_t i = 0; i < mstr_table_columns(table); i++) {
            put_column(mstr_table_column(table, i));
        }
        for (size_t i = 0; (prompt = mstr_table_prompt(table, i)) != NULL; i++) {
            put_prompt(prompt);
        }
        return;
    }
    output_puts(output_data, "{");
    table_output_columns(table);
    output_puts(output_data, ",\n\"prompts\": [");
    for (size_t i = 0; (prompt = mstr_table_prompt(table, i)) != NULL; i++) {
        put_prompt_object(prompt, i > 0 ? ",\n  " : "\n  ");
    }
    output_puts(output_data, "\n]}\n");
}
