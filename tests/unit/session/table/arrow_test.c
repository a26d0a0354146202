/* SPDX-License-Identifier: Apache-2.0 */
/* A table as Arrow's C stream, read back by a reader of the test's own over the published structures. */
#include <mstr/table.h>

#include "base/buffer.h"
#include "tables.h"

#include <errno.h>
#include <inttypes.h>

static char seen[4096];

MSTR_PRINTF(1, 2) static void put(const char *format, ...)
{
    va_list arguments;
    size_t at = strlen(seen);
    va_start(arguments, format);
    vsnprintf(seen + at, sizeof(seen) - at, format, arguments);
    va_end(arguments);
}

static bool is_valid(const struct ArrowArray *array, int64_t row)
{
    const unsigned char *bits = array->buffers[0];
    int64_t at = row + array->offset;
    return bits == NULL || (bits[at / 8] >> (at % 8) & 1) != 0;
}

/* As the specification of the C data interface has it for the three formats. */
static void put_value(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t row)
{
    int64_t at = row + array->offset;
    const int64_t *offsets = array->buffers[1];
    if (!is_valid(array, row)) {
        put("-");
    } else if (strcmp(schema->format, "l") == 0) {
        put("%" PRId64, ((const int64_t *)array->buffers[1])[at]);
    } else if (strcmp(schema->format, "g") == 0) {
        put("%g", ((const double *)array->buffers[1])[at]);
    } else {
        assert_string_equal(schema->format, "U");
        put("'%.*s'", (int)(offsets[at + 1] - offsets[at]), (const char *)array->buffers[2] + offsets[at]);
    }
}

static void put_batch(const struct ArrowSchema *schema, const struct ArrowArray *batch)
{
    assert_int_equal(batch->n_children, schema->n_children);
    assert_int_equal(batch->null_count, 0);
    for (int64_t row = 0; row < batch->length; row++) {
        for (int64_t i = 0; i < batch->n_children; i++) {
            assert_int_equal(batch->children[i]->length, batch->length);
            put_value(schema->children[i], batch->children[i], row);
            put(i + 1 < batch->n_children ? "," : ";");
        }
    }
}

/* Reads a stream to its end; the answer of the call that failed, or 0. */
static int read_stream(struct ArrowArrayStream *stream)
{
    struct ArrowSchema schema;
    struct ArrowArray batch;
    seen[0] = '\0';
    int failure = stream->get_schema(stream, &schema);
    if (failure != 0) {
        return failure;
    }
    assert_string_equal(schema.format, "+s");
    for (int64_t i = 0; i < schema.n_children; i++) {
        put("%s %s%s", schema.children[i]->name, schema.children[i]->format, i + 1 < schema.n_children ? "," : ";");
        assert_int_equal(schema.children[i]->flags, ARROW_FLAG_NULLABLE);
    }
    while ((failure = stream->get_next(stream, &batch)) == 0 && batch.release != NULL) {
        put_batch(&schema, &batch);
        batch.release(&batch);
        assert_null(batch.release);
    }
    schema.release(&schema);
    return failure;
}

static void assert_stream(const char *page, uint32_t flags, const char *expected)
{
    struct mounted *mounted = NULL;
    struct ArrowArrayStream stream;
    assert_true(mstr_table_arrow(open_table(page, flags, &mounted), &stream));
    assert_int_equal(read_stream(&stream), 0);
    assert_string_equal(seen, expected);
    stream.release(&stream);
    assert_null(stream.release);
    mounted_free(mounted);
}

static void columns_have_the_types_that_hold_them(void **state)
{
    (void)state;
    assert_stream(PAGE(REGION, METRICS, "2", "[[0],[1]]", "[[0,1]]", "[[1.5,7],[null,-9]]"), 0,
                  "Region U,Revenue g,Cost l;'North',1.5,7;'Soüth',-,-9;");
    assert_stream(PAGE(REGION, METRICS, "2", "[[0],[1]]", "[[0,1]]", "[[1.5,7],[12345678901234567890.5,1e300]]"), 0,
                  "Region U,Revenue U,Cost U;'North','1.5','7';'Soüth','12345678901234567890.5','1e300';");
    assert_stream(PAGE(REGION, METRICS, "1", "[[0]]", "[[0,1]]", "[[1.50,7]]"), MSTR_TABLE_ARROW_TEXT,
                  "Region U,Revenue U,Cost U;'North','1.50','7';");
    assert_stream(PAGE(TOWN, METRICS, "2", "[[0],[0]]", "[[0,1]]", "[[1,\"\"],[1,\"x\"]]"), MSTR_TABLE_TYPED,
                  "Town@ID l,Town@DESC U,Revenue g,Cost U;7,'Ulm',1,'';7,'Ulm',1,'x';");
    assert_stream(PAGE(REGION, METRICS, "0", "[]", "[[0,1]]", "[]"), 0, "Region U,Revenue g,Cost l;");
}

/* A page of a thousand rows of 1, then one more row of `last`. */
static char *long_page(const char *last)
{
    struct buffer text = BUFFER_INIT;
    buffer_puts(&text,
                "{\"instanceId\":\"A-1\",\"status\":1,\"definition\":{\"grid\":{\"rows\":[],\"columns\":[" METRICS
                "]}},\"data\":{\"paging\":{\"total\":1001},\"headers\":{\"rows\":[],\"columns\":[[0,1]]},"
                "\"metricValues\":{\"raw\":[");
    for (int i = 0; i < 1000; i++) {
        buffer_puts(&text, "[1.5,1],");
    }
    buffer_printf(&text, "[1.5,%s]]}}}", last);
    return buffer_take(&text);
}

static void a_number_that_fits_no_more_is_told(void **state)
{
    struct mounted *mounted = NULL;
    struct ArrowArrayStream stream;
    char *page = long_page("0.5");
    (void)state;
    assert_true(mstr_table_arrow(open_table(page, 0, &mounted), &stream));
    assert_int_equal(read_stream(&stream), EDOM);
    assert_non_null(
        strstr(stream.get_last_error(&stream), "the column \"Cost\" has, in one of the rows from 1001 on"));
    stream.release(&stream);
    mounted_free(mounted);
    buffer_free_text(page);
}

static void batches_follow_each_other(void **state)
{
    struct mounted *mounted = NULL;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    char *page = long_page("7");
    (void)state;
    assert_true(mstr_table_arrow(open_table(page, 0, &mounted), &stream));
    assert_int_equal(stream.get_next(&stream, &batch), 0); /* without a look at the schema */
    assert_int_equal(batch.length, 1000);
    batch.release(&batch);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    assert_int_equal(batch.length, 1);
    assert_int_equal(((const int64_t *)batch.children[1]->buffers[1])[0], 7);
    batch.release(&batch);
    for (int i = 0; i < 2; i++) { /* the end stays */
        assert_int_equal(stream.get_next(&stream, &batch), 0);
        assert_null(batch.release);
    }
    stream.release(&stream);
    mounted_free(mounted);
    buffer_free_text(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_have_the_types_that_hold_them),
        cmocka_unit_test(a_number_that_fits_no_more_is_told),
        cmocka_unit_test(batches_follow_each_other),
    };
    return RUN_TESTS("session/table/arrow");
}
