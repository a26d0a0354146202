/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/beside.c */
#include "cli/beside.h"

#include "cli/context.h"
#include "unit/cli/harness.h"

#include <stdio.h>
#include <stdlib.h>

struct scene {
    const char *script;
    bool masks;
    bool watches;
    int signal;
    int64_t grace; /* 0 = the usual one */
};

/* The script with the value of a file in V. */
static int run(void *data)
{
    const struct scene *scene = data;
    char shell[] = "sh", option[] = "-c";
    char *words[] = {shell, option, strdup(scene->script), NULL};
    char assignment[300];
    struct tool tool = harness_tool(&command_run);
    struct environment environment = {0};
    struct asked asked = {0};
    mstr_call_options call = tool_call(&tool);
    struct beside beside = {words,
                            &environment,
                            scene->masks,
                            scene->watches,
                            scene->signal,
                            {20, 20, 0},
                            scene->grace != 0 ? scene->grace : BESIDE_GRACE};
    snprintf(assignment, sizeof assignment, "V=pre-${file:%s}", harness_path("value"));
    int status = -1;
    if (tool_context(&tool) == MSTR_OK && environment_add(&tool, &environment, assignment) == MSTR_OK &&
        environment_ask(&environment, &asked) && asked_resolve(&asked, tool.context, &call) == MSTR_OK) {
        status = beside_run(&tool, &beside, &asked);
    }
    asked_release(&asked);
    environment_release(&environment);
    harness_tool_free(&tool);
    free(words[2]);
    return status;
}

static int start(void **state)
{
    harness_reset(state);
    harness_write("value", "first", 5);
    setenv("FILE", harness_path("value"), 1);
    return 0;
}

static void a_value_and_what_it_is_made_of_are_masked(void **state)
{
    (void)state;
    static const struct scene scene = {"echo \"$V\" first irst; exit 4", true, false, 0, 0};
    assert_outcome(harness_fork(run, (void *)&scene), 4, "(hidden) (hidden) irst\n", "");
}

static void short_values_are_told_once(void **state)
{
    (void)state;
    static const struct scene scene = {"echo $V", true, false, 0, 0};
    harness_write("value", "abc", 3);
    assert_outcome(harness_fork(run, (void *)&scene), 0, "(hidden)\n",
                   "mstr: lines of fewer than 4 octets are not masked\n");
}

static void a_command_is_restarted_with_the_value_that_came(void **state)
{
    (void)state;
    static const struct scene scene = {"echo \"$V\"; test \"$V\" = pre-second && exit 6; printf second > \"$FILE\"; "
                                       "while :; do sleep 0.05; done",
                                       false, true, 0, 0};
    assert_outcome(harness_fork(run, (void *)&scene), 6, "pre-first\npre-second\n", "");
}

/* Deaf to TERM, and so is its child, which is gone, or nobody's to be waited for, before the next one is. */
static void a_command_that_does_not_end_is_killed_with_its_group_and_restarted(void **state)
{
    (void)state;
    static const struct scene scene = {
        "while test \"$V\" = pre-second; do read -r child < \"$FILE.child\"; "
        "case $(cut -d ' ' -f 3 \"/proc/$child/stat\" 2>&-) in ''|Z) exit 6;; esac; sleep 0.05; done; "
        "trap '' TERM; sleep 600 & echo $! > \"$FILE.child\"; echo deaf; printf second > \"$FILE\"; "
        "while :; do sleep 0.05; done",
        false, true, 0, 100};
    assert_outcome(harness_fork(run, (void *)&scene), 6, "deaf\n", "");
}

static void the_new_value_is_masked_as_the_old_one(void **state)
{
    (void)state;
    static const struct scene scene = {
        "test \"$V\" = pre-second && echo \"$V first\" && exit 0; printf second > \"$FILE\"; "
        "while :; do sleep 0.05; done",
        true, true, 0, 0};
    assert_outcome(harness_fork(run, (void *)&scene), 0, "(hidden) (hidden)\n", "");
}

static void or_it_gets_a_signal(void **state)
{
    (void)state;
    static const struct scene scene = {"trap 'cat \"$FILE\"; exit 7' HUP; printf third > \"$FILE\"; "
                                       "while :; do sleep 0.05; done",
                                       false, true, SIGHUP, 0};
    assert_outcome(harness_fork(run, (void *)&scene), 7, "third", "");
}

static void a_command_that_ends_by_itself_ends_the_run(void **state)
{
    (void)state;
    static const struct scene scene = {"echo once; exit 9", false, true, 0, 0};
    assert_outcome(harness_fork(run, (void *)&scene), 9, "once\n", "");
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_value_and_what_it_is_made_of_are_masked),
        TEST(short_values_are_told_once),
        TEST(a_command_is_restarted_with_the_value_that_came),
        TEST(a_command_that_does_not_end_is_killed_with_its_group_and_restarted),
        TEST(the_new_value_is_masked_as_the_old_one),
        TEST(or_it_gets_a_signal),
        TEST(a_command_that_ends_by_itself_ends_the_run),
    };
    return RUN_CLI_TESTS("cli/beside");
}
