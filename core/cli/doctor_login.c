/* SPDX-License-Identifier: Apache-2.0 */
/* Both ways to a session, through the agent and directly. */
#define _GNU_SOURCE /* strptime(), timegm() */
#include "doctor_login.h"

#include "context.h"
#include "deadline.h"
#include "doctor_setup.h"
#include "failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is seen of the direct way: where it goes, and how long it takes. */
struct way {
    struct doctor_report *report;
    bool told;
    bool told_proxy;
    bool told_phases;
    int64_t elapsed;
};

/* What the way to the server took, before the login itself. */
static void tell_phases(struct doctor_report *report, const mstr_event *event)
{
    const struct {
        const char *name;
        int64_t milliseconds;
    } phases[] = {{"name", event->lookup}, {"connect", event->connect}, {"tls", event->handshake}};
    size_t count = strncmp(event->url, "https:", 6) == 0 ? 3 : 2;
    for (size_t i = 0; i < count; i++) {
        const mstr_explain_step step = {.size = sizeof step,
                                        .outcome = MSTR_STEP_INFO,
                                        .name = phases[i].name,
                                        .milliseconds = phases[i].milliseconds};
        doctor_step(&step, report);
    }
}

static void watch(const mstr_event *event, void *data)
{
    struct way *way = data;
    if (event->kind == MSTR_EVENT_LOGIN) {
        way->elapsed = event->elapsed;
    }
    if (event->kind == MSTR_EVENT_REQUEST && !way->told) {
        const char *call = strstr(event->url, "/auth/");
        call = call != NULL ? call : strrchr(event->url, '/');
        char *base = call != NULL ? strndup(event->url, (size_t)(call + 1 - event->url)) : NULL;
        doctor_tell(way->report, "base_url", base != NULL ? base : event->url, NULL);
        way->told = true;
        free(base);
    }
    if (event->kind == MSTR_EVENT_RESPONSE && event->status != 0 && !way->told_phases) {
        tell_phases(way->report, event);
        way->told_phases = true;
    }
    if (event->kind == MSTR_EVENT_RESPONSE && event->proxy != NULL && !way->told_proxy) {
        doctor_tell(way->report, "proxy", event->proxy, NULL);
        way->told_proxy = true;
    }
}

/* How far this machine's clock is from the server's, by the Date of an answer (RFC 9110, 6.6.1). */
static void tell_clock(struct doctor_report *report, const mstr_response *answer)
{
    const char *date = mstr_response_header(answer, "Date");
    struct tm parts = {0};
    char told[64];
    if (date == NULL || strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &parts) == NULL) {
        return;
    }
    long long ahead = (long long)time(NULL) - (long long)timegm(&parts);
    long long off = ahead < 0 ? -ahead : ahead;
    snprintf(told, sizeof told, "%lld s %s the server's", off, ahead < 0 ? "behind" : "ahead of");
    doctor_tell(report, "clock", off < 2 ? "with the server's" : told,
                off < 60 ? NULL : "set it by NTP: signatures and tokens are refused where clocks differ");
}

static void tell_limits(struct doctor_report *report, const mstr_response *info)
{
    static const struct {
        const char *pointer;
        const char *step;
        const char *before;
        const char *behind;
    } limits[] = {{"/timeout", "session ends", "after ", " s without a request"},
                  {"/workingSet", "working set", "", " results"},
                  {"/maxSearch", "searches", "", " at once"}};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        int64_t number = 0;
        if (mstr_response_number(info, limits[i].pointer, &number)) {
            char text[64];
            snprintf(text, sizeof text, "%s%lld%s", limits[i].before, (long long)number, limits[i].behind);
            doctor_tell(report, limits[i].step, text, NULL);
        }
    }
}

/* What is known of the agent. */
struct agent_way {
    struct doctor_report *report;
    bool serves; /* it has a session with the server */
};

static void tell_version(struct doctor_report *report, const char *version)
{
    bool plain = strspn(version, "0123456789.") == strlen(version);
    doctor_tell(report, plain ? "server" : "server version", version, NULL);
}

/* Whom we speak with, on an open session. What a server does not tell is passed over. */
static void tell_server(struct doctor_report *report, mstr_session *session)
{
    char version[33];
    mstr_response *info = NULL;
    if (mstr_session_server_version(session, version, NULL) == MSTR_OK) {
        tell_version(report, version);
    }
    if (mstr_session_info(session, &info, NULL) == MSTR_OK) {
        tell_limits(report, info);
        tell_clock(report, info);
    }
    mstr_response_free(info);
}

static void tell_outcome(struct doctor_report *report, const char *name, enum mstr_step outcome,
                         const mstr_error *error, const char *detail, int64_t elapsed)
{
    bool good = mstr_error_code(error) == MSTR_OK;
    const mstr_explain_step step = {.size = sizeof step,
                                    .outcome = outcome,
                                    .name = name,
                                    .detail = good ? detail : mstr_error_message(error),
                                    .hint = good ? NULL : mstr_error_hint(error),
                                    .milliseconds = elapsed};
    doctor_step(&step, report);
}

static enum mstr_code make_session(struct tool *tool, uint32_t flags, mstr_session **session)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = flags | MSTR_SESSION_AWAIT_LOGIN;
    options.profile = tool->profile;
    options.timeout = deadline_left(tool);
    options.cancel = tool->cancel;
    return mstr_session_new(tool->context, &options, session, tool->error);
}

/* As far as one comes without a login. What the server does not tell is passed over. */
static enum mstr_code look(struct tool *tool, struct doctor_report *report, mstr_session *session)
{
    char version[33];
    enum mstr_code code = mstr_session_server_version(session, version, tool->error);
    if (code == MSTR_OK) {
        tell_version(report, version);
    } else if (mstr_error_http_status(tool->error) == 0) {
        tell_outcome(report, "server", MSTR_STEP_FAILED, tool->error, NULL, 0);
        return code;
    }
    return MSTR_OK;
}

/* The direct way, with a login that is one a minute and none that was refused before, or without one. *known tells
 * whether it showed that a login works. */
static enum mstr_code go_directly(struct tool *tool, struct doctor_report *report, bool logs_in, bool *known)
{
    mstr_call_options call = tool_call(tool);
    mstr_session *session = NULL;
    struct way way = {.report = report};
    enum mstr_code code = make_session(tool, MSTR_SESSION_TRIAL | MSTR_SESSION_AWAIT_LOGIN, &session);
    if (code == MSTR_OK) {
        mstr_session_set_event_fn(session, watch, &way);
        code = logs_in ? mstr_session_open(session, &call, tool->error) : MSTR_OK;
    }
    bool waits = code == MSTR_E_THROTTLED && mstr_error_http_status(tool->error) == 0;
    if (waits || (code == MSTR_OK && !logs_in)) {
        tell_outcome(report, "login", MSTR_STEP_SKIPPED, tool->error,
                     "the agent tells how it is; --login logs in all the same", 0);
        mstr_error_clear(tool->error);
        code = look(tool, report, session);
    } else {
        tell_outcome(report, "login", code == MSTR_OK ? MSTR_STEP_USED : MSTR_STEP_FAILED, tool->error, "logged in",
                     way.elapsed);
    }
    *known = !waits;
    if (session != NULL) {
        mstr_session_set_event_fn(session, NULL, NULL);
    }
    if (code == MSTR_OK && mstr_session_is_open(session)) {
        tell_server(report, session);
    }
    tool_session_end(tool, session);
    return code;
}

static int note_step(const mstr_explain_step *step, void *data)
{
    struct agent_way *agent = data;
    agent->serves = step->outcome == MSTR_STEP_USED;
    return doctor_step(step, agent->report);
}

/* The way through the agent. It logs in for nobody here: its session is used only where it has one. */
static enum mstr_code go_by_agent(struct tool *tool, struct agent_way *agent)
{
    mstr_call_options call = tool_call(tool);
    mstr_session *session = NULL;
    if (make_session(tool, 0, &session) != MSTR_OK) {
        mstr_error_clear(tool->error);
        return MSTR_OK; /* the direct way tells why */
    }
    enum mstr_code code = mstr_session_explain(session, &call, note_step, agent, tool->error);
    if (code == MSTR_OK && agent->serves) {
        code = mstr_session_open(session, &call, tool->error);
        tell_outcome(agent->report, "agent session", code == MSTR_OK ? MSTR_STEP_USED : MSTR_STEP_FAILED, tool->error,
                     "open", 0);
        if (code == MSTR_OK) {
            tell_server(agent->report, session);
        }
    }
    tool_session_end(tool, session);
    return code;
}

int doctor_login(struct tool *tool, struct doctor_report *report, bool wanted)
{
    struct agent_way agent = {.report = report};
    bool known = true;
    doctor_begin(report, "login", "login");
    doctor_trust(tool, report);
    enum mstr_code by_agent = go_by_agent(tool, &agent);
    int status = by_agent == MSTR_OK ? STATUS_DONE : tool_status(tool->error);
    mstr_error_clear(tool->error);
    bool refused = by_agent == MSTR_E_AUTHENTICATION; /* nobody sends that again unasked (contract of the agent, 5) */
    enum mstr_code direct = go_directly(tool, report, wanted || !(agent.serves || refused), &known);
    doctor_end(report, direct != MSTR_OK ? direct : by_agent, tool->error);
    if (direct != MSTR_OK) {
        status = tool_status(tool->error);
    }
    return status == STATUS_DONE && !known ? DOCTOR_LOGIN_UNKNOWN : status;
}
