/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet as whoever looks after it sees it: what stands in the store for one account, read without taking part, and
 * the end of its sessions. Each call asks the store a few times, within the limits, however its health is; no member
 * of the fleet is needed. Thread-safe.
 */
#ifndef MSTR_FLEET_SURVEY_H
#define MSTR_FLEET_SURVEY_H

#include "fleet/fleet.h"
#include "fleet/ledger.h"

struct survey {
    const struct fleet *fleet;
    struct ledger_account account;
};

/* The scope's texts are borrowed for as long. MSTR_E_MEMORY. */
enum mstr_code survey_init(struct survey *survey, const struct fleet *fleet, const struct fleet_scope *scope,
                           mstr_error *error);

/* What stands at a slot. */
struct survey_slot {
    enum fleet_verdict verdict;
    enum fleet_kind kind; /* where it is opened, as are all that follow */
    int64_t fence;
    int64_t age;       /* ms since it was written */
    int64_t login_age; /* ms since its session was opened */
    int64_t left;      /* ms until it ends by itself */
    int64_t lease;     /* ms that somebody's lease lasts yet, who is about to write; 0 = nobody's */
};
enum mstr_code survey_slot(const struct survey *survey, unsigned slot, const struct limits *limits,
                           struct survey_slot *found, mstr_error *error);
/* Workers that have beaten lately, and for how many ms no login is tried, as too many were refused. */
enum mstr_code survey_account(const struct survey *survey, const struct limits *limits, size_t *members,
                              int64_t *pause, mstr_error *error);
/* Walks the way to the store, for people. */
enum mstr_code survey_explain(const struct fleet *fleet, struct mstr_report *report, const struct limits *limits,
                              mstr_error *error);

/* Puts word in the place of a slot's record that it was drained, and tells all workers. *state is what stood there,
 * to be released by whoever logs it out; NULL where there was no session. What another key sealed is left alone:
 * MSTR_E_CONFIG. */
enum mstr_code survey_drain(const struct survey *survey, unsigned slot, const struct limits *limits,
                            mstr_secret **state, mstr_error *error);

const struct fleet_rules *survey_rules(const struct fleet *fleet);
const char *survey_section(const struct fleet *fleet);

#endif
