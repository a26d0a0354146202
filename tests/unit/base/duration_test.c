/* SPDX-License-Identifier: Apache-2.0 */
/* Durations, as the configuration, command lines and programs read them. */
#include "support/unit.h"

#include <mstr/context.h>

static void durations_have_units(void **state)
{
    static const struct {
        const char *text;
        int64_t milliseconds; /* -1 = refused */
    } cases[] = {
        {"250ms", 250},
        {"30s", 30000},
        {"5m", 300000},
        {"1h", 3600000},
        {"7", 7000},
        {"007s", 7000},
        {"0000000000000000000000000001m", 60000},
        {"0", 0},
        {"0ms", 0},
        {"8784h", 8784 * INT64_C(3600000)},
        {"31622400000ms", 8784 * INT64_C(3600000)},
        {NULL, -1},
        {"", -1},
        {"s", -1},
        {"-1s", -1},
        {"+5s", -1},
        {" 1", -1},
        {"1 ", -1},
        {"5 m", -1},
        {"5M", -1},
        {"1d", -1},
        {"1.5s", -1},
        {"1h30m", -1},
        {"8785h", -1},
        {"31622400001ms", -1},
        {"99999999999h", -1},
        {"9223372036854775807", -1},
        {"9223372036854775808ms", -1},
        {"18446744073709551617s", -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t milliseconds = -1;
        enum mstr_code code = cases[i].milliseconds >= 0 ? MSTR_OK : MSTR_E_USAGE;
        assert_int_equal(mstr_duration_parse(cases[i].text, &milliseconds), code);
        assert_int_equal(milliseconds, cases[i].milliseconds);
        assert_int_equal(mstr_duration_parse(cases[i].text, NULL), code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(durations_have_units)};
    return RUN_TESTS("base/duration");
}
