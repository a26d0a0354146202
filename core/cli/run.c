/* SPDX-License-Identifier: Apache-2.0 */
/* mstr run: resolves references into environment variables, then becomes the command, or stays beside it. */
#include "beside.h"
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "output.h"
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum kind { KIND_SET, KIND_FROM, KIND_FILE, KIND_ONE };

/* Where variables come from, as an option says. */
struct source {
    enum kind kind;
    const char *value;
    const char *prefix;
};

/* What the command line says. */
struct request {
    struct source *sources;
    size_t count;
    bool resolve_own;
    struct environment environment;
    struct beside beside;
};

static enum mstr_code add_source(struct tool *tool, struct environment *environment, const struct source *source)
{
    switch (source->kind) {
    case KIND_SET:
        return environment_add_set(tool, environment, source->value, source->prefix);
    case KIND_FROM:
        return environment_add_members(tool, environment, source->value, source->prefix);
    case KIND_FILE:
        return environment_add_file(tool, environment, source->value);
    default:
        return environment_add(tool, environment, source->value);
    }
}

/* Everything that the options name, later ones of an order over earlier ones: the environment, sets, from, files, one
 * by one. */
static enum mstr_code draw_up(struct tool *tool, struct request *request)
{
    enum mstr_code code = tool_context(tool);
    if (code == MSTR_OK && request->resolve_own) {
        code = environment_add_own(tool, &request->environment);
    }
    for (enum kind kind = KIND_SET; kind <= KIND_ONE; kind++) {
        for (size_t i = 0; code == MSTR_OK && i < request->count; i++) {
            code = request->sources[i].kind == kind ? add_source(tool, &request->environment, &request->sources[i])
                                                    : MSTR_OK;
        }
    }
    return code;
}

/* Returns only if the command cannot be run. */
static int become(struct tool *tool, char *const *command, const struct variables *variables)
{
    output_finish();
    mstr_context_free(tool->context);
    tool->context = NULL;
    signal(SIGPIPE, tool->ignores_pipe ? SIG_IGN : SIG_DFL);
    environ = variables->texts;
    execvp(command[0], command);
    return beside_tell(tool, command[0], errno, variables);
}

/* The tool becomes the command. */
static int exec_command(struct tool *tool, const struct request *request, const struct asked *asked)
{
    struct variables variables = {0};
    char **inherited = environ;
    int status = environment_fill(tool, &request->environment, asked, &variables) == MSTR_OK
                     ? become(tool, request->beside.command, &variables)
                     : tool_fail(tool);
    environ = inherited;
    variables_release(&variables);
    return status;
}

static int resolve_and_run(struct tool *tool, struct request *request)
{
    struct asked asked = {0};
    if (draw_up(tool, request) != MSTR_OK) {
        return tool_fail(tool);
    }
    if (!environment_ask(&request->environment, &asked)) {
        asked_release(&asked);
        return tool_problem(tool, STATUS_UNEXPECTED, "out of memory");
    }
    mstr_call_options call = tool_call(tool);
    int status = STATUS_DONE;
    if (asked_resolve(&asked, tool->context, &call) != MSTR_OK) {
        status = asked_tell(tool, &asked);
    } else if (request->beside.masks || request->beside.watches) {
        request->beside.environment = &request->environment;
        status = beside_run(tool, &request->beside, &asked);
    } else {
        status = exec_command(tool, request, &asked);
    }
    asked_release(&asked);
    return status;
}

enum {
    OPTION_ENV = 1,
    OPTION_FILE,
    OPTION_FROM,
    OPTION_PREFIX,
    OPTION_SET,
    OPTION_KEEP,
    OPTION_PRISTINE,
    OPTION_RESOLVE,
    OPTION_MASK,
    OPTION_CHANGE,
    OPTION_POLL,
    OPTION_SPLAY
};
static const struct option options[] = {
    {OPTION_ENV, 'e', "env", "NAME=VALUE", "set a variable to a reference's value, or to text with ${…} in it"},
    {OPTION_FILE, 0, "env-file", "FILE", "set the variables of a file of NAME=VALUE lines"},
    {OPTION_FROM, 0, "env-from", "REFERENCE", "set a variable for each text of a JSON object"},
    {OPTION_PREFIX, 0, "prefix", "TEXT", "put this before the names of the --env-from before it"},
    {OPTION_SET, 0, "env-set", "NAME", "set the variables of the section [env NAME], as --env-from @NAME"},
    {OPTION_KEEP, 0, "keep-existing", NULL, "let stand what is set already"},
    {OPTION_PRISTINE, 0, "pristine", NULL, "begin with PATH, HOME, LANG and TZ alone"},
    {OPTION_RESOLVE, 0, "resolve-env", NULL, "replace ${SCHEME:…} in the variables that are set already"},
    {OPTION_MASK, 0, "mask", NULL, "hide the values in what the command writes"},
    {OPTION_CHANGE, 0, "on-change", "ACTION", "restart the command, or send it a signal, when a value changes"},
    {OPTION_POLL, 0, "poll", "DURATION", "look for changes so often; 60s"},
    {OPTION_SPLAY, 0, "splay", "DURATION", "act on a change at random within so long"},
    {0, 0, NULL, NULL, NULL},
};

static int add_prefix(struct tool *tool, struct request *request, const char *value)
{
    struct source *last = request->count > 0 ? &request->sources[request->count - 1] : NULL;
    if (last == NULL || (last->kind != KIND_FROM && last->kind != KIND_SET)) {
        return tool_usage(tool, "--prefix follows the --env-from that it is for");
    }
    last->prefix = value;
    return STATUS_DONE;
}

static int add_option_source(struct tool *tool, struct request *request, int found, const char *value)
{
    struct source source = {.kind = KIND_ONE, .value = value, .prefix = ""};
    if (found == OPTION_ENV && assignment_name(value) == 0) {
        return tool_usage(tool, "--env wants NAME=VALUE, not \"%.80s\"", value);
    }
    if (found == OPTION_FILE) {
        source.kind = KIND_FILE;
    } else if (found == OPTION_SET || (found == OPTION_FROM && *value == '@')) {
        source.kind = KIND_SET;
        source.value += found == OPTION_FROM;
    } else if (found == OPTION_FROM) {
        source.kind = KIND_FROM;
    }
    request->sources[request->count++] = source;
    return STATUS_DONE;
}

static int set_action(struct tool *tool, struct request *request, const char *value)
{
    request->beside.watches = true;
    request->beside.signal = signals_number(value);
    return request->beside.signal != 0 || strcmp(value, "restart") == 0
               ? STATUS_DONE
               : tool_usage(tool, "--on-change takes restart, or a signal such as HUP, not \"%.40s\"", value);
}

static int take_option(struct tool *tool, struct request *request, int found, const char *value)
{
    switch (found) {
    case OPTION_PREFIX:
        return add_prefix(tool, request, value);
    case OPTION_KEEP:
        request->environment.keep = true;
        return STATUS_DONE;
    case OPTION_PRISTINE:
        request->environment.pristine = true;
        return STATUS_DONE;
    case OPTION_RESOLVE:
        request->resolve_own = true;
        return STATUS_DONE;
    case OPTION_MASK:
        request->beside.masks = true;
        return STATUS_DONE;
    case OPTION_CHANGE:
        return set_action(tool, request, value);
    case OPTION_POLL:
        return watch_option_poll(tool, value, &request->beside.times);
    case OPTION_SPLAY:
        return watch_option_splay(tool, value, &request->beside.times);
    case ARGUMENT_WRONG:
        return STATUS_USAGE;
    default:
        return add_option_source(tool, request, found, value);
    }
}

static int parse(struct tool *tool, struct arguments *arguments, struct request *request)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        if (found == ARGUMENT_OPERAND) {
            request->beside.command = &arguments->words[arguments->next - 1];
            return STATUS_DONE;
        }
        int status = take_option(tool, request, found, value);
        if (status != STATUS_DONE) {
            return status;
        }
    }
    return tool_usage(tool, "no command was given");
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct request request = {.sources = calloc((size_t)arguments->count, sizeof(struct source)),
                              .beside = {.times = {WATCH_INTERVAL, WATCH_GATHER, 0}, .grace = BESIDE_GRACE}};
    int status = STATUS_UNEXPECTED;
    if (request.sources == NULL) {
        return tool_problem(tool, status, "out of memory");
    }
    status = parse(tool, arguments, &request);
    if (request.beside.command != NULL) { /* else why has been told */
        status = resolve_and_run(tool, &request);
    }
    environment_release(&request.environment);
    free(request.sources);
    return status;
}

static const char *const synopsis[] = {"[OPTION]... [--] COMMAND [ARGUMENT]...", NULL};
static const char *const examples[] = {"mstr run --env DB_PASSWORD=file:/run/secrets/db#password -- ./worker",
                                       "mstr run --env-set worker -- ./worker", NULL};
const struct command command_run = {
    .name = "run",
    .synopsis = synopsis,
    .summary = "run a command with secrets in its environment",
    .options = options,
    .examples = examples,
    .stop_at_operand = true,
    .run = run,
};
