/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a saved session: written as a whole, for its owner alone, and not believed otherwise. */
#include "support/saved_place.h"

#include <sys/uio.h>

enum { LARGEST = 1024 * 1024 };

/* What befalls a file, since the system does not fail when a test asks for it. */
static struct {
    int interruptions; /* of the next calls that read, by signals */
    int read_failure;  /* errno of reading; 0 = it reads */
    bool grows;        /* there is always more to be read */
    int reads;
    int descriptor;   /* the flags of what was read */
    int sync_failure; /* errno of fsync(); 0 = it does nothing */
    size_t memory;    /* octets for which there is memory; 0 = for all */
} calls;

bool __real_buffer_append(struct buffer *buffer, const void *octets, size_t length);
bool __wrap_buffer_append(struct buffer *buffer, const void *octets, size_t length);

ssize_t read(int file, void *into, size_t size)
{
    calls.reads++;
    calls.descriptor = fcntl(file, F_GETFD);
    if (calls.interruptions > 0) {
        calls.interruptions--;
        return fail_with(EINTR);
    }
    if (calls.grows) {
        memset(into, 'x', size);
        return (ssize_t)size;
    }
    return calls.read_failure != 0 ? fail_with(calls.read_failure) : readv(file, &(struct iovec){into, size}, 1);
}

int fsync(int file)
{
    (void)file;
    return calls.sync_failure != 0 ? fail_with(calls.sync_failure) : 0;
}

bool __wrap_buffer_append(struct buffer *buffer, const void *octets, size_t length)
{
    buffer->failed = buffer->failed || (calls.memory > 0 && buffer->length + length > calls.memory);
    return __real_buffer_append(buffer, octets, length);
}

static int setup(void **state)
{
    (void)state;
    memset(&calls, 0, sizeof(calls));
    place_make();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    place_remove();
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
    assert_int_equal(text.length, 0);
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

static void what_fails_at_last_leaves_the_file_before_and_is_told(void **state)
{
    (void)state;
    assert_int_equal(snapshot_file_write(path, "old", 3, problem), MSTR_OK);

    calls.sync_failure = EIO;
    assert_int_equal(snapshot_file_write(path, "new", 3, problem), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), strerror(EIO)));
    calls.sync_failure = ENOMEM;
    assert_int_equal(snapshot_file_write(path, "new", 3, problem), MSTR_E_MEMORY);

    assert_reads("old", 3);
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

static void a_file_of_another_user_is_not_believed(void **state)
{
    (void)state;
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);

    told.another = true;
    assert_does_not_read(MSTR_E_DENIED, "belongs to somebody else");
}

static void one_of_which_nothing_can_be_learnt_is_no_saved_session(void **state)
{
    (void)state;
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);

    told.no_facts = true;
    assert_does_not_read(MSTR_E_CONFIG, "is not a file of a saved session");
}

static void a_link_a_folder_and_a_file_that_is_too_large_are_no_saved_session(void **state)
{
    (void)state;
    char other[400];
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
    assert_int_equal(truncate(path, LARGEST + 1), 0);
    assert_does_not_read(MSTR_E_CONFIG, "is not a file of a saved session");
}

static void write_largest(void)
{
    assert_int_equal(snapshot_file_write(path, "", 0, problem), MSTR_OK);
    assert_int_equal(truncate(path, LARGEST), 0);
}

static void the_largest_file_is_read(void **state)
{
    static const char zeros[LARGEST];
    (void)state;
    write_largest();

    assert_reads(zeros, LARGEST);
}

static void a_file_is_read_whole_whatever_signals_come_and_no_program_inherits_it(void **state)
{
    (void)state;
    assert_int_equal(snapshot_file_write(path, "whole", 5, problem), MSTR_OK);

    calls.interruptions = 2;
    assert_reads("whole", 5);
    assert_true(calls.descriptor & FD_CLOEXEC);
}

static void a_file_that_cannot_be_read_is_told_with_the_reason(void **state)
{
    (void)state;
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);

    calls.read_failure = EIO;
    assert_does_not_read(MSTR_E_CONFIG, strerror(EIO));
}

static void assert_fails(bool failed, enum mstr_code code, const char *why)
{
    struct buffer text = {.failed = failed};
    assert_int_equal(snapshot_file_read(path, &text, problem), code);
    assert_non_null(strstr(mstr_error_message(problem), why));
    assert_true(text.length <= LARGEST);
    buffer_release(&text);
}

static void a_file_that_grows_meanwhile_is_too_large_and_not_read_for_ever(void **state)
{
    (void)state;
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);

    calls.grows = true;
    assert_fails(false, MSTR_E_CONFIG, "it is too large");
    assert_true(calls.reads <= LARGEST / 1024);
}

static void want_of_memory_is_told_from_a_file_that_is_too_large(void **state)
{
    (void)state;
    write_largest();

    calls.memory = 1;
    assert_fails(false, MSTR_E_MEMORY, "out of memory");
    calls.memory = LARGEST - 1; /* for all but the last octets */
    assert_fails(false, MSTR_E_MEMORY, "out of memory");
    assert_fails(true, MSTR_E_MEMORY, "out of memory");
}

static void a_program_without_standard_input_reads_as_well(void **state)
{
    struct buffer text = BUFFER_INIT;
    (void)state;
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);
    int kept = fcntl(0, F_DUPFD_CLOEXEC, 3);
    close(0);
    enum mstr_code code = snapshot_file_read(path, &text, problem);
    if (kept >= 0) {
        dup2(kept, 0);
        close(kept);
    }
    assert_int_equal(code, MSTR_OK);
    assert_string_equal(buffer_text(&text), "x");
    buffer_release(&text);
}

static void a_file_is_removed_once_and_the_reason_told_where_it_cannot_be(void **state)
{
    (void)state;
    assert_int_equal(snapshot_file_write(path, "x", 1, problem), MSTR_OK);

    assert_int_equal(snapshot_file_remove(path, problem), MSTR_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(snapshot_file_remove(path, problem), MSTR_OK);

    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(snapshot_file_remove(path, problem), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), "cannot remove "));
    assert_int_equal(rmdir(path), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_read_whatever_its_octets),
        TEST(the_file_is_its_owner_s_alone_and_replaces_the_one_before),
        TEST(a_place_that_cannot_be_written_is_told_with_the_reason),
        TEST(what_fails_at_last_leaves_the_file_before_and_is_told),
        TEST(only_a_regular_file_is_replaced),
        TEST(a_missing_file_is_not_found),
        TEST(a_file_that_others_may_touch_is_not_believed),
        TEST(a_file_of_another_user_is_not_believed),
        TEST(one_of_which_nothing_can_be_learnt_is_no_saved_session),
        TEST(a_link_a_folder_and_a_file_that_is_too_large_are_no_saved_session),
        TEST(the_largest_file_is_read),
        TEST(a_file_is_read_whole_whatever_signals_come_and_no_program_inherits_it),
        TEST(a_file_that_cannot_be_read_is_told_with_the_reason),
        TEST(a_file_that_grows_meanwhile_is_too_large_and_not_read_for_ever),
        TEST(want_of_memory_is_told_from_a_file_that_is_too_large),
        TEST(a_program_without_standard_input_reads_as_well),
        TEST(a_file_is_removed_once_and_the_reason_told_where_it_cannot_be),
    };
    return RUN_TESTS("session/saved/snapshot_file");
}
