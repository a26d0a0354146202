/* SPDX-License-Identifier: Apache-2.0 */
/* mstr agent: hands over to mstr-agent, the program beside this one, which knows what each verb does. */
#include "command.h"
#include "common_options.h"
#include "failure.h"
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMON_WORDS = 4 }; /* --config FILE --profile NAME */

static const char program[] = "mstr-agent";

/* The one that was installed with this program, so that both are of one version; else as a shell finds it. Returns
 * only if it cannot be run. */
static void become(char *const *words)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof program - 1);
    path[length > 0 ? length : 0] = '\0';
    char *name = strrchr(path, '/');
    if (name != NULL) {
        memcpy(name + 1, program, sizeof program);
        execv(path, words);
    }
    execvp(program, words);
}

/* The verb, then what stood before it, then the words behind it; for free(). */
static char **make_words(const struct tool *tool, const struct arguments *arguments, const char *verb)
{
    char *const *rest = &arguments->words[arguments->next];
    size_t count = (size_t)(arguments->count - arguments->next);
    const char **words = calloc(count + COMMON_WORDS + 3, sizeof *words);
    size_t used = 0;
    if (words == NULL) {
        return NULL;
    }
    words[used++] = program;
    words[used++] = verb;
    if (tool->options.config_file != NULL) {
        words[used++] = "--config";
        words[used++] = tool->options.config_file;
    }
    if (tool->options.profile != NULL) {
        words[used++] = "--profile";
        words[used++] = tool->options.profile;
    }
    memcpy(words + used, rest, count * sizeof *words);
    return (char **)words;
}

static int run(struct tool *tool, struct arguments *arguments)
{
    const char *verb = NULL;
    int found = tool_next(tool, arguments, &verb);
    if (found != ARGUMENT_OPERAND) {
        tool->help = tool->help || found == ARGUMENT_END;
        return STATUS_USAGE;
    }
    char **words = make_words(tool, arguments, verb);
    if (words == NULL) {
        return tool_problem(tool, STATUS_UNEXPECTED, "out of memory");
    }
    output_finish();
    signal(SIGPIPE, tool->ignores_pipe ? SIG_IGN : SIG_DFL);
    become(words);
    int reason = errno;
    free(words);
    return reason == ENOENT
               ? tool_problem(tool, STATUS_CONFIG, "mstr-agent is not installed: install the package mstr-agent")
               : tool_problem(tool, STATUS_UNEXPECTED, "mstr-agent: %s", strerror(reason));
}

/* Of mstr-agent, which reads them; --config, --profile and --log are as everywhere. */
static const struct option passed[] = {
    {1, 0, "socket", "PATH", "the agent's socket"},
    {2, 0, "listen", "ADDRESS", "run: 127.0.0.1:PORT or [::1]:PORT, to listen on TCP as well"},
    {3, 0, "token-file", "FILE", "run, env: the token that requests over TCP need"},
    {4, 0, "plugin-path", "PATH", "run: folders of plugins, before all others"},
    {5, 0, "ca-file", "FILE", "run: whom TLS trusts"},
    {6, 0, "user", NULL, "unit: for the user's own manager"},
    {7, 0, "system", NULL, "unit: for the system's manager"},
    {8, 0, "only", "PART", "unit: service or socket alone"},
    {9, 0, "program", "PATH", "unit: what the service starts"},
    {0, 0, NULL, NULL, NULL},
};
static const char *const synopsis[] = {"run [OPTION]...", "status|reload|flush|stop|env [OPTION]...",
                                       "unit [--user|--system]", NULL};
static const char *const examples[] = {"mstr agent run --socket /run/user/1000/mine.sock", "mstr agent status",
                                       "eval \"$(mstr agent env)\"", NULL};
const struct command command_agent = {
    .name = "agent",
    .synopsis = synopsis,
    .summary = "share secrets and sessions with all processes of a user",
    .passed = passed,
    .examples = examples,
    .stop_at_operand = true,
    .run = run,
};
