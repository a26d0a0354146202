/* SPDX-License-Identifier: Apache-2.0 */
/* mstr get REFERENCE...: values of secrets on standard output, all fetched at once. */
#include "asked.h"
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_ENV, FORMAT_RAW };
static const char *const format_names[] = {"text", "json", "env", "raw", NULL};

struct request {
    enum format format;
    bool version_info;
    bool no_cache;
    const char **words; /* operands as given: REFERENCE, or NAME=REFERENCE for FORMAT_ENV */
    size_t count;
    struct asked asked; /* one for each word */
};

/* False if there is none of this name. */
static bool parse_format(const char *name, enum format *format)
{
    for (size_t i = 0; format_names[i] != NULL; i++) {
        if (strcmp(name, format_names[i]) == 0) {
            *format = (enum format)i;
            return true;
        }
    }
    return false;
}

static int64_t age_seconds(const mstr_secret *secret)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age = (int64_t)now.tv_sec - mstr_secret_fetched(secret) / 1000;
    return age > 0 ? age : 0;
}

/* RFC 3339, or null for 0. */
static void print_time(int64_t milliseconds)
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm parts;
    char text[40];
    if (seconds != 0 && gmtime_r(&seconds, &parts) != NULL &&
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0) {
        output_json(output_data, text);
    } else {
        output_puts(output_data, "null");
    }
}

static void print_json(const mstr_setting *lookup, const struct request *request)
{
    const char *octets = mstr_secret_octets(lookup->value);
    size_t length = mstr_secret_length(lookup->value);
    output_json(output_data, lookup->key);
    if (output_is_utf8(octets, length)) {
        output_puts(output_data, ": {\"value\": ");
        output_json_octets(output_data, octets, length);
    } else {
        output_puts(output_data, ": {\"value_base64\": \"");
        output_base64(output_data, octets, length);
        output_puts(output_data, "\"");
    }
    output_member(output_data, ", ", "version", mstr_secret_version(lookup->value));
    output_puts(output_data, ", \"expires\": ");
    print_time(mstr_secret_expires(lookup->value));
    if (request->version_info) {
        output_member(output_data, ", ", "source", mstr_secret_source(lookup->value));
        output_printf(output_data, ", \"age\": %lld", (long long)age_seconds(lookup->value));
    }
    output_puts(output_data, "}");
}

/* Beside data that a script reads as it is, what is known of it goes to standard error. */
static void note_version(const mstr_setting *lookup)
{
    const char *version = mstr_secret_version(lookup->value);
    output_printf(output_notes, "%s: version %s, from %s, %lld s old\n", lookup->key,
                  version != NULL ? version : "unknown", mstr_secret_source(lookup->value),
                  (long long)age_seconds(lookup->value));
}

/* What the answers cost: from which of them the store was spared. */
static void note_statistics(const struct tool *tool)
{
    mstr_context_stats stats = {.size = sizeof stats};
    mstr_context_get_stats(tool->context, &stats);
    output_printf(output_notes, "%llu fetched, %llu from the cache, %llu failed\n", (unsigned long long)stats.fetches,
                  (unsigned long long)stats.hits + (unsigned long long)stats.stale_hits,
                  (unsigned long long)stats.failures);
}

/* Whether the reference was asked for before in the same call. */
static bool is_repeated(const struct request *request, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(request->asked.settings[i].key, request->asked.settings[index].key) == 0) {
            return true;
        }
    }
    return false;
}

static void print_one(const struct tool *tool, const struct request *request, size_t index)
{
    const mstr_setting *lookup = &request->asked.settings[index];
    const char *octets = mstr_secret_octets(lookup->value);
    size_t length = mstr_secret_length(lookup->value);
    switch (request->format) {
    case FORMAT_JSON:
        if (!is_repeated(request, index)) {
            output_puts(output_data, index == 0 ? "{" : ", ");
            print_json(lookup, request);
        }
        output_puts(output_data, index + 1 == request->count ? "}\n" : "");
        break;
    case FORMAT_ENV:
        output_write(output_data, request->words[index], (size_t)(lookup->key - request->words[index]));
        output_quoted(output_data, octets, length);
        output_puts(output_data, "\n");
        break;
    case FORMAT_TEXT:
        output_write(output_data, octets, length);
        /* A single value can be piped as it is; several need a line each. */
        output_puts(output_data, request->count > 1 || tool_is_shown(tool) ? "\n" : "");
        break;
    case FORMAT_RAW:
        output_write(output_data, octets, length);
        break;
    }
    if (request->version_info && request->format != FORMAT_JSON) {
        note_version(lookup);
    }
}

static int print_all(struct tool *tool, const struct request *request)
{
    for (size_t i = 0; request->format == FORMAT_ENV && i < request->count; i++) {
        const mstr_secret *secret = request->asked.settings[i].value;
        if (memchr(mstr_secret_octets(secret), '\0', mstr_secret_length(secret)) != NULL) {
            return tool_problem(tool, STATUS_UNEXPECTED, "%s: the value holds a NUL, which no variable can",
                                request->asked.settings[i].key);
        }
    }
    for (size_t i = 0; i < request->count; i++) {
        print_one(tool, request, i);
    }
    if (request->version_info) {
        note_statistics(tool);
    }
    return STATUS_DONE;
}

static int fetch(struct tool *tool, void *data)
{
    struct request *request = data;
    mstr_call_options call = tool_call(tool);
    if (tool_context(tool) != MSTR_OK) {
        return tool_fail(tool);
    }
    call.flags |= request->no_cache ? MSTR_CALL_NO_CACHE : 0;
    return asked_resolve(&request->asked, tool->context, &call) == MSTR_OK ? print_all(tool, request)
                                                                           : asked_tell(tool, &request->asked);
}

/* Where the reference begins within each operand, which the format decides. */
static int prepare(struct tool *tool, struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        const char *word = request->words[i];
        int name = request->format == FORMAT_ENV ? assignment_name(word) : 0;
        if (request->format == FORMAT_ENV && name == 0) {
            return tool_usage(tool, "with --format env, write NAME=REFERENCE in place of \"%.80s\"", word);
        }
        if (!asked_add(&request->asked, NULL, name > 0 ? word + name + 1 : word)) {
            return tool_problem(tool, STATUS_UNEXPECTED, "out of memory");
        }
    }
    return STATUS_DONE;
}

enum { OPTION_FORMAT = 1, OPTION_OUTPUT, OPTION_VERSION_INFO, OPTION_NO_CACHE };
static const struct option options[] = {
    {OPTION_FORMAT, 'o', NULL, "FORM", "text, json, env (NAME='value' lines) or raw (the octets alone)"},
    {OPTION_OUTPUT, 0, "output", "FILE", "write to a file, whole or not at all; - is standard output"},
    {OPTION_VERSION_INFO, 0, "version-info", NULL, "tell version, source and age too"},
    {OPTION_NO_CACHE, 0, "no-cache", NULL, "ask the store even if a value is cached"},
    {0, 0, NULL, NULL, NULL},
};

static int parse(struct tool *tool, struct arguments *arguments, struct request *request)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        switch (found) {
        case OPTION_FORMAT:
            if (!parse_format(value, &request->format)) {
                return tool_usage(tool,
                                  "there is no format \"%.40s\"; there are text, json, env and raw; --output names "
                                  "a file",
                                  value);
            }
            break;
        case OPTION_OUTPUT: /* which named the form, before there were files: no value goes into one by mistake */
            if (parse_format(value, &request->format)) {
                return tool_usage(tool, "--output names a file; write --format %s, or --output ./%s", value, value);
            }
            tool->output = value;
            break;
        case OPTION_VERSION_INFO:
            request->version_info = true;
            break;
        case OPTION_NO_CACHE:
            request->no_cache = true;
            break;
        case ARGUMENT_OPERAND:
            request->words[request->count++] = value;
            break;
        default:
            return STATUS_USAGE;
        }
    }
    if (tool->format != NULL) {
        parse_format(tool->format, &request->format);
    } else if (tool->json && request->format == FORMAT_TEXT) {
        request->format = FORMAT_JSON;
    }
    return request->count > 0 ? STATUS_DONE : tool_usage(tool, "no reference was given");
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct request request = {.format = FORMAT_TEXT};
    request.words = calloc((size_t)arguments->count, sizeof *request.words);
    int status = STATUS_UNEXPECTED;
    if (request.words == NULL) {
        tool_problem(tool, status, "out of memory");
        goto cleanup;
    }
    status = parse(tool, arguments, &request);
    if (status == STATUS_DONE) {
        status = prepare(tool, &request);
    }
    if (status == STATUS_DONE) {
        status = tool_write(tool, fetch, &request);
    }

cleanup:
    asked_release(&request.asked);
    free(request.words);
    return status;
}

static const char *const synopsis[] = {"[OPTION]... REFERENCE...", "--format env [OPTION]... NAME=REFERENCE...",
                                       NULL};
static const char *const examples[] = {
    "mstr get file:/run/secrets/db#password", "mstr get --format json file:/run/secrets/db env:USER",
    "eval \"$(mstr get --format env PASSWORD=file:/run/secrets/db#password)\"", NULL};
const struct command command_get = {
    .name = "get",
    .synopsis = synopsis,
    .summary = "write the values of references",
    .options = options,
    .examples = examples,
    .formats = format_names,
    .run = run,
};
