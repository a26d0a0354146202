/* SPDX-License-Identifier: Apache-2.0 */
/* What systemd and the agent say to each other. */
#include "systemd.h"

#include "base/text.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST = 3, MOST = 16 };

/* A variable as a number; -1 where it is none. */
static int64_t number_of(const char *variable)
{
    const char *text = getenv(variable);
    int64_t number = 0;
    return text != NULL && text_to_int64(text, &number) ? number : -1;
}

static int option_of(int fd, int option)
{
    int value = -1;
    socklen_t length = sizeof(value);
    return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

static bool is_good(int fd, bool tcp)
{
    int family = option_of(fd, SO_DOMAIN);
    return (tcp ? family == AF_INET || family == AF_INET6 : family == AF_UNIX) &&
           option_of(fd, SO_TYPE) == SOCK_STREAM && option_of(fd, SO_ACCEPTCONN) == 1;
}

/* The socket for a name, which may have no second one. */
static enum mstr_code take(int fd, const char *name, size_t length, int *api, int *tcp, mstr_error *error)
{
    bool is_tcp = length == strlen("tcp") && memcmp(name, "tcp", length) == 0;
    bool is_api = length == strlen("api") && memcmp(name, "api", length) == 0;
    int *place = is_tcp ? tcp : api;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if ((!is_tcp && !is_api) || *place >= 0 || !is_good(fd, is_tcp)) {
        return mstr_error_set(error, MSTR_E_CONFIG,
                              "systemd handed over a socket \"%.*s\", where one of Unix named \"api\" or one of TCP "
                              "named \"tcp\" was expected",
                              (int)length, name);
    }
    *place = fd;
    return MSTR_OK;
}

enum mstr_code systemd_sockets(int *api, int *tcp, mstr_error *error)
{
    int64_t count = number_of("LISTEN_FDS");
    const char *names = getenv("LISTEN_FDNAMES");
    enum mstr_code code = MSTR_OK;
    *api = *tcp = -1;
    if (number_of("LISTEN_PID") == getpid() && count > 0) {
        count = count < MOST ? count : MOST;
        for (int i = 0; code == MSTR_OK && i < (int)count; i++) {
            const char *name = names != NULL ? names : "";
            size_t length = strcspn(name, ":");
            code = take(FIRST + i, name, length, api, tcp, error);
            names = name + length + (name[length] == ':');
        }
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return code;
}

void systemd_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(address.sun_path)) {
        return;
    }
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
        (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&address,
                      length);
        close(fd);
    }
}

int64_t systemd_watchdog(void)
{
    int64_t pid = number_of("WATCHDOG_PID");
    int64_t microseconds = number_of("WATCHDOG_USEC");
    return microseconds > 0 && (pid < 0 || pid == getpid()) ? microseconds / 2000 : 0;
}
