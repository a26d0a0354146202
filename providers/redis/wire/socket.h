/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One stream socket that never blocks: each wait looks every 50 ms at whether the caller has cancelled, and ends by
 * his deadline or an earlier one.
 */
#ifndef MSTR_PROVIDERS_REDIS_WIRE_SOCKET_H
#define MSTR_PROVIDERS_REDIS_WIRE_SOCKET_H

#include "redis/config/url.h"

#include <mstr/provider.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESSES_MAX = 8 };

/* Where a host can be reached. */
struct addresses {
    size_t count;
    struct address {
        socklen_t length;
        struct sockaddr_storage place;
    } list[ADDRESSES_MAX];
};

/* What bounds a wait: the caller, and a monotonic time, ms. */
struct wait {
    const struct mstr_call *call;
    int64_t until; /* INT64_MAX = the call's deadline alone */
};

/* ms that are left. */
int64_t wait_left(const struct wait *wait);
/* MSTR_OK, or MSTR_E_CANCELLED or MSTR_E_TIMEOUT, told: "… while WHAT". */
enum mstr_code wait_check(const struct wait *wait, const char *what, struct mstr_error *error);
/* Whether it ended by its own time and the caller's is not over. */
bool wait_is_impatient(const struct wait *wait, enum mstr_code code);

/* Connects to the first address that lets itself be connected to; several share the time. *fd is -1 after a
 * failure. */
enum mstr_code socket_connect(const struct addresses *addresses, const struct endpoint *endpoint,
                              const struct wait *wait, int *fd, struct mstr_error *error);
/* Whether nothing has come, not even its end. */
bool socket_is_quiet(int fd);
enum mstr_code socket_send(int fd, const char *octets, size_t length, const struct wait *wait,
                           struct mstr_error *error);
/* Waits for octets; none = the peer has ended the stream. */
enum mstr_code socket_receive(int fd, char *into, size_t capacity, const struct wait *wait, size_t *got,
                              struct mstr_error *error);
/* That the peer has ended it. */
enum mstr_code socket_tell_end(struct mstr_error *error);

#endif
