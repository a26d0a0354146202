/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/progress.c: lines of the log; the line of a terminal is seen in integration/report */
#define _GNU_SOURCE /* posix_openpt() */
#include "cli/progress.h"

#include "unit/cli/harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

struct seen {
    _Atomic unsigned lines;
    char first[64];
};

static void note(enum mstr_level level, const char *scope, const char *message, void *data)
{
    struct seen *seen = data;
    assert_int_equal(level, MSTR_LEVEL_INFO);
    assert_string_equal(scope, "progress");
    if (seen->lines == 0) {
        snprintf(seen->first, sizeof(seen->first), "%s", message);
    }
    seen->lines++;
}

static struct tool tool_at(enum mstr_level level, struct seen *seen)
{
    struct tool tool = harness_tool(&command_report);
    tool.options.log = note;
    tool.options.log_data = seen;
    tool.options.log_level = level;
    return tool;
}

static void the_log_has_a_line_now_and_then(void **state)
{
    (void)state;
    static const struct {
        int64_t done, expected;
        const char *told;
    } cases[] = {{7, 10, "7 of 10 rows"}, {7, -1, "7 rows"}, {7, 3, "7 rows"}, {0, 0, "0 rows"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct seen seen = {0};
        struct progress progress;
        struct tool tool = tool_at(MSTR_LEVEL_INFO, &seen);
        progress_begin(&progress, &tool, "rows", false, 20);
        progress_hold(&progress, true);
        atomic_store(&progress.done, cases[i].done);
        atomic_store(&progress.expected, cases[i].expected);
        unsigned before = seen.lines;
        progress_hold(&progress, false);
        while (seen.lines < before + 2) {
            usleep(1000);
        }
        progress_end(&progress);
        if (before == 0) {
            assert_string_equal(seen.first, cases[i].told);
        }
        harness_tool_free(&tool);
    }
}

static void without_a_reader_nothing_begins(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct progress progress;
    struct tool tool = tool_at(MSTR_LEVEL_WARN, &seen);
    progress_begin(&progress, &tool, "rows", false, 1);
    assert_false(progress.begun);
    progress_hold(&progress, true);
    progress_end(&progress);
    progress_hold(NULL, true);
    assert_int_equal(seen.lines, 0);
    harness_tool_free(&tool);
}

static void the_end_does_not_wait_for_the_next_line(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct progress progress;
    struct tool tool = tool_at(MSTR_LEVEL_TRACE, &seen);
    progress_begin(&progress, &tool, "rows", false, 86400000);
    assert_true(progress.begun);
    progress_end(&progress); /* or the test never ends */
    harness_tool_free(&tool);
}

/* Long enough for a line or two. */
static int tell_a_stopped_terminal(void *data)
{
    struct progress progress;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        return 1;
    }
    int end = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (end < 0 || tcflow(end, TCOOFF) != 0 || dup2(end, STDERR_FILENO) < 0 || setenv("TERM", "xterm", 1) != 0) {
        return 1;
    }
    progress_begin(&progress, data, "rows", true, 1);
    bool begun = progress.begun;
    usleep(500000);
    progress_end(&progress); /* or the test never ends */
    return begun ? 0 : 1;
}

static void a_terminal_that_was_stopped_holds_nobody(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct tool tool = tool_at(MSTR_LEVEL_WARN, &seen);
    assert_outcome(harness_fork(tell_a_stopped_terminal, &tool), 0, "", "");
    harness_tool_free(&tool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_log_has_a_line_now_and_then),
        CLI_TEST(without_a_reader_nothing_begins),
        CLI_TEST(the_end_does_not_wait_for_the_next_line),
        CLI_TEST(a_terminal_that_was_stopped_holds_nobody),
    };
    return RUN_CLI_TESTS("cli/progress");
}
