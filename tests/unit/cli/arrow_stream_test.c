/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/cli/arrow_stream.c: octets, held against the layout that Arrow publishes. Another reader of whole reports is
 * tests/peers/arrow_test.py; how tables and vectors of the metadata are laid out, tests/unit/cli/flatbuffer_test.c.
 */
#include "cli/arrow_stream.h"

#include "cli/output.h"
#include "unit/cli/harness.h"
#include "unit/cli/layout.h"

static int write_schema(void *data)
{
    return arrow_stream_schema(data) ? 0 : 1;
}

struct rows {
    struct ArrowSchema *schema;
    struct ArrowArray *batch;
};

static int write_batch(void *data)
{
    const struct rows *rows = data;
    bool good = arrow_stream_batch(rows->schema, rows->batch);
    arrow_stream_end();
    return good ? 0 : 1;
}

static struct ArrowSchema whole = {.format = "l", .name = "n", .flags = ARROW_FLAG_NULLABLE};
static struct ArrowSchema real = {.format = "g", .name = "r", .flags = ARROW_FLAG_NULLABLE};
static struct ArrowSchema text = {.format = "U", .name = "t", .flags = ARROW_FLAG_NULLABLE};

/* What each message begins with. */
#define ENVELOPE(length)                                                                                             \
    {                                                                                                                \
        "FFFFFFFF " length, "the continuation, and how many octets of metadata follow"                               \
    }
#define MESSAGE(body, link, header)                                                                                  \
    {"14000000 00000000", "the root stands at 20"},                                                                  \
        {"0C00 1300 1000 1200 0C00 0400", "places of version, kind of header, header, length of the body"},          \
        {"0C000000", "the message's table"}, {body, "the length of the body"}, {link, "where the header stands"},    \
        {"0400", "version 5"},                                                                                       \
    {                                                                                                                \
        header, "what the header is"                                                                                 \
    }

static void a_schema_tells_name_and_type_of_each_column(void **state)
{
    static const struct layout_part parts[] = {
        ENVELOPE("98000000"),
        MESSAGE("0000000000000000", "14000000", "01"),
        {"0000000000", "up to where the table stands right"},
        {"0800 0A00 0800 0400", "places of endianness and columns"},
        {"08000000 0C000000 0000", "the schema's table: columns 12 further, little endian"},
        {"000000000000 01000000 14000000", "one column, 20 further"},
        {"1000 1200 0400 1000 1100 0800 0000 0C00",
         "places of name, nullable, type, its table, dictionary, children"},
        {"10000000 14000000 20000000 2C000000", "the column's table: name, type and children are links"},
        {"01 02", "it may be null; it is an Int"},
        {"000000000000 01000000 6E00 0000", "its name, n"},
        {"0800 0900 0400 0800", "places of bits and sign"},
        {"08000000 40000000 01", "the Int's table: 64 bits, signed"},
        {"00000000000000 00000000", "no children; metadata ends at a multiple of eight"},
    };
    struct ArrowSchema *columns[] = {&whole};
    struct ArrowSchema schema = {.format = "+s", .n_children = 1, .children = columns};
    (void)state;
    const struct outcome *done = harness_call(write_schema, &schema);
    assert_int_equal(done->status, 0);
    assert_layout(done->output, done->output_length, parts);
}

static void a_batch_has_each_buffer_at_a_multiple_of_eight(void **state)
{
    static const struct layout_part parts[] = {
        ENVELOPE("F8000000"),
        MESSAGE("4800000000000000", "14000000", "03"),
        {"000000", "up to where the table stands right"},
        {"0A00 1400 0400 0C00 1000", "places of rows, columns and buffers"},
        {"0A000000 0200000000000000 0C000000 40000000", "the batch's table: two rows, and links"},
        {"00000000 03000000", "three columns, of each how many values and how many nulls"},
        {"0200000000000000 0100000000000000", "whole numbers"},
        {"0200000000000000 0000000000000000", "real numbers"},
        {"0200000000000000 0000000000000000", "texts"},
        {"00000000 07000000", "seven buffers, of each where it is in the body, and its length"},
        {"0000000000000000 0100000000000000", "which whole numbers there are"},
        {"0800000000000000 1000000000000000", "the whole numbers"},
        {"1800000000000000 0000000000000000", "which real numbers there are: all, which needs no octet"},
        {"1800000000000000 1000000000000000", "the real numbers"},
        {"2800000000000000 0000000000000000", "which texts there are: all"},
        {"2800000000000000 1800000000000000", "where each text begins, and where the last ends"},
        {"4000000000000000 0300000000000000", "the texts"},
        {"01 00000000000000", "the body: the first is there"},
        {"0700000000000000 0000000000000000", "7, and what stands for the null"},
        {"000000000000F83F 0000000000000080", "1.5 and -0.0, IEEE 754"},
        {"0000000000000000 0100000000000000 0300000000000000", "of two texts"},
        {"78797A 0000000000", "x and yz"},
        {"FFFFFFFF 00000000", "the end: a message without anything"},
    };
    static const unsigned char first[] = {1};
    static const int64_t numbers[] = {7, 0};
    static const double reals[] = {1.5, -0.0};
    static const int64_t begins[] = {0, 1, 3};
    struct ArrowSchema *columns[] = {&whole, &real, &text};
    struct ArrowSchema schema = {.format = "+s", .n_children = 3, .children = columns};
    struct ArrowArray arrays[] = {
        {.length = 2, .null_count = 1, .n_buffers = 2, .buffers = (const void *[]){first, numbers}},
        {.length = 2, .n_buffers = 2, .buffers = (const void *[]){NULL, reals}},
        {.length = 2, .n_buffers = 3, .buffers = (const void *[]){NULL, begins, "xyz"}},
    };
    struct ArrowArray *children[] = {&arrays[0], &arrays[1], &arrays[2]};
    struct ArrowArray batch = {.length = 2, .n_children = 3, .children = children};
    (void)state;
    const struct outcome *done = harness_call(write_batch, &(struct rows){&schema, &batch});
    assert_int_equal(done->status, 0);
    assert_layout(done->output, done->output_length, parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(a_schema_tells_name_and_type_of_each_column),
        CLI_TEST(a_batch_has_each_buffer_at_a_multiple_of_eight),
    };
    return RUN_CLI_TESTS("cli/arrow_stream");
}
