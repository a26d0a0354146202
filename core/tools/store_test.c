/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mstr-store-test: a conformance run that any store of a fleet must pass, ours included. Loads the module as a worker
 * would, looks at its table, and has two workers read, write, lease, beat and send on a store that is there. One line
 * a check on standard output; exit status 0 if all passed.
 */
#include "cli/options.h"
#include "context/context.h"
#include "tools/conformance.h"
#include "tools/store_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_MAX = 64 };

struct order {
    const char *module;
    char *texts[SETTINGS_MAX]; /* NAME=VALUE, with a NUL in place of the sign once it is read */
    struct mstr_header settings[SETTINGS_MAX + 2];
    size_t count;
    const struct services *services;
    int failures;
};

enum { OPTION_SET = 1, OPTION_HELP };
static const struct option options[] = {
    {OPTION_SET, 's', "set", "NAME=VALUE", "an option of the store, as in a section [fleet]"},
    {OPTION_HELP, 'h', "help", NULL, "this text"},
    {0, 0, NULL, NULL, NULL},
};

static int usage(FILE *stream)
{
    fprintf(stream, "Usage: mstr-store-test [OPTION]... MODULE\n\nMODULE is an absolute path, or NAME for "
                    "mstr_store_NAME on the plugin path.\n\n");
    for (const struct option *option = options; option->id != 0; option++) {
        const char *argument = option->argument != NULL ? option->argument : "";
        fprintf(stream, "  -%c, --%s %-*s %s\n", option->letter, option->name, 15 - (int)strlen(option->name),
                argument, option->help);
    }
    return stream == stdout ? 0 : 2;
}

static bool take_setting(struct order *order, const char *text)
{
    char *copy = order->count < SETTINGS_MAX && strchr(text, '=') != NULL ? strdup(text) : NULL;
    if (copy == NULL) {
        return false;
    }
    char *sign = strchr(copy, '=');
    *sign = '\0';
    order->texts[order->count] = copy;
    order->settings[order->count++] = (struct mstr_header){copy, sign + 1};
    return true;
}

/* 0 to go on, else what to exit with, below 0 for success. */
static int parse(struct order *order, int argc, char **argv)
{
    const struct option *const tables[] = {options, NULL};
    struct arguments arguments = {.words = argv, .count = argc, .next = 1};
    const char *value = NULL;
    for (int found; (found = arguments_next(&arguments, tables, &value)) != ARGUMENT_END;) {
        if (found == OPTION_SET && take_setting(order, value)) {
            continue;
        }
        if (found == ARGUMENT_OPERAND && order->module == NULL) {
            order->module = value;
        } else if (found == OPTION_HELP) {
            usage(stdout);
            return -1;
        } else {
            fprintf(stderr, "mstr-store-test: %s\n",
                    found == ARGUMENT_WRONG ? arguments.problem
                    : found == OPTION_SET   ? "--set takes NAME=VALUE, 64 times at most"
                                            : "too many arguments");
            return usage(stderr);
        }
    }
    return order->module != NULL ? 0 : usage(stderr);
}

/* A live instance of the order's settings; NULL after a failure. */
static struct store_instance *open_store(const struct order *order, mstr_error *error)
{
    struct store_instance *store = NULL;
    if (store_instance_load(order->services, "fleet", order->module, &store, error) == MSTR_OK &&
        store_instance_create(store, order->settings, error) != MSTR_OK) {
        store_instance_free(store);
        store = NULL;
    }
    return store;
}

/* False where there is nothing to be asked. */
static bool look_at_table(struct order *order, mstr_error *error)
{
    static const char *const taken[] = {"store",    "seal_key",      "seal_key_old",
                                        "sessions", "share_secrets", "on_store_failure",
                                        "logout",   "namespace",     NULL};
    struct store_instance *store = NULL;
    bool loaded = store_instance_load(order->services, "fleet", order->module, &store, error) == MSTR_OK;
    conformance_tell(&order->failures, loaded, "the module is loaded and its table accepted",
                     mstr_error_message(error));
    if (loaded) {
        const struct mstr_store *table = store_instance_table(store);
        const char *fault = conformance_option_fault(table->options, table->option_size, taken);
        bool summary = table->summary != NULL && table->summary[0] != '\0';
        conformance_tell(&order->failures, table->version[0] != '\0', "it has a version", "the text is empty");
        conformance_tell(&order->failures, summary, "it has a summary", "there is none");
        conformance_tell(&order->failures, fault == NULL, "its option table is in order", fault);
    }
    store_instance_free(store);
    return loaded;
}

static void refuse_unknown_option(struct order *order, mstr_error *error)
{
    order->settings[order->count] = (struct mstr_header){"no_such_option_anywhere", "1"};
    struct store_instance *store = open_store(order, error);
    conformance_tell(&order->failures, store == NULL && mstr_error_code(error) == MSTR_E_CONFIG,
                     "an option it does not know is refused",
                     store != NULL ? "it is taken" : mstr_error_message(error));
    store_instance_free(store);
    order->settings[order->count] = (struct mstr_header){NULL, NULL};
}

static void live_once(void *data)
{
    static char room[MSTR_STORE_RECORD_MAX];
    struct mstr_store_get get = {.key = {"mstr-store-test", "none"}, .octets = room};
    const struct limits limits = limits_of(NULL);
    struct store_instance *store = open_store(data, NULL);
    if (store != NULL) {
        store_instance_get(store, &get, &limits, NULL);
    }
    store_instance_free(store);
}

static void run_checks(struct order *order, mstr_error *error)
{
    struct store_run run;
    if (!look_at_table(order, error) || !store_run_init(&run)) {
        order->failures++;
        return;
    }
    refuse_unknown_option(order, error);
    mstr_error_clear(error);
    run.workers[0] = open_store(order, error);
    run.workers[1] = run.workers[0] != NULL ? open_store(order, error) : NULL;
    conformance_tell(&order->failures, run.workers[1] != NULL, "it is set up", mstr_error_message(error));
    if (run.workers[1] != NULL) {
        store_checks_run(&run);
        order->failures += run.failures;
        conformance_tell(&order->failures, conformance_cycles(live_once, order),
                         "nothing is left behind by creating and destroying it",
                         "memory grows with every instance; run this under valgrind to see where");
    }
    store_instance_free(run.workers[0]);
    store_instance_free(run.workers[1]);
    store_run_release(&run);
}

int main(int argc, char **argv)
{
    struct order order = {.module = NULL};
    mstr_context_options settings = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_context *context = NULL;
    mstr_error *error = mstr_error_new();
    settings.flags = MSTR_CONTEXT_NO_CONFIG;
    setvbuf(stdout, NULL, _IOLBF, 0); /* where a module never comes back, the last line tells how far it got */
    int status = parse(&order, argc, argv);
    if (status == 0 && mstr_context_new(&settings, &context, error) != MSTR_OK) {
        fprintf(stderr, "mstr-store-test: %s\n", mstr_error_message(error));
        status = 1;
    } else if (status == 0) {
        order.services = context_services(context);
        run_checks(&order, error);
        printf("%s\n", order.failures == 0 ? "The store conforms." : "The store does not conform.");
        status = order.failures != 0 || fflush(stdout) != 0;
    }
    mstr_context_free(context);
    while (order.count > 0) {
        free(order.texts[--order.count]);
    }
    mstr_error_free(error);
    return status > 0 ? status : 0;
}
