/* SPDX-License-Identifier: Apache-2.0 */
/* mstr send, mstr trigger: subscriptions are sent, by themselves or by the event that they wait for. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "deadline.h"
#include "failure.h"
#include "lookup.h"
#include "names.h"
#include "output.h"
#include "session_use.h"
#include "wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a content of a subscription. */
enum { STATE_GOOD = 1, STAGE_EXECUTING = 1, PATH_LENGTH = 96 };

struct sending {
    const char *name; /* of the subscription or event */
    bool wait;
    bool event;
    mstr_session *session;
    char id[LOOKUP_ID];
    struct names ids;    /* of the subscriptions that are sent; owned, and so are the next */
    struct names before; /* what the server said of each before */
    size_t at;           /* which one is waited for */
    bool seen;           /* at work */
};

enum { OPTION_WAIT = 1 };
static const struct option options[] = {
    {OPTION_WAIT, 'w', "wait", NULL, "until what is sent has come to an end"},
    {0, 0, NULL, NULL, NULL},
};

static int no_memory(struct tool *tool)
{
    mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
    return tool_fail(tool);
}

static enum mstr_code ask(struct tool *tool, struct sending *sending, const char *method, const char *path,
                          bool of_project, mstr_response **answer)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    const mstr_call_options call = tool_call(tool);
    request.method = method;
    request.path = path;
    request.project = of_project ? tool->project : "";
    request.call = &call;
    return mstr_session_send(sending->session, &request, answer, tool->error);
}

static bool keep(struct names *names, const char *text)
{
    return names_copy(names, text, strlen(text));
}

static enum mstr_code ask_status(struct tool *tool, struct sending *sending, const char *id, mstr_response **answer)
{
    char path[PATH_LENGTH];
    snprintf(path, sizeof path, "subscriptions/%s/status", id);
    return ask(tool, sending, "GET", path, true, answer);
}

/* What the server says now of each subscription that will be sent: so that it is not taken for what comes of it. */
static int note_before(struct tool *tool, struct sending *sending)
{
    for (size_t i = 0; i < sending->ids.count; i++) {
        mstr_response *answer = NULL;
        enum mstr_code code = ask_status(tool, sending, sending->ids.items[i], &answer);
        bool good = keep(&sending->before, code == MSTR_OK ? mstr_response_body(answer, NULL) : "");
        mstr_response_free(answer);
        mstr_error_clear(tool->error); /* one that was never sent may have none */
        if (!good) {
            return no_memory(tool);
        }
    }
    return STATUS_DONE;
}

/* Which subscriptions the event sends. */
static int find_dependent(struct tool *tool, struct sending *sending)
{
    mstr_response *answer = NULL;
    char path[PATH_LENGTH];
    snprintf(path, sizeof path, "dependentSubscriptions?objectId=%s&type=49", sending->id);
    if (ask(tool, sending, "GET", path, true, &answer) != MSTR_OK) {
        return tool_fail(tool);
    }
    int64_t count = mstr_response_count(answer, "/subscriptions");
    bool good = true;
    for (int64_t i = 0; good && i < count; i++) {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/subscriptions/%lld/id", (long long)i);
        const char *id = mstr_response_text(answer, pointer);
        good = id == NULL || strlen(id) >= LOOKUP_ID || strspn(id, "0123456789ABCDEFabcdef") != strlen(id) ||
               keep(&sending->ids, id);
    }
    mstr_response_free(answer);
    return good ? STATUS_DONE : no_memory(tool);
}

static const char *state_name(int64_t state)
{
    static const char *const names[] = {"", "", "failed", "was cancelled", "took too long", "was left out"};
    return state >= 2 && state <= 5 ? names[state] : "ended in a way that nobody knows";
}

/* Each content has a stage and, in the end, a state. */
static int judge(struct tool *tool, struct sending *sending, const mstr_response *answer, enum wait_state *state)
{
    int64_t count = mstr_response_count(answer, "/contents");
    for (int64_t i = 0; i < count; i++) {
        char pointer[64];
        int64_t number = 0;
        snprintf(pointer, sizeof pointer, "/contents/%lld/stage", (long long)i);
        if (mstr_response_number(answer, pointer, &number) && number == STAGE_EXECUTING) {
            sending->seen = true;
            *state = WAIT_RUNNING;
            return STATUS_DONE;
        }
    }
    bool changed = strcmp(mstr_response_body(answer, NULL), sending->before.items[sending->at]) != 0;
    *state = sending->seen || changed ? WAIT_OVER : WAIT_NOTHING;
    for (int64_t i = 0; *state == WAIT_OVER && i < count; i++) {
        char pointer[64];
        int64_t number = 0;
        snprintf(pointer, sizeof pointer, "/contents/%lld/state", (long long)i);
        if (mstr_response_number(answer, pointer, &number) && number != STATE_GOOD) {
            snprintf(pointer, sizeof pointer, "/contents/%lld/error/message", (long long)i);
            const char *why = mstr_response_text(answer, pointer);
            mstr_error_set(tool->error, MSTR_E_SERVER, "the subscription %s %s%s%s", sending->ids.items[sending->at],
                           state_name(number), why != NULL ? ": " : "", why != NULL ? why : "");
            return tool_fail(tool);
        }
    }
    return STATUS_DONE;
}

/* Of a subscription that was never sent the server says so, as a failure of its own. */
static bool is_without_status(const mstr_error *error)
{
    return mstr_error_http_status(error) == 500 &&
           strstr(mstr_error_message(error), "No status for the subscription") != NULL;
}

static int look(struct tool *tool, void *data, enum wait_state *state)
{
    struct sending *sending = data;
    mstr_response *answer = NULL;
    if (ask_status(tool, sending, sending->ids.items[sending->at], &answer) != MSTR_OK) {
        if (!is_without_status(tool->error)) {
            return tool_fail(tool);
        }
        mstr_error_clear(tool->error);
        return STATUS_DONE; /* nothing is to be seen yet */
    }
    int status = judge(tool, sending, answer, state);
    mstr_response_free(answer);
    return status;
}

/* All are waited for, and the first failure is the status. */
static int await_all(struct tool *tool, struct sending *sending)
{
    int status = STATUS_DONE;
    for (sending->at = 0; sending->at < sending->ids.count; sending->at++) {
        sending->seen = false;
        int one = wait_until_over(tool, "the subscription", look, sending);
        status = status == STATUS_DONE ? one : status;
        if (deadline_interrupted(tool)) {
            break;
        }
    }
    return status;
}

static int prepare(struct tool *tool, struct sending *sending)
{
    int status = lookup_id(tool, sending->session, sending->event ? &lookup_event : &lookup_subscription,
                           tool->project, sending->name, sending->id);
    if (status != STATUS_DONE || !sending->wait) {
        return status;
    }
    status = sending->event                     ? find_dependent(tool, sending)
             : keep(&sending->ids, sending->id) ? STATUS_DONE
                                                : no_memory(tool);
    return status == STATUS_DONE ? note_before(tool, sending) : status;
}

static int send(struct tool *tool, mstr_session *session, void *data)
{
    struct sending *sending = data;
    mstr_response *answer = NULL;
    char path[PATH_LENGTH];
    sending->session = session;
    int status = prepare(tool, sending);
    if (status != STATUS_DONE) {
        return status;
    }
    snprintf(path, sizeof path, sending->event ? "events/%s/trigger" : "v2/subscriptions/%s/send", sending->id);
    if (ask(tool, sending, "POST", path, !sending->event, &answer) != MSTR_OK) {
        return tool_fail(tool);
    }
    mstr_response_free(answer);
    if (sending->wait && sending->ids.count == 0 && !tool->quiet && !tool->json) {
        output_puts(output_notes, "mstr: no subscription waits for the event\n");
    }
    return sending->wait ? await_all(tool, sending) : STATUS_DONE;
}

static int run_kind(struct tool *tool, struct arguments *arguments, bool event)
{
    struct sending sending = {.event = event};
    const char *value = NULL;
    int status = STATUS_DONE;
    for (int found; status == STATUS_DONE && (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        if (found == ARGUMENT_OPERAND) {
            status = tool_take_operand(tool, &sending.name, value);
        } else if (found == OPTION_WAIT) {
            sending.wait = true;
        } else {
            status = STATUS_USAGE;
        }
    }
    if (status == STATUS_DONE && sending.name == NULL) {
        return tool_usage(tool, event ? "no event was named" : "no subscription was named");
    }
    status = status == STATUS_DONE ? tool_work(tool, send, &sending) : status;
    names_release(&sending.ids);
    names_release(&sending.before);
    return status;
}

static int run_send(struct tool *tool, struct arguments *arguments)
{
    return run_kind(tool, arguments, false);
}

static int run_trigger(struct tool *tool, struct arguments *arguments)
{
    return run_kind(tool, arguments, true);
}

static const char *const synopsis[] = {"[OPTION]... NAME|ID", NULL};
static const char *const send_examples[] = {"mstr send 'Morning Mail' --wait", NULL};
static const char *const trigger_examples[] = {"mstr trigger 'Load Finished' --wait", NULL};
const struct command command_send = {
    .name = "send",
    .synopsis = synopsis,
    .summary = "send a subscription now",
    .options = options,
    .examples = send_examples,
    .takes = COMMAND_HAS_SESSION,
    .run = run_send,
};
const struct command command_trigger = {
    .name = "trigger",
    .synopsis = synopsis,
    .summary = "let an event happen",
    .options = options,
    .examples = trigger_examples,
    .takes = COMMAND_HAS_SESSION,
    .run = run_trigger,
};
