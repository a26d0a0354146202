/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/whole_file.c: the old file or the new one, and nothing left beside it. */
#define _GNU_SOURCE /* dup3() */
#include "base/whole_file.h"

#include "support/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct folder folder;
static char place[256];

/* What stands in for the system's calls, since it does not fail when a test asks for it. */
static struct {
    int interruptions; /* of the next calls that lock or write, by signals */
    int no_locks;      /* errno of locking; 0 = it locks */
    bool taken;        /* the next one is removed before it is locked */
    size_t piece;      /* no more is written at once, 0 = all */
    int sync_failure;  /* errno of fsync(); 0 = it does nothing */
    int syncs;
} calls;

static int fail_with(int code)
{
    errno = code;
    return -1;
}

static bool is_interrupted(void)
{
    return calls.interruptions > 0 && calls.interruptions-- > 0;
}

/* The file that is about to be locked is taken away, as by another process that holds it for left behind. */
static void take_away(int file)
{
    char link[64];
    char path[512] = "";
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    assert_true(readlink(link, path, sizeof(path) - 1) > 0);
    assert_int_equal(unlink(path), 0);
}

int flock(int file, int operation)
{
    if (operation == LOCK_EX && is_interrupted()) {
        return fail_with(EINTR);
    }
    if (operation == LOCK_EX && calls.no_locks != 0) {
        return fail_with(calls.no_locks);
    }
    if (operation == LOCK_EX && calls.taken) {
        calls.taken = false;
        take_away(file);
    }
    return (int)syscall(SYS_flock, file, operation);
}

ssize_t write(int file, const void *octets, size_t length)
{
    if (calls.piece == 0) {
        return syscall(SYS_write, file, octets, length);
    }
    return is_interrupted() ? fail_with(EINTR)
                            : syscall(SYS_write, file, octets, length < calls.piece ? length : calls.piece);
}

int fsync(int file)
{
    (void)file;
    calls.syncs++;
    return calls.sync_failure != 0 ? fail_with(calls.sync_failure) : 0;
}

static int make_folder(void **state)
{
    (void)state;
    memset(&calls, 0, sizeof(calls));
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
    assert_int_equal(calls.syncs, 1);
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
    assert_int_equal(calls.syncs, 0);
}

static void what_the_disk_refuses_leaves_what_was_there(void **state)
{
    (void)state;
    folder_write(&folder, "file", "old");
    calls.sync_failure = EIO;
    assert_int_equal(write_file("new", WHOLE_FILE_REPLACE), EIO);
    assert_holds("old");
    assert_int_equal(entries(), 1);
    calls.sync_failure = EINVAL; /* there is no disk */
    assert_int_equal(write_file("new", WHOLE_FILE_REPLACE), 0);
    assert_holds("new");
}

static void what_is_written_in_pieces_and_interrupted_is_whole(void **state)
{
    (void)state;
    calls.piece = 2;
    calls.interruptions = 2; /* one of the lock, and one of the first piece */
    assert_int_equal(write_file("a secret", WHOLE_FILE_REPLACE), 0);
    assert_holds("a secret");
}

static void what_cannot_be_written_is_told(void **state)
{
    struct whole_file file;
    (void)state;
    assert_int_equal(whole_file_begin(&file, place), 0);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(dup3(full, file.descriptor, O_CLOEXEC), file.descriptor);
    close(full);
    assert_int_equal(whole_file_write(&file, "new", 3), ENOSPC);
    assert_int_equal(whole_file_end(&file, place, WHOLE_FILE_DROP), 0);
    assert_int_equal(entries(), 0);
}

static void a_signal_leaves_no_file_without_its_lock(void **state)
{
    struct whole_file file;
    (void)state;
    calls.interruptions = 1;
    assert_int_equal(whole_file_begin(&file, place), 0);
    int other = open(file.temporary, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    close(other);
    assert_int_equal(whole_file_end(&file, place, WHOLE_FILE_DROP), 0);
}

static void a_file_system_without_locks_is_written_to_as_well(void **state)
{
    (void)state;
    calls.no_locks = ENOLCK;
    assert_int_equal(write_file("new", WHOLE_FILE_REPLACE), 0);
    assert_holds("new");
}

static void one_that_was_taken_away_before_it_was_locked_is_made_anew(void **state)
{
    struct whole_file file;
    (void)state;
    calls.taken = true;
    assert_int_equal(whole_file_begin(&file, place), 0);
    assert_int_equal(access(file.temporary, F_OK), 0);
    assert_int_equal(whole_file_end(&file, place, WHOLE_FILE_REPLACE), 0);
    assert_int_equal(entries(), 1);
}

static void a_program_without_standard_input_writes_as_well(void **state)
{
    (void)state;
    int kept = fcntl(0, F_DUPFD_CLOEXEC, 3);
    close(0);
    int result = write_file("new", WHOLE_FILE_REPLACE);
    if (kept >= 0) {
        dup2(kept, 0);
        close(kept);
    }
    assert_int_equal(result, 0);
    assert_holds("new");
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

static void what_is_no_file_of_ones_own_stays(void **state)
{
    char path[256];
    (void)state;
    folder_write(&folder, "kept", "");
    assert_int_equal(symlink("kept", folder_path(&folder, "file.mstr-unfinished-aaaaaa", path)), 0);
    assert_int_equal(mkfifo(folder_path(&folder, "file.mstr-unfinished-bbbbbb", path), 0600), 0);
    assert_int_equal(write_file("new", WHOLE_FILE_REPLACE), 0);
    assert_int_equal(entries(), 4);
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
        FOLDER_TEST(what_the_disk_refuses_leaves_what_was_there),
        FOLDER_TEST(what_is_written_in_pieces_and_interrupted_is_whole),
        FOLDER_TEST(what_cannot_be_written_is_told),
        FOLDER_TEST(a_signal_leaves_no_file_without_its_lock),
        FOLDER_TEST(a_file_system_without_locks_is_written_to_as_well),
        FOLDER_TEST(one_that_was_taken_away_before_it_was_locked_is_made_anew),
        FOLDER_TEST(a_program_without_standard_input_writes_as_well),
        FOLDER_TEST(a_new_one_never_takes_the_place_of_another),
        FOLDER_TEST(what_a_killed_process_left_is_removed_by_the_next),
        FOLDER_TEST(what_somebody_writes_and_what_has_another_name_stays),
        FOLDER_TEST(what_is_no_file_of_ones_own_stays),
        FOLDER_TEST(a_place_that_cannot_be_written_to_is_told),
    };
    return RUN_TESTS("base/whole_file");
}
