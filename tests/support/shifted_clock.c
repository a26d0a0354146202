/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's time of day as it is MSTR_CLOCK_SHIFT seconds from now, to be loaded before a program. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#pragma GCC visibility push(default)

int clock_gettime(clockid_t id, struct timespec *time)
{
    const char *shift = getenv("MSTR_CLOCK_SHIFT");
    long result = syscall(SYS_clock_gettime, id, time);
    if (result == 0 && id == CLOCK_REALTIME && shift != NULL) {
        time->tv_sec += atol(shift);
    }
    return (int)result;
}

time_t time(time_t *out)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now = {0, 0};
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

#pragma GCC visibility pop
