/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an agent would serve the session, for whoever looks for what is wrong. */
#include "base/clock.h"
#include "base/error.h"
#include "base/given.h"
#include "plugin/host.h"
#include "session/parts/agent_transport.h"
#include "session/session.h"

static void tell(struct mstr_report *report, enum mstr_step outcome, const char *detail, const char *hint,
                 int64_t started)
{
    host_table.report_step(report, outcome, "agent", detail, hint, clock_monotonic() - started);
}

static enum mstr_code tell_session(struct mstr_report *report, enum agent_session session, int64_t started,
                                   mstr_error *error)
{
    if (session != AGENT_SESSION_REFUSED) {
        bool open = session == AGENT_SESSION_OPEN;
        tell(report, open ? MSTR_STEP_USED : MSTR_STEP_INFO,
             open ? "has a session of this profile" : "serves this profile, and has no session of it yet", NULL,
             started);
        return MSTR_OK;
    }
    error_set(error, MSTR_E_AUTHENTICATION, "the server refused the agent's last login with this profile");
    error_set_hint(error, "put the right values into the secret store; the agent tries values that changed at once");
    tell(report, MSTR_STEP_FAILED, mstr_error_message(error), mstr_error_hint(error), started);
    return MSTR_E_AUTHENTICATION;
}

static enum mstr_code ask(mstr_session *session, const struct limits *limits, struct mstr_report *report,
                          mstr_error *error)
{
    int64_t started = clock_monotonic();
    enum agent_session known = AGENT_SESSION_NONE;
    switch (agent_transport_ask(session->agent, limits, &known, error)) {
    case AGENT_ANSWERED:
        return tell_session(report, known, started, error);
    case AGENT_ALONE:
        if (mstr_error_code(error) != MSTR_OK) { /* else it was told before */
            tell(report, MSTR_STEP_SKIPPED, mstr_error_message(error), NULL, started);
            mstr_error_clear(error);
        }
        return MSTR_OK;
    case AGENT_FAILED:
    default:
        tell(report, MSTR_STEP_FAILED, mstr_error_message(error), mstr_error_hint(error), started);
        return mstr_error_code(error);
    }
}

enum mstr_code mstr_session_explain(mstr_session *session, const mstr_call_options *options, mstr_explain_fn each,
                                    void *data, mstr_error *error)
{
    struct mstr_report report = {.each = each, .data = data};
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = session_limits(session, options);
    mstr_error *own = error == NULL ? mstr_error_new() : error; /* steps quote it */
    enum mstr_code code = MSTR_OK;
    mstr_error_clear(own);
    if (session->agent != NULL) {
        code = ask(session, &limits, &report, own);
    } else if (context_agent_link(session->context) != NULL && session->settings.own) {
        tell(&report, MSTR_STEP_SKIPPED, "is not asked: an option or a variable stands over the profile", NULL,
             clock_monotonic());
    }
    if (own != error) {
        mstr_error_free(own);
    }
    return code == MSTR_OK && report.ended ? error_set(error, MSTR_E_CANCELLED, "the program ended the report")
                                           : code;
}
