/* SPDX-License-Identifier: Apache-2.0 */
/* What a report is made of, by name and id. */
#include "session/table/definition.h"

#include "defined.h"

static void names_and_ids_find_one_object(void **state)
{
    static const struct {
        const char *name;
        enum definition_kind kind;
        const char *told; /* NULL = found */
    } cases[] = {
        {"Region", DEFINITION_ATTRIBUTE, NULL},
        {"8d679d3f11d3e4981000e787ec6de8a4", DEFINITION_ATTRIBUTE, NULL},
        {"Cost", DEFINITION_METRIC, NULL},
        {"S2", DEFINITION_METRIC, NULL},
        {"Sales", DEFINITION_METRIC, "AB has 2 of the metric \"Sales\""},
        {"Costs", DEFINITION_METRIC, "AB has no metric \"Costs\""},
        {"Cost", DEFINITION_ATTRIBUTE, "AB has no attribute \"Cost\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_object *found = NULL;
        enum mstr_code code =
            definition_find(&definition, cases[i].kind, cases[i].name, strlen(cases[i].name), &found, mounted->error);
        assert_int_equal(code, cases[i].told == NULL ? MSTR_OK : MSTR_E_USAGE);
        if (cases[i].told != NULL) {
            assert_told(mounted, cases[i].told);
        }
    }
}

static void what_was_meant_is_guessed(void **state)
{
    struct json_object *found = NULL;
    (void)state;
    definition_find(&definition, DEFINITION_ATTRIBUTE, "Regoin", 6, &found, mounted->error);
    assert_string_equal(mstr_error_hint(mounted->error), "did you mean \"Region\"?");
}

static void forms_and_the_main_one_are_found(void **state)
{
    struct json_object *region = NULL;
    struct json_object *form = NULL;
    struct buffer id = BUFFER_INIT;
    (void)state;
    assert_int_equal(definition_find(&definition, DEFINITION_ATTRIBUTE, "Region", 6, &region, NULL), MSTR_OK);
    assert_int_equal(definition_find_form(&definition, region, "ID", 2, &form, NULL), MSTR_OK);
    definition_put_id(form, &id);
    assert_string_equal(buffer_text(&id), "\"F1\"");
    buffer_clear(&id);
    definition_put_id(definition_main_form(region), &id);
    assert_string_equal(buffer_text(&id), "\"F2\"");
    assert_int_equal(definition_find_form(&definition, region, "X", 1, &form, mounted->error), MSTR_E_USAGE);
    assert_told(mounted, "the attribute \"Region\" has no form \"X\"");
    buffer_release(&id);
}

static void marks_are_escaped_by_backslashes(void **state)
{
    static const char text[] = "a\\,b\\\\,c";
    struct buffer plain = BUFFER_INIT;
    (void)state;
    size_t end = definition_until(text, strlen(text), ',');
    assert_int_equal(end, 6);
    assert_true(definition_unescape(text, end, &plain));
    assert_string_equal(buffer_text(&plain), "a,b\\");
    assert_int_equal(definition_until("abc\\", 4, ','), 4);
    assert_true(definition_pages_by(&definition, "Year", 4));
    assert_false(definition_pages_by(&definition, "Region", 6));
    buffer_release(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_and_ids_find_one_object),
        TEST(what_was_meant_is_guessed),
        TEST(forms_and_the_main_one_are_found),
        TEST(marks_are_escaped_by_backslashes),
    };
    return RUN_TESTS("session/table/definition");
}
