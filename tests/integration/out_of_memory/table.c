/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios of tables: opened with all that a request can have, read to their end, as rows and as Arrow's stream. */
#include "out_of_memory/scenario.h"

#include <errno.h>

static enum mstr_code open_sales(struct scene *scene, mstr_table **table)
{
    static const char *const attributes[] = {"Region"};
    static const char *const metrics[] = {"Cost"};
    static const char *const forms[] = {"Region@ID"};
    static const char *const filters[] = {"Region in a,b"};
    static const char *const page_by[] = {"Year=2025", "Year=2026"};
    static const char *const values[] = {"full"};
    mstr_prompt_answer answer = MSTR_PROMPT_ANSWER_INIT;
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    answer.prompt = "Kind";
    answer.values = values;
    answer.value_count = 1;
    request.object = "Sales";
    request.attributes = attributes;
    request.attribute_count = 1;
    request.metrics = metrics;
    request.metric_count = 1;
    request.forms = forms;
    request.form_count = 1;
    request.filters = filters;
    request.filter_count = 1;
    request.page_by = page_by;
    request.page_by_count = 2;
    request.answers = &answer;
    request.answer_count = 1;
    enum mstr_code code = mstr_table_open(scene->session, &request, table, scene->error);
    assert_true((*table != NULL) == (code == MSTR_OK));
    return code;
}

static enum mstr_code rows(struct scene *scene)
{
    mstr_table *table = NULL;
    int row = 1;
    unsigned count = 0;
    int64_t cost = 0;
    double number = 0;
    enum mstr_code code = open_sales(scene, &table);
    while (code == MSTR_OK && row) {
        code = mstr_table_next(table, &row, scene->error);
        if (code == MSTR_OK && row) {
            assert_int_equal(mstr_table_columns(table), 3);
            assert_string_equal(mstr_table_column(table, 0)->label, "Year");
            assert_string_equal(mstr_table_text(table, 0, NULL), count == 0 ? "2025" : "2026");
            assert_string_equal(mstr_table_formatted(table, 2, NULL) == NULL ? "" : "x", "");
            assert_int_equal(mstr_table_cell_kind(table, 2), MSTR_CELL_NUMBER);
            assert_true(mstr_table_int64(table, 2, &cost) && cost == 7);
            assert_true(mstr_table_double(table, 2, &number));
            count++;
        }
    }
    assert_true(code != MSTR_OK || (count == 2 && mstr_table_expected(table) == 2));
    assert_true(code != MSTR_OK || mstr_table_prompt(table, 0) != NULL);
    mstr_table_free(table);
    return code;
}
static const struct scenario rows_scenario = {"table_rows", STAGE_OPEN, rows, 0};

static enum mstr_code code_of(int failure)
{
    assert_true(failure == 0 || failure == ENOMEM);
    return failure == 0 ? MSTR_OK : MSTR_E_MEMORY;
}

/* The stream tells its failure itself, which is put where the test looks for it. */
static enum mstr_code read_stream(struct ArrowArrayStream *stream)
{
    struct ArrowSchema schema;
    struct ArrowArray batch = {.length = 0};
    enum mstr_code code = code_of(stream->get_schema(stream, &schema));
    if (code == MSTR_OK) {
        assert_string_equal(schema.children[2]->format, "l");
        schema.release(&schema);
        code = code_of(stream->get_next(stream, &batch));
    }
    if (code == MSTR_OK) {
        assert_int_equal(batch.length, 2);
        batch.release(&batch);
    }
    return code;
}

static enum mstr_code arrow(struct scene *scene)
{
    struct ArrowArrayStream stream;
    mstr_table *table = NULL;
    enum mstr_code code = open_sales(scene, &table);
    if (code != MSTR_OK) {
        return code;
    }
    if (!mstr_table_arrow(table, &stream)) {
        mstr_table_free(table);
        return mstr_error_set(scene->error, MSTR_E_MEMORY, "out of memory");
    }
    code = read_stream(&stream);
    stream.release(&stream);
    return code == MSTR_OK ? code : mstr_error_set(scene->error, code, "out of memory");
}
static const struct scenario arrow_scenario = {"table_arrow", STAGE_OPEN, arrow, 0};

static const char asks[] = "allocates nothing: looks at what is there";
static const char frees[] = "allocates nothing: frees";

const struct called table_calls[] = {
    {"mstr_table_arrow", &arrow_scenario, NULL},
    {"mstr_table_cell_kind", NULL, asks},
    {"mstr_table_column", NULL, asks},
    {"mstr_table_columns", NULL, asks},
    {"mstr_table_double", NULL, asks},
    {"mstr_table_expected", NULL, asks},
    {"mstr_table_formatted", NULL, asks},
    {"mstr_table_free", NULL, frees},
    {"mstr_table_int64", NULL, asks},
    {"mstr_table_next", &rows_scenario, NULL},
    {"mstr_table_open", &rows_scenario, NULL},
    {"mstr_table_prompt", NULL, asks},
    {"mstr_table_text", NULL, asks},
    {NULL, NULL, NULL},
};
