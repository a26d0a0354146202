/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/timestamp.c */
#include "base/timestamp.h"
#include "support/unit.h"

#include <time.h>

static void rfc3339_times_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t milliseconds;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-01-15T12:00:00Z", 1768478400000},
        {"2026-01-15T12:00:00.5Z", 1768478400500},
        {"2026-01-15T12:00:00.123456789Z", 1768478400123},
        {"2026-01-15T14:00:00+02:00", 1768478400000},
        {"2026-01-15T06:30:00-05:30", 1768478400000},
        {"2026-01-15T12:00:00UTC", 1768478400000},
        {"2026-01-15 12:00:00 UTC", 1768478400000},
        {"2026-01-15t12:00:00z", 1768478400000},
        {"2000-02-29T23:59:60Z", 951868800000},
        {"9999-12-31T23:59:59Z", 253402300799000},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t milliseconds = -1;
        assert_true(timestamp_parse_rfc3339(cases[i].text, &milliseconds));
        assert_int_equal(milliseconds, cases[i].milliseconds);
    }
}

static void times_of_iso_8601_are_read_as_programs_write_them(void **state)
{
    (void)state;
    static const char *const noon[] = {
        "2026-01-15T12:00:00Z",     "2026-01-15T12:00:00",       "2026-01-15 12:00",
        "2026-01-15T12:00Z",        "20260115T120000Z",          "20260115T1200",
        "2026-01-15T17:30:00+0530", "2026-01-15T14:00:00+02",    "2026-01-15T12:00:00 UTC",
        "2026-01-15T12:00:00GMT",   "2026-01-15 12:00:00 +0000", "2026-01-15T10:00:00.000-02",
        "20260115T120000.0004Z",    "2026-01-15T14:00+02:00",    "20260115T140000+0200",
    };
    static const char *const none[] = {
        "",
        "2026",
        "2026-0115",
        "2026-01-15T",
        "2026-01-15T12",
        "2026-01-15T12:00:",
        "noon",
        "2026-01-15T12:0000",
        "2026-01-15T1200:00",
        "2026-01-15T12:00:00+2",
        "2026-01-15T12:00:00+02x",
        "2026-13-15T12:00",
        "2026-01-15T12:00:00+2400",
        "2026-01-15T12:00:00Zx",
    };
    int64_t milliseconds = -1;
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        assert_false(timestamp_parse_iso8601(none[i], &milliseconds));
    }
    assert_int_equal(milliseconds, -1);
    for (size_t i = 0; i < COUNT_OF(noon); i++) {
        assert_true(timestamp_parse_iso8601(noon[i], &milliseconds));
        assert_int_equal(milliseconds, 1768478400000);
    }
    assert_true(timestamp_parse_iso8601("2026-01-15", &milliseconds));
    assert_int_equal(milliseconds, 1768478400000 - 12 * 3600000);
}

static void malformed_times_are_refused(void **state)
{
    (void)state;
    static const char *const rfc3339[] = {
        "",
        "2026-01-15",
        "2026-01-15T12:00:00",
        "2026-01-15T12:00:00.Z",
        "2026-01-15T12:00:00Zx",
        "2026-01-15T12:00:00+0200",
        "2026-01-15T12:00:00+24:00",
        "2026-13-15T12:00:00Z",
        "2026-00-15T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "2100-02-29T12:00:00Z",
        "2026-01-15T24:00:00Z",
        "2026-01-15T12:60:00Z",
        "1969-12-31T23:59:59Z",
        "+2026-1-15T12:00:00Z",
        " 2026-01-15T12:00:00Z",
    };
    static const char *const http[] = {
        "Sun, 6 Nov 1994 08:49:37 GMT",  "Sun, 06 Nov 1994 08:49:37",      "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",      "Son, 06 Nov 1994 08:49:37 GMT",  "",
    };
    int64_t milliseconds = -1;
    for (size_t i = 0; i < COUNT_OF(rfc3339); i++) {
        assert_false(timestamp_parse_rfc3339(rfc3339[i], &milliseconds));
    }
    for (size_t i = 0; i < COUNT_OF(http); i++) {
        assert_false(timestamp_parse_http(http[i], &milliseconds));
    }
    assert_int_equal(milliseconds, -1);
}

static void http_dates_are_read(void **state)
{
    (void)state;
    int64_t milliseconds = 0;
    assert_true(timestamp_parse_http("Sun, 06 Nov 1994 08:49:37 GMT", &milliseconds));
    assert_int_equal(milliseconds, 784111777000);
}

/* The C library's own calendar as the second opinion. */
static void formats_agree_with_the_system_calendar(void **state)
{
    (void)state;
    for (int64_t seconds = 0; seconds < 253402300800; seconds += 98765432 / 10) {
        time_t time = (time_t)seconds;
        struct tm parts;
        char expected[32];
        char basic[17];
        char rfc3339[21];
        int64_t back = -1;
        gmtime_r(&time, &parts);

        timestamp_format_basic(seconds * 1000 + 999, basic);
        timestamp_format_rfc3339(seconds * 1000, rfc3339);

        strftime(expected, sizeof(expected), "%Y%m%dT%H%M%SZ", &parts);
        assert_string_equal(basic, expected);
        strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &parts);
        assert_string_equal(rfc3339, expected);
        assert_true(timestamp_parse_rfc3339(rfc3339, &back));
        assert_int_equal(back, seconds * 1000);
    }
}

static void times_outside_the_calendar_are_moved_into_it(void **state)
{
    (void)state;
    char text[21];
    timestamp_format_rfc3339(-1, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    timestamp_format_rfc3339(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
}

static void retry_after_is_read_in_both_forms(void **state)
{
    static const struct {
        const char *text;
        int64_t delay; /* -1 = unreadable */
    } cases[] = {
        {"0", 0},
        {"120", 120000},
        {"Thu, 01 Jan 1970 00:00:07 GMT", 5000},
        {"Thu, 01 Jan 1970 00:00:01 GMT", 0},
        {"-1", -1},
        {"soon", -1},
        {"", -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t delay = -1;
        assert_int_equal(timestamp_parse_retry_after(cases[i].text, 2000, &delay), cases[i].delay >= 0);
        assert_int_equal(delay, cases[i].delay);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3339_times_are_read),
        cmocka_unit_test(times_of_iso_8601_are_read_as_programs_write_them),
        cmocka_unit_test(malformed_times_are_refused),
        cmocka_unit_test(http_dates_are_read),
        cmocka_unit_test(formats_agree_with_the_system_calendar),
        cmocka_unit_test(times_outside_the_calendar_are_moved_into_it),
        cmocka_unit_test(retry_after_is_read_in_both_forms),
    };
    return RUN_TESTS("base/timestamp");
}
