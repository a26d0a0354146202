/* SPDX-License-Identifier: Apache-2.0 */
/* The program of an exec section. */
#include "builtin/exec_command.h"

#include "base/text.h"
#include "sdk/host.h"
#include "sdk/process_split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OUTPUT_LARGEST = 16 * 1024 * 1024 };

/* What most programs need to run at all; everything else has to be named, since it may hold secrets. */
static const char *const usual_names[] = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "TZ"};

static const char no_memory[] = "out of memory";

/* The fault of the names, or NULL. */
static const char *read_names(struct exec_command *command, const char *given)
{
    size_t count = sizeof(usual_names) / sizeof(*usual_names);
    char *rest = NULL;
    memcpy(command->names, usual_names, sizeof(usual_names));
    if (given == NULL) {
        return NULL;
    }
    if ((command->environment = text_copy(given)) == NULL) {
        return no_memory;
    }
    for (char *name = command->environment; count < EXEC_NAMES_MAX; name = NULL) {
        const char *next = strtok_r(name, " ,\t\n", &rest);
        if (next == NULL) {
            return NULL;
        }
        command->names[count++] = next;
    }
    return "option \"environment\" has too many names";
}

/* The fault of the options that the host's check cannot see, or NULL. */
static const char *read_options(const struct mstr_instance *instance, struct exec_command *command)
{
    int64_t limit = 0;
    command->argv = process_split(host->option(instance, "command"));
    if (command->argv == NULL && errno == ENOMEM) {
        return no_memory;
    }
    if (command->argv == NULL || command->argv[0][0] == '\0') {
        return "option \"command\" is empty, has too many arguments or a quote that does not end";
    }
    text_to_int64(host->option(instance, "timeout"), &command->timeout);
    if (command->timeout <= 0) {
        return "option \"timeout\" must be more than 0";
    }
    text_to_int64(host->option(instance, "output_limit"), &limit);
    if (limit < 1 || limit > OUTPUT_LARGEST) {
        return "option \"output_limit\" must be from 1 to 16777216";
    }
    command->output_limit = (size_t)limit;
    return read_names(command, host->option(instance, "environment"));
}

/* Scripts decide as much as what interprets them: each argument of the command that is the path of a file. */
enum mstr_code exec_command_check(const struct exec_command *command, struct mstr_error *error)
{
    struct stat status;
    enum mstr_code code = MSTR_OK;
    for (char **argument = command->argv + 1; *argument != NULL && code == MSTR_OK; argument++) {
        if (**argument == '/' && stat(*argument, &status) == 0 && S_ISREG(status.st_mode)) {
            code = process_check(*argument, error);
        }
    }
    return code;
}

/* The program is configured, so that one which is missing is a fault of the configuration: "not available here",
 * after which an alternative is tried, is for the program itself to say. */
struct process_spec exec_command_spec(const struct exec_command *command, const char *const *argv)
{
    return (struct process_spec){.argv = argv,
                                 .trusted = true,
                                 .absent = MSTR_E_CONFIG,
                                 .environment = command->names,
                                 .output_limit = command->output_limit,
                                 .timeout = command->timeout};
}

enum mstr_code exec_command_read(const struct mstr_instance *instance, struct exec_command *command,
                                 struct mstr_error *error)
{
    *command = (struct exec_command){.argv = NULL};
    const char *fault = read_options(instance, command);
    if (fault != NULL) {
        return host->error_set(error, fault == no_memory ? MSTR_E_MEMORY : MSTR_E_CONFIG, "%s", fault);
    }
    const struct process_spec spec = exec_command_spec(command, (const char *const *)command->argv);
    enum mstr_code code = process_can_start(&spec, error);
    return code == MSTR_OK ? exec_command_check(command, error) : code;
}

void exec_command_release(struct exec_command *command)
{
    process_free_arguments(command->argv);
    free(command->environment);
}
