/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of any language as a provider. With format = json it answers a batch: see exec_answer.h. With
 * format = text it is started once a reference, whose body is its last argument, and prints the value. With
 * protocol = lines it stays and answers batch after batch: see exec_lines.h.
 */
#include "base/json.h"
#include "base/parallel.h"
#include "base/text.h"
#include "builtin/builtin.h"
#include "builtin/exec_answer.h"
#include "builtin/exec_command.h"
#include "builtin/exec_lines.h"
#include "builtin/exec_outcome.h"
#include "sdk/host.h"
#include "sdk/process.h"

#include <stdlib.h>
#include <string.h>

enum { PROGRAMS_MAX = 32 }; /* that run at once */

struct exec {
    struct exec_command command;
    struct exec_lines *lines; /* NULL = the program is started for each call */
    bool text;
};

static const struct mstr_option options[] = {
    {"command", MSTR_OPTION_STRING, MSTR_OPTION_REQUIRED, NULL, "program and arguments; no shell is involved"},
    {"protocol", MSTR_OPTION_STRING, 0, "once", "once: it is started for each call; lines: it stays"},
    {"format", MSTR_OPTION_STRING, 0, "json", "json: question and answer as JSON; text: the output is the value"},
    {"environment", MSTR_OPTION_STRING, 0, NULL, "names of further variables handed to the program"},
    {"timeout", MSTR_OPTION_DURATION, 0, "30s", "after which the program is killed"},
    {"idle", MSTR_OPTION_DURATION, 0, "60s", "after which a program that stays is ended; 0 = never"},
    {"output_limit", MSTR_OPTION_INTEGER, 0, "1048576", "octets that the program may print"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static void destroy(void *self)
{
    struct exec *exec = self;
    exec_lines_free(exec->lines);
    exec_command_release(&exec->command);
    free(exec);
}

static const char *program_of(const struct exec *exec)
{
    return exec->command.argv[0];
}

/* How the program is spoken with. */
static enum mstr_code read_protocol(struct exec *exec, const struct mstr_instance *instance, struct mstr_error *error)
{
    const char *format = host->option(instance, "format");
    const char *protocol = host->option(instance, "protocol");
    int64_t idle = 0;
    exec->text = strcmp(format, "text") == 0;
    if (!exec->text && strcmp(format, "json") != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "option \"format\" must be json or text");
    }
    if (strcmp(protocol, "once") == 0) {
        return MSTR_OK;
    }
    if (strcmp(protocol, "lines") != 0 || exec->text) {
        return host->error_set(error, MSTR_E_CONFIG,
                               exec->text ? "option \"format\" must be json where the program stays"
                                          : "option \"protocol\" must be once or lines");
    }
    text_to_int64(host->option(instance, "idle"), &idle);
    exec->lines = exec_lines_new(&exec->command, idle);
    return exec->lines != NULL ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    struct exec *exec = calloc(1, sizeof(*exec));
    if (exec == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = exec_command_read(instance, &exec->command, error);
    if (code == MSTR_OK) {
        code = read_protocol(exec, instance, error);
    }
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
    struct process_spec spec = exec_command_spec(&exec->command, argv);
    spec.input = buffer_text(input);
    spec.input_length = input->length;
    *result = (struct process_result){.exit_status = -1};
    if (input->failed) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = exec_command_check(&exec->command, error);
    if (code == MSTR_OK) {
        code = process_run(call, &spec, result, error);
    }
    return code == MSTR_E_PROTOCOL ? MSTR_E_PLUGIN : code; /* more output than its contract allows */
}

/* The body is all that it is told. */
static enum mstr_code check_text(const struct mstr_reference *reference, struct mstr_error *error)
{
    return reference->query_count == 0
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "a program that prints text takes no query, found \"%s\"",
                                 reference->query[0].key);
}

static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    const char *format = host->option(instance, "format");
    return format != NULL && strcmp(format, "text") == 0 ? check_text(reference, error) : MSTR_OK;
}

static void answer_text(const struct exec *exec, struct mstr_request *request, const struct mstr_call *call)
{
    const char *argv[EXEC_ARGUMENTS_MAX + 2] = {NULL};
    const struct buffer no_input = BUFFER_INIT;
    struct process_result result;
    char end[EXEC_END_SIZE];
    size_t count = 0;
    if (check_text(request->reference, request->error) != MSTR_OK) {
        request_fail(request, MSTR_E_CONFIG, request->error);
        return;
    }
    for (; exec->command.argv[count] != NULL; count++) {
        argv[count] = exec->command.argv[count];
    }
    argv[count] = request->reference->body;
    struct mstr_error *error = host->error_new();
    enum mstr_code code = run(exec, argv, &no_input, call, &result, error);
    const char *failed = code == MSTR_OK ? exec_describe_end(&result, end) : NULL;
    size_t length = result.output.length;
    length -= length > 0 && result.output.data[length - 1] == '\n';
    exec_hide_lines(&result.output, &result.errors);
    if (code != MSTR_OK) {
        request_fail(request, code, error);
    } else if (failed != NULL) {
        exec_fail(request, exec_class_of_end(&result), program_of(exec), failed, buffer_text(&result.errors));
    } else {
        host->set_value(request, buffer_text(&result.output), length, NULL);
    }
    host->error_free(error);
    process_release(&result);
}

/* Hides the values in what a program said that printed them before it failed. Where they cannot be told apart from
 * the rest of its output, nothing of what it said may be quoted. */
static void hide_output(struct process_result *result, size_t count)
{
    struct json_object *answer = NULL;
    const char *fault = NULL;
    struct json_object *results =
        exec_read_answer(buffer_text(&result->output), result->output.length, count, &answer, &fault);
    if (results != NULL) {
        exec_hide_values(results, count, &result->errors);
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
    char end[EXEC_END_SIZE];
    struct mstr_error *error = host->error_new();
    exec_write_question(requests, count, &question);
    enum mstr_code code = run(exec, (const char *const *)exec->command.argv, &question, call, &result, error);
    const char *failed = code == MSTR_OK ? exec_describe_end(&result, end) : NULL;
    if (code == MSTR_OK && failed == NULL) {
        struct json_object *answer = NULL;
        const char *fault = NULL;
        struct json_object *results =
            exec_read_answer(buffer_text(&result.output), result.output.length, count, &answer, &fault);
        exec_answer_all(program_of(exec), requests, count, results, fault);
        json_release(answer);
    } else {
        hide_output(&result, count);
        for (size_t i = 0; i < count; i++) {
            if (code != MSTR_OK) {
                request_fail(requests[i], code, error);
            } else {
                exec_fail(requests[i], exec_class_of_end(&result), program_of(exec), failed,
                          buffer_text(&result.errors));
            }
        }
    }
    host->error_free(error);
    buffer_release(&question);
    process_release(&result);
}

static void answer_lines(const struct exec *exec, struct mstr_request *const *requests, size_t count,
                         const struct mstr_call *call)
{
    struct json_object *answer = NULL;
    struct mstr_error *error = host->error_new();
    const char *fault = NULL;
    enum mstr_code code = exec_lines_ask(exec->lines, requests, count, call, &answer, error);
    if (code == MSTR_OK) {
        struct json_object *results = exec_read_results(answer, count, &fault);
        exec_answer_all(program_of(exec), requests, count, results, fault);
    }
    for (size_t i = 0; code != MSTR_OK && i < count; i++) {
        request_fail(requests[i], code, error);
    }
    json_release(answer);
    host->error_free(error);
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
    if (exec->lines != NULL) {
        answer_lines(exec, requests, count, call);
    } else if (exec->text) {
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
        .check = check,
    };
    host_take(table);
    return &provider;
}
