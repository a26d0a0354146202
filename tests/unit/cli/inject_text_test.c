/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/inject_text.c */
#include "cli/inject_text.h"

#include "cli/context.h"
#include "unit/cli/harness.h"

#include <stdlib.h>

static struct tool tool;

static int begin(void **state)
{
    harness_reset(state);
    setenv("X", "v\"l", 1);
    tool = harness_tool(&command_inject);
    assert_int_equal(tool_context(&tool), MSTR_OK);
    return 0;
}

static int end(void **state)
{
    (void)state;
    harness_tool_free(&tool);
    return 0;
}

/* What a template becomes, for octets_release(); an empty one where it fails, with the reason in tool.error. */
static struct octets render(const struct inject_rules *rules, const char *template, size_t length)
{
    struct inject_text text = {.name = "t", .rules = rules};
    struct asked asked = {0};
    struct octets out = {0};
    mstr_call_options call = tool_call(&tool);
    mstr_error_clear(tool.error);
    if (inject_text_read(&tool, &text, template, length, &asked) == MSTR_OK &&
        asked_resolve(&asked, tool.context, &call) == MSTR_OK) {
        inject_text_write(&tool, &text, &asked, &out);
    }
    asked_release(&asked);
    inject_text_release(&text);
    return out;
}

static void only_references_are_replaced(void **state)
{
    (void)state;
    static const struct {
        struct inject_rules rules;
        const char *template, *text;
    } cases[] = {
        {{.strict = false}, "", ""},
        {{.strict = false}, "a ${env:X} ${HOME} ${nosuch:x} $${env:X}", "a v\"l ${HOME} ${nosuch:x} ${env:X}"},
        {{.strict = false}, "${env:NONE || env:X}${text:}${", "v\"l${"},
        {{.strict = true}, "${env:X} $${HOME} $HOME", "v\"l $${HOME} $HOME"},
        {{.marks = {"<%", "%>"}, .own_marks = true}, "<% env:X %> ${env:X} <%x%>", "v\"l ${env:X} <%x%>"},
        {{.escape = ESCAPE_JSON}, "\"${env:X}\"", "\"v\\\"l\""},
        {{.allow = "env:X"}, "${env:X}", "v\"l"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct octets out = render(&cases[i].rules, cases[i].template, strlen(cases[i].template));
        assert_string_equal(mstr_error_message(tool.error), "");
        assert_int_equal(out.length, strlen(cases[i].text));
        assert_memory_equal(out.data, cases[i].text, out.length);
        octets_release(&out);
    }
}

static void octets_that_are_no_text_stay(void **state)
{
    (void)state;
    static const char template[] = "\xEF\xBB\xBF\0\xFF ${env:X}\0\r\n";
    static const char wanted[] = "\xEF\xBB\xBF\0\xFF v\"l\0\r\n";
    struct octets out = render(&(struct inject_rules){.strict = false}, template, sizeof template - 1);
    assert_int_equal(out.length, sizeof wanted - 1);
    assert_memory_equal(out.data, wanted, out.length);
    octets_release(&out);
}

static void what_cannot_be_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        struct inject_rules rules;
        const char *template, *message;
        enum mstr_code code;
    } cases[] = {
        {{.strict = true}, "a\n${env:X}\n${HOME}", "t:3: names no provider that there is", MSTR_E_CONFIG},
        {{.allow = "env:Y file:/etc/**"}, "\n${env:X}", "t:2: env:X: no pattern allows it", MSTR_E_DENIED},
        {{.allow = "env:X"}, "${env:X || env:Y}", "t:1: env:Y: no pattern allows it", MSTR_E_DENIED},
        {{.escape = ESCAPE_XML},
         "\n\n${env:CONTROL}",
         "t:3: env:CONTROL: the value holds a control character",
         MSTR_E_UNEXPECTED},
    };
    setenv("CONTROL", "\x01", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct octets out = render(&cases[i].rules, cases[i].template, strlen(cases[i].template));
        assert_int_equal(mstr_error_code(tool.error), cases[i].code);
        assert_non_null(strstr(mstr_error_message(tool.error), cases[i].message));
        octets_release(&out);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_references_are_replaced),
        TEST(octets_that_are_no_text_stay),
        TEST(what_cannot_be_is_told_with_its_line),
    };
    return RUN_CLI_TESTS("cli/inject_text");
}
