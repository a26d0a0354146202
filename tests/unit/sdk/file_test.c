/* SPDX-License-Identifier: Apache-2.0 */
/* The small files that identities are configured by, and what they must not be. */
#include "sdk/file.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/mstr-file-XXXXXX";
static char path[64];

/* What befalls reading: the failures of the first calls, until one of 0; and a pipe in which nothing is for two calls
 * of poll(), the first of them interrupted. */
static struct {
    int failures[3];
    int feed; /* the end that is written, 0 = none */
    int polls;
    int reads;
    int fd;         /* that was read */
    int descriptor; /* its flags, */
    int opened;     /* and those it was opened with */
} reading;

ssize_t __real_read(int fd, void *into, size_t size);
ssize_t __wrap_read(int fd, void *into, size_t size);
int __real_poll(struct pollfd *waited, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *waited, nfds_t count, int timeout);

ssize_t __wrap_read(int fd, void *into, size_t size)
{
    int failure = reading.reads < 3 ? reading.failures[reading.reads] : 0;
    reading.reads++;
    reading.fd = fd;
    reading.descriptor = fcntl(fd, F_GETFD);
    reading.opened = fcntl(fd, F_GETFL);
    errno = failure;
    return failure != 0 ? -1 : __real_read(fd, into, size);
}

int __wrap_poll(struct pollfd *waited, nfds_t count, int timeout)
{
    reading.polls++;
    if (reading.feed != 0 && reading.polls < 3) {
        errno = EINTR;
        return reading.polls == 1 ? -1 : 0;
    }
    if (reading.feed != 0) {
        assert_int_equal(write(reading.feed, "late", 4), 4);
        close(reading.feed);
        reading.feed = 0;
    }
    return __real_poll(waited, count, timeout);
}

static int setup(void **state)
{
    memset(&reading, 0, sizeof(reading));
    strcpy(folder, "/tmp/mstr-file-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
    return fake_host_setup(state);
}

static int teardown(void **state)
{
    unlink(path);
    rmdir(folder);
    return fake_host_teardown(state);
}

static void write_file(const char *text, size_t repeats)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    for (size_t i = 0; i < repeats; i++) {
        fputs(text, file);
    }
    fclose(file);
}

static void assert_refuses(const char *name, unsigned flags, enum mstr_code code, const char *part)
{
    struct buffer content = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    assert_int_equal(file_read(name, "the key", flags, &content, error), code);
    assert_contains(host->error_message(error), part);
    buffer_release(&content);
    host->error_free(error);
}

static void content_is_appended(void **state)
{
    struct buffer content = BUFFER_INIT;
    (void)state;
    write_file("two", 1);
    buffer_puts(&content, "one ");

    assert_int_equal(file_read(path, "the key", FILE_GUARDED | FILE_NO_LINK, &content, NULL), MSTR_OK);

    assert_string_equal(buffer_text(&content), "one two");
    buffer_release(&content);
}

static void what_is_no_proper_file_is_refused(void **state)
{
    char link[80];
    (void)state;
    assert_refuses(path, 0, MSTR_E_NOT_AVAILABLE, "the key: No such file");
    assert_refuses(folder, 0, MSTR_E_CONFIG, "not a regular file");
    write_file("x", 1);
    assert_int_equal(chmod(path, 0666), 0);
    assert_refuses(path, FILE_GUARDED, MSTR_E_CONFIG, "anybody may write it");
    snprintf(link, sizeof(link), "%s/link", folder);
    assert_int_equal(symlink(path, link), 0);
    assert_refuses(link, FILE_NO_LINK, MSTR_E_CONFIG, "the key: ");
    struct buffer content = BUFFER_INIT;
    assert_int_equal(file_read(link, "the key", 0, &content, NULL), MSTR_OK);
    unlink(link);
    buffer_clear(&content);
    write_file("0123456789abcdef", 1 << 16);
    assert_int_equal(file_read(path, "the key", 0, &content, NULL), MSTR_OK);
    assert_int_equal(content.length, 1 << 20);
    buffer_release(&content);
    write_file("0123456789abcdef", (1 << 16) + 1);
    assert_refuses(path, 0, MSTR_E_CONFIG, "longer than 1 MiB");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0); /* without a wait for somebody who writes it */
    assert_refuses(path, 0, MSTR_E_CONFIG, "not a regular file");
}

static void a_pipe_is_drained_within_the_calls_limits(void **state)
{
    int ends[2];
    struct buffer content = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(write(ends[1], "begun", 5), 5);
    fake_host_cancel();
    assert_int_equal(file_drain(fake_host_call(), ends[0], "the pipe", 5, &content, error), MSTR_E_CANCELLED);
    assert_contains(host->error_message(error), "cancelled while waiting for the pipe");
    close(ends[1]);
    close(ends[0]);
    buffer_release(&content);
    host->error_free(error);
}

static void a_pipe_in_which_nothing_is_yet_is_waited_for(void **state)
{
    int ends[2];
    struct buffer content = BUFFER_INIT;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    reading.feed = ends[1];

    assert_int_equal(file_drain(fake_host_call(), ends[0], "the pipe", 4, &content, NULL), MSTR_OK);

    assert_string_equal(buffer_text(&content), "late");
    assert_int_equal(reading.polls, 4);
    assert_int_equal(reading.reads, 2); /* the end is the second */
    close(ends[0]);
    buffer_release(&content);
}

static void reading_goes_on_after_an_interruption_and_ends_with_a_failure(void **state)
{
    struct buffer content = BUFFER_INIT;
    (void)state;
    write_file("x", 1);
    reading.failures[0] = EINTR;
    reading.failures[1] = EAGAIN;
    assert_int_equal(file_read(path, "the key", 0, &content, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&content), "x");
    buffer_release(&content);

    reading.reads = 0;
    reading.failures[0] = EIO;
    assert_refuses(path, 0, MSTR_E_CONFIG, "the key: Input/output error");
    assert_int_equal(reading.reads, 1);
}

static void a_file_is_opened_for_this_process_alone_and_closed_also_as_descriptor_0(void **state)
{
    struct buffer content = BUFFER_INIT;
    int standard = dup(STDIN_FILENO);
    (void)state;
    write_file("x", 1);
    for (unsigned flags = 0; flags <= FILE_NO_LINK; flags += FILE_NO_LINK) {
        close(STDIN_FILENO);

        assert_int_equal(file_read(path, "the key", flags, &content, NULL), MSTR_OK);

        assert_int_equal(reading.fd, STDIN_FILENO);
        assert_int_equal(reading.descriptor, FD_CLOEXEC);
        assert_int_equal(reading.opened & (O_ACCMODE | O_NONBLOCK), O_RDONLY | O_NONBLOCK);
        assert_int_equal((reading.opened & O_NOFOLLOW) != 0, flags != 0);
        assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
        assert_int_equal(dup2(standard, STDIN_FILENO), STDIN_FILENO);
    }
    close(standard);
    buffer_release(&content);
}

/* Another's home, as after su: what a file of this user's own would be refused for counts as its absence there. */
static void a_home_that_does_not_let_the_user_in_holds_no_file(void **state)
{
    (void)state;
    int status = 0;
    if (geteuid() != 0) {
        skip();
    }
    write_file("x", 1);
    for (int within = 0; within < 2; within++) {
        fake_host_env("HOME", within ? folder : "/tmp");
        pid_t child = fork();
        if (child == 0) {
            struct buffer content = BUFFER_INIT;
            _exit(setuid(12345) == 0 ? (int)file_read(path, "it", 0, &content, NULL) : 255);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(WEXITSTATUS(status), within ? MSTR_E_NOT_AVAILABLE : MSTR_E_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(content_is_appended, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pipe_is_drained_within_the_calls_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pipe_in_which_nothing_is_yet_is_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_goes_on_after_an_interruption_and_ends_with_a_failure, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_is_opened_for_this_process_alone_and_closed_also_as_descriptor_0,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_home_that_does_not_let_the_user_in_holds_no_file, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_proper_file_is_refused, setup, teardown),
    };
    return RUN_TESTS("sdk/file");
}
