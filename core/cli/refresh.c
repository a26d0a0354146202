/* SPDX-License-Identifier: Apache-2.0 */
/* mstr refresh: a cube is published anew. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "lookup.h"
#include "output.h"
#include "session_use.h"
#include "wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bits of a cube's status. */
enum { PROCESSING = 1, ACTIVE = 2, READY = 64, TIME_MAX = 64 };

struct refresh {
    const char *cube;
    bool wait;
    mstr_session *session;
    char id[LOOKUP_ID];
    char before[TIME_MAX]; /* when it was changed last; "" = not told */
    bool seen;             /* at work */
};

enum { OPTION_WAIT = 1 };
static const struct option options[] = {
    {OPTION_WAIT, 'w', "wait", NULL, "until it is published, or that has failed"},
    {0, 0, NULL, NULL, NULL},
};

static enum mstr_code ask(struct tool *tool, struct refresh *refresh, const char *method, const char *path,
                          mstr_response **answer)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    const mstr_call_options call = tool_call(tool);
    request.method = method;
    request.path = path;
    request.project = tool->project;
    request.call = &call;
    return mstr_session_send(refresh->session, &request, answer, tool->error);
}

/* When the cube was changed last; "" where the server does not tell, which is no failure. */
static void read_time(struct tool *tool, struct refresh *refresh, char time[TIME_MAX])
{
    char path[64];
    mstr_response *answer = NULL;
    snprintf(path, sizeof path, "cubes?id=%s", refresh->id);
    const char *text = ask(tool, refresh, "GET", path, &answer) == MSTR_OK
                           ? mstr_response_text(answer, "/cubesInfos/0/modificationTime")
                           : NULL;
    snprintf(time, TIME_MAX, "%.*s", TIME_MAX - 1, text != NULL ? text : "");
    mstr_response_free(answer);
    mstr_error_clear(tool->error);
}

static bool has_changed(struct tool *tool, struct refresh *refresh)
{
    char now[TIME_MAX];
    read_time(tool, refresh, now);
    return refresh->before[0] != '\0' && now[0] != '\0' && strcmp(refresh->before, now) != 0;
}

/* The status of before stays for a moment after the request: it is over once the cube was seen at work and no longer
 * is, or once it has been changed meanwhile. */
static int look(struct tool *tool, void *data, enum wait_state *state)
{
    struct refresh *refresh = data;
    mstr_response *answer = NULL;
    char path[64];
    snprintf(path, sizeof path, "cubes/%s", refresh->id);
    if (ask(tool, refresh, "HEAD", path, &answer) != MSTR_OK) {
        return tool_fail(tool);
    }
    const char *header = mstr_response_header(answer, "X-MSTR-CubeStatus");
    long status = header != NULL ? strtol(header, NULL, 10) : -1;
    mstr_response_free(answer);
    if (status < 0) {
        mstr_error_set(tool->error, MSTR_E_PROTOCOL, "the server does not tell the cube's status");
        return tool_fail(tool);
    }
    if ((status & PROCESSING) != 0) {
        refresh->seen = true;
        *state = WAIT_RUNNING;
        return STATUS_DONE;
    }
    if (!refresh->seen) { /* what was just read may be the status of before */
        refresh->seen = has_changed(tool, refresh);
        return refresh->seen ? look(tool, data, state) : STATUS_DONE;
    }
    *state = WAIT_OVER;
    if ((status & (ACTIVE | READY)) == (ACTIVE | READY)) {
        return STATUS_DONE;
    }
    mstr_error_set(tool->error, MSTR_E_SERVER, "the cube is not ready after it was published: its status is %ld",
                   status);
    return tool_fail(tool);
}

static int publish(struct tool *tool, mstr_session *session, void *data)
{
    struct refresh *refresh = data;
    mstr_response *answer = NULL;
    char path[64];
    refresh->session = session;
    int status = lookup_id(tool, session, &lookup_cube, tool->project, refresh->cube, refresh->id);
    if (status != STATUS_DONE) {
        return status;
    }
    if (refresh->wait) {
        read_time(tool, refresh, refresh->before);
    }
    snprintf(path, sizeof path, "v2/cubes/%s", refresh->id);
    status = ask(tool, refresh, "POST", path, &answer) == MSTR_OK ? STATUS_DONE : tool_fail(tool);
    mstr_response_free(answer);
    return status == STATUS_DONE && refresh->wait ? wait_until_over(tool, "the publication", look, refresh) : status;
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct refresh refresh = {.wait = false};
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        int status = found == OPTION_WAIT        ? STATUS_DONE
                     : found == ARGUMENT_OPERAND ? tool_take_operand(tool, &refresh.cube, value)
                                                 : STATUS_USAGE;
        refresh.wait = refresh.wait || found == OPTION_WAIT;
        if (status != STATUS_DONE) {
            return status;
        }
    }
    return refresh.cube != NULL ? tool_work(tool, publish, &refresh) : tool_usage(tool, "no cube was named");
}

static const char *const synopsis[] = {"[OPTION]... NAME|ID", NULL};
static const char *const examples[] = {"mstr refresh 'Sales Cube' --wait", NULL};
const struct command command_refresh = {
    .name = "refresh",
    .synopsis = synopsis,
    .summary = "publish a cube anew",
    .options = options,
    .examples = examples,
    .takes = COMMAND_HAS_SESSION,
    .run = run,
};
