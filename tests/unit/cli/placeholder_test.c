/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/placeholder.c */
#include "cli/placeholder.h"

#include "cli/context.h"
#include "unit/cli/harness.h"

static void only_what_names_a_provider_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reference;
    } cases[] = {
        {"a ${env:X} b", "env:X"},
        {"${ env:X || text: }", "env:X || text:"},
        {"${HOME} ${env:X}", "env:X"},
        {"${debian_chroot:+${env:X}}", "env:X"},
        {"$${env:X} ${env:Y}", "env:Y"},
        {"${nosuch:x} ${https://x}", NULL},
        {"${env:X", NULL},
        {"", NULL},
        {"${} ${:} ${:x} ${env} $env:X", NULL},
    };
    struct tool tool = harness_tool(&command_inject);
    assert_int_equal(tool_context(&tool), MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *at = cases[i].text;
        const char *end = at + strlen(at);
        struct placeholder found = {.known = false};
        bool there = placeholder_next(tool.context, &placeholder_marks, at, end, &found);
        while (there && (!found.known || found.quoted)) {
            there = placeholder_next(tool.context, &placeholder_marks, found.end, end, &found);
        }
        assert_int_equal(there, cases[i].reference != NULL);
        if (there) {
            assert_int_equal(found.length, strlen(cases[i].reference));
            assert_memory_equal(found.reference, cases[i].reference, found.length);
        }
    }
    harness_tool_free(&tool);
}

static void other_marks_are_taken_as_they_are(void **state)
{
    (void)state;
    static const char text[] = "${env:X} ${{ env:Y }}";
    const struct marks marks = {"{{", "}}"};
    struct placeholder found;
    struct tool tool = harness_tool(&command_inject);
    assert_int_equal(tool_context(&tool), MSTR_OK);
    assert_true(placeholder_next(tool.context, &marks, text, text + strlen(text), &found));
    assert_true(found.known);
    assert_false(found.quoted);
    assert_memory_equal(found.reference, "env:Y }}", 8);
    assert_ptr_equal(found.end, text + strlen(text));
    harness_tool_free(&tool);
}

static void what_is_nobodys_is_written_so_that_it_stays(void **state)
{
    (void)state;
    static const struct {
        const char *text, *kept;
        bool known;
    } cases[] = {
        {"${env:X}-${HOME}", "${env:X}-$${HOME}", true},
        {"${HOME}", "$${HOME}", false},
        {"plain", "plain", false},
        {"$${env:X}", "$${env:X}", false},
        {"$${HOME}${env:X}", "$$${HOME}${env:X}", true},
    };
    struct tool tool = harness_tool(&command_run);
    assert_int_equal(tool_context(&tool), MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct octets out = {0};
        assert_int_equal(placeholder_keep_others(tool.context, cases[i].text, &out), cases[i].known);
        assert_string_equal(out.data, cases[i].kept);
        octets_release(&out);
    }
    harness_tool_free(&tool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(only_what_names_a_provider_is_known),
        CLI_TEST(other_marks_are_taken_as_they_are),
        CLI_TEST(what_is_nobodys_is_written_so_that_it_stays),
    };
    return RUN_CLI_TESTS("cli/placeholder");
}
