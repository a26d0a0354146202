/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/host_file.c */
#include "support/allocator.h"
#include "support/folder.h"
#include "support/registry.h"

#include "plugin/host_file.h"

#include "base/clock.h"
#include "secret/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum { PLENTY = 60000 };

static struct folder folder;
static char path[256]; /* FOLDER/file */
static char *content;
static size_t length;
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    folder_make(&folder);
    folder_path(&folder, "file", path);
    error = mstr_error_new();
    content = (char *)&folder; /* to be set in any case */
    length = 4711;
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    folder_remove(&folder);
    return 0;
}

static void write_octets(const void *octets, size_t count)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, count, file), count);
    fclose(file);
}

/* Reads with a limit, and expects a failure. */
static void assert_refused(size_t most, enum mstr_code code, const char *told)
{
    content = (char *)&folder;
    length = 4711;
    assert_int_equal(host_file_read(NULL, path, most, &content, &length, error), code);
    assert_told(error, code, told, NULL);
    assert_null(content);
    assert_int_equal(length, 0);
}

static void octets_come_whole_with_a_nul_behind(void **state)
{
    (void)state;
    write_octets("a\0b\n", 4);
    errno = EIO; /* of something else, as no success takes it back */
    assert_int_equal(host_file_read(NULL, path, 4, &content, &length, error), MSTR_OK);
    assert_int_equal(length, 4);
    assert_memory_equal(content, "a\0b\n", 5);
    secure_free(content);

    write_octets("", 0);
    errno = EAGAIN;
    assert_int_equal(host_file_read(NULL, path, 0, &content, &length, error), MSTR_OK);
    assert_int_equal(length, 0);
    assert_string_equal(content, "");
    secure_free(content);
}

static void more_than_the_limit_is_refused(void **state)
{
    (void)state;
    write_octets("12345", 5);
    assert_refused(4, MSTR_E_CONFIG, "larger than 4 octets");
    assert_refused(0, MSTR_E_CONFIG, "larger than 0 octets");
    assert_int_equal(truncate(path, 2 * 1024 * 1024 + 1), 0);
    assert_refused(2 * 1024 * 1024, MSTR_E_CONFIG, "larger than 2 MiB");
    assert_int_equal(truncate(path, 17 * 1024 * 1024), 0);
    assert_refused(SIZE_MAX, MSTR_E_CONFIG, "larger than 16 MiB"); /* whatever a plugin wants */
}

/* As all below /proc and /sys. */
static void a_file_that_tells_no_size_is_read_whole(void **state)
{
    (void)state;
    assert_int_equal(host_file_read(NULL, "/proc/self/smaps", 1024 * 1024, &content, &length, error), MSTR_OK);
    assert_non_null(strstr(content, "host_file_test"));
    assert_true(length > 4096);
    secure_free(content);
}

static void links_are_followed_whoever_may_write_what_they_lead_to(void **state)
{
    (void)state;
    char link[256];
    write_octets("data", 4);
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(symlink(path, folder_path(&folder, "link", link)), 0);
    assert_int_equal(host_file_read(NULL, link, 100, &content, NULL, error), MSTR_OK);
    assert_string_equal(content, "data");
    secure_free(content);
}

static void failures_have_the_class_of_their_cause(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum mstr_code code;
        const char *told;
    } cases[] = {{"/nowhere/at/all", MSTR_E_NOT_FOUND, "/nowhere/at/all: No such file"},
                 {"/etc/passwd/x", MSTR_E_NOT_FOUND, "Not a directory"},
                 {"relative", MSTR_E_CONFIG, "not absolute"},
                 {"", MSTR_E_CONFIG, "not absolute"},
                 {"/etc", MSTR_E_CONFIG, "neither a regular file nor a pipe"},
                 {"/dev/null", MSTR_E_CONFIG, "neither a regular file nor a pipe"},
                 {"/proc/self/mem", MSTR_E_UNEXPECTED, "Input/output error"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        snprintf(path, sizeof(path), "%s", cases[i].path);
        assert_refused(100, cases[i].code, cases[i].told);
    }
}

/* Whether what else this process has open of a file is closed by exec(). */
static bool closes_on_exec(int fd)
{
    struct stat own, other;
    bool good = true;
    fstat(fd, &own);
    for (int at = 0; at < 64; at++) {
        if (at != fd && fstat(at, &other) == 0 && other.st_ino == own.st_ino && other.st_dev == own.st_dev) {
            good = good && (fcntl(at, F_GETFD) & FD_CLOEXEC) != 0;
        }
    }
    return good;
}

/* Far more than the room to begin with, but for what comes first. */
enum { PIPED = 65000, PIPED_FIRST = 100 };

static char piped_octet(size_t at)
{
    return (char)('a' + at % 26);
}

/* By the time it has opened the pipe its reader has. */
static void *write_into(void *data)
{
    static char octets[PIPED];
    int fd = open(data, O_WRONLY | O_CLOEXEC);
    bool good = closes_on_exec(fd);
    for (size_t i = 0; i < PIPED; i++) {
        octets[i] = piped_octet(i);
    }
    good = write(fd, octets, PIPED_FIRST) == PIPED_FIRST && good;
    for (int left = 1; left > 0;) { /* until that was read */
        sched_yield();
        good = ioctl(fd, FIONREAD, &left) == 0 && good;
    }
    good = write(fd, octets + PIPED_FIRST, PIPED - PIPED_FIRST) == PIPED - PIPED_FIRST && good;
    close(fd);
    return good ? data : NULL;
}

static void a_pipe_is_waited_for_within_the_limits(void **state)
{
    (void)state;
    struct limits limits = {.deadline = clock_monotonic() + PLENTY};
    pthread_t writer;
    void *good = NULL;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(100, MSTR_E_TIMEOUT, path); /* nobody writes */
    pthread_create(&writer, NULL, write_into, path);
    void *first = secure_alloc(4097);
    secure_free(first);
    assert_int_equal(host_file_read(&limits, path, PIPED, &content, &length, error), MSTR_OK);
    assert_ptr_not_equal(content, first); /* which had no room for it */
    assert_int_equal(length, PIPED);
    for (size_t i = 0; i < PIPED; i++) {
        assert_int_equal(content[i], piped_octet(i));
    }
    secure_free(content);
    pthread_join(writer, &good);
    assert_non_null(good);

    int kept = open(path, O_RDWR | O_CLOEXEC); /* a writer that writes nothing */
    assert_refused(100, MSTR_E_TIMEOUT, path);
    limits.deadline = clock_monotonic() + 50;
    assert_int_equal(host_file_read(&limits, path, 100, &content, NULL, error), MSTR_E_TIMEOUT);
    limits = (struct limits){clock_monotonic() + PLENTY, mstr_cancel_new()};
    mstr_cancel_now(limits.cancel);
    assert_int_equal(host_file_read(&limits, path, 100, &content, NULL, error), MSTR_E_CANCELLED);
    mstr_cancel_free(limits.cancel);
    close(kept);
}

/* Blocks of one size come one after the other, the latest first. */
static void assert_block_of(size_t octets, size_t most)
{
    void *block = secure_alloc(octets);
    secure_free(block);
    assert_int_equal(host_file_read(NULL, path, most, &content, NULL, error), MSTR_OK);
    assert_ptr_equal(content, block);
    secure_free(content);
}

/* The octets, one more by which a larger file would show, and a NUL. */
static void a_file_takes_no_more_memory_than_it_needs(void **state)
{
    (void)state;
    write_octets("1234", 4);
    assert_block_of(6, 1000);
    assert_block_of(6, 4);
    char octets[47] = {'x'};
    write_octets(octets, sizeof(octets));
    assert_block_of(49, 1000); /* past the 48 of the smallest block */
    write_octets(octets, sizeof(octets) - 1);
    assert_block_of(48, 1000);
    assert_block_of(48, 47); /* as many as the limit and the NUL, as no file of more can be */
    write_octets("", 0);
    assert_block_of(4097, 10000); /* what tells no size may have any */
    assert_block_of(48, 46);
}

static void without_memory_nothing_is_read(void **state)
{
    (void)state;
    static char octets[100000];
    memset(octets, 'x', sizeof(octets));
    bool failed = true;
    for (long at = 1; failed; at++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
        assert_int_equal(write(ends[1], octets, 60000), 60000); /* which is read in growing blocks */
        close(ends[1]);
        content = NULL;
        allocator_fail(at, false);
        enum mstr_code code = host_file_read(NULL, path, sizeof(octets), &content, &length, error);
        failed = allocator_succeed();
        assert_int_equal(code, failed ? MSTR_E_MEMORY : MSTR_OK);
        assert_true(failed || (length == 60000 && memcmp(content, octets, length) == 0));
        secure_free(content);
        close(ends[0]);
    }
}

/* As in a program that was begun without standard streams. */
static void descriptor_0_is_one_like_others(void **state)
{
    (void)state;
    int kept = fcntl(0, F_DUPFD_CLOEXEC, 3);
    write_octets("data", 4);
    close(0);
    enum mstr_code code = host_file_read(NULL, path, 100, &content, NULL, error);
    dup2(kept, 0);
    close(kept);
    assert_int_equal(code, MSTR_OK);
    assert_string_equal(content, "data");
    secure_free(content);
}

static void what_decides_is_read_only_if_nobody_else_may_write_it(void **state)
{
    (void)state;
    write_octets("command", 7);
    assert_int_equal(host_file_read_trusted(NULL, path, 100, &content, &length, error), MSTR_OK);
    assert_string_equal(content, "command");
    assert_int_equal(length, 7);
    secure_free(content);
    assert_int_equal(host_file_read_trusted(NULL, path, 6, &content, &length, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "larger than 6 octets", NULL);

    assert_int_equal(chmod(path, 0602), 0);
    assert_int_equal(host_file_read_trusted(NULL, path, 100, &content, &length, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "file refused", "chmod");
    assert_null(content);

    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(path, path), 0);
    assert_int_equal(host_file_read_trusted(NULL, path, 100, &content, &length, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "cannot be checked: Too many levels", NULL);
    assert_int_equal(host_file_read_trusted(NULL, "/dev/zero", 100, &content, &length, error), MSTR_E_CONFIG);
    assert_null(mstr_error_hint(error)); /* nothing would help */
    assert_told(error, MSTR_E_CONFIG, "neither a regular file nor a pipe", NULL);
}

static void a_program_is_judged_unread(void **state)
{
    (void)state;
    write_octets("#!/bin/sh\n", 10);
    assert_int_equal(chmod(path, 0100), 0);
    assert_int_equal(host_file_read_trusted(NULL, path, 0, NULL, NULL, error), MSTR_OK);

    assert_int_equal(chmod(path, 0702), 0);
    assert_int_equal(host_file_read_trusted(NULL, path, 0, NULL, NULL, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "program refused", NULL);
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(chmod(folder.path, 01777), 0); /* where others might put one of its name */
    assert_int_equal(host_file_read_trusted(NULL, path, 0, NULL, NULL, error), MSTR_E_CONFIG);
    assert_int_equal(host_file_read_trusted(NULL, path, 100, &content, NULL, error), MSTR_OK);
    secure_free(content);

    assert_int_equal(host_file_read_trusted(NULL, "/nowhere/at/all", 0, NULL, NULL, error), MSTR_E_NOT_FOUND);
    assert_int_equal(host_file_read_trusted(NULL, "relative", 0, NULL, NULL, error), MSTR_E_CONFIG);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(octets_come_whole_with_a_nul_behind),
        EACH(more_than_the_limit_is_refused),
        EACH(a_file_that_tells_no_size_is_read_whole),
        EACH(links_are_followed_whoever_may_write_what_they_lead_to),
        EACH(failures_have_the_class_of_their_cause),
        EACH(a_pipe_is_waited_for_within_the_limits),
        EACH(a_file_takes_no_more_memory_than_it_needs),
        EACH(without_memory_nothing_is_read),
        EACH(descriptor_0_is_one_like_others),
        EACH(what_decides_is_read_only_if_nobody_else_may_write_it),
        EACH(a_program_is_judged_unread),
    };
    return RUN_TESTS("plugin/host_file");
}
