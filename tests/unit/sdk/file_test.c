/* SPDX-License-Identifier: Apache-2.0 */
/* The small files that identities are configured by, and what they must not be. */
#include "sdk/file.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/mstr-file-XXXXXX";
static char path[64];

static int setup(void **state)
{
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
    unlink(link);
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
        cmocka_unit_test_setup_teardown(a_home_that_does_not_let_the_user_in_holds_no_file, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_proper_file_is_refused, setup, teardown),
    };
    return RUN_TESTS("sdk/file");
}
