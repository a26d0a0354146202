/* SPDX-License-Identifier: Apache-2.0 */
/* mstr doctor: every step from a reference to its value, or of all that a profile needs up to the login. */
#define _GNU_SOURCE /* memmem(), strptime(), timegm() */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "doctor_report.h"
#include "failure.h"
#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int examine_reference(struct tool *tool, struct doctor_report *report, const char *reference)
{
    mstr_call_options call = tool_call(tool);
    bool literal = strncmp(reference, "text:", 5) == 0; /* its body is the value */
    doctor_begin(report, "reference", literal ? "text:(hidden)" : reference);
    enum mstr_code code = mstr_context_explain(tool->context, reference, &call, doctor_step, report, tool->error);
    doctor_end(report, code, tool->error);
    return code == MSTR_OK ? STATUS_DONE : tool_status(tool->error);
}

/* What a profile refers to, collected before it is examined. */
struct needs {
    const char *section;
    char *references[32];
    size_t count;
};

static void collect_one(struct needs *needs, const char *text, size_t length)
{
    for (; length > 0 && *text == ' '; length--) {
        text++;
    }
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    bool known = length == 0 || needs->count == sizeof needs->references / sizeof needs->references[0];
    for (size_t i = 0; i < needs->count && !known; i++) {
        known = strlen(needs->references[i]) == length && strncmp(needs->references[i], text, length) == 0;
    }
    if (!known && (needs->references[needs->count] = strndup(text, length)) != NULL) {
        needs->count++;
    }
}

/* What stands between "${" and "}". */
static void collect_alternatives(struct needs *needs, const char *text, size_t length)
{
    const char *end = text + length;
    for (const char *bars; (bars = memmem(text, (size_t)(end - text), "||", 2)) != NULL; text = bars + 2) {
        collect_one(needs, text, (size_t)(bars - text));
    }
    collect_one(needs, text, (size_t)(end - text));
}

/* Each alternative of each ${…} in a setting of the profile, once; and its proxy. */
static int collect(const mstr_config_item *item, void *data)
{
    struct needs *needs = data;
    if (item->section == NULL || strcmp(item->section, needs->section) != 0 || item->value == NULL) {
        return 0;
    }
    for (const char *at = item->value; (at = strstr(at, "${")) != NULL;) {
        size_t length = strcspn(at + 2, "}");
        collect_alternatives(needs, at + 2, length);
        at += 2;
    }
    return 0;
}

/* An item of the configuration that is no step of its own: what is wrong with it, and what to do, is the hint. */
static int tell_item(struct doctor_report *report, const char *name, const char *detail, const mstr_config_item *item)
{
    char hint[1024];
    snprintf(hint, sizeof hint, "%s%s%s", item->problem != NULL ? item->problem : "", item->hint != NULL ? "; " : "",
             item->hint != NULL ? item->hint : "");
    return doctor_tell(report, name, detail, item->problem != NULL ? hint : NULL);
}

/* Whom TLS trusts there, where it is not the system's roots alone. */
static int tell_trust(const mstr_config_item *item, void *data)
{
    return strcmp(item->key, "sessions") == 0 ? tell_item(data, "trust", item->value, item) : 0;
}

/* What a login tells of itself: where it goes, and how long it takes. */
struct login_watch {
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
    struct login_watch *login = data;
    if (event->kind == MSTR_EVENT_LOGIN) {
        login->elapsed = event->elapsed;
    }
    if (event->kind == MSTR_EVENT_REQUEST && !login->told) {
        const char *call = strstr(event->url, "/auth/");
        char *base = call != NULL ? strndup(event->url, (size_t)(call + 1 - event->url)) : NULL;
        doctor_tell(login->report, "base_url", base != NULL ? base : event->url, NULL);
        login->told = true;
        free(base);
    }
    if (event->kind == MSTR_EVENT_RESPONSE && event->status != 0 && !login->told_phases) {
        tell_phases(login->report, event);
        login->told_phases = true;
    }
    if (event->kind == MSTR_EVENT_RESPONSE && event->proxy != NULL && !login->told_proxy) {
        doctor_tell(login->report, "proxy", event->proxy, NULL);
        login->told_proxy = true;
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

/* Whom we speak with. What a server does not tell is passed over. */
static void tell_server(struct doctor_report *report, mstr_session *session)
{
    char text[64];
    int64_t seconds = 0;
    mstr_response *info = NULL;
    if (mstr_session_server_version(session, text, NULL) == MSTR_OK) {
        bool plain = strspn(text, "0123456789.") == strlen(text);
        doctor_tell(report, plain ? "server" : "server version", text, NULL);
    }
    if (mstr_session_info(session, &info, NULL) == MSTR_OK) {
        if (mstr_response_number(info, "/timeout", &seconds)) {
            snprintf(text, sizeof text, "after %lld s without a request", (long long)seconds);
            doctor_tell(report, "session ends", text, NULL);
        }
        tell_clock(report, info);
    }
    mstr_response_free(info);
}

static int examine_login(struct tool *tool, struct doctor_report *report)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_call_options call = tool_call(tool);
    mstr_session *session = NULL;
    struct login_watch login = {.report = report};
    doctor_begin(report, "login", "login");
    mstr_config_visit(&tool->options, MSTR_CONFIG_TRUST, tell_trust, report, NULL);
    options.flags = MSTR_SESSION_AWAIT_LOGIN;
    options.profile = tool->profile;
    enum mstr_code code = mstr_session_new(tool->context, &options, &session, tool->error);
    if (code == MSTR_OK) {
        mstr_session_set_header(session, "X-Mstr-Agent",
                                NULL); /* one's own say in headers: no agent logs in for it */
        mstr_session_set_event_fn(session, watch, &login);
        code = mstr_session_open(session, &call, tool->error);
        mstr_session_set_event_fn(session, NULL, NULL);
    }
    const mstr_explain_step step = {.size = sizeof step,
                                    .outcome = code == MSTR_OK ? MSTR_STEP_USED : MSTR_STEP_FAILED,
                                    .name = "login",
                                    .detail = code == MSTR_OK ? "logged in" : mstr_error_message(tool->error),
                                    .hint = code == MSTR_OK ? NULL : mstr_error_hint(tool->error),
                                    .milliseconds = login.elapsed};
    doctor_step(&step, report);
    if (code == MSTR_OK) {
        tell_server(report, session);
    }
    doctor_end(report, code, tool->error);
    int status = code == MSTR_OK ? STATUS_DONE : tool_status(tool->error);
    tool_session_end(tool, session);
    return status;
}

/* The subject begins with its first step: without a fleet there is none. */
struct fleet_report {
    struct doctor_report *report;
    bool begun;
};

static int tell_fleet(const mstr_explain_step *step, void *data)
{
    struct fleet_report *fleet = data;
    if (!fleet->begun) {
        doctor_begin(fleet->report, "fleet", "fleet");
        fleet->begun = true;
    }
    return doctor_step(step, fleet->report);
}

static int examine_fleet(struct tool *tool, struct doctor_report *report)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_call_options call = tool_call(tool);
    mstr_session *session = NULL;
    struct fleet_report fleet = {.report = report};
    options.profile = tool->profile;
    if (mstr_session_new(tool->context, &options, &session, NULL) != MSTR_OK) {
        return STATUS_DONE; /* the login tells why */
    }
    enum mstr_code code = mstr_fleet_explain(session, &call, tell_fleet, &fleet, tool->error);
    if (code != MSTR_OK && !fleet.begun) {
        const mstr_explain_step step = {.size = sizeof step,
                                        .outcome = MSTR_STEP_FAILED,
                                        .name = "store",
                                        .detail = mstr_error_message(tool->error),
                                        .hint = mstr_error_hint(tool->error)};
        tell_fleet(&step, &fleet);
    }
    if (fleet.begun) {
        doctor_end(report, code, tool->error);
    }
    mstr_session_free(session);
    return code == MSTR_OK ? STATUS_DONE : tool_status(tool->error);
}

/* Where an item stands, for a detail. */
static void write_place(const mstr_config_item *item, char *place, size_t size)
{
    const char *file = item->file != NULL ? item->file : "configuration";
    snprintf(place, size, item->line > 0 ? "%s:%u" : "%s", file, item->line);
}

struct findings {
    struct doctor_report *report;
    const char *section;
    bool any;
};

/* What "config check" says of the profile; a run may go well all the same. */
static int tell_finding(const mstr_config_item *item, void *data)
{
    struct findings *findings = data;
    char place[512];
    write_place(item, place, sizeof place);
    if (item->section == NULL || strcmp(item->section, findings->section) != 0) {
        return 0;
    }
    if (!findings->any) {
        doctor_begin(findings->report, "configuration", "configuration");
        findings->any = true;
    }
    return tell_item(findings->report, item->key != NULL ? item->key : "profile", place, item);
}

static void examine_configuration(struct tool *tool, struct doctor_report *report, const char *section)
{
    struct findings findings = {.report = report, .section = section};
    mstr_config_visit(&tool->options, MSTR_CONFIG_PROBLEMS, tell_finding, &findings, NULL);
    if (findings.any) {
        doctor_end(report, MSTR_OK, NULL);
    }
}

static int examine_profile(struct tool *tool, struct doctor_report *report)
{
    char section[256] = "profile ";
    const char *name = tool->profile != NULL ? tool->profile : getenv("MSTR_PROFILE");
    struct needs needs = {.section = section};
    int status = STATUS_DONE;
    strncat(section, name != NULL && *name != '\0' ? name : "default", sizeof section - strlen(section) - 1);
    examine_configuration(tool, report, section);
    mstr_config_visit(&tool->options, MSTR_CONFIG_SETTINGS, collect, &needs, NULL);
    for (size_t i = 0; i < needs.count; i++) {
        int this_one = examine_reference(tool, report, needs.references[i]);
        status = status == STATUS_DONE ? this_one : status;
        free(needs.references[i]);
    }
    int fleet = examine_fleet(tool, report);
    status = status == STATUS_DONE ? fleet : status;
    int login = examine_login(tool, report);
    return login == STATUS_DONE ? fleet : status != STATUS_DONE ? status : login;
}

static int tell_weakening(const mstr_config_item *item, void *data)
{
    struct doctor_report *report = data;
    char place[512];
    write_place(item, place, sizeof place);
    if (report->subjects == 0) {
        doctor_begin(report, "weakenings", "weakenings");
    }
    return tell_item(report, item->key, item->line > 0 ? place : item->value, item);
}

/* Told first, and not at all where there are none. */
static void examine_weakenings(struct tool *tool, struct doctor_report *report)
{
    mstr_config_visit(&tool->options, MSTR_CONFIG_WEAKENINGS, tell_weakening, report, NULL);
    if (report->subjects > 0) {
        doctor_end(report, MSTR_OK, NULL);
    }
}

static int tell_file(const mstr_config_item *item, void *data)
{
    return doctor_tell(data, "file", item->file, item->problem);
}

static int tell_plugin(const mstr_provider_info *info, void *data)
{
    char told[1024];
    snprintf(told, sizeof told, "%s: %s, %s", info->name, info->version != NULL ? info->version : "no version",
             info->file != NULL ? info->file : "no file");
    return doctor_tell(data, "plugin", told, info->problem);
}

/* What there is to work with: this program, the files of its configuration, and its plugins. */
static void examine_installation(struct tool *tool, struct doctor_report *report)
{
    doctor_begin(report, "installation", "installation");
    doctor_tell(report, "version", mstr_version(), NULL);
    mstr_config_visit(&tool->options, MSTR_CONFIG_PATHS, tell_file, report, NULL);
    mstr_context_providers(tool->context, tell_plugin, report, NULL);
    doctor_end(report, MSTR_OK, NULL);
}

/* What is asked for; begin with {0}. */
struct wish {
    const char *reference; /* NULL = all of the profile */
    bool bundle;
    bool ids;
};

static int examine(struct tool *tool, void *data)
{
    const struct wish *wish = data;
    enum doctor_form form = wish->bundle ? DOCTOR_BUNDLE : tool->json ? DOCTOR_JSON : DOCTOR_TEXT;
    struct doctor_report report = {.form = form, .ids = wish->ids};
    if (tool_context(tool) != MSTR_OK) {
        return tool_fail(tool);
    }
    examine_weakenings(tool, &report);
    int status =
        wish->reference != NULL ? examine_reference(tool, &report, wish->reference) : examine_profile(tool, &report);
    if (wish->reference == NULL) {
        examine_installation(tool, &report);
    }
    doctor_finish(&report);
    return status;
}

enum { OPTION_BUNDLE = 1, OPTION_IDS };
static const struct option options[] = {
    {OPTION_BUNDLE, 0, "bundle", NULL, "write what a ticket needs, with pseudonyms for all names"},
    {OPTION_IDS, 0, "ids", NULL, "with --bundle, keep the ids of failed requests"},
    {0, 0, NULL, NULL, NULL},
};

static int run(struct tool *tool, struct arguments *arguments)
{
    struct wish wish = {0};
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        if (found == ARGUMENT_WRONG) {
            return STATUS_USAGE;
        }
        if (found == ARGUMENT_OPERAND && wish.reference != NULL) {
            return tool_usage(tool, "unexpected argument \"%.80s\"", value);
        }
        wish.reference = found == ARGUMENT_OPERAND ? value : wish.reference;
        wish.bundle = wish.bundle || found == OPTION_BUNDLE;
        wish.ids = wish.ids || found == OPTION_IDS;
    }
    return wish.ids && !wish.bundle ? tool_usage(tool, "--ids goes with --bundle") : tool_write(tool, examine, &wish);
}

static const char *const synopsis[] = {"[OPTION]... [REFERENCE]", NULL};
static const char *const formats[] = {"text", "json", NULL};
static const char *const examples[] = {"mstr doctor --profile production",
                                       "mstr doctor file:/run/secrets/mstr#password",
                                       "mstr doctor --bundle -o ticket.json", NULL};
const struct command command_doctor = {
    .name = "doctor",
    .synopsis = synopsis,
    .summary = "tell each step of the way to a secret, and what to do",
    .options = options,
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_WRITES,
    .run = run,
};
