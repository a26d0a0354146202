/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions in words as the API's viewFilter. */
#include "session/table/filter.h"

#include "defined.h"

#define FORM(form)                  "{\"type\":\"form\",\"attribute\":{\"id\":\"" REGION_ID "\"},\"form\":{\"id\":\"" form "\"}}"
#define COST                        "{\"type\":\"metric\",\"id\":\"C1\"}"
#define CONSTANT(type, value)       "{\"type\":\"constant\",\"dataType\":\"" type "\",\"value\":\"" value "\"}"
#define LEAF(operator_of, operands) "{\"operator\":\"" operator_of "\",\"operands\":[" operands "]}"

static void conditions_become_trees(void **state)
{
    static const struct {
        const char *condition;
        const char *json;
    } cases[] = {
        {"Region = North", LEAF("Equals", FORM("F2") "," CONSTANT("Char", "North"))},
        {"Region@ID>=7", LEAF("GreaterEqual", FORM("F1") "," CONSTANT("Int64", "7"))},
        {"\"Region\"@ID != 7", LEAF("NotEqual", FORM("F1") "," CONSTANT("Int64", "7"))},
        {"Region in a\\,b, c", LEAF("Or", LEAF("Equals", FORM("F2") "," CONSTANT("Char", "a,b")) "," LEAF(
                                              "Equals", FORM("F2") "," CONSTANT("Char", "c")))},
        {"Region not in x", LEAF("Not", LEAF("Or", LEAF("Equals", FORM("F2") "," CONSTANT("Char", "x"))))},
        {"Cost between 1 and 2.5", LEAF("Between", COST "," CONSTANT("Real", "1") "," CONSTANT("Real", "2.5"))},
        {"Cost not between -1 and 1", LEAF("NotBetween", COST "," CONSTANT("Real", "-1") "," CONSTANT("Real", "1"))},
        {"Cost is not null", LEAF("IsNotNull", COST)},
        {"Region is null", LEAF("IsNull", FORM("F2"))},
        {"Region like A*", LEAF("BeginsWith", FORM("F2") "," CONSTANT("Char", "A"))},
        {"Region like *A", LEAF("EndsWith", FORM("F2") "," CONSTANT("Char", "A"))},
        {"Region not like *A*", LEAF("NotContains", FORM("F2") "," CONSTANT("Char", "A"))},
        {"Region like A*B", LEAF("Like", FORM("F2") "," CONSTANT("Char", "A%B"))},
        {"Region like *", LEAF("Like", FORM("F2") "," CONSTANT("Char", "%"))},
        {"Region = ", LEAF("Equals", FORM("F2") "," CONSTANT("Char", ""))},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer json = BUFFER_INIT;
        mounted_done(mounted, filter_put(&definition, cases[i].condition, &json, mounted->error));
        assert_string_equal(buffer_text(&json), cases[i].json);
        buffer_release(&json);
    }
}

static void what_says_nothing_is_refused(void **state)
{
    static const struct {
        const char *condition;
        const char *told;
    } cases[] = {
        {"", "is no condition"},
        {"= 1", "is no condition"},
        {"Region", "is no condition"},
        {"Region inside", "is no condition"},
        {"\"Region = 1", "is no condition"},
        {"Nothing = 1", "has no attribute or metric \"Nothing\""},
        {"Sales > 1", "has 2 of the attribute or metric \"Sales\""},
        {"Region@X = 1", "has no form \"X\""},
        {"Cost = x", "compares a number with \"x\""},
        {"Cost = ", "compares a number with \"\""},
        {"Cost like 1*", "looks for a text in a metric"},
        {"Cost is null 1", "too few or too many values"},
        {"Region like", "too few or too many values"},
        {"Cost between 1, 2", "lacks \"and\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer json = BUFFER_INIT;
        assert_int_equal(filter_put(&definition, cases[i].condition, &json, mounted->error), MSTR_E_USAGE);
        assert_told(mounted, cases[i].told);
        buffer_release(&json);
    }
}

static void ids_of_a_filter_of_somebody_else_must_be_there(void **state)
{
    static const struct {
        const char *json;
        enum mstr_code code;
    } cases[] = {
        {"{}", MSTR_OK},
        {LEAF("And", LEAF("Equals", FORM("F1") "," CONSTANT("Int64", "1")) "," LEAF("IsNull", COST)), MSTR_OK},
        {LEAF("And", LEAF("IsNull", FORM("F9"))), MSTR_E_USAGE},
        {LEAF("Not", LEAF("IsNull", "{\"type\":\"metric\",\"id\":\"C9\"}")), MSTR_E_USAGE},
        {LEAF("In", "{\"type\":\"attribute\",\"id\":\"X\"}"), MSTR_E_USAGE},
        {LEAF("In", "{\"type\":\"attribute\"}"), MSTR_E_USAGE},
        {"[]", MSTR_E_USAGE},
        {"{", MSTR_E_USAGE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(filter_check(&definition, cases[i].json, mounted->error), cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(conditions_become_trees),
        TEST(what_says_nothing_is_refused),
        TEST(ids_of_a_filter_of_somebody_else_must_be_there),
    };
    return RUN_TESTS("session/table/filter");
}
