/* SPDX-License-Identifier: Apache-2.0 */
/* A fleet as whoever looks after it sees it. */
#include "fleet/survey.h"

#include "fleet/seats.h"

enum { LOOK_AGAIN = 250 /* ms, while somebody has the lease */ };

const struct fleet_rules *survey_rules(const struct fleet *fleet)
{
    return &fleet->options.rules;
}

const char *survey_section(const struct fleet *fleet)
{
    return fleet->options.name;
}

enum mstr_code survey_init(struct survey *survey, const struct fleet *fleet, const struct fleet_scope *scope,
                           mstr_error *error)
{
    *survey = (struct survey){fleet, {.ledger = &fleet->ledger, .scope = *scope}};
    return fleet_keys_group(fleet->options.keys, scope, survey->account.group)
               ? MSTR_OK
               : error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* MSTR_OK, or what the store said. */
static enum mstr_code outcome_of(const struct fleet_report *report, mstr_error *error)
{
    bool memory = report->verdict != FLEET_NO_MEMORY && (!report->failed || report->code != MSTR_OK);
    return memory ? report->code : error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code survey_slot(const struct survey *survey, unsigned slot, const struct limits *limits,
                           struct survey_slot *found, mstr_error *error)
{
    struct fleet_report report = {.verdict = FLEET_ABSENT};
    struct fleet_report leased = {.verdict = FLEET_ABSENT};
    struct ledger_session session = {.state = NULL};
    struct ledger_lease lease;
    ledger_read(&survey->account, slot, 0, limits, &report, &session, error);
    enum mstr_code code = outcome_of(&report, error);
    if (code == MSTR_OK) { /* no record has this fence: it is not had, and tells who has it */
        ledger_acquire(&survey->account, slot, INT64_MAX, limits, &leased, &lease, error);
        code = outcome_of(&leased, error);
    }
    *found = (struct survey_slot){.verdict = report.verdict,
                                  .kind = report.kind,
                                  .fence = report.fence,
                                  .age = report.age,
                                  .login_age = session.state != NULL ? report.now - session.login : 0,
                                  .left = report.left,
                                  .lease = leased.left};
    mstr_secret_release(session.state);
    return code;
}

enum mstr_code survey_account(const struct survey *survey, const struct limits *limits, size_t *members,
                              int64_t *pause, mstr_error *error)
{
    struct fleet_report report = {.verdict = FLEET_ABSENT};
    struct refusal_record refusals;
    ledger_beat(&survey->account, 0, NULL, limits, &report, error);
    enum mstr_code code = outcome_of(&report, error);
    *members = report.members;
    *pause = 0;
    if (code == MSTR_OK) {
        ledger_read_refusals(&survey->account, limits, &report, &refusals, error);
        code = outcome_of(&report, error);
        *pause = code == MSTR_OK ? refusal_record_pause(&refusals) : 0;
        mstr_wipe(&refusals, sizeof(refusals));
    }
    return code;
}

enum mstr_code survey_explain(const struct fleet *fleet, struct mstr_report *report, const struct limits *limits,
                              mstr_error *error)
{
    return store_instance_explain(fleet->options.store, report, limits, error);
}

/* One look at the slot: MSTR_OK and `done`, or it is to be looked at again. */
static enum mstr_code drain_once(const struct survey *survey, unsigned slot, const struct limits *limits,
                                 mstr_secret **state, bool *done, mstr_error *error)
{
    const struct ledger_account *account = &survey->account;
    struct fleet_report read = {.verdict = FLEET_ABSENT};
    struct fleet_report report = {.verdict = FLEET_ABSENT};
    struct ledger_session session = {.state = NULL};
    struct ledger_lease lease;
    ledger_read(account, slot, 0, limits, &read, &session, error);
    enum mstr_code code = outcome_of(&read, error);
    if (code == MSTR_OK && (read.verdict == FLEET_UNKNOWN_KEY || read.verdict == FLEET_NEWER)) {
        code = error_set(error, MSTR_E_CONFIG, "slot %u was sealed with another key, or by a later release", slot);
    }
    if (code == MSTR_OK) {
        ledger_acquire(account, slot, read.fence, limits, &report, &lease, error);
        code = outcome_of(&report, error);
    }
    if (code == MSTR_OK && report.outcome == MSTR_STORE_DONE) {
        void (*end)(const struct ledger_account *, unsigned, const struct ledger_lease *, const struct limits *,
                    struct fleet_report *, mstr_error *) =
            read.verdict == FLEET_ABSENT ? ledger_release : ledger_drain;
        end(account, slot, &lease, limits, &report, error);
        code = outcome_of(&report, error);
        *done = code == MSTR_OK && report.outcome == MSTR_STORE_DONE;
    }
    if (*done) {
        *state = session.state;
    } else {
        mstr_secret_release(session.state);
    }
    return code;
}

enum mstr_code survey_drain(const struct survey *survey, unsigned slot, const struct limits *limits,
                            mstr_secret **state, mstr_error *error)
{
    bool done = false;
    *state = NULL;
    enum mstr_code code = drain_once(survey, slot, limits, state, &done, error);
    while (code == MSTR_OK && !done) { /* somebody is about to write there */
        limits_sleep(limits, LOOK_AGAIN);
        code = limits_check(limits);
        code = code == MSTR_OK ? drain_once(survey, slot, limits, state, &done, error)
                               : error_set(error, code, "%s while a worker was logging in", mstr_code_text(code));
    }
    return code;
}
