/* SPDX-License-Identifier: Apache-2.0 */
/* Multipart bodies: what they look like, and that they can be read in pieces of any size and again. */
#include "session/parts/multipart.h"

#include "support/unit.h"

#include <stdlib.h>

/* The whole body, read in pieces of `step` octets, for free(). */
static char *read_in_steps(const mstr_reader *reader, size_t step)
{
    char *whole = calloc(1, 4096);
    size_t length = 0;
    int64_t got;
    assert_non_null(whole);
    while ((got = reader->read(whole + length, step, reader->data)) > 0) {
        length += (size_t)got;
        assert_true(length < 4096 - step);
    }
    assert_int_equal(got, 0);
    return whole;
}

static const mstr_part fields[] = {
    {sizeof(mstr_part), 0, "a", NULL, NULL, "first", 5, NULL},
    {sizeof(mstr_part), 0, "b\r\n\"", "f.txt", NULL, "", 0, NULL},
    {sizeof(mstr_part), 0, "c", NULL, "application/json", "{}", 2, NULL},
};

static void a_body_is_the_same_in_pieces_of_any_size(void **state)
{
    struct multipart *multipart = NULL;
    (void)state;
    assert_int_equal(multipart_new(fields, COUNT_OF(fields), &multipart, NULL), MSTR_OK);
    const mstr_reader reader = multipart_reader(multipart);
    char *whole = read_in_steps(&reader, 1024);
    assert_int_equal((int64_t)strlen(whole), reader.length);
    assert_non_null(
        strstr(whole, "name=\"b%0D%0A%22\"; filename=\"f.txt\"\r\nContent-Type: application/octet-stream\r\n"));
    assert_non_null(strstr(whole, "name=\"c\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--"));
    for (size_t step = 1; step < 20; step++) {
        assert_int_equal(reader.rewind(reader.data), 0);
        char *again = read_in_steps(&reader, step);
        assert_string_equal(again, whole);
        free(again);
    }
    free(whole);
    multipart_free(multipart);
}

static int64_t read_never(void *into, size_t capacity, void *data)
{
    (void)into;
    (void)capacity;
    (void)data;
    return -1;
}

static void a_part_of_unknown_length_makes_the_length_unknown(void **state)
{
    mstr_reader inner = MSTR_READER_INIT;
    mstr_part part = MSTR_PART_INIT;
    struct multipart *multipart = NULL;
    char octets[512];
    (void)state;
    inner.read = read_never;
    part.name = "a";
    part.reader = &inner;
    assert_int_equal(multipart_new(&part, 1, &multipart, NULL), MSTR_OK);
    const mstr_reader reader = multipart_reader(multipart);
    assert_int_equal(reader.length, -1);
    assert_true(reader.read(octets, sizeof(octets), reader.data) > 0); /* the head */
    assert_int_equal(reader.read(octets, sizeof(octets), reader.data), -1);
    assert_int_not_equal(reader.rewind(reader.data), 0);
    multipart_free(multipart);
}

static void each_body_has_a_boundary_of_its_own(void **state)
{
    struct multipart *one = NULL;
    struct multipart *two = NULL;
    struct buffer first = BUFFER_INIT;
    struct buffer second = BUFFER_INIT;
    (void)state;
    assert_int_equal(multipart_new(fields, 1, &one, NULL), MSTR_OK);
    assert_int_equal(multipart_new(fields, 1, &two, NULL), MSTR_OK);
    assert_true(multipart_put_type(one, NULL, &first));
    assert_true(multipart_put_type(two, "multipart/mixed", &second));
    assert_int_equal(strncmp(buffer_text(&first), "multipart/form-data; boundary=", 30), 0);
    assert_int_equal(strncmp(buffer_text(&second), "multipart/mixed; boundary=", 26), 0);
    assert_string_not_equal(buffer_text(&first) + 30, buffer_text(&second) + 26);
    buffer_release(&first);
    buffer_release(&second);
    multipart_free(one);
    multipart_free(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_the_same_in_pieces_of_any_size),
        cmocka_unit_test(a_part_of_unknown_length_makes_the_length_unknown),
        cmocka_unit_test(each_body_has_a_boundary_of_its_own),
    };
    return RUN_TESTS("session/parts/multipart");
}
