/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gate that lets one caller in at a time, each waiting within its own limits.
 */
#ifndef MSTR_BASE_GATE_H
#define MSTR_BASE_GATE_H

#include "base/limits.h"

#include <pthread.h>
#include <stdbool.h>

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t free;
    bool taken;
};

bool gate_init(struct gate *gate);
void gate_destroy(struct gate *gate);
/* MSTR_OK when the caller is in and must leave; else what the limits say. */
enum mstr_code gate_enter(struct gate *gate, const struct limits *limits);
void gate_leave(struct gate *gate);

#endif
