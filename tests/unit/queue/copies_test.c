/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/copies.c */
#include "queue/copies.h"

#include "support/unit.h"

#include <stdint.h>

static void copies_are_apart_from_what_was_lent(void **state)
{
    (void)state;
    struct copies copies = {NULL, false};
    char name[] = "name";
    char value[] = "value";
    struct mstr_header pairs[] = {{name, value}, {value, NULL}};

    const char *text = copies_text(&copies, name);
    const struct mstr_header *copied = copies_pairs(&copies, pairs, COUNT_OF(pairs));
    const char *const lent[] = {name, value};
    const char *const *texts = copies_texts(&copies, lent, COUNT_OF(lent));
    memset(name, 'x', sizeof(name) - 1);
    memset(value, 'x', sizeof(value) - 1);
    pairs[0].name = NULL;

    assert_string_equal(text, "name");
    assert_string_equal(copied[0].name, "name");
    assert_string_equal(copied[0].value, "value");
    assert_string_equal(copied[1].name, "value");
    assert_null(copied[1].value);
    assert_string_equal(texts[0], "name");
    assert_string_equal(texts[1], "value");
    assert_false(copies.failed);
    copies_release(&copies);
    assert_null(copies.first);
}

static void nothing_is_copied_of_nothing(void **state)
{
    (void)state;
    struct copies copies = {NULL, false};
    assert_null(copies_text(&copies, NULL));
    assert_null(copies_pairs(&copies, NULL, 0));
    assert_null(copies_texts(&copies, NULL, 0));
    assert_null(copies_octets(&copies, NULL, 3));
    assert_non_null(copies_octets(&copies, "", 0)); /* an empty body is a body */
    assert_false(copies.failed);
    copies_release(&copies);
}

static void members_of_a_structure_are_copied_in_place(void **state)
{
    (void)state;
    struct {
        int number;
        const char *one;
        const char *other;
    } structure = {7, "one", NULL};
    const char *lent = structure.one;
    const size_t offsets[] = {(size_t)((char *)&structure.one - (char *)&structure),
                              (size_t)((char *)&structure.other - (char *)&structure)};
    struct copies copies = {NULL, false};
    copies_members(&copies, &structure, offsets, COUNT_OF(offsets));
    assert_ptr_not_equal(structure.one, lent);
    assert_string_equal(structure.one, "one");
    assert_null(structure.other);
    copies_release(&copies);
}

static void what_is_too_long_fails_for_good(void **state)
{
    (void)state;
    struct copies copies = {NULL, false};
    assert_null(copies_octets(&copies, "x", SIZE_MAX - 1));
    assert_non_null(copies_text(&copies, "x"));
    assert_true(copies.failed);
    copies_release(&copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_apart_from_what_was_lent),
        cmocka_unit_test(nothing_is_copied_of_nothing),
        cmocka_unit_test(members_of_a_structure_are_copied_in_place),
        cmocka_unit_test(what_is_too_long_fails_for_good),
    };
    return RUN_TESTS("queue/copies");
}
