/* SPDX-License-Identifier: Apache-2.0 */
/* mstr/fleet.h: the sessions of a fleet as whoever looks after it sees them, and their end. */
#include "base/error.h"
#include "base/given.h"
#include "fleet/survey.h"
#include "plugin/call.h"
#include "session/login/fleet_login.h"
#include "session/login/logout.h"

#include <mstr/fleet.h>

/* One visit: whose slots they are, and how long it may take. */
struct visit {
    mstr_session *session;
    struct limits limits;
    struct fleet_whose whose;
    struct survey survey;
};

static enum mstr_code no_fleet(const mstr_session *session, mstr_error *error)
{
    error_set(error, MSTR_E_CONFIG, "no fleet shares this session%s",
              session->settings.fleet != NULL ? ": its login mode is one of those that are never shared" : "");
    error_set_hint(error, "name a section [fleet] by \"fleet\" of the profile");
    return MSTR_E_CONFIG;
}

/* To be ended in any case. */
static enum mstr_code begin(struct visit *visit, mstr_session *session, const mstr_call_options *options,
                            mstr_error *error)
{
    *visit = (struct visit){.session = session, .whose = {.user = BUFFER_INIT}};
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    visit->limits = session_limits(session, options);
    if (session->settings.fleet == NULL) {
        return no_fleet(session, error);
    }
    enum mstr_code code = gate_enter(&session->login, &visit->limits);
    if (code != MSTR_OK) {
        return error_set(error, code, "%s while another thread was logging in", mstr_code_text(code));
    }
    code = fleet_login_whose(session, &visit->limits, &visit->whose, error);
    gate_leave(&session->login);
    if (code == MSTR_OK && visit->whose.fleet == NULL) {
        return no_fleet(session, error);
    }
    return code == MSTR_OK ? survey_init(&visit->survey, visit->whose.fleet, &visit->whose.scope, error) : code;
}

static void end(struct visit *visit)
{
    fleet_whose_release(&visit->whose);
}

static enum mstr_fleet_state state_of(const struct survey_slot *found)
{
    static const enum mstr_fleet_state kinds[] = {
        [FLEET_SESSION] = MSTR_FLEET_OPEN, [FLEET_LIMIT] = MSTR_FLEET_CLOSED, [FLEET_DRAINED] = MSTR_FLEET_DRAINED};
    static const enum mstr_fleet_state verdicts[] = {
        [FLEET_ABSENT] = MSTR_FLEET_EMPTY,     [FLEET_UNKNOWN_KEY] = MSTR_FLEET_STRANGE,
        [FLEET_NEWER] = MSTR_FLEET_STRANGE,    [FLEET_TAMPERED] = MSTR_FLEET_DAMAGED,
        [FLEET_REPLAYED] = MSTR_FLEET_DAMAGED, [FLEET_OLD] = MSTR_FLEET_DAMAGED};
    return found->verdict == FLEET_OPENED ? kinds[found->kind] : verdicts[found->verdict];
}

static enum mstr_code tell_slot(const struct visit *visit, unsigned number, mstr_fleet_fn each, void *data,
                                mstr_error *error)
{
    struct survey_slot found;
    enum mstr_code code = survey_slot(&visit->survey, number, &visit->limits, &found, error);
    if (code != MSTR_OK) {
        return code;
    }
    const bool opened = found.verdict == FLEET_OPENED;
    const mstr_fleet_slot slot = {.size = sizeof(slot),
                                  .slot = number,
                                  .state = state_of(&found),
                                  .fence = found.fence,
                                  .age = opened ? found.age : 0,
                                  .login_age = found.login_age,
                                  .left = found.verdict == FLEET_ABSENT ? 0 : found.left,
                                  .lease = found.lease};
    return each(&slot, data) == 0 ? MSTR_OK : error_set(error, MSTR_E_CANCELLED, "the program ended the report");
}

/* What holds for all slots. */
static enum mstr_code fill_info(const struct visit *visit, mstr_fleet_info *info, mstr_error *error)
{
    size_t workers = 0;
    int64_t pause = 0;
    enum mstr_code code = survey_account(&visit->survey, &visit->limits, &workers, &pause, error);
    if (code == MSTR_OK && info != NULL) {
        info->sessions = survey_rules(visit->whose.fleet)->sessions;
        info->workers = workers;
        info->pause = pause;
        info->section = survey_section(visit->whose.fleet);
    }
    return code;
}

enum mstr_code mstr_fleet_status(mstr_session *session, const mstr_call_options *options, mstr_fleet_info *info,
                                 mstr_fleet_fn each, void *data, mstr_error *error)
{
    struct visit visit;
    bool whole = info == NULL || MSTR_HAS(info, mstr_fleet_info, section);
    if (given_check("the fleet's facts were", whole, 0, 0, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    enum mstr_code code = begin(&visit, session, options, error);
    code = code == MSTR_OK ? fill_info(&visit, info, error) : code;
    const unsigned sessions = code == MSTR_OK ? survey_rules(visit.whose.fleet)->sessions : 0;
    for (unsigned i = 0; code == MSTR_OK && i < sessions; i++) {
        code = tell_slot(&visit, i, each, data, error);
    }
    end(&visit);
    return code;
}

enum mstr_code mstr_fleet_drain(mstr_session *session, const mstr_call_options *options, mstr_fleet_drained *drained,
                                mstr_error *error)
{
    struct visit visit;
    mstr_fleet_drained count = MSTR_FLEET_DRAINED_INIT;
    bool whole = drained == NULL || MSTR_HAS(drained, mstr_fleet_drained, reserved);
    if (given_check("what is to be drained was", whole, 0, 0, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    enum mstr_code code = begin(&visit, session, options, error);
    const unsigned sessions = code == MSTR_OK ? survey_rules(visit.whose.fleet)->sessions : 0;
    for (unsigned i = 0; i < sessions; i++) { /* one that fails keeps none of the others */
        mstr_secret *state = NULL;
        enum mstr_code this_one =
            survey_drain(&visit.survey, i, &visit.limits, &state, code == MSTR_OK ? error : NULL);
        code = code == MSTR_OK ? this_one : code;
        count.sessions += state != NULL;
        count.logouts += state != NULL && session_log_out_shared(session, state, visit.whose.base, &visit.limits);
        mstr_secret_release(state);
    }
    if (drained != NULL) {
        drained->sessions = count.sessions;
        drained->logouts = count.logouts;
    }
    end(&visit);
    return code;
}

enum mstr_code mstr_fleet_explain(mstr_session *session, const mstr_call_options *options, mstr_explain_fn each,
                                  void *data, mstr_error *error)
{
    struct mstr_report report = {.each = each, .data = data};
    struct fleet *fleet = NULL;
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = session_limits(session, options);
    if (session->settings.fleet == NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = context_fleet(session->context, session->settings.fleet, &limits, &fleet, error);
    code = code == MSTR_OK ? survey_explain(fleet, &report, &limits, error) : code;
    return code == MSTR_OK && report.ended ? error_set(error, MSTR_E_CANCELLED, "the program ended the report")
                                           : code;
}
