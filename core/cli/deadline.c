/* SPDX-License-Identifier: Apache-2.0 */
/* The time that --timeout leaves to a run. */
#include "deadline.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

/* A signal that comes between the look at its flag and the wait is seen after so many ms. */
enum { SLICE = 50 };

int64_t deadline_clock(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void deadline_set(struct tool *tool, int64_t timeout)
{
    int64_t now = deadline_clock();
    tool->deadline = timeout < INT64_MAX - now ? now + timeout : INT64_MAX;
    tool->options.timeout = timeout;
}

int64_t deadline_left(const struct tool *tool)
{
    int64_t left = tool->deadline - deadline_clock();
    return tool->deadline == 0 ? 0 : left > 0 ? left : 1;
}

bool deadline_interrupted(const struct tool *tool)
{
    return tool->interrupted != NULL && *tool->interrupted != 0;
}

/* Until it is ready, or a time on deadline_clock(). */
static int await(const struct tool *tool, struct pollfd one, int64_t until)
{
    for (;;) {
        int64_t left = deadline_left(tool);
        bool interrupted = deadline_interrupted(tool);
        int64_t most = until - deadline_clock();
        most = most < SLICE ? most : SLICE;
        most = left == 0 || left > most ? most : left;
        int ready = poll(&one, 1, interrupted || left == 1 || most < 0 ? 0 : (int)most);
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return 0;
        }
        if (interrupted || left == 1) {
            return interrupted ? ECANCELED : ETIMEDOUT;
        }
        if (deadline_clock() >= until) {
            return 0;
        }
    }
}

int deadline_await(const struct tool *tool, int descriptor, short events)
{
    return await(tool, (struct pollfd){.fd = descriptor, .events = events}, INT64_MAX);
}

int deadline_pause(const struct tool *tool, int64_t milliseconds)
{
    return await(tool, (struct pollfd){.fd = -1}, deadline_clock() + milliseconds);
}
