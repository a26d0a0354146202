/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/process_child.c */
#define _GNU_SOURCE /* pipe2(), setresuid() */
#include "sdk/process_child.h"

#include "support/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The reading end of a pipe that holds this; the other end is *writer. */
static int pipe_with(const char *text, int *writer)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    *writer = ends[1];
    return ends[0];
}

static void what_is_there_is_read_and_the_end_is_told(void **state)
{
    (void)state;
    struct buffer into = BUFFER_INIT;
    int writer = -1;
    int fd = pipe_with("said", &writer);

    assert_true(child_drain(fd, &into, 0));
    assert_string_equal(buffer_text(&into), "said");
    assert_true(child_drain(fd, &into, 0));
    child_close(&writer);
    assert_false(child_drain(fd, &into, 0));

    assert_int_equal(writer, -1);
    child_close(&writer);
    assert_int_equal(into.length, 4);
    child_close(&fd);
    buffer_release(&into);
}

/* Else a deadline would wait for him. */
static void one_who_writes_on_and_on_is_not_listened_to_for_ever(void **state)
{
    (void)state;
    struct buffer tail = BUFFER_INIT;
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    assert_true(child_drain(fd, &tail, 100));
    assert_int_equal(tail.length, 100);
    child_close(&fd);
    buffer_release(&tail);
}

static void of_a_tail_the_beginning_is_dropped_up_to_something_whole(void **state)
{
    (void)state;
    static const struct {
        const char *said;
        const char *kept;
    } cases[] = {
        {"short", "short"}, {"a long line\nend", "end"}, {"password=canary end", "end"}, {"password=canary", ""}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer tail = BUFFER_INIT;
        int writer = -1;
        int fd = pipe_with(cases[i].said, &writer);
        assert_true(child_drain(fd, &tail, 8));
        assert_true(tail.length <= 8);
        child_begin_whole(&tail, 8);
        assert_string_equal(buffer_text(&tail), cases[i].kept);
        buffer_release(&tail);
        child_close(&fd);
        child_close(&writer);
    }
}

static pid_t fork_child(int status)
{
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        if (status < 0) {
            pause();
        }
        _exit(status);
    }
    setpgid(pid, pid);
    return pid;
}

static void its_status_is_taken_once_it_has_ended(void **state)
{
    (void)state;
    struct child child = CHILD_NONE;
    struct process_result result = {.exit_status = -1};
    child.pid = fork_child(7);
    while (!child_reap(&child, &result)) {
    }
    assert_int_equal(child.pid, 0);
    assert_int_equal(result.exit_status, 7);
    child_finish(&child, &result);
    assert_int_equal(result.exit_status, 7);
}

static void one_that_is_still_there_is_killed(void **state)
{
    (void)state;
    struct child child = CHILD_NONE;
    struct process_result result = {.exit_status = 0};
    child.pid = fork_child(-1);
    assert_false(child_reap(&child, &result));
    child_finish(&child, &result);
    assert_int_equal(child.pid, 0);
    assert_int_equal(result.signal, SIGKILL);
    assert_int_equal(result.exit_status, -1);
    process_release(&result);
}

static void one_that_has_left_its_group_is_killed_too(void **state)
{
    (void)state;
    struct child child = CHILD_NONE;
    struct process_result result = {.exit_status = 0};
    child.pid = fork();
    if (child.pid == 0) {
        pause(); /* in the group of this test */
    }
    child_finish(&child, &result);
    assert_int_equal(result.signal, SIGKILL);
}

enum { NO_OTHER_USER = 77 };

/* In a process of its own, which gives up root: 0 where it neither kills nor waits for what has stayed root. */
static int leave_root_behind(int held)
{
    struct child child = CHILD_NONE;
    struct process_result result = {.exit_status = 0};
    char octet;
    child.pid = fork();
    if (child.pid == 0) {
        _exit((int)read(held, &octet, 1));
    }
    const pid_t pid = child.pid;
    if (setresuid(65534, 65534, 65534) != 0) {
        return NO_OTHER_USER;
    }
    child_finish(&child, &result);
    return child.pid == 0 && result.left_behind && child_reap(&child, &result) && kill(pid, 0) != 0 ? 0 : 2;
}

static void one_that_may_not_be_killed_is_left_behind(void **state)
{
    (void)state;
    int held[2];
    int status = 0;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(pipe2(held, O_CLOEXEC), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        close(held[1]);
        _exit(leave_root_behind(held[0]));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(held[0]);
    close(held[1]);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_OTHER_USER) {
        skip();
    }
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_read_and_the_end_is_told),
        cmocka_unit_test(one_who_writes_on_and_on_is_not_listened_to_for_ever),
        cmocka_unit_test(of_a_tail_the_beginning_is_dropped_up_to_something_whole),
        cmocka_unit_test(its_status_is_taken_once_it_has_ended),
        cmocka_unit_test(one_that_is_still_there_is_killed),
        cmocka_unit_test(one_that_has_left_its_group_is_killed_too),
        cmocka_unit_test(one_that_may_not_be_killed_is_left_behind),
    };
    return RUN_TESTS("sdk/process_child");
}
