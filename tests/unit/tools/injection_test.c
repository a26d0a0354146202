/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/injection.c */
#include "support/unit.h"

#include "tools/injection.h"

#include <stdlib.h>

static void references_are_made_around_the_last_segment_of_the_body(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *reference;
        const char *made;
    } cases[] = {
        {"a step upwards (..)", "tested:db", "tested:x/../db"},
        {"a step upwards (..)", "tested://corp/db", "tested://corp/x/../db"},
        {"a step upwards (..)", "tested:/etc/db?raw=1/2#a/b", "tested:/etc/x/../db?raw=1/2#a/b"},
        {"an encoded slash (%2f)", "tested:kv/db", "tested:kv/x%252f..%252fdb"},
        {"an encoded step (%2e)", "tested:db", "tested:x/%252e%252e/db"},
        {"a query (?)", "tested:db?version=3", "tested:db%3Fx=1?version=3"},
        {"a fragment (#)", "tested:kv/db#password", "tested:kv/db%23x#password"},
        {"a line of its own (CR LF)", "tested:", "tested:%0D%0AX-Injected: 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t index = 0;
        while (injection_name(index) != NULL && strcmp(injection_name(index), cases[i].name) != 0) {
            index++;
        }
        assert_non_null(injection_name(index));
        char *made = injection_make(index, cases[i].reference);
        assert_string_equal(made, cases[i].made);
        free(made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_made_around_the_last_segment_of_the_body),
    };
    return RUN_TESTS("tools/injection");
}
