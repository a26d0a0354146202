/* SPDX-License-Identifier: Apache-2.0 */
/* The time that --timeout leaves to a run. */
#include "deadline.h"

#include <time.h>

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
