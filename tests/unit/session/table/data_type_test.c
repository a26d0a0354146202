/* SPDX-License-Identifier: Apache-2.0 */
/* A server's words for data types. */
#include "session/table/data_type.h"

#include "support/unit.h"

static void words_are_known_in_any_case(void **state)
{
    static const struct {
        const char *word;
        enum data_type type;
        bool number;
    } cases[] = {
        {NULL, DATA_UNKNOWN, false},          {"", DATA_UNKNOWN, false},       {"unknown", DATA_UNKNOWN, false},
        {"INTEGER", DATA_WHOLE, true},        {"Real", DATA_REAL, true},       {"bigdecimal", DATA_EXACT, true},
        {"nVarChar", DATA_TEXT, false},       {"Date", DATA_DATE, false},      {"time", DATA_TIME, false},
        {"timestamp", DATA_TIMESTAMP, false}, {"longVarBin", DATA_TEXT, false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(data_type_of(cases[i].word), cases[i].type);
        assert_int_equal(data_type_is_number(data_type_of(cases[i].word)), cases[i].number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_are_known_in_any_case)};
    return RUN_TESTS("session/table/data_type");
}
