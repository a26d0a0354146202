/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/iserver_codes.c */
#include "base/error.h"
#include "base/iserver_codes.h"
#include "support/unit.h"

#include <inttypes.h>
#include <stdio.h>

/* The list is the source of the table; each line of it must be found. */
static void every_code_of_the_list_is_found(void **state)
{
    (void)state;
    FILE *list = fopen(MSTR_ISERVER_LIST, "r");
    int32_t code = 0;
    char name[128];
    size_t lines = 0;
    assert_non_null(list);
    while (fscanf(list, "%" SCNd32 "\t%127s\n", &code, name) == 2) {
        const char *found = mstr_iserver_code_name(code);
        assert_non_null(found);
        assert_string_equal(found, name);
        lines++;
    }
    fclose(list);
    assert_true(lines > 9000);
    assert_int_equal(lines, iserver_code_count);
}

static void codes_outside_the_list_have_no_name(void **state)
{
    (void)state;
    static const int32_t unknown[] = {0, 1, -1, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        assert_null(mstr_iserver_code_name(unknown[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_of_the_list_is_found),
        cmocka_unit_test(codes_outside_the_list_have_no_name),
    };
    return RUN_TESTS("base/iserver_codes");
}
