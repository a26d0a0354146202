/*
 * A program of any language as a provider. With format = json it answers a batch: see exec_answer.h. With
 * format = text it is started once a reference, whose body is its last argument, and prints the value.
 */
#define _GNU_SOURCE /* memmem() */
#include "base/json.h"
#include "base/parallel.h"
#include "base/text.h"
#include "builtin/builtin.h"
#include "builtin/exec_answer.h"
#include "sdk/host.h"
#include "sdk/printed.h"
#include "sdk/process.h"
#include "sdk/process_split.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ARGUMENTS_MAX = 256, NAMES_MAX = 64, QUOTED_MAX = 512, OUTPUT_LARGEST = 16 * 1024 * 1024 };
enum { PROGRAMS_MAX = 32 }; /* that run at once */

struct exec {
    const struct mstr_instance *instance;
    char **argv;
    char *environment; /* what the names point into */
    const char *names[NAMES_MAX + 1];
    bool text;
    int64_t timeout;
    size_t output_limit;
};

static const struct mstr_option options[] = {
    {"command", MSTR_OPTION_STRING, MSTR_OPTION_REQUIRED, NULL, "program and arguments; no shell is involved"},
    {"format", MSTR_OPTION_STRING, 0, "json", "json: question and answer as JSON; text: the output is the value"},
    {"environment", MSTR_OPTION_STRING, 0, NULL, "names of further variables handed to the program"},
    {"timeout", MSTR_OPTION_DURATION, 0, "30s", "after which the program is killed"},
    {"output_limit", MSTR_OPTION_INTEGER, 0, "1048576", "octets that the program may print"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

/* What most programs need to run at all; everything else has to be named, since it may hold secrets. */
static const char *const usual_names[] = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "TZ"};

/* What the exit status of a program that failed says: the numbers are those of mstr itself. */
static const struct {
    int status;
    enum mstr_code code;
} statuses[] = {
    {3, MSTR_E_CONFIG},         {4, MSTR_E_NOT_FOUND}, {5, MSTR_E_DENIED},
    {6, MSTR_E_AUTHENTICATION}, {7, MSTR_E_NETWORK},   {8, MSTR_E_UNAVAILABLE},
};

static void destroy(void *self)
{
    struct exec *exec = self;
    process_free_arguments(exec->argv);
    free(exec->environment);
    free(exec);
}

static const char no_memory[] = "out of memory";

/* The fault of the names, or NULL. */
static const char *read_names(struct exec *exec, const char *given)
{
    size_t count = sizeof(usual_names) / sizeof(*usual_names);
    char *rest = NULL;
    memcpy(exec->names, usual_names, sizeof(usual_names));
    if (given == NULL) {
        return NULL;
    }
    if ((exec->environment = text_copy(given)) == NULL) {
        return no_memory;
    }
    for (char *name = exec->environment; count < NAMES_MAX; name = NULL) {
        const char *next = strtok_r(name, " ,\t\n", &rest);
        if (next == NULL) {
            return NULL;
        }
        exec->names[count++] = next;
    }
    return "option \"environment\" has too many names";
}

/* The fault of the options that the host's check cannot see, or NULL. */
static const char *read_options(struct exec *exec)
{
    const char *format = host->option(exec->instance, "format");
    int64_t limit = 0;
    exec->argv = process_split(host->option(exec->instance, "command"));
    if (exec->argv == NULL && errno == ENOMEM) {
        return no_memory;
    }
    if (exec->argv == NULL || exec->argv[0][0] == '\0') {
        return "option \"command\" is empty, has too many arguments or a quote that does not end";
    }
    if (strcmp(format, "json") != 0 && strcmp(format, "text") != 0) {
        return "option \"format\" must be json or text";
    }
    exec->text = format[0] == 't';
    text_to_int64(host->option(exec->instance, "timeout"), &exec->timeout);
    if (exec->timeout <= 0) {
        return "option \"timeout\" must be more than 0";
    }
    text_to_int64(host->option(exec->instance, "output_limit"), &limit);
    if (limit < 1 || limit > OUTPUT_LARGEST) {
        return "option \"output_limit\" must be from 1 to 16777216";
    }
    exec->output_limit = (size_t)limit;
    return read_names(exec, host->option(exec->instance, "environment"));
}

/* Overwrites every occurrence of a value, so that the rest may be quoted. */
static void cut_out(struct buffer *text, const char *value, size_t length)
{
    char *at = text->data;
    while (length > 0 && at != NULL && (size_t)(text->data + text->length - at) >= length &&
           (at = memmem(at, (size_t)(text->data + text->length - at), value, length)) != NULL) {
        memset(at, '*', length);
        at += length;
    }
}

/* The same for each line of a text, which may be quoted without the others. */
static void cut_out_lines(struct buffer *text, const struct buffer *lines)
{
    const char *line = buffer_text(lines);
    const char *end = line + lines->length;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline != NULL ? newline : end) - line);
        cut_out(text, line, length);
        line += length + 1;
    }
}

/* Fails with what the program said, of which the last is shown; "" for nothing. */
static void fail(struct mstr_request *request, enum mstr_code code, const struct exec *exec, const char *what,
                 const char *said)
{
    struct buffer quoted = BUFFER_INIT;
    printed_quote(said, &quoted);
    const size_t past = quoted.length > QUOTED_MAX ? quoted.length - QUOTED_MAX : 0;
    host->set_error(request, code, "program %s %s%s%s", exec->argv[0], what, quoted.length > 0 ? ": " : "",
                    buffer_text(&quoted) + past);
    buffer_release(&quoted);
}

/* An answer that breaks the contract between provider and library. */
static void refuse_answer(struct mstr_request *request, const struct exec *exec, const char *fault)
{
    if (fault == NULL) {
        host->set_error(request, MSTR_E_MEMORY, "out of memory");
    } else {
        host->set_error(request, MSTR_E_PLUGIN, "program %s gave an answer that %s", exec->argv[0], fault);
    }
}

/* Scripts decide as much as what interprets them: each argument of the command that is the path of a file. */
static enum mstr_code check_arguments(const struct exec *exec, struct mstr_error *error)
{
    struct stat status;
    enum mstr_code code = MSTR_OK;
    for (char **argument = exec->argv + 1; *argument != NULL && code == MSTR_OK; argument++) {
        if (**argument == '/' && stat(*argument, &status) == 0 && S_ISREG(status.st_mode)) {
            code = process_check(*argument, error);
        }
    }
    return code;
}

/* The program is configured, so that one which is missing is a fault of the configuration: "not available here",
 * after which an alternative is tried, is for the program itself to say. */
static struct process_spec spec_of(const struct exec *exec, const char *const *argv)
{
    return (struct process_spec){.argv = argv,
                                 .trusted = true,
                                 .absent = MSTR_E_CONFIG,
                                 .environment = exec->names,
                                 .output_limit = exec->output_limit,
                                 .timeout = exec->timeout};
}

static enum mstr_code check_program(const struct exec *exec, struct mstr_error *error)
{
    const struct process_spec spec = spec_of(exec, (const char *const *)exec->argv);
    enum mstr_code code = process_can_start(&spec, error);
    return code == MSTR_OK ? check_arguments(exec, error) : code;
}

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    struct exec *exec = calloc(1, sizeof(*exec));
    if (exec == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    exec->instance = instance;
    const char *fault = read_options(exec);
    if (fault != NULL) {
        destroy(exec);
        return host->error_set(error, fault == no_memory ? MSTR_E_MEMORY : MSTR_E_CONFIG, "%s", fault);
    }
    enum mstr_code code = check_program(exec, error);
    if (code != MSTR_OK) {
        destroy(exec);
        return code;
    }
    *self = exec;
    return MSTR_OK;
}

static enum mstr_code run(const struct exec *exec, const char *const *argv, const struct buffer *input,
                          const struct mstr_call *call, struct process_result *result, struct mstr_error *error)
{
    struct process_spec spec = spec_of(exec, argv);
    spec.input = buffer_text(input);
    spec.input_length = input->length;
    *result = (struct process_result){.exit_status = -1};
    enum mstr_code code = check_arguments(exec, error);
    if (code == MSTR_OK) {
        code = process_run(call, &spec, result, error);
    }
    return code == MSTR_E_PROTOCOL ? MSTR_E_PLUGIN : code; /* more output than its contract allows */
}

/* Why the program's output cannot be used, or NULL. */
static const char *describe_end(const struct process_result *result, char text[64])
{
    if (result->exit_status == 0) {
        return NULL;
    }
    if (result->signal != 0) {
        snprintf(text, 64, "was ended by signal %d", result->signal);
    } else if (result->exit_status > 0) {
        snprintf(text, 64, "failed with exit status %d", result->exit_status);
    } else {
        snprintf(text, 64, "ended in a way that this program did not let be seen");
    }
    return text;
}

static enum mstr_code class_of(int status)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        if (statuses[i].status == status) {
            return statuses[i].code;
        }
    }
    return MSTR_E_UNEXPECTED;
}

static void answer_text(const struct exec *exec, struct mstr_request *request, const struct mstr_call *call)
{
    const char *argv[ARGUMENTS_MAX + 2] = {NULL};
    const struct buffer no_input = BUFFER_INIT;
    struct process_result result;
    char end[64];
    size_t count = 0;
    if (request->reference->query_count > 0) {
        fail(request, MSTR_E_CONFIG, exec, "prints text and takes no query", "");
        return;
    }
    for (; exec->argv[count] != NULL; count++) {
        argv[count] = exec->argv[count];
    }
    argv[count] = request->reference->body;
    struct mstr_error *error = host->error_new();
    enum mstr_code code = run(exec, argv, &no_input, call, &result, error);
    const char *failed = code == MSTR_OK ? describe_end(&result, end) : NULL;
    size_t length = result.output.length;
    length -= length > 0 && result.output.data[length - 1] == '\n';
    cut_out_lines(&result.errors, &result.output);
    if (code != MSTR_OK) {
        request_fail(request, code, error);
    } else if (failed != NULL) {
        fail(request, class_of(result.exit_status), exec, failed, buffer_text(&result.errors));
    } else {
        host->set_value(request, buffer_text(&result.output), length, NULL);
    }
    host->error_free(error);
    process_release(&result);
}

/* Takes the values of an answer out of what the program said; nothing is left of that where one cannot be read. */
static void hide_values(struct json_object *results, size_t count, struct buffer *text)
{
    for (size_t i = 0; results != NULL && i < count; i++) {
        struct exec_result one;
        exec_read_result(results, i, &one);
        cut_out(text, buffer_text(&one.value), one.value.length);
        buffer_truncate(text, one.value.failed ? 0 : text->length);
        buffer_release(&one.value);
    }
}

/* A failure that the answer tells may still quote a value beside it. */
static void refuse(const struct exec *exec, struct mstr_request *request, struct json_object *results, size_t count,
                   const struct exec_result *result)
{
    struct buffer message = BUFFER_INIT;
    buffer_puts(&message, result->message != NULL ? result->message : "an error");
    hide_values(results, count, &message);
    fail(request, result->code, exec, "answered", buffer_text(&message));
    buffer_release(&message);
}

/* Hands one result over. */
static void answer_one(const struct exec *exec, struct mstr_request *request, struct json_object *results,
                       size_t count, size_t index)
{
    struct exec_result result;
    const char *fault = exec_read_result(results, index, &result);
    if (fault != NULL || result.value.failed) {
        refuse_answer(request, exec, result.value.failed ? NULL : fault);
    } else if (result.code != MSTR_OK) {
        refuse(exec, request, results, count, &result);
    } else {
        const struct mstr_meta meta = {.size = sizeof(meta), .expires = result.expires, .version = result.version};
        host->set_value(request, buffer_text(&result.value), result.value.length, &meta);
    }
    buffer_release(&result.value);
}

static void answer_all(const struct exec *exec, struct mstr_request *const *requests, size_t count,
                       const struct buffer *output)
{
    struct json_object *answer = NULL;
    const char *fault = NULL;
    struct json_object *results = exec_read_answer(buffer_text(output), output->length, count, &answer, &fault);
    for (size_t i = 0; i < count; i++) {
        if (results != NULL) {
            answer_one(exec, requests[i], results, count, i);
        } else {
            refuse_answer(requests[i], exec, fault);
        }
    }
    json_release(answer);
}

/* The same for what a program said that printed values before it failed. Where they cannot be told apart from the
 * rest of its output, nothing of what it said may be quoted. */
static void hide_output(struct process_result *result, size_t count)
{
    struct json_object *answer = NULL;
    const char *fault = NULL;
    struct json_object *results =
        exec_read_answer(buffer_text(&result->output), result->output.length, count, &answer, &fault);
    if (results != NULL) {
        hide_values(results, count, &result->errors);
    } else if (result->output.length > 0) {
        buffer_clear(&result->errors);
    }
    json_release(answer);
}

static void answer_json(const struct exec *exec, struct mstr_request *const *requests, size_t count,
                        const struct mstr_call *call)
{
    struct buffer question = BUFFER_INIT;
    struct process_result result;
    char end[64];
    struct mstr_error *error = host->error_new();
    exec_write_question(requests, count, &question);
    enum mstr_code code = run(exec, (const char *const *)exec->argv, &question, call, &result, error);
    const char *failed = code == MSTR_OK ? describe_end(&result, end) : NULL;
    if (code == MSTR_OK && failed == NULL) {
        answer_all(exec, requests, count, &result.output);
    } else {
        hide_output(&result, count);
        for (size_t i = 0; i < count; i++) {
            if (code != MSTR_OK) {
                request_fail(requests[i], code, error);
            } else {
                fail(requests[i], class_of(result.exit_status), exec, failed, buffer_text(&result.errors));
            }
        }
    }
    host->error_free(error);
    buffer_release(&question);
    process_release(&result);
}

struct batch {
    const struct exec *exec;
    struct mstr_request *const *requests;
    const struct mstr_call *call;
};

static void answer_text_of(void *data, size_t index)
{
    const struct batch *batch = data;
    answer_text(batch->exec, batch->requests[index], batch->call);
}

/* A program that prints text runs once for each reference, side by side. */
static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    const struct exec *exec = self;
    struct batch batch = {exec, requests, call};
    if (exec->text) {
        parallel_run(count, PROGRAMS_MAX, answer_text_of, &batch);
    } else {
        answer_json(exec, requests, count, call);
    }
}

const struct mstr_provider *exec_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "exec",
        .version = "1",
        .summary = "a program of your own",
        .options = options,
        .create = create,
        .resolve = resolve,
        .destroy = destroy,
    };
    host_take(table);
    return &provider;
}
