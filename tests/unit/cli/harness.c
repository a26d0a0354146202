/* SPDX-License-Identifier: Apache-2.0 */
/* Capturing streams by descriptors without a name, so that no pipe can fill up. */
#define _GNU_SOURCE /* memfd_create(), nftw() */
#include "unit/cli/harness.h"

#include "cli/output.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static struct outcome outcome;
static int input = -1; /* for the next run */

extern char **environ;

const char *harness_path(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s%s%s", folder, *name != '\0' ? "/" : "", name);
    return path;
}

/* The whole of a file, which is closed; at most `size` - 1 octets. */
static size_t take(int descriptor, char *text, size_t size)
{
    ssize_t length = pread(descriptor, text, size, 0);
    close(descriptor);
    assert_in_range(length, 0, size - 1);
    text[length] = '\0';
    return (size_t)length;
}

void harness_write(const char *name, const void *octets, size_t length)
{
    int file = open(harness_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(write(file, octets, length), (ssize_t)length);
    close(file);
}

const char *harness_read(const char *name)
{
    static char text[4096];
    int file = open(harness_path(name), O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    take(file, text, sizeof text);
    return text;
}

void harness_config(const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_in_range(length, 0, sizeof text - 1);
    harness_write("config", text, (size_t)length);
}

/* Variables of whoever runs the tests. */
static void forget_settings(void)
{
    for (char **text = environ; *text != NULL;) {
        char *name = strndup(*text, strcspn(*text, "="));
        if (strncmp(name, "MSTR_", 5) == 0) {
            unsetenv(name); /* what is behind moves up */
        } else {
            text++;
        }
        free(name);
    }
    unsetenv("XDG_STATE_HOME");
}

int harness_reset(void **state)
{
    (void)state;
    forget_settings();
    setenv("HOME", folder, 1);
    setenv("XDG_CONFIG_HOME", folder, 1);
    setenv("MSTR_CONFIG", harness_path("config"), 1);
    setenv("SECRET", SECRET, 1);
    harness_config("%s", "");
    return 0;
}

int harness_start(void **state)
{
    strcpy(folder, "/tmp/mstr-cli-XXXXXX");
    return mkdtemp(folder) != NULL ? harness_reset(state) : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

int harness_stop(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void harness_input(const void *octets, size_t length)
{
    input = memfd_create("input", MFD_CLOEXEC);
    assert_int_equal(write(input, octets, length), (ssize_t)length);
    lseek(input, 0, SEEK_SET);
}

/* Lets `descriptor` be what `with` is, and closes `with`. */
static void replace(int descriptor, int with)
{
    dup2(with, descriptor);
    close(with);
}

const struct outcome *harness_call(int (*body)(void *data), void *data)
{
    int streams[3] = {input >= 0 ? input : open("/dev/null", O_RDONLY | O_CLOEXEC),
                      memfd_create("output", MFD_CLOEXEC), memfd_create("errors", MFD_CLOEXEC)};
    int before[3];
    fflush(NULL);
    for (int i = 0; i < 3; i++) {
        before[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
        dup2(streams[i], i);
    }
    outcome.status = body(data);
    outcome.failure = output_finish();
    output_restore(); /* a failure is that of this run alone */
    fflush(NULL);
    for (int i = 0; i < 3; i++) {
        replace(i, before[i]);
    }
    close(streams[0]);
    input = -1;
    outcome.output_length = take(streams[1], outcome.output, sizeof outcome.output);
    take(streams[2], outcome.errors, sizeof outcome.errors);
    assert_null(memmem(outcome.output, outcome.output_length, SECRET, strlen(SECRET)));
    assert_null(strstr(outcome.errors, SECRET));
    return &outcome;
}

#ifdef MSTR_COVERAGE
void __gcov_dump(void); /* of libgcov, which has no header */
#endif

struct child {
    int (*body)(void *data);
    void *data;
};

static int run_child(void *data)
{
    const struct child *child = data;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        status = child->body(child->data);
        output_finish();
        fflush(NULL);
#ifdef MSTR_COVERAGE
        __gcov_dump(); /* _exit() leaves no other chance to */
#endif
        _exit(status);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

const struct outcome *harness_fork(int (*body)(void *data), void *data)
{
    return harness_call(run_child, &(struct child){body, data});
}

struct tool harness_tool(const struct command *command)
{
    static const struct command *table[2];
    static const mstr_context_options defaults = MSTR_CONTEXT_OPTIONS_INIT;
    table[0] = command;
    return (struct tool){.commands = table,
                         .command = command,
                         .options = defaults,
                         .cancel = mstr_cancel_new(),
                         .error = mstr_error_new()};
}

void harness_tool_free(struct tool *tool)
{
    mstr_context_free(tool->context);
    mstr_error_free(tool->error);
    mstr_cancel_free(tool->cancel);
}

/* Words that may be changed, as those of main() are. */
static struct arguments make_arguments(const struct command *command, const char *const *words, char **copies)
{
    struct arguments arguments = {.words = copies, .stop_at_operand = command->stop_at_operand};
    for (; words[arguments.count] != NULL; arguments.count++) {
        copies[arguments.count] = strdup(words[arguments.count]);
    }
    return arguments;
}

int command_line_run(void *data)
{
    const struct command_line *line = data;
    char *copies[32] = {NULL};
    struct arguments arguments = make_arguments(line->command, line->words, copies);
    struct tool tool = harness_tool(line->command);
    int status = line->command->run(&tool, &arguments);
    harness_tool_free(&tool);
    for (int i = 0; i < arguments.count; i++) {
        free(copies[i]);
    }
    return status;
}
