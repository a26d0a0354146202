/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/input.c */
#define _GNU_SOURCE /* memfd_create() */
#include "cli/input.h"

#include "cli/deadline.h"
#include "support/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tool tool;

static int start(void **state)
{
    (void)state;
    tool = (struct tool){.error = mstr_error_new()};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mstr_error_free(tool.error);
    return 0;
}

/* Whether reading fails so, told behind the name. */
static void assert_fails(int descriptor, enum mstr_code code, const char *why)
{
    size_t length = 0;
    assert_null(input_read_all(&tool, descriptor, "in", &length));
    assert_int_equal(mstr_error_code(tool.error), code);
    assert_string_equal(mstr_error_message(tool.error), why);
}

static void content_of_any_length_comes_whole(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 65535, 65536, 65537, 300000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        int file = memfd_create("content", MFD_CLOEXEC);
        char *octets = malloc(lengths[i] + 1);
        size_t length = 1;
        memset(octets, 'x', lengths[i]);
        octets[lengths[i] / 2] = '\0';
        assert_int_equal(write(file, octets, lengths[i]), (ssize_t)lengths[i]);
        lseek(file, 0, SEEK_SET);
        char *content = input_read_all(&tool, file, "in", &length);
        assert_non_null(content);
        assert_int_equal(length, lengths[i]);
        assert_memory_equal(content, octets, length);
        free(content);
        free(octets);
        close(file);
    }
}

static void pieces_are_put_together(void **state)
{
    (void)state;
    int ends[2];
    size_t length = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        _exit(write(ends[1], "one", 3) != 3 || usleep(1000) != 0 || write(ends[1], "two", 3) != 3);
    }
    close(ends[1]);
    char *content = input_read_all(&tool, ends[0], "in", &length);
    assert_int_equal(length, 6);
    assert_memory_equal(content, "onetwo", 6);
    free(content);
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    int folder = open("/", O_RDONLY | O_CLOEXEC);
    assert_fails(folder, MSTR_E_UNEXPECTED, "in: Is a directory");
    close(folder);
    assert_fails(folder, MSTR_E_UNEXPECTED, "in: Bad file descriptor");
}

static void what_has_no_end_is_too_large(void **state)
{
    (void)state;
    int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    assert_fails(endless, MSTR_E_UNEXPECTED, "in: more than 64 MiB");
    close(endless);
}

static void nobody_who_writes_is_waited_for_without_end(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    deadline_set(&tool, 20);
    assert_fails(ends[0], MSTR_E_TIMEOUT, "in: was not read in time");
    close(ends[0]);
    close(ends[1]);
}

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
}

/* One that comes during the wait ends it at once, as it does the reading. */
static void an_interruption_ends_the_wait(void **state)
{
    (void)state;
    const struct sigaction action = {.sa_handler = interrupt};
    const struct itimerval soon = {.it_value = {.tv_usec = 10000}};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    tool.interrupted = &interrupted;
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_fails(ends[0], MSTR_E_CANCELLED, "in: interrupted");
    close(ends[0]);
    close(ends[1]);
}

static void opening_a_pipe_waits_for_nobody(void **state)
{
    (void)state;
    char path[] = "/tmp/mstr-input-XXXXXX";
    assert_non_null(mkdtemp(path));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    int descriptor = input_open(path);
    assert_true(descriptor >= 0);
    deadline_set(&tool, 20);
    assert_fails(descriptor, MSTR_E_TIMEOUT, "in: was not read in time");
    close(descriptor);
    unlink(path);
    assert_int_equal(input_open(path), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(content_of_any_length_comes_whole, start, stop),
        cmocka_unit_test_setup_teardown(pieces_are_put_together, start, stop),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_told, start, stop),
        cmocka_unit_test_setup_teardown(what_has_no_end_is_too_large, start, stop),
        cmocka_unit_test_setup_teardown(nobody_who_writes_is_waited_for_without_end, start, stop),
        cmocka_unit_test_setup_teardown(an_interruption_ends_the_wait, start, stop),
        cmocka_unit_test_setup_teardown(opening_a_pipe_waits_for_nobody, start, stop),
    };
    return RUN_TESTS("cli/input");
}
