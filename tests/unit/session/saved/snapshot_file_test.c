/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a saved session: written as a whole, for its owner alone, and not believed otherwise. */
#include "session/saved/snapshot_file.h"

#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char folder[64];
static char path[128];
static char lock_path[160];
static mstr_error *problem;

static int setup(void **state)
{
    (void)state;
    problem = mstr_error_new();
    snprintf(folder, sizeof(folder), "/tmp/mstr-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/session", folder);
    snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    unlink(lock_path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left behind */
    mstr_error_free(problem);
    return 0;
}

static void assert_reads(const char *octets, size_t length)
{
    struct buffer text = BUFFER_INIT;
    assert_int_equal(snapshot_file_read(path, &text, problem), MSTR_OK);
    assert_int_equal(text.length, length);
    assert_memory_equal(text.data, octets, length);
    buffer_release(&text);
}

static void assert_does_not_read(enum mstr_code code, const char *part)
{
    struct buffer text = BUFFER_INIT;
    assert_int_equal(snapshot_file_read(path, &text, problem), code);
    assert_non_null(strstr(mstr_error_message(problem), part));
    buffer_release(&text);
}

static void what_was_written_is_read_whatever_its_octets(void **state)
{
    (void)state;

    assert_int_equal(snapshot_file_write(path, "a\0b\xff", 4, problem), MSTR_OK);

    assert_reads("a\0b\xff", 4);
}

static void the_file_is_its_owner_s_alone_and_replaces_the_one_before(void **state)
{
    struct stat facts;
    (void)state;
    FILE *old = fopen(path, "w");
    fputs("a longer text than the new one", old);
    fclose(old);
    chmod(path, 0644);
    mode_t mask = umask(0);

    assert_int_equal(snapshot_file_write(path, "new", 3, problem), MSTR_OK);

    umask(mask);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_reads("new", 3);
}

static void a_place_that_cannot_be_written_is_told_with_the_reason(void **state)
{
    (void)state;

    assert_int_equal(snapshot_file_write("/nowhere/at/all", "x", 1, problem), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), "cannot write /nowhere/at/all: No such file or directory"));

    assert_int_equal(mkdir(path, 0700), 0); /* a folder cannot be replaced by a file */
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_E_CONFIG);
    rmdir(path);
}

static void only_a_regular_file_is_replaced(void **state)
{
    struct stat facts;
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), "is not a file of a saved session"));
    assert_int_equal(lstat(path, &facts), 0);
    assert_true(S_ISFIFO(facts.st_mode));
    unlink(path);

    assert_int_equal(symlink("nowhere", path), 0);
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_E_CONFIG);
    assert_int_equal(lstat(path, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
}

static void a_missing_file_is_not_found(void **state)
{
    (void)state;

    assert_does_not_read(MSTR_E_NOT_FOUND, "No such file or directory");
}

static void a_file_that_others_may_touch_is_not_believed(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0601};
    (void)state;
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        chmod(path, modes[i]);

        assert_does_not_read(MSTR_E_DENIED, "open to others");
    }
    assert_non_null(strstr(mstr_error_hint(problem), "chmod 600"));
}

static void a_link_a_folder_and_a_file_that_is_too_large_are_no_saved_session(void **state)
{
    (void)state;
    char other[160];
    snprintf(other, sizeof(other), "%s.other", path);
    assert_int_equal(snapshot_file_write(other, "x", 1, problem), MSTR_OK); /* good in itself */
    assert_int_equal(symlink(other, path), 0);
    assert_does_not_read(MSTR_E_CONFIG, "cannot read");
    unlink(path);
    unlink(other);

    assert_int_equal(mkdir(path, 0700), 0);
    assert_does_not_read(MSTR_E_CONFIG, "is not a file of a saved session");
    rmdir(path);

    assert_int_equal(mkfifo(path, 0600), 0); /* does not hang either */
    assert_does_not_read(MSTR_E_CONFIG, "is not a file of a saved session");
    unlink(path);

    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);
    assert_int_equal(truncate(path, 1024 * 1024 + 1), 0);
    assert_does_not_read(MSTR_E_CONFIG, "is not a file of a saved session");
}

static void one_at_a_time_has_the_lock_whether_there_is_a_file_or_not(void **state)
{
    const struct limits now = {0, NULL};
    struct snapshot_lock first;
    struct snapshot_lock second;
    struct stat facts;
    (void)state;
    assert_int_equal(snapshot_file_lock(path, &now, &first, problem), MSTR_OK);
    assert_int_equal(snapshot_file_lock(path, &now, &second, problem), MSTR_E_TIMEOUT);
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);
    assert_int_equal(snapshot_file_lock(path, &now, &second, problem), MSTR_E_TIMEOUT);
    assert_non_null(strstr(mstr_error_message(problem), "while another process renews the session"));
    assert_int_equal(second.file, -1);

    snapshot_file_unlock(&first);

    assert_int_equal(snapshot_file_lock(path, &now, &second, problem), MSTR_OK);
    assert_true(second.file >= 0);
    snapshot_file_unlock(&second);
    assert_int_equal(stat(lock_path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

static void holders_of_the_lock_leave_each_other_word(void **state)
{
    const struct limits now = {0, NULL};
    const struct snapshot_lock none = {.file = -1};
    struct snapshot_lock lock;
    struct buffer word = BUFFER_INIT;
    static const char long_word[5000] = "";
    (void)state;
    assert_int_equal(snapshot_file_lock(path, &now, &lock, problem), MSTR_OK);
    assert_true(snapshot_lock_read(&lock, &word));
    assert_int_equal(word.length, 0);
    assert_false(snapshot_lock_write(&lock, long_word, sizeof(long_word)));
    assert_true(snapshot_lock_write(&lock, "a longer word", 13));
    assert_true(snapshot_lock_write(&lock, "a\0b", 3));
    snapshot_file_unlock(&lock);

    assert_int_equal(snapshot_file_lock(path, &now, &lock, problem), MSTR_OK);
    assert_true(snapshot_lock_read(&lock, &word));

    assert_int_equal(word.length, 3);
    assert_memory_equal(word.data, "a\0b", 3);
    buffer_clear(&word);
    assert_int_equal(pwrite(lock.file, "\xff\xff", 2, 0), 2); /* longer than what is there */
    assert_true(snapshot_lock_read(&lock, &word));
    assert_int_equal(word.length, 0);
    assert_true(snapshot_lock_read(&none, &word));
    assert_false(snapshot_lock_write(&none, "x", 1));
    snapshot_file_unlock(&lock);
    buffer_release(&word);
}

static void a_file_is_removed_once_and_the_reason_told_where_it_cannot_be(void **state)
{
    (void)state;
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);

    assert_int_equal(snapshot_file_remove(path, problem), MSTR_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(snapshot_file_remove(path, problem), MSTR_OK);

    assert_int_equal(snapshot_file_remove("/proc/version", problem), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), "cannot remove /proc/version: "));
}

struct waiter {
    pthread_t thread;
    enum mstr_code code;
    char seen[8];
};

static void *wait_and_read(void *data)
{
    const struct limits limits = {INT64_MAX, NULL};
    struct waiter *waiter = data;
    struct snapshot_lock lock;
    struct buffer text = BUFFER_INIT;
    waiter->code = snapshot_file_lock(path, &limits, &lock, NULL);
    snapshot_file_read(path, &text, NULL);
    snprintf(waiter->seen, sizeof(waiter->seen), "%s", buffer_text(&text));
    snapshot_file_unlock(&lock);
    buffer_release(&text);
    return NULL;
}

static void who_waits_for_the_lock_sees_what_its_holder_has_written(void **state)
{
    const struct limits limits = {INT64_MAX, NULL};
    struct waiter waiters[4];
    struct snapshot_lock lock;
    (void)state;
    assert_int_equal(snapshot_file_write(path, "old", 3, problem), MSTR_OK);
    assert_int_equal(snapshot_file_lock(path, &limits, &lock, problem), MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(waiters); i++) {
        assert_int_equal(pthread_create(&waiters[i].thread, NULL, wait_and_read, &waiters[i]), 0);
    }

    assert_int_equal(snapshot_file_write(path, "new", 3, problem), MSTR_OK);
    snapshot_file_unlock(&lock);

    for (size_t i = 0; i < COUNT_OF(waiters); i++) {
        pthread_join(waiters[i].thread, NULL);
        assert_int_equal(waiters[i].code, MSTR_OK);
        assert_string_equal(waiters[i].seen, "new");
    }
}

static bool without_locks;

/* In place of the system's, as on a network's file system. */
int flock(int file, int operation)
{
    errno = ENOLCK;
    return without_locks ? -1 : (int)syscall(SYS_flock, file, operation);
}

static void without_locks_a_file_stands_for_one_until_it_is_older_than_any_is_held(void **state)
{
    const struct limits now = {0, NULL};
    const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    struct snapshot_lock first;
    struct snapshot_lock second;
    (void)state;
    without_locks = true;
    assert_int_equal(snapshot_file_lock(path, &now, &first, problem), MSTR_OK);
    assert_int_equal(snapshot_file_lock(path, &now, &second, problem), MSTR_E_TIMEOUT);
    snapshot_file_unlock(&first);
    assert_int_equal(snapshot_file_lock(path, &now, &first, problem), MSTR_OK);

    assert_int_equal(utimensat(AT_FDCWD, first.held, long_ago, 0), 0); /* its holder was killed */
    assert_int_equal(snapshot_file_lock(path, &now, &second, problem), MSTR_OK);

    snapshot_file_unlock(&second);
    assert_int_equal(access(first.held, F_OK), -1);
    snapshot_file_unlock(&first);
    without_locks = false;
}

static off_t length_of_lock(void)
{
    struct stat facts;
    assert_int_equal(stat(lock_path, &facts), 0);
    assert_int_equal(facts.st_blocks > 0, 1);
    return facts.st_size;
}

static void a_word_needs_no_room_that_the_lock_has_not_had_from_the_first(void **state)
{
    const struct limits now = {0, NULL};
    struct snapshot_lock lock;
    (void)state;
    assert_int_equal(snapshot_file_lock(path, &now, &lock, problem), MSTR_OK);
    assert_int_equal(lock.fault, 0);
    off_t length = length_of_lock();

    assert_true(snapshot_lock_write(&lock, "a word", 6));
    assert_int_equal(length_of_lock(), length);
    assert_true(snapshot_lock_write(&lock, "", 0));
    assert_int_equal(length_of_lock(), length);

    snapshot_file_unlock(&lock);
}

static void where_nothing_can_be_locked_nobody_waits(void **state)
{
    const struct limits now = {0, NULL};
    struct snapshot_lock lock;
    (void)state;
    assert_int_equal(snapshot_file_lock("/nowhere/at/all", &now, &lock, problem), MSTR_OK);
    assert_int_equal(lock.file, -1);
    assert_int_equal(lock.fault, ENOENT);

    assert_int_equal(mkfifo(lock_path, 0600), 0);
    assert_int_equal(snapshot_file_lock(path, &now, &lock, problem), MSTR_OK);
    assert_int_equal(lock.file, -1);
    unlink(lock_path);

    char other[160];
    snprintf(other, sizeof(other), "%s.other", path);
    assert_int_equal(snapshot_file_write(other, "x", 1, problem), MSTR_OK);
    assert_int_equal(symlink(other, lock_path), 0);
    assert_int_equal(snapshot_file_lock(path, &now, &lock, problem), MSTR_OK);
    assert_int_equal(lock.file, -1);
    unlink(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_read_whatever_its_octets),
        TEST(the_file_is_its_owner_s_alone_and_replaces_the_one_before),
        TEST(a_place_that_cannot_be_written_is_told_with_the_reason),
        TEST(only_a_regular_file_is_replaced),
        TEST(a_missing_file_is_not_found),
        TEST(a_file_that_others_may_touch_is_not_believed),
        TEST(one_at_a_time_has_the_lock_whether_there_is_a_file_or_not),
        TEST(holders_of_the_lock_leave_each_other_word),
        TEST(a_file_is_removed_once_and_the_reason_told_where_it_cannot_be),
        TEST(who_waits_for_the_lock_sees_what_its_holder_has_written),
        TEST(without_locks_a_file_stands_for_one_until_it_is_older_than_any_is_held),
        TEST(a_word_needs_no_room_that_the_lock_has_not_had_from_the_first),
        TEST(where_nothing_can_be_locked_nobody_waits),
        TEST(a_link_a_folder_and_a_file_that_is_too_large_are_no_saved_session),
    };
    return RUN_TESTS("session/saved/snapshot_file");
}
