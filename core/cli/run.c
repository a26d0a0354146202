/* SPDX-License-Identifier: Apache-2.0 */
/* mstr run: resolves references into environment variables, then becomes the command. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* As shells have it: found but cannot be run, and not found. */
enum { STATUS_NOT_EXECUTABLE = 126, STATUS_NO_COMMAND = 127 };

/* The environment under construction: NAME=value texts of our own, each wiped when it is freed. */
struct variables {
    char **texts;
    size_t count;
    size_t capacity;
};

static void wipe_free(char *text)
{
    if (text != NULL) {
        mstr_wipe(text, strlen(text));
        free(text);
    }
}

static void variables_release(struct variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        wipe_free(variables->texts[i]);
    }
    free(variables->texts);
}

/* Takes over `text` (NULL = out of memory), in place of one of the same name. */
static bool variables_put(struct variables *variables, char *text)
{
    if (text == NULL) {
        return false;
    }
    size_t name = strcspn(text, "=") + 1;
    for (size_t i = 0; i < variables->count; i++) {
        if (strncmp(variables->texts[i], text, name) == 0) {
            wipe_free(variables->texts[i]);
            variables->texts[i] = text;
            return true;
        }
    }
    /* One more for the NULL that ends it. */
    if (variables->count + 1 >= variables->capacity) {
        size_t capacity = variables->capacity * 2 + 64;
        char **texts = realloc(variables->texts, capacity * sizeof *texts);
        if (texts == NULL) {
            wipe_free(text);
            return false;
        }
        variables->texts = texts;
        variables->capacity = capacity;
    }
    variables->texts[variables->count++] = text;
    variables->texts[variables->count] = NULL;
    return true;
}

/* "NAME=value"; a value with a NUL in it cannot be a variable. */
static enum mstr_code set(struct variables *variables, const char *name, const mstr_secret *value, mstr_error *error)
{
    size_t name_length = strlen(name);
    const char *octets = mstr_secret_octets(value);
    size_t length = mstr_secret_length(value);
    if (memchr(octets, '\0', length) != NULL) {
        return mstr_error_set(error, MSTR_E_UNEXPECTED, "%s: the value holds a NUL, which no variable can", name);
    }
    char *text = malloc(name_length + length + 2);
    if (text != NULL) {
        memcpy(text, name, name_length);
        text[name_length] = '=';
        memcpy(text + name_length + 1, octets, length);
        text[name_length + 1 + length] = '\0';
    }
    return variables_put(variables, text) ? MSTR_OK : mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* A variable of the command: its name, and the section that sets it, NULL for --env. */
struct wanted {
    char *name;
    char *section;
};

/* What is wanted: which references and settings, and for which variables. */
struct plan {
    const char **sets; /* names from --env-set */
    size_t set_count;
    const char **assignments; /* NAME=REFERENCE, from --env */
    size_t assignment_count;
    mstr_setting *settings; /* of the sets first, so that --env wins over them */
    struct wanted *wanted;  /* their variables, whose texts the settings use */
    size_t count;
    char *const *command; /* ends with NULL */
};

static void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        mstr_secret_release(plan->settings[i].value);
        mstr_error_free(plan->settings[i].error);
        free(plan->wanted[i].name);
        free(plan->wanted[i].section);
    }
    free(plan->settings);
    free(plan->wanted);
    free(plan->assignments);
    free(plan->sets);
}

/* One more variable: the setting of its name in a section, or, where that is NULL, a reference of the caller's. */
static bool plan_add(struct plan *plan, const char *name, size_t length, const char *section, const char *reference)
{
    mstr_setting *settings = realloc(plan->settings, (plan->count + 1) * sizeof *settings);
    plan->settings = settings != NULL ? settings : plan->settings;
    struct wanted *wanted = realloc(plan->wanted, (plan->count + 1) * sizeof *wanted);
    plan->wanted = wanted != NULL ? wanted : plan->wanted;
    if (settings == NULL || wanted == NULL) {
        return false;
    }
    struct wanted *last = &wanted[plan->count];
    *last = (struct wanted){strndup(name, length), section != NULL ? strdup(section) : NULL};
    settings[plan->count++] = (mstr_setting){
        .section = last->section, .key = section != NULL ? last->name : reference, .error = mstr_error_new()};
    return last->name != NULL && (section == NULL || last->section != NULL);
}

struct set_walk {
    struct plan *plan;
    bool failed;
};

static int add_key(const mstr_config_item *item, void *data)
{
    struct set_walk *walk = data;
    walk->failed |= !plan_add(walk->plan, item->key, strlen(item->key), item->section, NULL);
    return 0;
}

static enum mstr_code no_memory(struct tool *tool)
{
    return mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
}

static enum mstr_code add_set(struct tool *tool, struct plan *plan, const char *name)
{
    struct set_walk walk = {.plan = plan};
    char section[128];
    if (snprintf(section, sizeof section, "env %s", name) >= (int)sizeof section) {
        return mstr_error_set(tool->error, MSTR_E_CONFIG, "the name of the environment set is too long");
    }
    enum mstr_code code = mstr_context_section(tool->context, section, add_key, &walk, tool->error);
    return walk.failed ? no_memory(tool) : code;
}

/* Everything that the options name. */
static enum mstr_code draw_up(struct tool *tool, struct plan *plan)
{
    enum mstr_code code = tool_context(tool);
    for (size_t i = 0; code == MSTR_OK && i < plan->set_count; i++) {
        code = add_set(tool, plan, plan->sets[i]);
    }
    for (size_t i = 0; code == MSTR_OK && i < plan->assignment_count; i++) {
        const char *name = plan->assignments[i];
        size_t length = strcspn(name, "=");
        code = plan_add(plan, name, length, NULL, name + length + 1) ? MSTR_OK : no_memory(tool);
    }
    return code;
}

/* Tells each failure, and gives the status of the first. */
static int tell_failures(struct tool *tool, const struct plan *plan)
{
    int status = STATUS_DONE;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->settings[i].code != MSTR_OK && (status == STATUS_DONE || !tool->json)) {
            int this_one = tool_fail_with(tool, plan->settings[i].error);
            status = status == STATUS_DONE ? this_one : status;
        }
    }
    return status;
}

/* The environment of the command: ours, with the values over it. */
static enum mstr_code fill(struct tool *tool, const struct plan *plan, struct variables *variables)
{
    enum mstr_code code = MSTR_OK;
    for (char **text = environ; code == MSTR_OK && *text != NULL; text++) {
        code = variables_put(variables, strdup(*text)) ? MSTR_OK : no_memory(tool);
    }
    for (size_t i = 0; code == MSTR_OK && i < plan->count; i++) {
        code = set(variables, plan->wanted[i].name, plan->settings[i].value, tool->error);
    }
    return code;
}

static int resolve(struct tool *tool, struct plan *plan, struct variables *variables)
{
    mstr_call_options call = tool_call(tool);
    if (draw_up(tool, plan) != MSTR_OK) {
        return tool_fail(tool);
    }
    if (mstr_context_settings(tool->context, plan->settings, plan->count, sizeof(mstr_setting), &call) != MSTR_OK) {
        return tell_failures(tool, plan);
    }
    return fill(tool, plan, variables) == MSTR_OK ? STATUS_DONE : tool_fail(tool);
}

/* The name of the longest variable, with its "=", and the length of all. */
static const char *find_longest(char *const *environment, int *name, size_t *length, size_t *all)
{
    const char *longest = "";
    *length = *all = 0;
    for (; *environment != NULL; environment++) {
        size_t octets = strlen(*environment) + 1;
        *all += octets;
        if (octets > *length) {
            *length = octets;
            longest = *environment;
        }
    }
    *name = (int)strcspn(longest, "=");
    return longest;
}

/* The kernel takes neither an environment nor a single variable of any size, and does not say which it was. */
static int tell_too_large(struct tool *tool, const char *command, char *const *environment)
{
    int name = 0;
    size_t length = 0;
    size_t all = 0;
    const char *longest = find_longest(environment, &name, &length, &all);
    return tool_problem(tool, STATUS_NOT_EXECUTABLE,
                        "%.200s: %s: the environment has %zu octets, of which %zu are %.*s; hand it over in a file",
                        command, strerror(E2BIG), all, length, name < 100 ? name : 100, longest);
}

/* Returns only if the command cannot be run. */
static int become(struct tool *tool, const struct plan *plan, char **environment)
{
    output_finish();
    mstr_context_free(tool->context);
    tool->context = NULL;
    signal(SIGPIPE, tool->ignores_pipe ? SIG_IGN : SIG_DFL);
    environ = environment;
    execvp(plan->command[0], plan->command);
    int reason = errno;
    if (reason == E2BIG) {
        return tell_too_large(tool, plan->command[0], environment);
    }
    return tool_problem(tool, reason == ENOENT ? STATUS_NO_COMMAND : STATUS_NOT_EXECUTABLE, "%.200s: %s",
                        plan->command[0], strerror(reason));
}

enum { OPTION_ENV = 1, OPTION_ENV_SET };
static const struct option options[] = {
    {OPTION_ENV, 'e', "env", "NAME=REFERENCE", "set a variable to the value of a reference"},
    {OPTION_ENV_SET, 0, "env-set", "NAME", "set the variables of the section [env NAME]"},
    {0, 0, NULL, NULL, NULL},
};

static int parse(struct tool *tool, struct arguments *arguments, struct plan *plan)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        switch (found) {
        case OPTION_ENV:
            if (assignment_name(value) == 0) {
                return tool_usage(tool, "--env wants NAME=REFERENCE, not \"%.80s\"", value);
            }
            plan->assignments[plan->assignment_count++] = value;
            break;
        case OPTION_ENV_SET:
            plan->sets[plan->set_count++] = value;
            break;
        case ARGUMENT_OPERAND:
            plan->command = &arguments->words[arguments->next - 1];
            return STATUS_DONE;
        default:
            return STATUS_USAGE;
        }
    }
    return tool_usage(tool, "no command was given");
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct plan plan = {.assignments = calloc((size_t)arguments->count, sizeof(char *)),
                        .sets = calloc((size_t)arguments->count, sizeof(char *))};
    struct variables variables = {0};
    char **inherited = environ;
    int status = STATUS_UNEXPECTED;
    if (plan.assignments == NULL || plan.sets == NULL) {
        tool_problem(tool, status, "out of memory");
        goto cleanup;
    }
    status = parse(tool, arguments, &plan);
    if (plan.command == NULL) { /* and why has been told */
        goto cleanup;
    }
    status = resolve(tool, &plan, &variables);
    if (status == STATUS_DONE) {
        status = become(tool, &plan, variables.texts);
    }

cleanup:
    environ = inherited;
    variables_release(&variables);
    plan_release(&plan);
    return status;
}

static const char *const synopsis[] = {"[--env NAME=REFERENCE]... [--env-set NAME]... [--] COMMAND [ARGUMENT]...",
                                       NULL};
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
