/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The completion queue in a loop of libevent: its descriptor is watched by a persistent event.
 *
 *     cc libevent.c work.c $(pkg-config --cflags --libs libmstr libevent) -o libevent
 */
#include "work.h"

#include <event2/event.h>

static struct event *watch;

static void on_readable(evutil_socket_t descriptor, short events, void *data)
{
    (void)descriptor;
    (void)events;
    if (!work_go_on(data)) {
        event_del(watch); /* so that the loop ends */
    }
}

int main(void)
{
    struct work *work = work_begin();
    struct event_base *base = event_base_new();
    if (work == NULL || base == NULL) {
        return 1;
    }
    watch = event_new(base, work_fd(work), EV_READ | EV_PERSIST, on_readable, work);
    event_add(watch, NULL);
    event_base_dispatch(base);
    event_free(watch);
    event_base_free(base);
    return work_end(work);
}
