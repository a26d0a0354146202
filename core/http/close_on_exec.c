/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that libcurl opens for itself. */
#define _GNU_SOURCE /* struct ucred */
#include "http/close_on_exec.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void free_numbers_note(struct free_numbers *free)
{
    free->count = 0;
    while (free->count < FREE_NUMBERS) {
        int fd = eventfd(0, EFD_CLOEXEC);
        if (fd < 0) {
            break;
        }
        free->numbers[free->count++] = fd;
    }
    for (size_t i = 0; i < free->count; i++) {
        close(free->numbers[i]);
    }
}

/* Whether this is one end of a socketpair() of this process. */
static bool is_of_a_pair(int fd)
{
    struct sockaddr_un name = {.sun_family = AF_UNSPEC};
    struct ucred peer = {.pid = -1};
    socklen_t length = sizeof(name);
    socklen_t size = sizeof(peer);
    return getsockname(fd, (struct sockaddr *)&name, &length) == 0 && name.sun_family == AF_UNIX &&
           length == sizeof(name.sun_family) && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           peer.pid == getpid();
}

void free_numbers_close_on_exec(struct free_numbers *free)
{
    for (size_t i = 0; i < free->count; i++) {
        int flags = fcntl(free->numbers[i], F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0 && is_of_a_pair(free->numbers[i])) {
            fcntl(free->numbers[i], F_SETFD, flags | FD_CLOEXEC);
        }
    }
    free->count = 0;
}
