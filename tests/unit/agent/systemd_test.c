/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/systemd.c */
#include "agent/systemd.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process of its own, whose descriptor 3 is `fd`: what the sockets came to. */
static int try(int fd, bool own_pid, const char *names, int *api, int *tcp)
{
    char pid[16];
    snprintf(pid, sizeof(pid), "%d", (int)getpid() + !own_pid);
    dup2(fd, 3);
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", names, 1);
    return (int)systemd_sockets(api, tcp, NULL);
}

static void in_a_child(int (*check)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(check());
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static int listening(void)
{
    struct sockaddr_un any = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return bind(fd, (const struct sockaddr *)&any, sizeof(sa_family_t)) == 0 && listen(fd, 1) == 0 ? fd : -1;
}

static int takes_a_listening_socket(void)
{
    int api = -1;
    int tcp = -1;
    return !(try(listening(), true, "api", &api, &tcp) == MSTR_OK && api == 3 && tcp == -1 &&
             getenv("LISTEN_FDS") == NULL);
}

static int passes_over_what_is_somebody_elses(void)
{
    int api = -1;
    int tcp = -1;
    return !(try(listening(), false, "api", &api, &tcp) == MSTR_OK && api == -1);
}

static int refuses_what_does_not_listen(void)
{
    int api = -1;
    int tcp = -1;
    return !(try(socket(AF_UNIX, SOCK_STREAM, 0), true, "api", &api, &tcp) == MSTR_E_CONFIG);
}

static int refuses_a_socket_of_another_kind_than_its_name_says(void)
{
    int api = -1;
    int tcp = -1;
    return !(try(listening(), true, "tcp", &api, &tcp) == MSTR_E_CONFIG);
}

static int refuses_a_name_that_nobody_knows(void)
{
    int api = -1;
    int tcp = -1;
    return !(try(listening(), true, "unknown", &api, &tcp) == MSTR_E_CONFIG);
}

static void sockets_are_taken_by_their_names(void **state)
{
    (void)state;
    in_a_child(takes_a_listening_socket);
    in_a_child(passes_over_what_is_somebody_elses);
    in_a_child(refuses_what_does_not_listen);
    in_a_child(refuses_a_socket_of_another_kind_than_its_name_says);
    in_a_child(refuses_a_name_that_nobody_knows);
}

static void states_are_sent_to_whoever_wants_them(void **state)
{
    (void)state;
    static const char name[] = "mstr-systemd-test";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char heard[32] = "";
    char path[64];
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(path, sizeof(path), "@%s-%d", name, (int)getpid());
    strcpy(address.sun_path + 1, path + 1);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, (socklen_t)(sizeof(sa_family_t) + strlen(path))), 0);
    setenv("NOTIFY_SOCKET", path, 1);
    systemd_notify("READY=1");
    assert_int_equal(recv(fd, heard, sizeof(heard), 0), 7);
    assert_string_equal(heard, "READY=1");
    unsetenv("NOTIFY_SOCKET");
    systemd_notify("READY=1");
    close(fd);
}

static void the_watchdog_hears_twice_in_its_time(void **state)
{
    (void)state;
    assert_int_equal(systemd_watchdog(), 0);
    setenv("WATCHDOG_USEC", "3000000", 1);
    assert_int_equal(systemd_watchdog(), 1500);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(systemd_watchdog(), 0);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sockets_are_taken_by_their_names),
        cmocka_unit_test(states_are_sent_to_whoever_wants_them),
        cmocka_unit_test(the_watchdog_hears_twice_in_its_time),
    };
    return RUN_TESTS("agent/systemd");
}
