/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mstr-provider-test: a conformance run that any plugin must pass, over the public interface. Loads the plugin as a
 * program would, looks at its table, and asks it for secrets alone, in batches, from many threads, past a deadline
 * and after a cancellation, by references that are made to lead elsewhere, and by malformed ones. One line a check on
 * standard output; exit status 0 if all passed.
 */
#define _GNU_SOURCE /* mkostemp() */
#include "cli/options.h"
#include "tools/conformance.h"
#include "tools/injection.h"
#include "tools/refusal.h"

#include <mstr/mstr.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 64, THREADS = 16 };

struct run {
    const char *plugin;
    const char *options[WORDS_MAX]; /* NAME=VALUE */
    size_t option_count;
    char *found[WORDS_MAX]; /* references */
    size_t found_count;
    char *missing[WORDS_MAX];
    size_t missing_count;
    char config[512];
    mstr_context *context;
    mstr_error *error;
    int failures;
};

static void check(struct run *run, bool passed, const char *what, const char *why)
{
    conformance_tell(&run->failures, passed, what, why);
}

/* The configuration of one instance, "tested", readable by this user alone. `setting` may be a reference to it. */
static bool write_config(struct run *run, const char *setting)
{
    const char *folder = getenv("TMPDIR");
    snprintf(run->config, sizeof run->config, "%.480s/mstr-test-XXXXXX",
             folder != NULL && *folder != '\0' ? folder : "/tmp");
    int descriptor = mkostemp(run->config, O_CLOEXEC);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (file == NULL) {
        fprintf(stderr, "mstr-provider-test: %s: %s\n", run->config, strerror(errno));
        return false;
    }
    fprintf(file, "[provider tested]\nplugin = %s\n", run->plugin);
    for (size_t i = 0; i < run->option_count; i++) {
        fprintf(file, "%s\n", run->options[i]);
    }
    if (setting != NULL) {
        fprintf(file, "[env checked]\nA = %s\n", setting);
    }
    return fclose(file) == 0;
}

static mstr_context *new_context(struct run *run)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_context *context = NULL;
    options.config_file = run->config;
    mstr_context_new(&options, &context, run->error);
    return context;
}

static int look_at_table(const mstr_provider_info *info, void *data)
{
    struct run *run = data;
    if (strcmp(info->name, "tested") != 0) {
        return 0;
    }
    check(run, info->problem == NULL, "the plugin is loaded and its table accepted", info->problem);
    if (info->problem == NULL) {
        static const char *const taken[] = {"plugin", "service", NULL};
        const char *fault = conformance_option_fault(info->options, info->option_size, taken);
        check(run, info->version[0] != '\0', "it has a version", "the text is empty");
        check(run, info->summary != NULL && info->summary[0] != '\0', "it has a summary", "there is none");
        check(run, fault == NULL, "its option table is in order", fault);
    }
    return 0;
}

static enum mstr_code get(struct run *run, mstr_context *context, const char *reference,
                          const mstr_call_options *options)
{
    mstr_secret *secret = NULL;
    enum mstr_code code = mstr_context_get(context, reference, options, &secret, run->error);
    mstr_secret_release(secret);
    return code;
}

static void ask_one_by_one(struct run *run)
{
    mstr_call_options fresh = MSTR_CALL_OPTIONS_INIT;
    struct conformance_state before, after;
    fresh.flags = MSTR_CALL_NO_CACHE;
    conformance_take_state(&before);
    for (size_t i = 0; i < run->found_count; i++) {
        enum mstr_code code = get(run, run->context, run->found[i], &fresh);
        check(run, code == MSTR_OK, run->found[i], mstr_error_message(run->error));
    }
    for (size_t i = 0; i < run->missing_count; i++) {
        enum mstr_code code = get(run, run->context, run->missing[i], &fresh);
        check(run, code == MSTR_E_NOT_FOUND, run->missing[i],
              code == MSTR_OK ? "it was found" : "the error's class is not not-found");
        check(run, code == MSTR_OK || mstr_error_message(run->error)[0] != '\0', "an error has a message",
              "it is empty");
    }
    conformance_take_state(&after);
    check(run, conformance_same_state(&before, &after), "working directory, locale, umask and signal mask are kept",
          "a call changed them");
}

static void ask_in_a_batch(struct run *run)
{
    mstr_lookup lookups[2 * WORDS_MAX] = {{NULL, NULL, MSTR_OK, NULL}};
    mstr_call_options fresh = MSTR_CALL_OPTIONS_INIT;
    size_t count = 0;
    bool right = true;
    fresh.flags = MSTR_CALL_NO_CACHE;
    for (size_t i = 0; i < run->found_count; i++) {
        lookups[count++].reference = run->found[i];
    }
    for (size_t i = 0; i < run->missing_count; i++) {
        lookups[count++].reference = run->missing[i];
    }
    mstr_context_get_many(run->context, lookups, count, sizeof(mstr_lookup), &fresh);
    for (size_t i = 0; i < count; i++) {
        right = right && (lookups[i].code == MSTR_OK) == (i < run->found_count);
        mstr_secret_release(lookups[i].secret);
    }
    check(run, right, "a batch gives each request its own answer", "an answer is not that of the request alone");
}

/* Why one reference that holds another one's body is no good, or NULL: it may lead to a secret of its own, but
 * neither to the other's nor to a failure that speaks of anything but the reference. */
static const char *injection_fault(struct run *run, size_t index, const char *found)
{
    static const enum mstr_code fitting[] = {MSTR_OK, MSTR_E_CONFIG, MSTR_E_NOT_FOUND, MSTR_E_DENIED, MSTR_E_REQUEST};
    mstr_call_options fresh = MSTR_CALL_OPTIONS_INIT;
    mstr_secret *right = NULL;
    mstr_secret *other = NULL;
    char *made = injection_make(index, found);
    const char *fault = "the error is of none of the classes config, not-found, denied and request";
    fresh.flags = MSTR_CALL_NO_CACHE;
    enum mstr_code code = mstr_context_get(run->context, found, &fresh, &right, NULL);
    if (code == MSTR_OK && made != NULL) {
        code = mstr_context_get(run->context, made, &fresh, &other, run->error);
    }
    for (size_t i = 0; i < sizeof(fitting) / sizeof(*fitting); i++) {
        fault = code == fitting[i] ? NULL : fault;
    }
    if (other != NULL && mstr_secret_length(other) == mstr_secret_length(right) &&
        memcmp(mstr_secret_octets(other), mstr_secret_octets(right), mstr_secret_length(right)) == 0) {
        fault = "it leads to the same secret as without; encode each segment of a URL";
    }
    mstr_secret_release(right);
    mstr_secret_release(other);
    free(made);
    return fault;
}

static void ask_with_injections(struct run *run)
{
    const char *name = NULL;
    for (size_t index = 0; (name = injection_name(index)) != NULL; index++) {
        const char *fault = NULL;
        char what[64];
        for (size_t i = 0; fault == NULL && i < run->found_count; i++) {
            fault = injection_fault(run, index, run->found[i]);
        }
        snprintf(what, sizeof what, "%s in a body leads nowhere else", name);
        check(run, fault == NULL, what, fault);
    }
}

/* Why what is said of a reference before it is resolved is no good, or NULL. */
static const char *refusal_fault_of(struct run *run, const char *reference, struct refusal *told)
{
    struct run other = *run;
    char *setting = refusal_setting(reference);
    const char *fault = "it cannot be checked";
    if (setting != NULL && write_config(&other, setting)) {
        const struct refusal resolve = refusal_by_resolve(run->context, reference);
        *told = refusal_by_check(other.config);
        fault = refusal_fault(told, &resolve);
        unlink(other.config);
    }
    free(setting);
    return fault;
}

/* Those that can be resolved, or could be, are taken. */
static void check_good(struct run *run, char *const *references, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct refusal told = {.refused = false};
        char what[256];
        const char *fault = refusal_fault_of(run, references[i], &told);
        snprintf(what, sizeof what, "%.200s is in order", references[i]);
        check(run, fault == NULL && !told.refused, what, fault != NULL ? fault : told.text);
    }
}

static void check_malformed(struct run *run)
{
    char why[1024] = "";
    char *made = NULL;
    for (size_t i = 0; why[0] == '\0' && (made = refusal_try(i, run->found[0])) != NULL; i++) {
        struct refusal told = {.refused = false};
        const char *fault = refusal_fault_of(run, made, &told);
        if (fault != NULL) {
            snprintf(why, sizeof why, "%.800s: %s", made, fault);
        }
        free(made);
    }
    check(run, why[0] == '\0', "what it refuses of a reference is told before it is asked", why);
}

static void *ask_repeatedly(void *data)
{
    struct run *run = data;
    mstr_call_options fresh = MSTR_CALL_OPTIONS_INIT;
    fresh.flags = MSTR_CALL_NO_CACHE;
    for (int i = 0; i < 20; i++) {
        mstr_secret *secret = NULL;
        enum mstr_code code =
            mstr_context_get(run->context, run->found[(size_t)i % run->found_count], &fresh, &secret, NULL);
        mstr_secret_release(secret);
        if (code != MSTR_OK) {
            return data; /* anything but NULL */
        }
    }
    return NULL;
}

static void ask_from_threads(struct run *run)
{
    pthread_t threads[THREADS];
    bool right = true;
    int started = 0;
    while (started < THREADS && pthread_create(&threads[started], NULL, ask_repeatedly, run) == 0) {
        started++;
    }
    while (started > 0) {
        void *failed = NULL;
        pthread_join(threads[--started], &failed);
        right = right && failed == NULL;
    }
    check(run, right, "sixteen threads at once are answered", "a request failed");
}

/* A call that may not take time must come back at once, whatever its outcome. */
static void ask_without_time(struct run *run)
{
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    int64_t started = conformance_clock();
    options.flags = MSTR_CALL_NO_CACHE;
    options.timeout = 1;
    get(run, run->context, run->found[0], &options);
    check(run, conformance_clock() - started < CONFORMANCE_PROMPT_MS, "a deadline of 1 ms is kept",
          "the call came back much later");

    options.timeout = 0;
    options.cancel = mstr_cancel_new();
    mstr_cancel_now(options.cancel);
    started = conformance_clock();
    get(run, run->context, run->found[0], &options);
    check(run, conformance_clock() - started < CONFORMANCE_PROMPT_MS, "a cancelled call ends at once",
          "the call came back much later");
    mstr_cancel_free(options.cancel);
}

static void live_once(void *data)
{
    struct run *run = data;
    mstr_context *context = new_context(run);
    get(run, context, run->found[0], NULL);
    mstr_context_invalidate(context, NULL);
    mstr_context_free(context);
}

static void refuse_unknown_option(struct run *run)
{
    struct run other = *run;
    mstr_context *context = NULL;
    other.options[other.option_count++] = "no_such_option_anywhere = 1";
    if (other.option_count == WORDS_MAX || !write_config(&other, NULL)) {
        return;
    }
    context = new_context(&other);
    enum mstr_code code = context != NULL ? get(&other, context, "tested:x", NULL) : MSTR_OK;
    check(run, code == MSTR_E_CONFIG, "an option it does not know is refused", mstr_code_text(code));
    mstr_context_free(context);
    unlink(other.config);
}

static bool take_secret(char **list, size_t *count, const char *body)
{
    size_t length = strlen(body) + sizeof "tested:";
    char *reference = *count < WORDS_MAX ? malloc(length) : NULL;
    if (reference != NULL) {
        snprintf(reference, length, "tested:%s", body);
        list[(*count)++] = reference;
    }
    return reference != NULL;
}

enum { OPTION_OPTION = 1, OPTION_FOUND, OPTION_MISSING, OPTION_HELP };
static const struct option options[] = {
    {OPTION_OPTION, 'o', "option", "NAME=VALUE", "an option of the provider's section"},
    {OPTION_FOUND, 'f', "found", "BODY", "what follows the scheme in a reference to a secret that is there"},
    {OPTION_MISSING, 'm', "missing", "BODY", "the same for a secret that is not there"},
    {OPTION_HELP, 'h', "help", NULL, "this text"},
    {0, 0, NULL, NULL, NULL},
};

static int usage(FILE *stream)
{
    fprintf(
        stream,
        "Usage: mstr-provider-test [OPTION]... --found BODY PLUGIN\n\nPLUGIN is an absolute path, or a name on the "
        "plugin path.\n\n");
    for (const struct option *option = options; option->id != 0; option++) {
        const char *argument = option->argument != NULL ? option->argument : "";
        fprintf(stream, "  -%c, --%s %-*s %s\n", option->letter, option->name, 18 - (int)strlen(option->name),
                argument, option->help);
    }
    return stream == stdout ? 0 : 2;
}

/* 0 to go on, else what to exit with, below 0 for success. */
static int parse(struct run *run, int argc, char **argv)
{
    const struct option *const tables[] = {options, NULL};
    struct arguments arguments = {.words = argv, .count = argc, .next = 1};
    const char *value = NULL;
    for (int found; (found = arguments_next(&arguments, tables, &value)) != ARGUMENT_END;) {
        if (found == OPTION_OPTION && run->option_count + 2 < WORDS_MAX) {
            run->options[run->option_count++] = value;
        } else if (found == OPTION_FOUND && take_secret(run->found, &run->found_count, value)) {
            continue;
        } else if (found == OPTION_MISSING && take_secret(run->missing, &run->missing_count, value)) {
            continue;
        } else if (found == ARGUMENT_OPERAND && run->plugin == NULL) {
            run->plugin = value;
        } else if (found == OPTION_HELP) {
            usage(stdout);
            return -1;
        } else {
            fprintf(stderr, "mstr-provider-test: %s\n",
                    found == ARGUMENT_WRONG ? arguments.problem : "too many arguments");
            return usage(stderr);
        }
    }
    return run->plugin != NULL && run->found_count > 0 ? 0 : usage(stderr);
}

static void run_checks(struct run *run)
{
    mstr_context_providers(run->context, look_at_table, run, run->error);
    if (run->failures > 0) {
        return; /* without a table there is nothing to ask */
    }
    refuse_unknown_option(run);
    ask_one_by_one(run);
    ask_in_a_batch(run);
    ask_with_injections(run);
    check_good(run, run->found, run->found_count);
    check_good(run, run->missing, run->missing_count);
    check_malformed(run);
    ask_from_threads(run);
    ask_without_time(run);
    check(run, conformance_cycles(live_once, run), "nothing is left behind by creating and destroying it",
          "memory grows with every instance; run this under valgrind to see where");
}

int main(int argc, char **argv)
{
    struct run run = {.error = mstr_error_new()};
    setvbuf(stdout, NULL, _IOLBF, 0); /* where a plugin never comes back, the last line tells how far it got */
    int status = parse(&run, argc, argv);
    if (status == 0 && !write_config(&run, NULL)) {
        status = 1;
    } else if (status == 0) {
        run.context = new_context(&run);
        if (run.context != NULL) {
            run_checks(&run);
        } else {
            check(&run, false, "the configuration is accepted", mstr_error_message(run.error));
        }
        mstr_context_free(run.context);
        unlink(run.config);
        printf("%s\n", run.failures == 0 ? "The plugin conforms." : "The plugin does not conform.");
        status = run.failures != 0 || fflush(stdout) != 0;
    }
    while (run.found_count > 0) {
        free(run.found[--run.found_count]);
    }
    while (run.missing_count > 0) {
        free(run.missing[--run.missing_count]);
    }
    mstr_error_free(run.error);
    return status > 0 ? status : 0;
}
