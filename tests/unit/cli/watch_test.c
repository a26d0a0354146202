/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/watch.c */
#include "cli/watch.h"

#include "cli/context.h"
#include "unit/cli/harness.h"

#include <poll.h>
#include <stdio.h>

static const struct watch_times times = {20, 20, 5};
static char references[2][300];
static struct tool tool;
static struct asked asked;
static struct watch watch;

/* Watches two files. */
static int begin(void **state)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    harness_reset(state);
    harness_write("one", "1", 1);
    harness_write("two", "2", 1);
    snprintf(references[0], sizeof references[0], "file:%s", harness_path("one"));
    snprintf(references[1], sizeof references[1], "file:%s", harness_path("two"));
    tool = harness_tool(&command_run);
    assert_int_equal(tool_context(&tool), MSTR_OK);
    assert_true(asked_add(&asked, NULL, references[0]));
    assert_true(asked_add(&asked, NULL, references[1]));
    assert_int_equal(asked_resolve(&asked, tool.context, &call), MSTR_OK);
    assert_true(watch_start(&watch, tool.context, &asked, times));
    return 0;
}

static int end(void **state)
{
    (void)state;
    watch_stop(&watch);
    asked_release(&asked);
    harness_tool_free(&tool);
    return 0;
}

static bool comes_within(int milliseconds)
{
    return poll(&(struct pollfd){.fd = watch_descriptor(&watch), .events = POLLIN}, 1, milliseconds) == 1;
}

static void a_change_is_told_with_all_answers(void **state)
{
    (void)state;
    struct asked changed;
    assert_false(watch_take(&watch, &changed));
    harness_write("two", "3", 1);
    assert_true(comes_within(60000));
    assert_true(watch_take(&watch, &changed));
    assert_int_equal(changed.count, 2);
    assert_string_equal(mstr_secret_octets(changed.settings[0].value), "1");
    assert_string_equal(mstr_secret_octets(changed.settings[1].value), "3");
    asked_release(&changed);
    assert_false(watch_take(&watch, &changed));

    harness_write("one", "4", 1);
    assert_true(comes_within(60000));
    assert_true(watch_take(&watch, &changed));
    assert_string_equal(mstr_secret_octets(changed.settings[0].value), "4");
    assert_string_equal(mstr_secret_octets(changed.settings[1].value), "3");
    asked_release(&changed);
}

static void a_value_that_cannot_be_read_is_no_change(void **state)
{
    (void)state;
    struct asked changed;
    remove(harness_path("one"));
    assert_false(comes_within(300));
    harness_write("one", "1", 1);
    assert_false(comes_within(300));
    harness_write("one", "5", 1);
    assert_true(comes_within(60000));
    assert_true(watch_take(&watch, &changed));
    asked_release(&changed);
}

static int take_options(void *data)
{
    struct watch_times taken = times;
    const char *const *words = data;
    int status = watch_option_poll(&tool, words[0], &taken) + watch_option_splay(&tool, words[1], &taken);
    return status + (int)(taken.interval / 1000);
}

static void nobody_looks_more_often_than_each_five_seconds(void **state)
{
    (void)state;
    assert_int_equal(harness_call(take_options, (const char *[]){"5s", "30s"})->status, 5);
    static const char *const refused[] = {"4999ms", "25h", "soon", "0"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        const struct outcome *done = harness_call(take_options, (const char *[]){refused[i], "0"});
        assert_non_null(strstr(done->errors, "mstr: --poll takes a duration from 5s to 24h"));
    }
    const struct outcome *done = harness_call(take_options, (const char *[]){"5s", "2h"});
    assert_non_null(strstr(done->errors, "mstr: --splay takes a duration up to 1h"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_is_told_with_all_answers),
        TEST(a_value_that_cannot_be_read_is_no_change),
        TEST(nobody_looks_more_often_than_each_five_seconds),
    };
    return RUN_CLI_TESTS("cli/watch");
}
