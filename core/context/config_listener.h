/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever is told items of the configuration, until it has heard enough.
 */
#ifndef MSTR_CONTEXT_CONFIG_LISTENER_H
#define MSTR_CONTEXT_CONFIG_LISTENER_H

#include <mstr/context.h>
#include <stdbool.h>

struct config_listener {
    mstr_config_fn each;
    void *data;
    bool ended; /* it wants to hear no more */
};

static inline void config_listener_tell(struct config_listener *listener, const mstr_config_item *item)
{
    if (!listener->ended) {
        listener->ended = listener->each(item, listener->data) != 0;
    }
}

#endif
