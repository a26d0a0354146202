/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fleet is made of, and what it asks of the sessions in it: the words that both sides of its interface
 * (fleet.h) share.
 */
#ifndef MSTR_FLEET_PORT_H
#define MSTR_FLEET_PORT_H

#include "base/log.h"
#include "fleet/worker.h"
#include "plugin/store_instance.h"
#include "secret/refusal_record.h"

struct fleet_options {
    const char *name;             /* of its section, for the log; outlives the fleet */
    struct store_instance *store; /* the fleet's from now on, as are the keys */
    struct fleet_keys *keys;
    struct fleet_rules rules;
    const struct log *log;
};

/* What a session does for the fleet. */
struct fleet_port {
    /* Whether what it would log in with was refused before; told in `error`. */
    bool (*is_refused)(void *data, const struct refusal_record *refusals, const struct limits *limits,
                       mstr_error *error);
    /* Logs in. Refusals are noted in the record, where there is one. The state is to be released; `idle` is after how
     * many ms the server ends an idle session, left alone where it does not tell. */
    enum fleet_login (*log_in)(void *data, struct refusal_record *refusals, const struct limits *limits,
                               mstr_secret **state, int64_t *idle, mstr_error *error);
    /* Asks the server to keep the session; REFUSED = it has ended. Called by a thread of the fleet. */
    enum fleet_login (*keep_alive)(void *data);
    /* Logs out of another session of the account, whose record is gone, as this worker was the last. */
    void (*log_out)(void *data, const mstr_secret *state, const struct limits *limits);
};

#endif
