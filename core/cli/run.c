/* mstr run: resolves references into environment variables, then becomes the command. */
#include "tool.h"

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
static enum mstr_code set(struct variables *variables, const char *name, size_t name_length, const mstr_secret *value,
                          mstr_error *error)
{
    const char *octets = mstr_secret_octets(value);
    size_t length = mstr_secret_length(value);
    if (memchr(octets, '\0', length) != NULL) {
        return mstr_error_report(error, MSTR_E_UNEXPECTED, "%.*s: the value holds a NUL, which no variable can",
                                 (int)name_length, name);
    }
    char *text = malloc(name_length + length + 2);
    if (text != NULL) {
        memcpy(text, name, name_length);
        text[name_length] = '=';
        memcpy(text + name_length + 1, octets, length);
        text[name_length + 1 + length] = '\0';
    }
    return variables_put(variables, text) ? MSTR_OK : mstr_error_report(error, MSTR_E_MEMORY, "out of memory");
}

struct plan {
    const char **assignments; /* NAME=REFERENCE, from --env */
    size_t assignment_count;
    const char **sets; /* names from --env-set */
    size_t set_count;
    char *const *command; /* ends with NULL */
};

/* The references of all --env options, at once. */
static enum mstr_code resolve_assignments(struct tool *tool, const struct plan *plan, struct variables *variables)
{
    mstr_call_options call = tool_call(tool);
    mstr_lookup *lookups = calloc(plan->assignment_count + 1, sizeof *lookups);
    enum mstr_code code = MSTR_OK;
    if (lookups == NULL) {
        return mstr_error_report(tool->error, MSTR_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < plan->assignment_count; i++) {
        lookups[i].reference = strchr(plan->assignments[i], '=') + 1;
    }
    /* One error for all: what it tells in the end is the last failure. */
    for (size_t i = 0; i < plan->assignment_count; i++) {
        lookups[i].error = tool->error;
    }
    if (plan->assignment_count > 0) {
        code = mstr_context_get_many(tool->context, lookups, plan->assignment_count, &call);
    }
    for (size_t i = 0; i < plan->assignment_count; i++) {
        if (code == MSTR_OK) {
            const char *name = plan->assignments[i];
            code = set(variables, name, strcspn(name, "="), lookups[i].secret, tool->error);
        }
        mstr_secret_release(lookups[i].secret);
    }
    free(lookups);
    return code;
}

struct set_walk {
    struct tool *tool;
    struct variables *variables;
    enum mstr_code code;
};

static void resolve_key(const mstr_config_item *item, void *data)
{
    struct set_walk *walk = data;
    mstr_call_options call = tool_call(walk->tool);
    mstr_secret *value = NULL;
    if (walk->code != MSTR_OK) {
        return;
    }
    walk->code =
        mstr_context_setting(walk->tool->context, item->section, item->key, &call, &value, walk->tool->error);
    if (walk->code == MSTR_OK) {
        walk->code = set(walk->variables, item->key, strlen(item->key), value, walk->tool->error);
    }
    mstr_secret_release(value);
}

static enum mstr_code resolve_set(struct tool *tool, const char *name, struct variables *variables)
{
    struct set_walk walk = {tool, variables, MSTR_OK};
    char section[128];
    if (snprintf(section, sizeof section, "env %s", name) >= (int)sizeof section) {
        return mstr_error_report(tool->error, MSTR_E_CONFIG, "the name of the environment set is too long");
    }
    enum mstr_code code = mstr_context_section(tool->context, section, resolve_key, &walk, tool->error);
    return code != MSTR_OK ? code : walk.code;
}

/* Sets of the configuration first, so that --env wins over them. */
static enum mstr_code resolve(struct tool *tool, const struct plan *plan, struct variables *variables)
{
    enum mstr_code code = tool_context(tool);
    for (char **text = environ; code == MSTR_OK && *text != NULL; text++) {
        if (!variables_put(variables, strdup(*text))) {
            code = mstr_error_report(tool->error, MSTR_E_MEMORY, "out of memory");
        }
    }
    for (size_t i = 0; code == MSTR_OK && i < plan->set_count; i++) {
        code = resolve_set(tool, plan->sets[i], variables);
    }
    return code == MSTR_OK ? resolve_assignments(tool, plan, variables) : code;
}

/* Returns only if the command cannot be run. */
static int become(struct tool *tool, const struct plan *plan, char **environment)
{
    output_finish();
    mstr_context_free(tool->context);
    tool->context = NULL;
    signal(SIGPIPE, SIG_DFL);
    environ = environment;
    execvp(plan->command[0], plan->command);
    int reason = errno;
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
    if (status != STATUS_DONE) {
        goto cleanup;
    }
    if (resolve(tool, &plan, &variables) != MSTR_OK) {
        status = tool_fail(tool);
        goto cleanup;
    }
    status = become(tool, &plan, variables.texts);

cleanup:
    environ = inherited;
    variables_release(&variables);
    free(plan.assignments);
    free(plan.sets);
    return status;
}

static const char *const synopsis[] = {"[--env NAME=REFERENCE]... [--env-set NAME]... [--] COMMAND [ARGUMENT]...",
                                       NULL};
const struct command command_run = {"run",   synopsis, "run a command with secrets in its environment",
                                    options, true,     run};
