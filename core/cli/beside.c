/* SPDX-License-Identifier: Apache-2.0 */
/* The tool beside its command. */
#include "beside.h"

#include "companion.h"
#include "context.h"
#include "deadline.h"
#include "failure.h"
#include "output.h"

#include <errno.h>
#include <string.h>

/* As shells have it: found but cannot be run, and not found. */
enum { STATUS_NOT_EXECUTABLE = 126, STATUS_NO_COMMAND = 127 };

struct run {
    struct tool *tool;
    const struct beside *beside;
    struct asked asked; /* the answers that the command has, or gets when it is restarted */
    struct mask *mask;
    struct signals signals;
    struct watch watch;
    struct companion child;
    int64_t kill_at; /* on deadline_clock(); 0 = the command is not being restarted */
    bool ending;     /* somebody wants an end: it is not restarted any more */
    bool skipped;    /* it was told that short values are not masked */
};

/* The kernel takes neither an environment nor a single variable of any size, and does not say which it was. */
static int tell_too_large(struct tool *tool, const char *command, const struct variables *variables)
{
    int name = 0;
    size_t length = 0;
    size_t all = 0;
    const char *longest = variables_longest(variables, &name, &length, &all);
    return tool_problem(tool, STATUS_NOT_EXECUTABLE,
                        "%.200s: %s: the environment has %zu octets, of which %zu are %.*s; hand it over in a file",
                        command, strerror(E2BIG), all, length, name < 100 ? name : 100, longest);
}

int beside_tell(struct tool *tool, const char *command, int reason, const struct variables *variables)
{
    if (reason == E2BIG) {
        return tell_too_large(tool, command, variables);
    }
    return tool_problem(tool, reason == ENOENT ? STATUS_NO_COMMAND : STATUS_NOT_EXECUTABLE, "%.200s: %s", command,
                        strerror(reason));
}

struct hiding {
    struct mask *mask;
    bool skipped;
};

static bool hide(const mstr_secret *value, void *data)
{
    struct hiding *hiding = data;
    return mask_add(hiding->mask, mstr_secret_octets(value), mstr_secret_length(value), &hiding->skipped);
}

/* What the texts with references in them are made of; the cache has it already. */
static enum mstr_code hide_parts(struct run *run, struct hiding *hiding)
{
    struct environment parts;
    struct asked asked = {0};
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.cancel = run->tool->cancel;
    enum mstr_code code = environment_parts(run->tool, run->beside->environment, &parts);
    if (code == MSTR_OK && environment_ask(&parts, &asked)) {
        asked_resolve(&asked, run->tool->context, &call);
    }
    for (size_t i = 0; code == MSTR_OK && i < asked.count; i++) {
        bool good = asked.settings[i].value == NULL || hide(asked.settings[i].value, hiding);
        code = good ? MSTR_OK : mstr_error_set(run->tool->error, MSTR_E_MEMORY, "out of memory");
    }
    asked_release(&asked);
    environment_release(&parts);
    return code;
}

/* Has the mask know these answers too, beside those that it knew: an old value may still be written. */
static enum mstr_code learn(struct run *run)
{
    struct hiding hiding = {.mask = run->mask};
    if (!run->beside->masks) {
        return MSTR_OK;
    }
    enum mstr_code code = environment_values(run->beside->environment, &run->asked, hide, &hiding)
                              ? hide_parts(run, &hiding)
                              : mstr_error_set(run->tool->error, MSTR_E_MEMORY, "out of memory");
    if (hiding.skipped && !run->skipped && !run->tool->json) {
        output_printf(output_notes, "mstr: lines of fewer than %d octets are not masked\n", MASK_SHORTEST);
        output_flush(output_notes);
    }
    run->skipped |= hiding.skipped;
    return code;
}

/* With the answers as they are now. */
static int start(struct run *run)
{
    struct variables variables = {0};
    int status = STATUS_DONE;
    run->child.ended = true;
    if (environment_fill(run->tool, run->beside->environment, &run->asked, &variables) != MSTR_OK) {
        status = tool_fail(run->tool);
    } else {
        int reason = companion_start(&run->child, run->beside->command, variables.texts, run->mask, &run->signals,
                                     run->tool->ignores_pipe);
        status = reason == 0 ? STATUS_DONE : beside_tell(run->tool, run->beside->command[0], reason, &variables);
        run->child.ended = reason != 0;
    }
    variables_release(&variables);
    run->kill_at = 0;
    return status;
}

static void take_signals(struct run *run)
{
    bool group = false;
    for (int number; (number = signals_next(&run->signals, &group)) != 0;) {
        run->ending |= signals_is_end(number);
        companion_signal(&run->child, number, group);
    }
}

static void take_change(struct run *run)
{
    struct asked changed;
    if (!watch_take(&run->watch, &changed)) {
        return;
    }
    asked_release(&run->asked);
    run->asked = changed;
    learn(run); /* without memory for it, only what was known is masked */
    if (run->beside->signal != 0) {
        companion_kill(&run->child, run->beside->signal, false);
    } else if (run->kill_at == 0) {
        companion_kill(&run->child, SIGTERM, true);
        companion_kill(&run->child, SIGCONT, true);
        run->kill_at = deadline_clock() + run->beside->grace;
    }
}

/* Until something has come, or is due. */
static void wait_once(struct run *run)
{
    struct pollfd sources[COMPANION_SOURCES + 2];
    int64_t until = run->kill_at != 0 ? run->kill_at : INT64_MAX;
    companion_sources(&run->child, sources, &until);
    sources[COMPANION_SOURCES] = (struct pollfd){.fd = run->signals.descriptor, .events = POLLIN};
    sources[COMPANION_SOURCES + 1] =
        (struct pollfd){.fd = run->beside->watches ? watch_descriptor(&run->watch) : -1, .events = POLLIN};
    int64_t left = until == INT64_MAX ? -1 : until - deadline_clock();
    if (poll(sources, COMPANION_SOURCES + 2, left < -1 ? 0 : (int)left) < 0) {
        return;
    }
    companion_pass_on(&run->child, sources);
    take_signals(run);
    if (!run->child.ended && sources[COMPANION_SOURCES + 1].revents != 0) {
        take_change(run);
    }
    if (run->kill_at != 0 && deadline_clock() >= run->kill_at) {
        companion_kill(&run->child, SIGKILL, true);
    }
}

/* The command's, unless that is good and what it wrote was lost; of a reader that went away it heard by itself. */
static int status_of(const struct run *run)
{
    int failure = run->child.streams[0].failure;
    return run->child.status != 0 || failure == 0 || failure == EPIPE
               ? run->child.status
               : tool_output_failed(run->tool, "standard output", failure);
}

static int loop(struct run *run)
{
    int status = start(run);
    while (status == STATUS_DONE) {
        while (!run->child.ended) {
            wait_once(run);
        }
        companion_finish(&run->child, &run->signals, run->ending);
        if (run->kill_at == 0 || run->ending) {
            return status_of(run);
        }
        status = start(run);
    }
    return status;
}

static int begin(struct run *run)
{
    const struct beside *beside = run->beside;
    if (beside->masks && (run->mask = mask_new()) == NULL) {
        return tool_problem(run->tool, STATUS_UNEXPECTED, "out of memory");
    }
    if (learn(run) != MSTR_OK) {
        return tool_fail(run->tool);
    }
    if (!signals_open(&run->signals) ||
        (beside->watches && !watch_start(&run->watch, run->tool->context, &run->asked, beside->times))) {
        return tool_problem(run->tool, STATUS_UNEXPECTED, "%s", strerror(errno));
    }
    if (!beside->watches) { /* nothing more is asked for */
        mstr_context_free(run->tool->context);
        run->tool->context = NULL;
    }
    return STATUS_DONE;
}

int beside_run(struct tool *tool, const struct beside *beside, struct asked *asked)
{
    struct run run = {.tool = tool, .beside = beside, .asked = *asked, .signals = {.descriptor = -1}};
    *asked = (struct asked){0};
    pthread_sigmask(SIG_SETMASK, NULL, &run.signals.before);
    output_flush(output_notes);
    int status = begin(&run);
    status = status == STATUS_DONE ? loop(&run) : status;
    if (run.watch.running) {
        watch_stop(&run.watch);
    }
    signals_close(&run.signals);
    mask_free(run.mask);
    asked_release(&run.asked);
    return status;
}
