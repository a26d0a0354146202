/* SPDX-License-Identifier: Apache-2.0 */
/* mstr inject: a text file in which references are replaced by their values, once or whenever one of them, or the
 * file, changes. */
#include "command.h"
#include "common_options.h"
#include "companion.h"
#include "context.h"
#include "failure.h"
#include "inject_text.h"
#include "input.h"
#include "output.h"
#include "output_file.h"
#include "watch.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

struct request {
    const char *template; /* NULL = standard input */
    const char *output;   /* NULL = standard output */
    struct output_file_rules file;
    struct inject_rules rules;
    struct octets allow; /* the patterns, with blanks between them */
    char *close;         /* of the marks; a copy */
    bool watches;
    const char *program; /* that is run after a change */
    struct watch_times times;
};

/* What a template that others could have written has resolved would be theirs to choose. */
static enum mstr_code open_trusted(struct tool *tool, const struct request *request, int *descriptor)
{
    mstr_error *error = mstr_error_new();
    enum mstr_code code =
        request->template != NULL ? mstr_trusted_open(request->template, descriptor, error) : MSTR_E_DENIED;
    if (code == MSTR_E_DENIED) {
        mstr_error_set(tool->error, code, "%s: root needs --allow PATTERN for it, which says what it may ask for",
                       request->template != NULL ? mstr_error_message(error) : "standard input");
    }
    mstr_error_free(error);
    return code;
}

/* The whole template, to be wiped and freed; NULL after having put the reason into tool->error. */
static char *read_template(struct tool *tool, const struct request *request, size_t *length)
{
    const char *name = request->template != NULL ? request->template : "standard input";
    int descriptor = request->template != NULL ? -1 : STDIN_FILENO;
    char *content = NULL;
    if (geteuid() == 0 && request->allow.data == NULL && open_trusted(tool, request, &descriptor) == MSTR_E_DENIED) {
        return NULL;
    }
    if (descriptor < 0) {
        descriptor = input_open(request->template);
    }
    if (descriptor < 0) {
        mstr_error_set(tool->error, MSTR_E_CONFIG, "%s: %s", name, strerror(errno));
    } else {
        content = input_read_all(tool, descriptor, name, length);
    }
    if (descriptor > STDIN_FILENO) {
        close(descriptor);
    }
    return content;
}

static int tell_file(struct tool *tool, const char *path, int failure)
{
    switch (failure) {
    case ELOOP:
        return tool_problem(tool, STATUS_UNEXPECTED, "%s: is a link, which is not followed; name the file", path);
    case EPERM:
        return tool_problem(tool, STATUS_UNEXPECTED, "%s: its owner or group cannot be kept: %s", path,
                            strerror(failure));
    default:
        return tool_output_failed(tool, path, failure);
    }
}

static int write_file(struct tool *tool, const struct request *request, const struct octets *text)
{
    struct output_file file;
    int failure = output_file_open_by(tool, &file, request->output, &request->file);
    if (failure == 0) {
        output_redirect(file.to.descriptor);
        output_write(output_data, text->data, text->length);
        failure = output_restore();
    }
    int later = output_file_close(&file, failure == 0);
    failure = failure != 0 ? failure : later;
    return failure == 0 ? STATUS_DONE : tell_file(tool, request->output, failure);
}

static int write_text(struct tool *tool, const struct request *request, const struct inject_text *text,
                      const struct asked *asked)
{
    struct octets out = {0};
    int status = inject_text_write(tool, text, asked, &out) == MSTR_OK ? STATUS_DONE : tool_fail(tool);
    if (status == STATUS_DONE && request->output != NULL) {
        status = write_file(tool, request, &out);
    } else if (status == STATUS_DONE && out.length > 0) {
        output_write(output_data, out.data, out.length);
    }
    octets_release(&out);
    return status;
}

/* Whether somebody wants an end, and which status that gives. A service is ended by SIGTERM in all order. */
static bool take_signals(struct signals *signals, struct companion *child, int *status)
{
    bool group = false;
    bool end = false;
    for (int number; (number = signals_next(signals, &group)) != 0;) {
        if (child->pid != 0) {
            companion_signal(child, number, group);
        }
        if (signals_is_end(number)) {
            *status = number == SIGTERM ? STATUS_DONE : 128 + number;
            end = true;
        }
    }
    return end;
}

/* Runs what is to be told of a change. True if somebody wants an end meanwhile. */
static bool run_program(struct tool *tool, const char *program, struct signals *signals, int *status)
{
    char shell[] = "/bin/sh", option[] = "-c";
    char *words[] = {shell, option, strdup(program), NULL};
    struct companion child;
    bool end = false;
    int reason =
        words[2] != NULL ? companion_start(&child, words, environ, NULL, signals, tool->ignores_pipe) : ENOMEM;
    if (reason == 0) {
        while (!child.ended) {
            poll(&(struct pollfd){.fd = signals->descriptor, .events = POLLIN}, 1, -1);
            end |= take_signals(signals, &child, status);
        }
        companion_finish(&child, signals, end);
    }
    if (reason != 0 || child.status != 0) {
        output_printf(output_notes, "mstr: the command of --exec %s %d\n",
                      reason != 0 ? "was not started: error" : "ended with status",
                      reason != 0 ? reason : child.status);
        output_flush(output_notes);
    }
    free(words[2]);
    return end;
}

/* A template as it was read, and what it asks for. */
struct source {
    char *template;
    size_t length;
    struct inject_text text;
    struct asked asked;
    struct stat seen; /* the file as it was then; zeros where there is none */
};

static void release_source(struct source *source)
{
    asked_release(&source->asked);
    inject_text_release(&source->text);
    if (source->template != NULL) {
        mstr_wipe(source->template, source->length);
        free(source->template);
    }
}

/* False for one that is not there, as for a moment while another takes its place, and for standard input. */
static bool look_at(const struct request *request, struct stat *seen)
{
    return request->template != NULL && stat(request->template, seen) == 0;
}

/* Reads and resolves; STATUS_DONE, or a status after having told why not. To be released in each case. */
static int load(struct tool *tool, const struct request *request, unsigned flags, struct source *source)
{
    mstr_call_options call = tool_call(tool);
    *source = (struct source){.text = {.rules = &request->rules}};
    source->text.name = request->template != NULL ? request->template : "standard input";
    look_at(request, &source->seen);
    source->template = read_template(tool, request, &source->length);
    if (source->template == NULL ||
        inject_text_read(tool, &source->text, source->template, source->length, &source->asked) != MSTR_OK) {
        return tool_fail(tool);
    }
    call.flags |= flags;
    return asked_resolve(&source->asked, tool->context, &call) == MSTR_OK ? STATUS_DONE
                                                                          : asked_tell(tool, &source->asked);
}

static bool is_other(const struct stat *a, const struct stat *b)
{
    return a->st_dev != b->st_dev || a->st_ino != b->st_ino || a->st_size != b->st_size ||
           a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

/* Takes a template that was changed in place of the one at hand, with the values that it asks for now. One that is
 * wrong is told of, once, and is no change; what could not be written is a change until it is. True if there is
 * something to be told to others. */
static bool renew(struct tool *tool, const struct request *request, struct source *source, struct watch *watch)
{
    struct source next;
    struct stat seen;
    if (!look_at(request, &seen) || !is_other(&seen, &source->seen)) {
        return false;
    }
    source->seen = seen;
    bool loaded = load(tool, request, MSTR_CALL_NO_CACHE, &next) == STATUS_DONE;
    bool good = loaded && write_text(tool, request, &next.text, &next.asked) == STATUS_DONE;
    if (loaded && !good) {
        source->seen = (struct stat){.st_ino = 0};
    }
    mstr_error_clear(tool->error);
    if (good) {
        watch_stop(watch);
        release_source(source);
        *source = next;
        good = watch_start(watch, tool->context, &source->asked, request->times);
    } else {
        release_source(&next);
    }
    return good;
}

static int watch_values(struct tool *tool, const struct request *request, struct source *source)
{
    struct signals signals;
    struct watch watch = {.running = false};
    struct companion none = {.pid = 0};
    struct asked owed = {0}; /* values that are not written yet */
    int status = STATUS_DONE;
    if (!signals_open(&signals) || !watch_start(&watch, tool->context, &source->asked, request->times)) {
        signals_close(&signals);
        return tool_problem(tool, STATUS_UNEXPECTED, "%s", strerror(errno));
    }
    for (bool end = false; !end && watch.running;) {
        struct pollfd sources[] = {{.fd = signals.descriptor, .events = POLLIN},
                                   {.fd = watch_descriptor(&watch), .events = POLLIN}};
        struct asked changed = {0};
        poll(sources, 2, (int)request->times.interval);
        end = take_signals(&signals, &none, &status);
        bool written = !end && renew(tool, request, source, &watch);
        if (!end && !written && watch_take(&watch, &changed)) {
            asked_release(&owed);
            owed = changed;
        }
        /* A disk that is full is told of each time, until it has room. */
        written =
            written || (!end && owed.count > 0 && write_text(tool, request, &source->text, &owed) == STATUS_DONE);
        if (written) {
            asked_release(&owed);
        }
        if (written && request->program != NULL) {
            end = run_program(tool, request->program, &signals, &status);
        }
        output_flush(output_notes);
    }
    asked_release(&owed);
    watch_stop(&watch);
    signals_close(&signals);
    return status;
}

static int inject(struct tool *tool, struct request *request)
{
    struct source source = {.template = NULL};
    request->rules.allow = request->allow.data;
    if (tool_context(tool) != MSTR_OK) {
        return tool_fail(tool);
    }
    int status = load(tool, request, 0, &source);
    status = status == STATUS_DONE ? write_text(tool, request, &source.text, &source.asked) : status;
    if (status == STATUS_DONE && request->watches) {
        status = watch_values(tool, request, &source);
    }
    release_source(&source);
    return status;
}

enum {
    OPTION_INPUT = 1,
    OPTION_OUTPUT,
    OPTION_STRICT,
    OPTION_DELIMITERS,
    OPTION_ESCAPE,
    OPTION_MODE,
    OPTION_GROUP,
    OPTION_ALLOW,
    OPTION_WATCH,
    OPTION_EXEC,
    OPTION_POLL,
    OPTION_SPLAY
};
static const struct option options[] = {
    {OPTION_INPUT, 'i', "input", "TEMPLATE", "the file to read, in place of standard input"},
    {OPTION_OUTPUT, 'o', "output", "FILE", "the file to write, whole or not at all; - is standard output"},
    {OPTION_STRICT, 0, "strict", NULL, "refuse ${…} that names no provider, in place of leaving it"},
    {OPTION_DELIMITERS, 0, "delimiters", "'OPEN CLOSE'", "what stands around a reference, in place of ${ and }"},
    {OPTION_ESCAPE, 0, "escape", "SYNTAX", "write values for json, yaml, shell or xml"},
    {OPTION_MODE, 0, "mode", "MODE", "of the file, such as 0640; 0600, or what it is"},
    {OPTION_GROUP, 0, "group", "GROUP", "of the file, a name or a number"},
    {OPTION_ALLOW, 0, "allow", "PATTERN", "what the template may ask for, as [agent] has it; may be repeated"},
    {OPTION_WATCH, 0, "watch", NULL, "stay, and write the file anew when a value or the template changes"},
    {OPTION_EXEC, 0, "exec", "COMMAND", "run this by a shell after each change"},
    {OPTION_POLL, 0, "poll", "DURATION", "look for changes so often; 60s"},
    {OPTION_SPLAY, 0, "splay", "DURATION", "act on a change at random within so long"},
    {0, 0, NULL, NULL, NULL},
};

static int set_marks(struct tool *tool, struct request *request, const char *value)
{
    size_t open = strcspn(value, " ");
    const char *close = value + open + strspn(value + open, " ");
    if (open == 0 || *close == '\0' || strchr(close, ' ') != NULL) {
        return tool_usage(tool, "--delimiters takes two with a blank between them, such as '{{ }}'");
    }
    free(request->close);
    request->close = strdup(value);
    if (request->close == NULL) {
        return tool_problem(tool, STATUS_UNEXPECTED, "out of memory");
    }
    request->close[open] = '\0';
    request->rules.marks = (struct marks){request->close, request->close + (close - value)};
    request->rules.own_marks = true;
    return STATUS_DONE;
}

static int set_mode(struct tool *tool, struct request *request, const char *value)
{
    char *end = NULL;
    unsigned long mode = strtoul(value, &end, 8);
    if (*value < '0' || *value > '7' || *end != '\0' || mode > 0777) {
        return tool_usage(tool, "--mode takes a number such as 0640, not \"%.40s\"", value);
    }
    request->file.mode = (mode_t)mode;
    return STATUS_DONE;
}

static int set_group(struct tool *tool, struct request *request, const char *value)
{
    char *end = NULL;
    unsigned long number = strtoul(value, &end, 10);
    const struct group *group = *value != '\0' && *end == '\0' ? NULL : getgrnam(value);
    if (group == NULL && (*value < '0' || *value > '9' || *end != '\0')) {
        return tool_usage(tool, "there is no group \"%.40s\"", value);
    }
    request->file.group = group != NULL ? group->gr_gid : (gid_t)number;
    return STATUS_DONE;
}

static int take_option(struct tool *tool, struct request *request, int found, const char *value)
{
    switch (found) {
    case OPTION_INPUT:
        request->template = strcmp(value, "-") != 0 ? value : NULL;
        return STATUS_DONE;
    case OPTION_OUTPUT:
        request->output = strcmp(value, "-") != 0 ? value : NULL;
        return STATUS_DONE;
    case OPTION_STRICT:
        request->rules.strict = true;
        return STATUS_DONE;
    case OPTION_DELIMITERS:
        return set_marks(tool, request, value);
    case OPTION_ESCAPE:
        return escape_named(value, &request->rules.escape)
                   ? STATUS_DONE
                   : tool_usage(tool, "there is no escape \"%.40s\"; there are json, yaml, shell and xml", value);
    case OPTION_MODE:
        return set_mode(tool, request, value);
    case OPTION_GROUP:
        return set_group(tool, request, value);
    case OPTION_ALLOW:
        octets_puts(&request->allow, value);
        return octets_puts(&request->allow, " ") ? STATUS_DONE
                                                 : tool_problem(tool, STATUS_UNEXPECTED, "out of memory");
    case OPTION_WATCH:
        request->watches = true;
        return STATUS_DONE;
    case OPTION_EXEC:
        request->program = value;
        return STATUS_DONE;
    case OPTION_POLL:
        return watch_option_poll(tool, value, &request->times);
    case OPTION_SPLAY:
        return watch_option_splay(tool, value, &request->times);
    case ARGUMENT_OPERAND:
        return tool_usage(tool, "unexpected argument \"%.80s\"", value);
    default:
        return STATUS_USAGE;
    }
}

static int parse(struct tool *tool, struct arguments *arguments, struct request *request)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        int status = take_option(tool, request, found, value);
        if (status != STATUS_DONE) {
            return status;
        }
    }
    if (request->watches && request->output == NULL) {
        return tool_usage(tool, "--watch needs a file that it can write anew: -o FILE");
    }
    return request->program != NULL && !request->watches ? tool_usage(tool, "--exec goes with --watch") : STATUS_DONE;
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct request request = {.file = {.own_place = true, .mode = (mode_t)-1, .group = (gid_t)-1},
                              .times = {WATCH_INTERVAL, WATCH_GATHER, 0}};
    int status = parse(tool, arguments, &request);
    if (status == STATUS_DONE) {
        status = inject(tool, &request);
    }
    octets_release(&request.allow);
    free(request.close);
    return status;
}

static const char *const synopsis[] = {"[-i TEMPLATE] [-o FILE] [OPTION]...", NULL};
static const char *const examples[] = {"mstr inject -i app.conf.in -o app.conf", NULL};
const struct command command_inject = {
    .name = "inject",
    .synopsis = synopsis,
    .summary = "replace references in a text file by their values",
    .options = options,
    .examples = examples,
    .run = run,
};
