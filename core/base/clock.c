/* SPDX-License-Identifier: Apache-2.0 */
/* Time and chance: the system's, unless a test put its own in. */
#include "base/clock.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

static struct clock_source replaced;

static int64_t read_clock(clockid_t id)
{
    struct timespec time = {0, 0};
    clock_gettime(id, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
    return replaced.now != NULL ? replaced.now() : read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
    return replaced.monotonic != NULL ? replaced.monotonic() : read_clock(CLOCK_MONOTONIC);
}

bool clock_random(void *octets, size_t length)
{
    if (replaced.random != NULL) {
        return replaced.random(octets, length);
    }
    unsigned char *at = octets;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno != EINTR) {
            return false;
        }
        if (got > 0) {
            at += got;
            length -= (size_t)got;
        }
    }
    return true;
}

uint64_t clock_random_below(uint64_t bound)
{
    uint64_t number = 0;
    if (bound == 0) {
        return 0;
    }
    uint64_t uneven = (UINT64_MAX % bound + 1) % bound; /* the last few numbers would favour small results */
    do {
        if (!clock_random(&number, sizeof(number))) {
            return 0;
        }
    } while (number > UINT64_MAX - uneven);
    return number % bound;
}

void (*clock_sleep(void))(int64_t milliseconds)
{
    return replaced.sleep;
}

void clock_replace(const struct clock_source *source)
{
    replaced = source != NULL ? *source : (struct clock_source){0};
}
