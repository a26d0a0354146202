/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/whole_file.c: the old file or the new one, and nothing left beside it. */
#include "base/whole_file.h"

#include "support/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct folder folder;
static char place[256];

static int make_folder(void **state)
{
    (void)state;
    folder_make(&folder);
    folder_path(&folder, "file", place);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

static void assert_holds(const char *text)
{
    char octets[64] = "";
    int file = open(place, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_true(read(file, octets, sizeof(octets) - 1) >= 0);
    close(file);
    assert_string_equal(octets, text);
}

static unsigned entries(void)
{
    unsigned count = 0;
    DIR *directory = opendir(folder.path);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count - 2;
}

static int write_file(const char *text, enum whole_file_end how)
{
    struct whole_file file;
    assert_int_equal(whole_file_begin(&file, place), 0);
    assert_int_equal(whole_file_write(&file, text, strlen(text)), 0);
    return whole_file_end(&file, place, how);
}

static void a_file_takes_its_place_at_the_end(void **state)
{
    struct whole_file file;
    struct stat facts;
    (void)state;
    folder_write(&folder, "file", "old");
    assert_int_equal(whole_file_begin(&file, place), 0);
    assert_int_equal(whole_file_write(&file, "new", 3), 0);
    assert_holds("old");
    assert_int_equal(whole_file_end(&file, place, WHOLE_FILE_REPLACE), 0);
    assert_holds("new");
    assert_int_equal(stat(place, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(entries(), 1);
    assert_int_equal(file.descriptor, -1);
}

/* A name of NAME_MAX octets leaves no room for anything behind it. */
static void the_longest_name_is_a_place_too(void **state)
{
    char longest[512];
    struct whole_file left;
    struct whole_file file;
    (void)state;
    size_t length = (size_t)snprintf(longest, sizeof(longest), "%s/", folder.path);
    memset(longest + length, 'n', NAME_MAX);
    longest[length + NAME_MAX] = '\0';
    assert_int_equal(whole_file_begin(&left, longest), 0);
    close(left.descriptor); /* as the end of its process does */
    assert_int_equal(whole_file_begin(&file, longest), 0);
    assert_int_equal(whole_file_end(&file, longest, WHOLE_FILE_REPLACE), 0);
    assert_int_equal(access(longest, F_OK), 0);
    assert_int_equal(entries(), 1);
    free(left.temporary);
}

static void one_that_is_dropped_leaves_what_was_there(void **state)
{
    (void)state;
    assert_int_equal(write_file("half", WHOLE_FILE_DROP), 0);
    assert_int_equal(entries(), 0);
    folder_write(&folder, "file", "old");
    assert_int_equal(write_file("half", WHOLE_FILE_DROP), 0);
    assert_holds("old");
    assert_int_equal(entries(), 1);
}

static void a_new_one_never_takes_the_place_of_another(void **state)
{
    (void)state;
    assert_int_equal(write_file("first", WHOLE_FILE_NEW), 0);
    assert_int_equal(write_file("second", WHOLE_FILE_NEW), EEXIST);
    assert_holds("first");
    assert_int_equal(entries(), 1);
}

/* Killed with a file begun, as its lock tells. */
static void leave_behind(void)
{
    struct whole_file file;
    pid_t child = fork();
    if (child == 0) {
        _exit(whole_file_begin(&file, place) != 0 || raise(SIGKILL) != 0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_a_killed_process_left_is_removed_by_the_next(void **state)
{
    (void)state;
    leave_behind();
    leave_behind(); /* removes the first one's */
    assert_int_equal(entries(), 1);
    assert_int_equal(write_file("new", WHOLE_FILE_REPLACE), 0);
    assert_int_equal(entries(), 1);
    assert_holds("new");
}

static void what_somebody_writes_and_what_has_another_name_stays(void **state)
{
    static const char *const others[] = {"file.mstr-unfinished-12345", "file.mstr-unfinished-1234567", "file.backup",
                                         "file.mstr-backup", "ile.mstr-unfinished-123456"};
    struct whole_file writing;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        folder_write(&folder, others[i], "");
    }
    folder_write(&folder, "file.mstr-unfinished-123456", ""); /* as one that was left */
    assert_int_equal(whole_file_begin(&writing, place), 0);
    assert_int_equal(write_file("second", WHOLE_FILE_REPLACE), 0);
    assert_int_equal(entries(), COUNT_OF(others) + 2);
    assert_int_equal(whole_file_write(&writing, "first", 5), 0);
    assert_int_equal(whole_file_end(&writing, place, WHOLE_FILE_REPLACE), 0);
    assert_holds("first");
    assert_int_equal(entries(), COUNT_OF(others) + 1);
}

static void a_place_that_cannot_be_written_to_is_told(void **state)
{
    struct whole_file file;
    (void)state;
    assert_int_equal(whole_file_begin(&file, "/nonexistent/file"), ENOENT);
    assert_int_equal(whole_file_end(&file, "/nonexistent/file", WHOLE_FILE_DROP), 0);
    assert_int_equal(mkdir(place, 0700), 0);
    assert_int_equal(write_file("new", WHOLE_FILE_REPLACE), EISDIR);
    assert_int_equal(entries(), 1);
    rmdir(place);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_file_takes_its_place_at_the_end),
        FOLDER_TEST(the_longest_name_is_a_place_too),
        FOLDER_TEST(one_that_is_dropped_leaves_what_was_there),
        FOLDER_TEST(a_new_one_never_takes_the_place_of_another),
        FOLDER_TEST(what_a_killed_process_left_is_removed_by_the_next),
        FOLDER_TEST(what_somebody_writes_and_what_has_another_name_stays),
        FOLDER_TEST(a_place_that_cannot_be_written_to_is_told),
    };
    return RUN_TESTS("base/whole_file");
}
