/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/host_file.c */
#include "support/folder.h"
#include "support/registry.h"

#include "plugin/host_file.h"

#include "base/clock.h"
#include "secret/memory.h"

#include <fcntl.h>
#include <pthread.h>
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
    assert_int_equal(host_file_read(NULL, path, 4, &content, &length, error), MSTR_OK);
    assert_int_equal(length, 4);
    assert_memory_equal(content, "a\0b\n", 5);
    secure_free(content);

    write_octets("", 0);
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
                 {"/dev/null", MSTR_E_CONFIG, "neither a regular file nor a pipe"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        snprintf(path, sizeof(path), "%s", cases[i].path);
        assert_refused(100, cases[i].code, cases[i].told);
    }
}

static void *write_into(void *data)
{
    FILE *pipe = fopen(data, "w");
    fputs("through a pipe", pipe);
    fclose(pipe);
    return NULL;
}

static void a_pipe_is_waited_for_within_the_limits(void **state)
{
    (void)state;
    struct limits limits = {.deadline = clock_monotonic() + PLENTY};
    pthread_t writer;
    assert_int_equal(mkfifo(path, 0600), 0);
    pthread_create(&writer, NULL, write_into, path);
    assert_int_equal(host_file_read(&limits, path, 100, &content, NULL, error), MSTR_OK);
    assert_string_equal(content, "through a pipe");
    secure_free(content);
    pthread_join(writer, NULL);

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
        EACH(what_decides_is_read_only_if_nobody_else_may_write_it),
        EACH(a_program_is_judged_unread),
    };
    return RUN_TESTS("plugin/host_file");
}
