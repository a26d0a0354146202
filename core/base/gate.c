/* SPDX-License-Identifier: Apache-2.0 */
/* One caller at a time. */
#include "base/gate.h"

#include "base/condition.h"

bool gate_init(struct gate *gate)
{
    gate->taken = false;
    if (pthread_mutex_init(&gate->mutex, NULL) != 0) {
        return false;
    }
    if (!condition_init(&gate->free)) {
        pthread_mutex_destroy(&gate->mutex);
        return false;
    }
    return true;
}

void gate_destroy(struct gate *gate)
{
    pthread_cond_destroy(&gate->free);
    pthread_mutex_destroy(&gate->mutex);
}

enum mstr_code gate_enter(struct gate *gate, const struct limits *limits)
{
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&gate->mutex);
    while (gate->taken && code == MSTR_OK) {
        code = limits_wait(&gate->free, &gate->mutex, limits);
    }
    if (!gate->taken) {
        gate->taken = true;
        code = MSTR_OK;
    }
    pthread_mutex_unlock(&gate->mutex);
    return code;
}

void gate_leave(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->taken = false;
    pthread_cond_signal(&gate->free);
    pthread_mutex_unlock(&gate->mutex);
}
