/* SPDX-License-Identifier: Apache-2.0 */
/* mstr doctor: every step from a reference to its value, or of all that a profile needs up to the login. */
#define _GNU_SOURCE /* memmem() */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report {
    bool json;
    size_t subjects;
    size_t steps; /* of the present subject */
};

static const char *outcome_name(enum mstr_step outcome)
{
    static const char *const names[] = {"used", "skipped", "failed", "info"};
    return (size_t)outcome < sizeof names / sizeof names[0] ? names[outcome] : "unknown";
}

static void print_text(const mstr_explain_step *step)
{
    output_printf(output_data, "  %-8s %-24s %5lld ms", outcome_name(step->outcome), step->name,
                  (long long)step->milliseconds);
    if (step->detail != NULL) {
        output_puts(output_data, "  ");
        output_puts(output_data, step->detail);
    }
    output_puts(output_data, "\n");
    if (step->hint != NULL) {
        output_puts(output_data, "           hint: ");
        output_puts(output_data, step->hint);
        output_puts(output_data, "\n");
    }
}

static int print(const mstr_explain_step *step, void *data)
{
    struct report *report = data;
    if (!report->json) {
        print_text(step);
        return 0;
    }
    output_member(output_data, report->steps++ == 0 ? "\n    {" : ",\n    {", "step", step->name);
    output_member(output_data, ", ", "outcome", outcome_name(step->outcome));
    output_member(output_data, ", ", "detail", step->detail);
    output_member(output_data, ", ", "hint", step->hint);
    output_printf(output_data, ", \"ms\": %lld}", (long long)step->milliseconds);
    return 0;
}

static void begin(struct report *report, const char *title)
{
    bool first = report->subjects++ == 0;
    if (report->json) {
        output_member(output_data, first ? "[\n  {" : ",\n  {", "subject", title);
        output_puts(output_data, ", \"steps\": [");
        report->steps = 0;
    } else {
        output_puts(output_data, title);
        output_puts(output_data, "\n");
    }
}

static void end(const struct report *report)
{
    output_puts(output_data, report->json ? "]}" : "");
}

static int examine_reference(struct tool *tool, struct report *report, const char *reference)
{
    mstr_call_options call = tool_call(tool);
    begin(report, strncmp(reference, "text:", 5) == 0 ? "text:(hidden)" : reference); /* its body is the value */
    enum mstr_code code = mstr_context_explain(tool->context, reference, &call, print, report, tool->error);
    end(report);
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

static int tell(struct report *report, const char *name, const char *detail, const char *hint)
{
    const mstr_explain_step step = {
        .size = sizeof step, .outcome = MSTR_STEP_INFO, .name = name, .detail = detail, .hint = hint};
    return print(&step, report);
}

/* An item of the configuration that is no step of its own: what is wrong with it, and what to do, is the hint. */
static int tell_item(struct report *report, const char *name, const char *detail, const mstr_config_item *item)
{
    char hint[1024];
    snprintf(hint, sizeof hint, "%s%s%s", item->problem != NULL ? item->problem : "", item->hint != NULL ? "; " : "",
             item->hint != NULL ? item->hint : "");
    return tell(report, name, detail, item->problem != NULL ? hint : NULL);
}

/* Whom TLS trusts there, where it is not the system's roots alone. */
static int tell_trust(const mstr_config_item *item, void *data)
{
    return strcmp(item->key, "sessions") == 0 ? tell_item(data, "trust", item->value, item) : 0;
}

/* What a login tells of itself: where it goes, and how long it takes. */
struct login_watch {
    struct report *report;
    bool told;
    bool told_proxy;
    int64_t elapsed;
};

static void watch(const mstr_event *event, void *data)
{
    struct login_watch *login = data;
    if (event->kind == MSTR_EVENT_LOGIN) {
        login->elapsed = event->elapsed;
    }
    if (event->kind == MSTR_EVENT_REQUEST && !login->told) {
        const char *call = strstr(event->url, "/auth/");
        char *base = call != NULL ? strndup(event->url, (size_t)(call + 1 - event->url)) : NULL;
        tell(login->report, "base_url", base != NULL ? base : event->url, NULL);
        login->told = true;
        free(base);
    }
    if (event->kind == MSTR_EVENT_RESPONSE && event->proxy != NULL && !login->told_proxy) {
        tell(login->report, "proxy", event->proxy, NULL);
        login->told_proxy = true;
    }
}

static int examine_login(struct tool *tool, struct report *report)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_call_options call = tool_call(tool);
    mstr_session *session = NULL;
    struct login_watch login = {.report = report};
    begin(report, "login");
    mstr_config_visit(&tool->options, MSTR_CONFIG_TRUST, tell_trust, report, NULL);
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
    print(&step, report);
    end(report);
    int status = code == MSTR_OK ? STATUS_DONE : tool_status(tool->error);
    tool_session_end(tool, session);
    return status;
}

/* The subject begins with its first step: without a fleet there is none. */
static int print_fleet(const mstr_explain_step *step, void *data)
{
    struct report *report = data;
    if (report->steps == 0) {
        begin(report, "fleet");
    }
    report->steps += report->json ? 0 : 1; /* print() counts those of JSON */
    return print(step, report);
}

static int examine_fleet(struct tool *tool, struct report *report)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_call_options call = tool_call(tool);
    mstr_session *session = NULL;
    options.profile = tool->profile;
    report->steps = 0;
    if (mstr_session_new(tool->context, &options, &session, NULL) != MSTR_OK) {
        return STATUS_DONE; /* the login tells why */
    }
    enum mstr_code code = mstr_fleet_explain(session, &call, print_fleet, report, tool->error);
    if (code != MSTR_OK && report->steps == 0) {
        const mstr_explain_step step = {.size = sizeof step,
                                        .outcome = MSTR_STEP_FAILED,
                                        .name = "store",
                                        .detail = mstr_error_message(tool->error),
                                        .hint = mstr_error_hint(tool->error)};
        print_fleet(&step, report);
    }
    if (report->steps > 0) {
        end(report);
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
    struct report *report;
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
        begin(findings->report, "configuration");
        findings->any = true;
    }
    return tell_item(findings->report, item->key != NULL ? item->key : "profile", place, item);
}

static void examine_configuration(struct tool *tool, struct report *report, const char *section)
{
    struct findings findings = {.report = report, .section = section};
    mstr_config_visit(&tool->options, MSTR_CONFIG_PROBLEMS, tell_finding, &findings, NULL);
    if (findings.any) {
        end(report);
    }
}

static int examine_profile(struct tool *tool, struct report *report)
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
    struct report *report = data;
    char place[512];
    write_place(item, place, sizeof place);
    if (report->subjects == 0) {
        begin(report, "weakenings");
    }
    return tell_item(report, item->key, item->line > 0 ? place : item->value, item);
}

/* Told first, and not at all where there are none. */
static void examine_weakenings(struct tool *tool, struct report *report)
{
    mstr_config_visit(&tool->options, MSTR_CONFIG_WEAKENINGS, tell_weakening, report, NULL);
    if (report->subjects > 0) {
        end(report);
    }
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct report report = {0};
    const char *reference = NULL;
    int found = tool_next(tool, arguments, &reference);
    if (found != ARGUMENT_END && (found != ARGUMENT_OPERAND || tool_no_more(tool, arguments) != ARGUMENT_END)) {
        return STATUS_USAGE;
    }
    if (tool_context(tool) != MSTR_OK) {
        return tool_fail(tool);
    }
    report.json = tool->json;
    examine_weakenings(tool, &report);
    int status = reference != NULL ? examine_reference(tool, &report, reference) : examine_profile(tool, &report);
    if (tool->json) {
        output_list_end(output_data, report.subjects, true);
    }
    return status;
}

static const char *const synopsis[] = {"[--json] REFERENCE", "[--json] [--profile NAME]", NULL};
const struct command command_doctor = {
    .name = "doctor",
    .synopsis = synopsis,
    .summary = "tell each step of the way to a secret, and what to do",
    .run = run,
};
