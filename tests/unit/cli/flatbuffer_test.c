/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/flatbuffer.c: octets, held against the layout that FlatBuffers publish */
#include "cli/flatbuffer.h"

#include "unit/cli/layout.h"

static void a_table_follows_its_places_and_has_large_fields_first(void **state)
{
    static const struct layout_part parts[] = {
        {"14000000 00000000", "the root stands at 20; zeros up to a multiple of eight"},
        {"0C00 1200", "12 octets of places, 18 of table"},
        {"1000 0000 0400 0C00", "where each of four fields is in the table; the second is left out"},
        {"0C000000", "the table, at 20: its places begin 12 before"},
        {"FEFFFFFFFFFFFFFF", "the third field, -2, at 24"},
        {"0C000000", "the fourth, at 32, a link to what stands 12 further"},
        {"0102", "the first"},
        {"000000000000", "so that what has a length begins at a multiple of eight, behind it"},
        {"03000000 616263 00", "a string, at 44: three octets, and a NUL"},
    };
    struct flatbuffer flatbuffer = {{0}};
    struct flatbuffer_field fields[] = {
        {.size = 2, .value = 0x201}, {.size = 0}, {.size = 8, .value = -2}, {.size = FLATBUFFER_LINK}};
    (void)state;
    flatbuffer_link(&flatbuffer, FLATBUFFER_ROOT, flatbuffer_table(&flatbuffer, fields, COUNT_OF(fields)));
    flatbuffer_link(&flatbuffer, fields[3].at, flatbuffer_string(&flatbuffer, "abc"));
    assert_layout(flatbuffer.octets.data, flatbuffer.octets.length, parts);
    octets_release(&flatbuffer.octets);
}

static void elements_of_a_vector_begin_at_a_multiple_of_eight(void **state)
{
    static const struct layout_part parts[] = {
        {"04000000 02000000", "the root, and two elements"},
        {"0500000000000000 0600000000000000", "of eight octets each, at 8"},
        {"00000000 00000000", "zeros up to 28, and a vector of none"},
    };
    struct flatbuffer flatbuffer = {{0}};
    size_t first = 0;
    (void)state;
    flatbuffer_link(&flatbuffer, FLATBUFFER_ROOT, flatbuffer_vector(&flatbuffer, 2, 8, &first));
    flatbuffer_put(&flatbuffer, first, 5, 8);
    flatbuffer_put(&flatbuffer, first + 8, 6, 8);
    assert_int_equal(flatbuffer_vector(&flatbuffer, 0, 4, &first), 28);
    assert_layout(flatbuffer.octets.data, flatbuffer.octets.length, parts);
    octets_release(&flatbuffer.octets);
}

static void a_vector_may_be_long(void **state)
{
    struct flatbuffer flatbuffer = {{0}};
    size_t first = 0;
    (void)state;
    flatbuffer_vector(&flatbuffer, 1000, 16, &first);
    assert_int_equal(flatbuffer.octets.length, 8 + 16000);
    for (size_t i = first; i < flatbuffer.octets.length; i++) {
        assert_int_equal(flatbuffer.octets.data[i], 0);
    }
    octets_release(&flatbuffer.octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_follows_its_places_and_has_large_fields_first),
        cmocka_unit_test(elements_of_a_vector_begin_at_a_multiple_of_eight),
        cmocka_unit_test(a_vector_may_be_long),
    };
    return RUN_TESTS("cli/flatbuffer");
}
