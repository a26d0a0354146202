/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/version.c */
#include "support/unit.h"

#include <mstr/version.h>
#include <stdio.h>

static void the_library_and_its_header_are_of_the_projects_version(void **state)
{
    (void)state;
    char numbers[64];
    snprintf(numbers, sizeof(numbers), "%d.%d.%d", MSTR_VERSION_MAJOR, MSTR_VERSION_MINOR, MSTR_VERSION_PATCH);

    assert_string_equal(mstr_version(), PROJECT_VERSION);
    assert_string_equal(MSTR_VERSION, PROJECT_VERSION);
    assert_string_equal(numbers, PROJECT_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_and_its_header_are_of_the_projects_version),
    };
    return RUN_TESTS("base/version");
}
