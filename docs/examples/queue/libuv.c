/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The completion queue in a loop of libuv: its descriptor is watched by a uv_poll_t, which ends before the queue
 * does.
 *
 *     cc libuv.c work.c $(pkg-config --cflags --libs libmstr libuv) -o libuv
 */
#include "work.h"

#include <uv.h>

static void on_readable(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    if (!work_go_on(watch->data)) {
        uv_close((uv_handle_t *)watch, NULL); /* so that the loop ends */
    }
}

int main(void)
{
    struct work *work = work_begin();
    uv_poll_t watch;
    if (work == NULL) {
        return 1;
    }
    watch.data = work;
    uv_poll_init(uv_default_loop(), &watch, work_fd(work));
    uv_poll_start(&watch, UV_READABLE, on_readable);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    uv_loop_close(uv_default_loop());
    return work_end(work);
}
