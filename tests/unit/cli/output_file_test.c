/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output_file.c: a file that is written beside its place, and takes it when all went well */
#include "cli/output_file.h"

#include "cli/deadline.h"
#include "unit/cli/harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tool run;

static void put(const char *name, const char *text, mode_t mode)
{
    harness_write(name, text, strlen(text));
    assert_int_equal(chmod(harness_path(name), mode), 0);
}

static mode_t mode_of(const char *name)
{
    struct stat status;
    assert_int_equal(stat(harness_path(name), &status), 0);
    return status.st_mode & 07777;
}

/* Files whose names begin so: the one asked for, and what was left beside it. */
static unsigned count(const char *prefix)
{
    unsigned found = 0;
    DIR *folder = opendir(harness_path(""));
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        found += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    }
    closedir(folder);
    return found;
}

static void write_file(const char *path, const char *text, bool good)
{
    struct output_file file;
    assert_int_equal(output_file_open(&run, &file, path), 0);
    assert_int_equal(write(file.to.descriptor, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(output_file_close(&file, good), 0);
    assert_null(file.path);
    assert_null(file.to.temporary);
}

static void a_new_file_is_the_users_alone(void **state)
{
    (void)state;
    write_file(harness_path("new"), "text", true);
    assert_string_equal(harness_read("new"), "text");
    assert_int_equal(mode_of("new"), 0600);
    assert_int_equal(count("new"), 1);
}

static void a_file_that_is_there_keeps_its_mode(void **state)
{
    (void)state;
    put("shared", "a longer text than the new one", 0640);
    write_file(harness_path("shared"), "new", true);
    assert_string_equal(harness_read("shared"), "new");
    assert_int_equal(mode_of("shared"), 0640);
    assert_int_equal(count("shared"), 1);
}

static void a_failure_leaves_what_was_there(void **state)
{
    (void)state;
    put("old", "old", 0600);
    write_file(harness_path("old"), "half", false);
    assert_string_equal(harness_read("old"), "old");
    assert_int_equal(count("old"), 1);
    write_file(harness_path("never"), "half", false);
    assert_int_equal(count("never"), 0);
}

static void nothing_is_to_be_seen_before_the_end(void **state)
{
    (void)state;
    struct output_file file;
    put("watched", "old", 0600);
    assert_int_equal(output_file_open(&run, &file, harness_path("watched")), 0);
    assert_int_equal(write(file.to.descriptor, "new", 3), 3);
    assert_string_equal(harness_read("watched"), "old");
    assert_int_equal(output_file_close(&file, true), 0);
    assert_string_equal(harness_read("watched"), "new");
}

static void a_link_stays_and_its_file_is_replaced(void **state)
{
    (void)state;
    put("target", "old", 0600);
    assert_int_equal(symlink("target", harness_path("link")), 0);
    write_file(harness_path("link"), "new", true);
    char place[16] = "";
    assert_int_equal(readlink(harness_path("link"), place, sizeof place - 1), 6);
    assert_string_equal(place, "target");
    assert_string_equal(harness_read("target"), "new");
}

static void a_link_that_leads_nowhere_is_refused_and_stays(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int failure;
    } cases[] = {{"nowhere", ENOENT}, {"astray", ELOOP}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct output_file file;
        struct stat facts;
        assert_int_equal(symlink(cases[i].target, harness_path("astray")), 0);
        assert_int_equal(output_file_open(&run, &file, harness_path("astray")), cases[i].failure);
        assert_int_equal(output_file_close(&file, false), 0);
        assert_int_equal(lstat(harness_path("astray"), &facts), 0);
        assert_true(S_ISLNK(facts.st_mode));
        assert_int_equal(count("astray"), 1);
        unlink(harness_path("astray"));
    }
}

static void what_is_no_regular_file_is_written_to_as_it_is(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(harness_path("pipe"), 0600), 0);
    int reader = open(harness_path("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    char text[8] = "";
    write_file(harness_path("pipe"), "text", false);
    assert_int_equal(read(reader, text, sizeof text), 4);
    assert_string_equal(text, "text");
    close(reader);
}

static void a_pipes_reader_is_waited_for_as_long_as_the_run_lasts(void **state)
{
    (void)state;
    static volatile sig_atomic_t interrupted = 1;
    struct output_file file;
    const char *path = harness_path("quiet");
    struct tool over = {.deadline = deadline_clock() + 10};
    struct tool ended = {.interrupted = &interrupted};
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(output_file_open(&over, &file, path), ETIMEDOUT);
    assert_int_equal(output_file_close(&file, false), 0);
    assert_int_equal(output_file_open(&ended, &file, path), ECANCELED);
    assert_int_equal(output_file_close(&file, false), 0);
    pid_t reader = fork();
    if (reader == 0) {
        char octet = 0;
        int pipe = open(path, O_RDONLY);
        _exit(read(pipe, &octet, 1) == 1 ? octet : 0);
    }
    int status = 0;
    write_file(path, "x", true);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_int_equal(WEXITSTATUS(status), 'x');
}

/* As /proc is for everybody, root included. In place it might be left half written. */
static void a_file_in_a_folder_that_takes_no_other_is_not_touched(void **state)
{
    (void)state;
    struct output_file file;
    char name[2][16] = {"", ""};
    for (size_t i = 0; i < COUNT_OF(name); i++) {
        int comm = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
        assert_true(read(comm, name[i], sizeof name[i] - 1) > 0);
        close(comm);
        assert_int_equal(output_file_open(&run, &file, "/proc/self/comm"), ENOENT);
        assert_int_equal(output_file_close(&file, false), 0);
    }
    assert_string_equal(name[0], name[1]);
}

static void a_place_that_cannot_be_written_to_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int failure;
    } cases[] = {{"/nonexistent/file", ENOENT}, {"/proc/none", ENOENT}, {"/", EISDIR}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct output_file file;
        assert_int_equal(output_file_open(&run, &file, cases[i].path), cases[i].failure);
        assert_int_equal(output_file_close(&file, false), 0);
    }
}

static void a_folder_that_went_away_is_a_failure_in_the_end(void **state)
{
    (void)state;
    struct output_file file;
    assert_int_equal(mkdir(harness_path("folder"), 0700), 0);
    assert_int_equal(output_file_open(&run, &file, harness_path("folder/file")), 0);
    assert_int_equal(unlink(file.to.temporary), 0);
    assert_int_equal(rmdir(harness_path("folder")), 0);
    assert_int_equal(output_file_close(&file, true), ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(a_new_file_is_the_users_alone),
        CLI_TEST(a_file_that_is_there_keeps_its_mode),
        CLI_TEST(a_failure_leaves_what_was_there),
        CLI_TEST(nothing_is_to_be_seen_before_the_end),
        CLI_TEST(a_link_stays_and_its_file_is_replaced),
        CLI_TEST(a_link_that_leads_nowhere_is_refused_and_stays),
        CLI_TEST(what_is_no_regular_file_is_written_to_as_it_is),
        CLI_TEST(a_pipes_reader_is_waited_for_as_long_as_the_run_lasts),
        CLI_TEST(a_file_in_a_folder_that_takes_no_other_is_not_touched),
        CLI_TEST(a_place_that_cannot_be_written_to_is_told),
        CLI_TEST(a_folder_that_went_away_is_a_failure_in_the_end),
    };
    return RUN_CLI_TESTS("cli/output_file");
}
