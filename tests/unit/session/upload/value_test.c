/* SPDX-License-Identifier: Apache-2.0 */
/* Which text is a value of which type, and how JSON writes it. */
#include "session/upload/value.h"

#include "support/unit.h"

static void a_text_fits_its_type_or_not(void **state)
{
    static const struct {
        enum mstr_upload_type type;
        const char *good[6];
        const char *bad[12];
    } cases[] = {
        {MSTR_UPLOAD_STRING, {"", "Süd 😀", "\n\"\\"}, {"\xff", "\xc3"}},
        {MSTR_UPLOAD_INTEGER,
         {"0", "-1", "2147483647", "-2147483648"},
         {"", "2147483648", "1.0", "1e3", "007", "+1", " 1", "1 ", "NaN"}},
        {MSTR_UPLOAD_BIGINTEGER,
         {"9223372036854775807", "-9223372036854775808"},
         {"9223372036854775808", "99999999999999999999999", "-"}},
        {MSTR_UPLOAD_BOOL, {"true", "false"}, {"", "True", "1", "yes"}},
        {MSTR_UPLOAD_DOUBLE,
         {"0", "-0.5", "1e400", "12345678901234567890.1"},
         {"", ".5", "5.", "1,5", "0x10", "Inf"}},
        {MSTR_UPLOAD_BIGDECIMAL, {"123456789012345678901234567890.123456789"}, {"1 000"}},
        {MSTR_UPLOAD_DATE,
         {"2024-02-29", "1900-01-31", "0001-01-01"},
         {"2023-02-29", "1900-02-29", "2024-2-9", "24-02-29", "2024/02/28", "2024-13-01", "2024-00-01", "0000-01-01",
          "2024-02-29T"}},
        {MSTR_UPLOAD_TIME,
         {"00:00:00", "23:59:59", "23:59:59.9", "23:59:59.999"},
         {"24:00:00", "23:60:00", "23:59:60", "23:59", "23:59:59.", "23:59:59.9999", "23:59:59,9", "-1:00:00"}},
        {MSTR_UPLOAD_DATETIME,
         {"2024-02-29T23:59:59", "2024-02-29 23:59:59.123"},
         {"2024-02-29", "2024-02-29T", "2024-02-29x23:59:59", "2023-02-29T23:59:59", "2024-02-29T23:59:59Z"}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t j = 0; j < COUNT_OF(cases[i].good) && cases[i].good[j] != NULL; j++) {
            assert_true(value_fits(cases[i].type, cases[i].good[j], strlen(cases[i].good[j])));
        }
        for (size_t j = 0; j < COUNT_OF(cases[i].bad) && cases[i].bad[j] != NULL; j++) {
            if (value_fits(cases[i].type, cases[i].bad[j], strlen(cases[i].bad[j]))) {
                fail_msg("\"%s\" is taken for %s", cases[i].bad[j], value_type_name(cases[i].type));
            }
        }
    }
    assert_false(value_fits(MSTR_UPLOAD_STRING, "a\0b", 3));
    assert_false(value_fits(MSTR_UPLOAD_INTEGER, "1\0", 2));
}

static void numbers_and_truths_stand_as_they_are_and_texts_in_quotes(void **state)
{
    struct buffer out = BUFFER_INIT;
    (void)state;
    value_put(&out, MSTR_UPLOAD_BIGDECIMAL, "1.50xx", 4);
    value_put(&out, MSTR_UPLOAD_BOOL, "true", 4);
    value_put(&out, MSTR_UPLOAD_DATE, "2024-02-29", 10);
    value_put(&out, MSTR_UPLOAD_STRING, "a\"\n", 3);
    assert_string_equal(buffer_text(&out), "1.50true\"2024-02-29\"\"a\\\"\\n\"");
    assert_true(value_is_number(MSTR_UPLOAD_DOUBLE));
    assert_false(value_is_number(MSTR_UPLOAD_BOOL));
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_fits_its_type_or_not),
        cmocka_unit_test(numbers_and_truths_stand_as_they_are_and_texts_in_quotes),
    };
    return RUN_TESTS("session/upload/value");
}
