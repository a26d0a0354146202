/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/target.c: where data goes, and what is left where it could not all be made */
#include "cli/target.h"

#include "cli/output.h"
#include "unit/cli/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct write {
    struct target target;
    int status; /* of the work */
};

static int work(struct tool *tool, void *data)
{
    const struct write *write = data;
    (void)tool;
    for (int i = 0; i < 20000; i++) {
        output_puts(output_data, "rows\n");
    }
    return write->status;
}

static int write_all(void *data)
{
    struct write *write = data;
    struct tool tool = harness_tool(&command_api);
    int status = target_write(&tool, &write->target, work, write);
    harness_tool_free(&tool);
    return status;
}

static const struct outcome *write_to(const char *file, bool spool, int status)
{
    return harness_call(write_all, &(struct write){{file, spool}, status});
}

static void standard_output_takes_it_as_it_comes_or_at_once(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "-"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        for (int spool = 0; spool < 2; spool++) {
            assert_int_equal(write_to(names[i], spool != 0, STATUS_DONE)->output_length, 100000);
            assert_int_equal(write_to(names[i], spool != 0, 7)->output_length, spool ? 0 : 100000);
            assert_int_equal(write_to(names[i], spool != 0, 7)->status, 7);
        }
    }
}

static void a_file_is_whole_or_as_it_was(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s", harness_path("rows"));
    harness_write("rows", "before", 6);
    assert_outcome(write_to(path, false, 7), 7, "", "");
    assert_string_equal(harness_read("rows"), "before");
    assert_outcome(write_to(path, false, STATUS_DONE), STATUS_DONE, "", "");
    struct stat written;
    assert_int_equal(stat(path, &written), 0);
    assert_int_equal(written.st_size, 100000);
    unlink(path);
}

static void what_cannot_be_written_is_told(void **state)
{
    (void)state;
    assert_outcome(write_to("/nonexistent/rows", false, STATUS_DONE), STATUS_UNEXPECTED, "",
                   "mstr: /nonexistent/rows: No such file or directory\n");
    assert_outcome(write_to("/dev/full", false, STATUS_DONE), STATUS_UNEXPECTED, "",
                   "mstr: /dev/full: No space left on device\n");
    setenv("TMPDIR", "/nonexistent", 1);
    const struct outcome *done = write_to(NULL, true, STATUS_DONE);
    unsetenv("TMPDIR");
    assert_outcome(done, STATUS_UNEXPECTED, "", "mstr: the file that holds output back: No such file or directory\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(standard_output_takes_it_as_it_comes_or_at_once),
        CLI_TEST(a_file_is_whole_or_as_it_was),
        CLI_TEST(what_cannot_be_written_is_told),
    };
    return RUN_CLI_TESTS("cli/target");
}
