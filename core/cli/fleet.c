/* SPDX-License-Identifier: Apache-2.0 */
/* mstr fleet: what there is of the sessions that workers share, and their end. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "output.h"

#include <string.h>

struct listing {
    bool json;
    size_t count; /* of the present list */
    mstr_fleet_info info;
};

static const char *state_name(enum mstr_fleet_state state)
{
    static const char *const names[] = {"empty", "open", "closed", "drained", "strange", "damaged"};
    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

/* What the state means for whoever runs the fleet. */
static const char *meaning_of(enum mstr_fleet_state state)
{
    switch (state) {
    case MSTR_FLEET_CLOSED:
        return "the server allowed no further session: lower \"sessions\", or raise its limit";
    case MSTR_FLEET_STRANGE:
        return "sealed with another key or by a later release: check seal_key and seal_key_old";
    case MSTR_FLEET_DAMAGED:
        return "damaged, forged or too old: the next worker replaces it";
    default:
        return NULL;
    }
}

static void print_age(const char *what, int64_t milliseconds)
{
    output_printf(output_data, ", %s %lld s", what, (long long)(milliseconds / 1000));
}

static void print_text(const mstr_fleet_slot *slot)
{
    output_printf(output_data, "slot %u    %s", slot->slot, state_name(slot->state));
    if (slot->state == MSTR_FLEET_OPEN) {
        print_age("logged in for", slot->login_age);
        print_age("written", slot->age);
        output_puts(output_data, " ago");
    }
    if (slot->left > 0) {
        print_age("ends in", slot->left);
    }
    if (slot->lease > 0) {
        print_age("a worker is logging in, for at most", slot->lease);
    }
    output_puts(output_data, "\n");
    if (meaning_of(slot->state) != NULL) {
        output_printf(output_data, "          hint: %s\n", meaning_of(slot->state));
    }
}

/* What holds for all slots, before the first. */
static void print_info(const struct listing *listing)
{
    const mstr_fleet_info *info = &listing->info;
    if (listing->json) {
        output_member(output_data, ", ", "section", info->section);
        output_printf(output_data, ", \"workers\": %llu, \"sessions\": %u, \"pause_ms\": %lld, \"slots\": [",
                      (unsigned long long)info->workers, info->sessions, (long long)info->pause);
        return;
    }
    output_printf(output_data, "workers   %llu\n", (unsigned long long)info->workers);
    if (info->pause > 0) {
        output_printf(output_data, "logins    none for %lld s: the server refused too many of this user\n",
                      (long long)(info->pause / 1000));
    }
}

static int print_slot(const mstr_fleet_slot *slot, void *data)
{
    struct listing *listing = data;
    if (slot->slot == 0) {
        print_info(listing);
    }
    if (!listing->json) {
        print_text(slot);
        return 0;
    }
    output_printf(output_data, "%s    {\"slot\": %u", listing->count++ == 0 ? "\n" : ",\n", slot->slot);
    output_member(output_data, ", ", "state", state_name(slot->state));
    output_printf(
        output_data,
        ", \"fence\": %lld, \"age_ms\": %lld, \"login_age_ms\": %lld, \"left_ms\": %lld, \"lease_ms\": %lld",
        (long long)slot->fence, (long long)slot->age, (long long)slot->login_age, (long long)slot->left,
        (long long)slot->lease);
    output_member(output_data, ", ", "hint", meaning_of(slot->state));
    output_puts(output_data, "}");
    return 0;
}

static const char *outcome_name(enum mstr_step outcome)
{
    return outcome == MSTR_STEP_FAILED ? "failed" : outcome == MSTR_STEP_SKIPPED ? "skipped" : "good";
}

static int print_step(const mstr_explain_step *step, void *data)
{
    struct listing *listing = data;
    if (!listing->json) {
        output_printf(output_data, "store     %s: ", step->name);
        output_clean(output_data, step->detail != NULL ? step->detail : outcome_name(step->outcome));
        output_puts(output_data, "\n");
        if (step->hint != NULL) {
            output_puts(output_data, "          hint: ");
            output_clean(output_data, step->hint);
            output_puts(output_data, "\n");
        }
        return 0;
    }
    output_member(output_data, listing->count++ == 0 ? "\n    {" : ",\n    {", "step", step->name);
    output_member(output_data, ", ", "outcome", outcome_name(step->outcome));
    output_member(output_data, ", ", "detail", step->detail);
    output_member(output_data, ", ", "hint", step->hint);
    output_puts(output_data, "}");
    return 0;
}

/* The store's health, which is told also where nothing else can be. */
static int show_store(struct tool *tool, mstr_session *session, struct listing *listing)
{
    const mstr_call_options call = tool_call(tool);
    output_puts(output_data, listing->json ? "{\"store\": [" : "");
    enum mstr_code code = mstr_fleet_explain(session, &call, print_step, listing, tool->error);
    output_puts(output_data, listing->json ? "]" : "");
    listing->count = 0;
    return code == MSTR_OK ? STATUS_DONE : tool_fail(tool);
}

static int show(struct tool *tool, mstr_session *session)
{
    struct listing listing = {.json = tool->json, .info = MSTR_FLEET_INFO_INIT};
    const mstr_call_options call = tool_call(tool);
    int status = show_store(tool, session, &listing);
    if (status == STATUS_DONE) {
        status = mstr_fleet_status(session, &call, &listing.info, print_slot, &listing, tool->error) == MSTR_OK
                     ? STATUS_DONE
                     : tool_fail(tool);
        output_puts(output_data, tool->json && listing.count > 0 ? "]" : "");
    }
    output_puts(output_data, tool->json ? "}\n" : "");
    return status;
}

static int drain(struct tool *tool, mstr_session *session)
{
    mstr_fleet_drained drained = MSTR_FLEET_DRAINED_INIT;
    const mstr_call_options call = tool_call(tool);
    enum mstr_code code = mstr_fleet_drain(session, &call, &drained, tool->error);
    output_printf(output_data,
                  tool->json ? "{\"sessions\": %u, \"logouts\": %u}\n" : "%u sessions ended, %u of them logged out\n",
                  drained.sessions, drained.logouts);
    return code == MSTR_OK ? STATUS_DONE : tool_fail(tool);
}

static int run(struct tool *tool, struct arguments *arguments)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    const char *verb = NULL;
    int found = tool_next(tool, arguments, &verb);
    if (found == ARGUMENT_WRONG) {
        return STATUS_USAGE;
    }
    bool drains = found == ARGUMENT_OPERAND && strcmp(verb, "drain") == 0;
    if (!drains && (found != ARGUMENT_OPERAND || strcmp(verb, "status") != 0)) {
        return tool_usage(tool, "say what to do with the fleet: status or drain");
    }
    if (tool_no_more(tool, arguments) != ARGUMENT_END) {
        return STATUS_USAGE;
    }
    options.profile = tool->profile;
    enum mstr_code code = tool_context(tool);
    code = code == MSTR_OK ? mstr_session_new(tool->context, &options, &session, tool->error) : code;
    int status = code != MSTR_OK ? tool_fail(tool) : drains ? drain(tool, session) : show(tool, session);
    mstr_session_free(session);
    return status;
}

static const char *const synopsis[] = {"status|drain [--json] [--profile NAME]", NULL};
const struct command command_fleet = {
    .name = "fleet",
    .synopsis = synopsis,
    .summary = "show the sessions that workers share, or end them",
    .run = run,
};
