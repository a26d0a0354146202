/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/asked.c */
#include "cli/asked.h"

#include "cli/context.h"
#include "unit/cli/harness.h"

#include <stdlib.h>

static struct asked ask(struct tool *tool, const char *one, const char *other)
{
    struct asked asked = {0};
    mstr_call_options call = tool_call(tool);
    assert_true(asked_add(&asked, NULL, one));
    assert_true(asked_add(&asked, NULL, other));
    assert_int_equal(tool_context(tool), MSTR_OK);
    asked_resolve(&asked, tool->context, &call);
    return asked;
}

static void references_and_texts_with_references_are_answered(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    setenv("X", "val", 1);
    struct asked asked = ask(&tool, "env:X", "<${env:X}>");
    assert_string_equal(mstr_secret_octets(asked.settings[0].value), "val");
    assert_string_equal(mstr_secret_octets(asked.settings[1].value), "<val>");
    asked_release(&asked);
    harness_tool_free(&tool);
}

static void answers_are_the_same_only_where_all_are(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    mstr_call_options call = tool_call(&tool);
    struct asked again;
    setenv("X", "val", 1);
    struct asked asked = ask(&tool, "text:a", "env:X");
    assert_true(asked_again(&asked, &again));
    assert_false(asked_same(&asked, &again)); /* which has no answers yet */
    asked_resolve(&again, tool.context, &call);
    assert_true(asked_same(&asked, &again));
    asked_release(&again);

    setenv("X", "new", 1);
    assert_true(asked_again(&asked, &again));
    call.flags |= MSTR_CALL_NO_CACHE;
    asked_resolve(&again, tool.context, &call);
    assert_false(asked_same(&asked, &again));
    asked_release(&again);
    asked_release(&asked);
    harness_tool_free(&tool);
}

static int tell(void *data)
{
    struct tool tool = harness_tool(&command_get);
    tool.json = data != NULL;
    struct asked asked = ask(&tool, "env:NONE", "nothing");
    int status = asked_tell(&tool, &asked);
    asked_release(&asked);
    harness_tool_free(&tool);
    return status;
}

static void each_failure_is_told_and_the_first_gives_the_status(void **state)
{
    (void)state;
    unsetenv("NONE");
    assert_outcome(harness_call(tell, NULL), STATUS_NOT_FOUND, "",
                   "mstr: env:NONE: environment variable NONE is not set\nmstr: \"nothing\" is not a reference\n"
                   "hint: a reference begins with a scheme, e.g. env:NAME or file:/PATH#FIELD\n");
    const struct outcome *done = harness_call(tell, &(int){1});
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_null(strstr(done->errors, "nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(references_and_texts_with_references_are_answered),
        CLI_TEST(answers_are_the_same_only_where_all_are),
        CLI_TEST(each_failure_is_told_and_the_first_gives_the_status),
    };
    return RUN_CLI_TESTS("cli/asked");
}
