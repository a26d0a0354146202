/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as JSON writes them, as those of C. */
#include "session/table/number.h"

#include "support/unit.h"

static void whole_numbers_are_exact_or_none(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t number;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"12", true, 12},
        {"-12", true, -12},
        {"12.0", true, 12},
        {"1e3", true, 1000},
        {"1.5e1", true, 15},
        {"100", true, 100},
        {"0.0", true, 0},
        {"1.5", false, 0},
        {"1e-1", false, 0},
        {"10e-1", true, 1},
        {"1e19", false, 0},
        {"1e400", false, 0},
        {"", false, 0},
        {"x", false, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"12345678901234567890123", false, 0},
        {"1e999999999999", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t number = 7;
        if (number_to_int64(cases[i].text, &number) != cases[i].good ||
            number != (cases[i].good ? cases[i].number : 7)) {
            fail_msg("%s: %lld", cases[i].text, (long long)number);
        }
    }
}

static void doubles_have_at_most_17_digits(void **state)
{
    static const struct {
        const char *text;
        bool good;
        double number;
    } cases[] = {
        {"0", true, 0},
        {"-1.5", true, -1.5},
        {"0.1", true, 0.1},
        {"1e-3", true, 0.001},
        {"123456789.12345678", true, 123456789.12345678},
        {"1.7976931348623157e308", true, 1.7976931348623157e308},
        {"100000000000000000000", true, 1e20},
        {"1e309", false, 0},
        {"1e-400", false, 0},
        {"123456789.123456789", false, 0},
        {"12345678901234567890.123456789", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double number = 7;
        bool good = number_to_double(cases[i].text, &number);
        double difference = number - (cases[i].good ? cases[i].number : 7);
        if (good != cases[i].good || difference < 0 || difference > 0) {
            fail_msg("%s: %g", cases[i].text, number);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_exact_or_none),
        cmocka_unit_test(doubles_have_at_most_17_digits),
    };
    return RUN_TESTS("session/table/number");
}
