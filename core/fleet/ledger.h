/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store as a fleet uses it: how its keys are called, what is sealed in its records, and how long it may take. All
 * records of one account stand in one group: "s:N" is the session of slot N, or word that the slot is closed or was
 * drained, "r" what logins were refused, "k:N" is nothing but the lease of whoever keeps the session alive, "hb" the
 * set of workers, "c" the channel. Thread-safe; owns nothing.
 */
#ifndef MSTR_FLEET_LEDGER_H
#define MSTR_FLEET_LEDGER_H

#include "fleet/worker.h"
#include "plugin/store_instance.h"
#include "secret/refusal_record.h"

enum { LEDGER_CALL = 500 /* ms, of one question */, LEDGER_MEMBER = 33, LEDGER_TOKEN = 33, LEDGER_MESSAGE = 64 };

struct ledger {
    struct store_instance *store;
    const struct fleet_keys *keys;
};

/* Whose records, and who asks. */
struct ledger_account {
    const struct ledger *ledger;
    struct fleet_scope scope;
    char group[FLEET_GROUP];
};

/* A lease that is held. */
struct ledger_lease {
    char token[LEDGER_TOKEN];
    int64_t fence;
    int64_t now; /* the store's time when it was had */
};

/* A session as it stands there. */
struct ledger_session {
    mstr_secret *state; /* to be released where it was read; NULL = none */
    int64_t login;      /* the store's time when it was opened, ms */
    int64_t idle;       /* ms after which its server ends it unless it is used, and the store the record */
};

/* Each asks the store once, within LEDGER_CALL and the limits, and fills in the members of the report that belong to
 * it. A failure of the store is told in `error`, and the report says so. */

/* The session of a slot. `seen` as in fleet_sealed. */
void ledger_read(const struct ledger_account *account, unsigned slot, int64_t seen, const struct limits *limits,
                 struct fleet_report *report, struct ledger_session *session, mstr_error *error);
/* What was refused; a record without items where there is none. */
void ledger_read_refusals(const struct ledger_account *account, const struct limits *limits,
                          struct fleet_report *report, struct refusal_record *refusals, mstr_error *error);
void ledger_acquire(const struct ledger_account *account, unsigned slot, int64_t known, const struct limits *limits,
                    struct fleet_report *report, struct ledger_lease *lease, mstr_error *error);
/* These write under the lease and give it back; others hear of the slot. */
void ledger_publish(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                    const struct ledger_session *session, const struct limits *limits, struct fleet_report *report,
                    mstr_error *error);
void ledger_put_refusals(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                         const struct refusal_record *refusals, const struct limits *limits,
                         struct fleet_report *report, mstr_error *error);
void ledger_close(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                  const struct limits *limits, struct fleet_report *report, mstr_error *error);
void ledger_drain(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                  const struct limits *limits, struct fleet_report *report, mstr_error *error);
void ledger_release(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                    const struct limits *limits, struct fleet_report *report, mstr_error *error);
void ledger_renew(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                  const struct limits *limits, struct fleet_report *report, mstr_error *error);

/* A worker is there; without one it only asks who is. */
void ledger_beat(const struct ledger_account *account, unsigned slot, const char *member, const struct limits *limits,
                 struct fleet_report *report, mstr_error *error);
void ledger_leave(const struct ledger_account *account, const char *member, const struct limits *limits,
                  struct fleet_report *report, mstr_error *error);
/* Whether this worker is to keep the session alive, for `period` ms. */
void ledger_take_keeping(const struct ledger_account *account, unsigned slot, int64_t period,
                         const struct limits *limits, struct fleet_report *report, mstr_error *error);
/* The record of this fence lives for `keep` ms from now, or no more. */
void ledger_extend(const struct ledger_account *account, unsigned slot, int64_t fence, int64_t keep,
                   const struct limits *limits, struct fleet_report *report, mstr_error *error);
void ledger_remove(const struct ledger_account *account, unsigned slot, int64_t fence, const struct limits *limits,
                   struct fleet_report *report, mstr_error *error);

/* Listening to what is published; the message tells of a slot's record. */
enum mstr_code ledger_subscribe(const struct ledger_account *account, void **subscription,
                                const struct limits *limits, mstr_error *error);
/* MSTR_E_TIMEOUT where nothing came; false in *told for words that are none of the fleet's. */
enum mstr_code ledger_next(const struct ledger_account *account, void *subscription, const struct limits *limits,
                           unsigned *slot, int64_t *fence, bool *told, mstr_error *error);

/* 32 hex digits, drawn anew; false without random octets. */
bool ledger_draw(char token[LEDGER_TOKEN]);

#endif
