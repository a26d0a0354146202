/* SPDX-License-Identifier: Apache-2.0 */
/* The lock beside the file of a saved session, core/session/saved/snapshot_file.c: who has it, who waits for it, and
 * the word that its holders leave in it. */
#include "support/saved_place.h"

#include "base/clock.h"

#include <limits.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { ROOM = 4096, LONGEST = ROOM - 2 };

static const struct limits at_once = {0, NULL}; /* does not wait */
static char lock_path[400];

/* What befalls the lock, since the system does not do that when a test asks for it. */
static struct {
    int interruptions;         /* of the next calls that lock or write, by signals */
    int no_locks;              /* errno of flock(); 0 = it locks */
    void (*before_lock)(void); /* done once, between opening and locking */
    int read_only;             /* errno of opening a file for writing; 0 = it is opened */
    bool inherited;            /* a file was opened that a program which is started would get */
    size_t piece;              /* no more is written at once, 0 = all */
    int write_failure;         /* errno of writing; 0 = it writes */
    int other_devices;         /* so many times lstat() tells of another file system */
    bool few;                  /* there is memory for so many texts alone: */
    int texts;
} calls;

bool __wrap_buffer_printf(struct buffer *buffer, const char *format, ...) MSTR_PRINTF(2, 3);

static bool is_interrupted(void)
{
    return calls.interruptions > 0 && calls.interruptions-- > 0;
}

int flock(int file, int operation)
{
    void (*before)(void) = calls.before_lock;
    if (before != NULL) {
        calls.before_lock = NULL;
        before();
    }
    if (is_interrupted()) {
        return fail_with(EINTR);
    }
    return calls.no_locks != 0 ? fail_with(calls.no_locks) : (int)syscall(SYS_flock, file, operation);
}

int open(const char *place, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    if ((flags & O_CLOEXEC) == 0) {
        calls.inherited = true;
    }
    if ((flags & O_ACCMODE) == O_RDWR && calls.read_only != 0) {
        return fail_with(calls.read_only);
    }
    return openat(AT_FDCWD, place, flags, mode);
}

ssize_t pwrite(int file, const void *octets, size_t length, off_t at)
{
    if (calls.piece != 0 && is_interrupted()) {
        return fail_with(EINTR);
    }
    size_t piece = calls.piece != 0 && length > calls.piece ? calls.piece : length;
    return calls.write_failure != 0 ? fail_with(calls.write_failure)
                                    : pwritev(file, &(struct iovec){(void *)octets, piece}, 1, at);
}

int lstat(const char *place, struct stat *facts)
{
    int result = fstatat(AT_FDCWD, place, facts, AT_SYMLINK_NOFOLLOW);
    if (calls.other_devices > 0) {
        calls.other_devices--;
        facts->st_dev++;
    }
    return result;
}

bool __wrap_buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    if (calls.few && calls.texts-- == 0) {
        buffer->failed = true;
        return false;
    }
    va_start(arguments, format);
    bool done = buffer_vprintf(buffer, format, arguments);
    va_end(arguments);
    return done;
}

static int setup(void **state)
{
    (void)state;
    memset(&calls, 0, sizeof(calls));
    place_make();
    snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(lock_path);
    place_remove();
    assert_false(calls.inherited);
    clock_replace(NULL);
    return 0;
}

static struct snapshot_lock lock_it(void)
{
    struct snapshot_lock lock;
    assert_int_equal(snapshot_file_lock(path, &at_once, &lock, problem), MSTR_OK);
    return lock;
}

/* That the lock is had, in the way of file systems that have some, of the file that stands there. */
static void assert_locks(const struct snapshot_lock *lock)
{
    struct snapshot_lock other;
    struct stat opened;
    struct stat there;
    assert_true(lock->file >= 0);
    assert_null(lock->held);
    assert_int_equal(lock->fault, 0);
    assert_int_equal(fstat(lock->file, &opened), 0);
    assert_int_equal(stat(lock_path, &there), 0);
    assert_int_equal(opened.st_ino, there.st_ino);
    assert_int_equal(snapshot_file_lock(path, &at_once, &other, problem), MSTR_E_TIMEOUT);
}

static void assert_word(const struct snapshot_lock *lock, const char *word, size_t length)
{
    struct buffer read = BUFFER_INIT;
    assert_true(snapshot_lock_read(lock, &read));
    assert_int_equal(read.length, length);
    assert_memory_equal(buffer_text(&read), word, length);
    buffer_release(&read);
}

/* And that it is told. */
static void assert_cannot_be_written(const struct snapshot_lock *lock, int fault)
{
    assert_int_equal(lock->fault, fault);
    assert_int_equal(snapshot_lock_check(lock, path, problem), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), ".lock: "));
    assert_non_null(strstr(mstr_error_message(problem), strerror(fault)));
    errno = 0;
    assert_false(snapshot_lock_write(lock, "another", 7));
    assert_int_equal(errno, fault);
}

/* That nothing is locked, nothing to be read, and why nothing to be written. */
static void assert_locks_nothing(int fault)
{
    struct snapshot_lock lock = lock_it();
    assert_int_equal(lock.file, -1);
    assert_cannot_be_written(&lock, fault);
    assert_word(&lock, "", 0);
    snapshot_file_unlock(&lock);
}

static void one_at_a_time_has_the_lock_whether_there_is_a_file_or_not(void **state)
{
    struct snapshot_lock second;
    struct stat facts;
    (void)state;
    struct snapshot_lock first = lock_it();
    assert_int_equal(snapshot_file_lock(path, &at_once, &second, problem), MSTR_E_TIMEOUT);
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);
    assert_int_equal(snapshot_file_lock(path, &at_once, &second, problem), MSTR_E_TIMEOUT);
    assert_non_null(strstr(mstr_error_message(problem), "while another process renews the session"));
    assert_int_equal(second.file, -1);

    snapshot_file_unlock(&first);

    second = lock_it();
    assert_locks(&second);
    snapshot_file_unlock(&second);
    assert_int_equal(stat(lock_path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

static void remove_the_file(void)
{
    assert_int_equal(unlink(lock_path), 0);
}

static void replace_the_file(void)
{
    remove_the_file();
    int file = open(lock_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
}

static void the_lock_is_of_the_file_that_stands_there_whatever_becomes_of_it_meanwhile(void **state)
{
    void (*const changes[])(void) = {remove_the_file, replace_the_file};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        calls.before_lock = changes[i];
        struct snapshot_lock lock = lock_it();
        assert_locks(&lock);
        snapshot_file_unlock(&lock);
    }

    calls.other_devices = 2; /* with the same number */
    struct snapshot_lock lock = lock_it();
    assert_int_equal(calls.other_devices, 0);
    assert_locks(&lock);
    snapshot_file_unlock(&lock);
}

static void a_signal_does_not_cost_the_lock(void **state)
{
    (void)state;
    calls.interruptions = 2;
    struct snapshot_lock lock = lock_it();
    assert_locks(&lock);
    snapshot_file_unlock(&lock);
}

static void holders_of_the_lock_leave_each_other_word(void **state)
{
    (void)state;
    struct snapshot_lock lock = lock_it();
    assert_word(&lock, "", 0);
    assert_true(snapshot_lock_write(&lock, "a longer word", 13));
    assert_true(snapshot_lock_write(&lock, "a\0b", 3));
    snapshot_file_unlock(&lock);

    lock = lock_it();
    assert_word(&lock, "a\0b", 3);
    snapshot_file_unlock(&lock);
}

static void the_longest_word_fills_the_room_and_no_longer_one_is_left(void **state)
{
    char word[LONGEST + 1];
    (void)state;
    memset(word, 'w', sizeof(word));
    struct snapshot_lock lock = lock_it();
    assert_false(snapshot_lock_write(&lock, word, LONGEST + 1));
    assert_word(&lock, "", 0);

    assert_true(snapshot_lock_write(&lock, word, LONGEST));
    assert_word(&lock, word, LONGEST);
    snapshot_file_unlock(&lock);
}

static void a_word_is_nothing_where_it_is_longer_than_what_is_there(void **state)
{
    static const struct {
        char octets[4];
        off_t length;
    } notes[] = {{"\xff\xff", ROOM}, {"\x0f\xff", ROOM}, {"\0\2x", 3}, {"\0", 1}, {"", 0}};
    (void)state;
    struct snapshot_lock lock = lock_it();
    for (size_t i = 0; i < COUNT_OF(notes); i++) {
        assert_int_equal(ftruncate(lock.file, 0), 0);
        assert_int_equal(pwrite(lock.file, notes[i].octets, 3, 0), 3);
        assert_int_equal(ftruncate(lock.file, notes[i].length), 0);
        assert_word(&lock, "", 0);
    }
    snapshot_file_unlock(&lock);
}

static void without_memory_nothing_is_locked_and_nothing_read(void **state)
{
    struct snapshot_lock lock;
    struct buffer none = {.failed = true};
    (void)state;
    calls.few = true;
    assert_int_equal(snapshot_file_lock(path, &at_once, &lock, problem), MSTR_E_MEMORY);
    assert_int_equal(lock.file, -1);
    calls.texts = 1;
    calls.no_locks = ENOLCK;
    assert_int_equal(snapshot_file_lock(path, &at_once, &lock, problem), MSTR_E_MEMORY);
    assert_int_equal(lock.file, -1);
    calls.few = false;

    calls.no_locks = 0;
    lock = lock_it();
    assert_false(snapshot_lock_read(&lock, &none));
    snapshot_file_unlock(&lock);
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

static int64_t now(void)
{
    return INT64_C(1800000000) * 1000;
}

/* As that of a process which was killed so many seconds ago. */
static void age(const char *held, int seconds)
{
    const time_t then = now() / 1000 - seconds;
    const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};
    assert_int_equal(utimensat(AT_FDCWD, held, times, 0), 0);
}

static void without_locks_a_file_stands_for_one_until_it_is_older_than_any_is_held(void **state)
{
    static const int recent[] = {0, 120, -120}, long_ago[] = {121, -121}; /* by a clock that may be wrong */
    struct snapshot_lock second;
    (void)state;
    clock_replace(&(struct clock_source){.now = now});
    calls.no_locks = ENOLCK;
    for (size_t i = 0; i < COUNT_OF(long_ago); i++) {
        struct snapshot_lock first = lock_it();
        assert_non_null(first.held);
        for (size_t k = 0; k < COUNT_OF(recent); k++) {
            age(first.held, recent[k]);
            assert_int_equal(snapshot_file_lock(path, &at_once, &second, problem), MSTR_E_TIMEOUT);
        }

        age(first.held, long_ago[i]);
        second = lock_it();

        assert_non_null(second.held);
        snapshot_file_unlock(&second);
        assert_int_equal(access(first.held, F_OK), -1);
        snapshot_file_unlock(&first);
    }
}

static void where_no_file_can_stand_for_a_lock_either_nobody_waits(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "%s/%0*d", folder, NAME_MAX - 5, 0); /* ".lock" is all there is room for behind it */
    snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
    calls.no_locks = ENOLCK;
    struct snapshot_lock lock = lock_it();
    assert_true(lock.file >= 0);
    assert_null(lock.held);
    snapshot_file_unlock(&lock);
}

static void close_input(void)
{
    close(0);
}

/* Whose descriptor 0 is the lock itself, what is no lock, or the file that stands for one. */
static void a_program_without_standard_input_locks_as_well(void **state)
{
    (void)state;
    int kept = fcntl(0, F_DUPFD_CLOEXEC, 3);
    close_input();
    struct snapshot_lock lock = lock_it();
    assert_int_equal(lock.file, 0);
    assert_locks(&lock);
    assert_true(snapshot_lock_write(&lock, "a word", 6));
    assert_word(&lock, "a word", 6);
    snapshot_file_unlock(&lock);
    assert_int_equal(fcntl(0, F_GETFD), -1);
    remove_the_file();

    assert_int_equal(mkfifo(lock_path, 0600), 0);
    assert_locks_nothing(EPERM);
    remove_the_file();

    dup2(kept, 0);
    calls.before_lock = close_input;
    calls.no_locks = ENOLCK;
    lock = lock_it();
    assert_non_null(lock.held);
    snapshot_file_unlock(&lock);
    dup2(kept, 0);
    close(kept);
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
    (void)state;
    struct snapshot_lock lock = lock_it();
    assert_int_equal(lock.fault, 0);
    assert_int_equal(length_of_lock(), ROOM);

    assert_true(snapshot_lock_write(&lock, "a word", 6));
    assert_int_equal(length_of_lock(), ROOM);
    assert_true(snapshot_lock_write(&lock, "", 0));
    assert_int_equal(length_of_lock(), ROOM);

    snapshot_file_unlock(&lock);
}

static void a_word_is_written_whole_in_whatever_pieces_and_whatever_signals_come(void **state)
{
    (void)state;
    struct snapshot_lock lock = lock_it();
    calls.piece = 3;
    calls.interruptions = 2;
    assert_true(snapshot_lock_write(&lock, "a word", 6));
    assert_word(&lock, "a word", 6);
    assert_int_equal(length_of_lock(), ROOM);
    snapshot_file_unlock(&lock);
}

static void a_lock_without_room_is_had_and_told(void **state)
{
    (void)state;
    struct snapshot_lock lock = lock_it();
    assert_int_equal(snapshot_lock_check(&lock, path, problem), MSTR_OK);
    assert_int_equal(ftruncate(lock.file, ROOM - 1), 0); /* begun when the disk was full */
    snapshot_file_unlock(&lock);
    calls.write_failure = ENOSPC;
    lock = lock_it();
    assert_true(lock.file >= 0);
    assert_cannot_be_written(&lock, ENOSPC);
    snapshot_file_unlock(&lock);
}

static void who_may_only_read_the_lock_has_it_and_its_word(void **state)
{
    struct snapshot_lock other;
    (void)state;
    struct snapshot_lock lock = lock_it();
    assert_true(snapshot_lock_write(&lock, "a word", 6));
    snapshot_file_unlock(&lock);

    calls.read_only = EROFS;
    lock = lock_it();
    assert_int_equal(snapshot_file_lock(path, &at_once, &other, problem), MSTR_E_TIMEOUT);
    assert_cannot_be_written(&lock, EROFS);
    assert_word(&lock, "a word", 6);
    snapshot_file_unlock(&lock);
}

static void where_nothing_can_be_locked_nobody_waits(void **state)
{
    char other[sizeof(path) + 8];
    const struct snapshot_lock none = {.file = -1};
    (void)state;
    assert_word(&none, "", 0);
    errno = 0;
    assert_false(snapshot_lock_write(&none, "x", 1));
    assert_int_equal(errno, EBADF);

    assert_int_equal(mkfifo(lock_path, 0600), 0);
    assert_locks_nothing(EPERM);
    calls.read_only = EROFS;
    assert_locks_nothing(EROFS);
    calls.read_only = 0;
    unlink(lock_path);

    snprintf(other, sizeof(other), "%s.other", path);
    assert_int_equal(snapshot_file_write(other, "x", 1, problem), MSTR_OK);
    assert_int_equal(symlink(other, lock_path), 0);
    assert_locks_nothing(ELOOP);
    unlink(other);
    unlink(lock_path);

    snprintf(path, sizeof(path), "%s/nowhere/at/all", folder);
    assert_locks_nothing(ENOENT);
}

static void what_is_another_user_s_or_unknown_is_not_locked(void **state)
{
    (void)state;
    struct snapshot_lock lock = lock_it();
    snapshot_file_unlock(&lock);
    told.another = true;
    assert_locks_nothing(EPERM);
    told.another = false;
    told.no_facts = true;
    assert_locks_nothing(EPERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_at_a_time_has_the_lock_whether_there_is_a_file_or_not),
        TEST(who_waits_for_the_lock_sees_what_its_holder_has_written),
        TEST(the_lock_is_of_the_file_that_stands_there_whatever_becomes_of_it_meanwhile),
        TEST(a_signal_does_not_cost_the_lock),
        TEST(without_memory_nothing_is_locked_and_nothing_read),
        TEST(a_program_without_standard_input_locks_as_well),
        TEST(without_locks_a_file_stands_for_one_until_it_is_older_than_any_is_held),
        TEST(where_no_file_can_stand_for_a_lock_either_nobody_waits),
        TEST(where_nothing_can_be_locked_nobody_waits),
        TEST(what_is_another_user_s_or_unknown_is_not_locked),
        TEST(holders_of_the_lock_leave_each_other_word),
        TEST(the_longest_word_fills_the_room_and_no_longer_one_is_left),
        TEST(a_word_is_nothing_where_it_is_longer_than_what_is_there),
        TEST(a_word_needs_no_room_that_the_lock_has_not_had_from_the_first),
        TEST(a_word_is_written_whole_in_whatever_pieces_and_whatever_signals_come),
        TEST(a_lock_without_room_is_had_and_told),
        TEST(who_may_only_read_the_lock_has_it_and_its_word),
    };
    return RUN_TESTS("session/saved/snapshot_lock");
}
