/* SPDX-License-Identifier: Apache-2.0 */
/* core/local/connection.c: one connection, and whom it believes */
#include "local/connection.h"

#include "base/clock.h"

#include "support/local_peer.h"

#include <sys/wait.h>

static struct limits seconds(int64_t count)
{
    return (struct limits){clock_monotonic() + count * 1000, NULL};
}

static void say_nothing(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    local_peer_head(peer, fd); /* until the client goes */
}

static void where_nobody_listens_there_is_nothing(void **state)
{
    (void)state;
    static char long_path[200];
    const char *const paths[] = {"", "/nowhere/agent.sock", "/dev/null", long_path};
    const struct limits limits = seconds(60);
    mstr_error *error = mstr_error_new();
    memset(long_path, 'x', sizeof(long_path) - 1);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        int fd = 0;
        assert_int_equal(connection_open(paths[i], geteuid(), &limits, &fd, error), LOCAL_ABSENT);
        assert_int_equal(fd, -1);
        assert_non_null(strstr(mstr_error_message(error), "nobody listens at "));
        assert_int_equal(mstr_error_code(error), MSTR_E_NETWORK);
    }
    mstr_error_free(error);
}

/* A socket on which this test listens, and where nobody accepts. */
static int listen_at(struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX, .sun_path = "/var/tmp/mstr-queue-XXXXXX"};
    close(mkstemp(address->sun_path));
    unlink(address->sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)address, sizeof(*address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    return listener;
}

/* A stale socket: whoever listened there is gone. */
static void a_socket_that_was_left_behind_is_absent(void **state)
{
    (void)state;
    struct sockaddr_un address;
    const struct limits limits = seconds(60);
    int fd = -1;
    close(listen_at(&address));
    assert_int_equal(connection_open(address.sun_path, geteuid(), &limits, &fd, NULL), LOCAL_ABSENT);
    unlink(address.sun_path);
}

/* Listens as `uid` in a process of its own, which ends with the pipe. */
static pid_t listen_as(uid_t uid, const char *path, int hold[2])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int ready[2];
    char octet = 0;
    assert_int_equal(pipe(hold), 0);
    assert_int_equal(pipe(ready), 0);
    strcpy(address.sun_path, path);
    pid_t child = fork();
    if (child == 0) {
        int listener = socket(AF_UNIX, SOCK_STREAM, 0);
        close(hold[1]);
        if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) != 0 || setuid(uid) != 0 ||
            listen(listener, 4) != 0 || write(ready[1], "x", 1) != 1) {
            _exit(1);
        }
        _exit(read(hold[0], &octet, 1) == 0 ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &octet, 1), 1);
    close(ready[0]);
    close(ready[1]);
    close(hold[0]);
    return child;
}

static void another_user_who_listens_is_not_believed(void **state)
{
    (void)state;
    enum { STRANGER = 4711 };
    if (geteuid() != 0) {
        skip();
    }
    struct local_peer peer;
    char path[80];
    int hold[2];
    int fd = -1;
    const struct limits limits = seconds(60);
    mstr_error *error = mstr_error_new();
    local_peer_start(&peer, say_nothing, NULL);
    snprintf(path, sizeof(path), "%s/strange", peer.folder);
    pid_t child = listen_as(STRANGER, path, hold);
    assert_int_equal(connection_open(path, geteuid(), &limits, &fd, error), LOCAL_FOREIGN);
    assert_int_equal(fd, -1);
    assert_int_equal(mstr_error_code(error), MSTR_E_DENIED);
    assert_non_null(strstr(mstr_error_message(error), "user 4711 listens at "));
    assert_non_null(strstr(mstr_error_message(error), "whom user 0 does not trust"));
    assert_int_equal(connection_open(path, STRANGER, &limits, &fd, NULL), LOCAL_ANSWERED); /* it is told to */
    close(fd);
    close(hold[1]);
    waitpid(child, NULL, 0);
    unlink(path);
    mstr_error_free(error);
    local_peer_stop(&peer);
}

static int64_t now_ms;
static int64_t frozen(void)
{
    return now_ms;
}

static void pass_time(int64_t milliseconds)
{
    now_ms += milliseconds;
}

static void a_full_queue_is_waited_for_but_a_moment(void **state)
{
    (void)state;
    const struct clock_source source = {.monotonic = frozen, .sleep = pass_time};
    struct sockaddr_un address;
    enum local_outcome outcomes[3];
    int fds[64];
    size_t count = 0;
    mstr_cancel *cancel = mstr_cancel_new();
    int listener = listen_at(&address);
    clock_replace(&source);
    struct limits limits = {now_ms + 60000, cancel};
    while ((outcomes[0] = connection_open(address.sun_path, geteuid(), &limits, &fds[count], NULL)) ==
               LOCAL_ANSWERED &&
           count < COUNT_OF(fds) - 1) {
        count++;
    }
    int64_t waited = now_ms;
    limits.deadline = now_ms + 20;
    outcomes[1] = connection_open(address.sun_path, geteuid(), &limits, &fds[count], NULL);
    limits.deadline = now_ms + 60000;
    mstr_cancel_now(cancel);
    outcomes[2] = connection_open(address.sun_path, geteuid(), &limits, &fds[count], NULL);
    clock_replace(NULL);
    assert_int_equal(outcomes[0], LOCAL_ABSENT);
    assert_int_equal(outcomes[1], LOCAL_ENDED);
    assert_int_equal(outcomes[2], LOCAL_ENDED);
    assert_in_range(waited, connection_patience - 10, connection_patience);
    while (count > 0) {
        close(fds[--count]);
    }
    close(listener);
    unlink(address.sun_path);
    mstr_cancel_free(cancel);
}

static void waits_end_with_the_limits(void **state)
{
    (void)state;
    int pair[2];
    char octets[16];
    size_t got = 1;
    static char much[1024 * 1024];
    mstr_error *error = mstr_error_new();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    struct limits limits = {clock_monotonic() + 20, NULL};
    assert_int_equal(connection_receive(pair[0], octets, sizeof(octets), 0, &limits, &got, error), LOCAL_ENDED);
    assert_int_equal(mstr_error_code(error), MSTR_E_TIMEOUT);
    limits = (struct limits){clock_monotonic() + 20, NULL};
    assert_int_equal(connection_send(pair[0], much, sizeof(much), &limits, error), LOCAL_ENDED);
    limits = seconds(60);
    assert_int_equal(connection_receive(pair[0], octets, sizeof(octets), 20, &limits, &got, error), LOCAL_ABSENT);
    assert_string_equal(mstr_error_message(error), "whoever listens says nothing within 20 ms");
    assert_true(connection_is_idle(pair[0]));
    assert_int_equal(write(pair[1], "x", 1), 1);
    assert_false(connection_is_idle(pair[0]));
    assert_int_equal(connection_receive(pair[0], octets, sizeof(octets), 0, &limits, &got, error), LOCAL_ANSWERED);
    assert_int_equal(got, 1);
    close(pair[1]);
    assert_false(connection_is_idle(pair[0]));
    assert_int_equal(connection_send(pair[0], "x", 1, &limits, error), LOCAL_BROKEN);
    close(pair[0]);
    mstr_error_free(error);
}

static int64_t passing(void)
{
    return now_ms += 10;
}

/* Whoever answers has the same deadline: which of both meets it first is chance. */
static void an_end_once_the_time_is_over_is_a_timeout(void **state)
{
    (void)state;
    const struct clock_source source = {.monotonic = passing};
    mstr_error *error = mstr_error_new();
    for (int reset = 0; reset < 2; reset++) {
        int pair[2];
        char octets[16];
        size_t got = 1;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        assert_int_equal(write(pair[0], "x", 1), 1);
        assert_int_equal(reset || read(pair[1], octets, 1) == 1, 1); /* what was not read makes it a reset */
        close(pair[1]);
        clock_replace(&source);
        struct limits limits = {now_ms + 25, NULL}; /* time for the two looks before it receives */
        enum local_outcome late = connection_receive(pair[0], octets, sizeof(octets), 0, &limits, &got, error);
        clock_replace(NULL);
        assert_int_equal(late, LOCAL_ENDED);
        assert_int_equal(got, 0);
        assert_int_equal(mstr_error_code(error), MSTR_E_TIMEOUT);
        close(pair[0]);
    }
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_nobody_listens_there_is_nothing),
        cmocka_unit_test(a_socket_that_was_left_behind_is_absent),
        cmocka_unit_test(another_user_who_listens_is_not_believed),
        cmocka_unit_test(a_full_queue_is_waited_for_but_a_moment),
        cmocka_unit_test(waits_end_with_the_limits),
        cmocka_unit_test(an_end_once_the_time_is_over_is_a_timeout),
    };
    return RUN_TESTS("local/connection");
}
