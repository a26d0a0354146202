/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The completion queue in a loop of epoll, edge-triggered: work_go_on() takes until there is nothing left.
 *
 *     cc epoll.c work.c $(pkg-config --cflags --libs libmstr) -o epoll
 */
#include "work.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(void)
{
    struct work *work = work_begin();
    int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    if (work == NULL || loop < 0) {
        return 1;
    }
    if (epoll_ctl(loop, EPOLL_CTL_ADD, work_fd(work), &event) != 0) {
        perror("epoll");
        return 1;
    }
    do { /* and the program's other descriptors */
        epoll_wait(loop, &event, 1, -1);
    } while (work_go_on(work));
    close(loop);
    return work_end(work);
}
