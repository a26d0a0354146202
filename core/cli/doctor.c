/* SPDX-License-Identifier: Apache-2.0 */
/* mstr doctor: every step from a reference to its value, or of all that a profile needs up to the login. */
#define _GNU_SOURCE /* memmem() */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "doctor_login.h"
#include "doctor_setup.h"
#include "failure.h"
#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int examine_profile(struct tool *tool, struct doctor_report *report, bool logs_in)
{
    char section[256] = "profile ";
    const char *name = tool->profile != NULL ? tool->profile : getenv("MSTR_PROFILE");
    struct needs needs = {.section = section};
    int status = STATUS_DONE;
    strncat(section, name != NULL && *name != '\0' ? name : "default", sizeof section - strlen(section) - 1);
    doctor_configuration(tool, report, section);
    mstr_config_visit(&tool->options, MSTR_CONFIG_SETTINGS, collect, &needs, NULL);
    for (size_t i = 0; i < needs.count; i++) {
        int this_one = examine_reference(tool, report, needs.references[i]);
        status = status == STATUS_DONE ? this_one : status;
        free(needs.references[i]);
    }
    int fleet = examine_fleet(tool, report);
    status = status == STATUS_DONE ? fleet : status;
    int login = doctor_login(tool, report, logs_in);
    return login == STATUS_DONE ? fleet : status != STATUS_DONE || login == DOCTOR_LOGIN_UNKNOWN ? status : login;
}

/* What is asked for; begin with {0}. */
struct wish {
    const char *reference; /* NULL = all of the profile */
    bool login;
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
    doctor_weakenings(tool, &report);
    int status = wish->reference != NULL ? examine_reference(tool, &report, wish->reference)
                                         : examine_profile(tool, &report, wish->login);
    if (wish->reference == NULL) {
        doctor_installation(tool, &report);
    }
    doctor_finish(&report);
    return status;
}

enum { OPTION_BUNDLE = 1, OPTION_IDS, OPTION_LOGIN };
static const struct option options[] = {
    {OPTION_LOGIN, 0, "login", NULL, "log in though an agent has a session; at most once a minute"},
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
        wish.login = wish.login || found == OPTION_LOGIN;
        wish.bundle = wish.bundle || found == OPTION_BUNDLE;
        wish.ids = wish.ids || found == OPTION_IDS;
    }
    return wish.ids && !wish.bundle               ? tool_usage(tool, "--ids goes with --bundle")
           : wish.login && wish.reference != NULL ? tool_usage(tool, "--login is about a profile, not a reference")
                                                  : tool_write(tool, examine, &wish);
}

static const char *const synopsis[] = {"[OPTION]... [REFERENCE]", NULL};
static const char *const formats[] = {"text", "json", NULL};
static const char *const examples[] = {"mstr doctor --profile production --login",
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
