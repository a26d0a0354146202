/* SPDX-License-Identifier: Apache-2.0 */
/* What each verb of the command line does, and the exit status that follows. */
#include "verbs.h"

#include "base/account.h"
#include "base/environment.h"
#include "base/json.h"
#include "base/limits.h"
#include "life.h"
#include "local/local.h"
#include "place.h"
#include "settings.h"
#include "units.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Those of mstr(1), and of status alone: 8 = it is ending, or has an old configuration. */
enum {
    STATUS_DONE = 0,
    STATUS_UNEXPECTED = 1,
    STATUS_CONFIG = 3,
    STATUS_REFUSED = 5,
    STATUS_ABSENT = 7,
    STATUS_NOT_READY = 8
};

enum { ANSWER_WITHIN = 30 * 1000 };

static int fail(const mstr_error *error, int status)
{
    fprintf(stderr, "mstr-agent: %s\n", mstr_error_message(error));
    if (mstr_error_hint(error) != NULL) {
        fprintf(stderr, "hint: %s\n", mstr_error_hint(error));
    }
    return status;
}

/* What [agent] says, as far as the configuration can be read: a verb has to reach the agent also where it is broken.
 * For free(); NULL = nothing. */
static char *configured(const struct options *options, const char *key)
{
    mstr_context *context = NULL;
    mstr_secret *value = NULL;
    char *text = NULL;
    if (mstr_context_new(&options->context, &context, NULL) == MSTR_OK &&
        mstr_context_setting(context, "agent", key, NULL, &value, NULL) == MSTR_OK) {
        text = strdup(mstr_secret_octets(value));
    }
    mstr_secret_release(value);
    mstr_context_free(context);
    return text;
}

/* Who may listen beside this user and root. */
static uid_t find_owner(const struct options *options)
{
    uid_t owner = 0;
    char *name = configured(options, "owner");
    if (name != NULL && account_find(name, false, &owner) != MSTR_OK) {
        owner = 0;
    }
    free(name);
    return owner;
}

static int run(const struct options *options, mstr_error *error)
{
    enum mstr_code code = life_run(options, error);
    return code == MSTR_OK                                 ? STATUS_DONE
           : code == MSTR_E_CONFIG || code == MSTR_E_USAGE ? fail(error, STATUS_CONFIG)
           : code == MSTR_E_DENIED                         ? fail(error, STATUS_REFUSED)
                                                           : fail(error, STATUS_UNEXPECTED);
}

/* One request to the agent that runs. True once there is an answer; else the exit status is told. */
static bool ask(const struct options *options, const char *method, const char *target, struct local_answer *answer,
                int *status, mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    char *socket = options->given.socket == NULL ? configured(options, "socket") : NULL;
    const mstr_call_options call = {.size = sizeof(call), .timeout = ANSWER_WITHIN};
    const struct limits limits = limits_of(&call);
    const struct local_request request = {.method = method, .target = target, .again = strcmp(method, "GET") == 0};
    *status = STATUS_CONFIG;
    bool answered = false;
    if (place_find(options->given.socket, environment_get("MSTR_AGENT"), socket, &path, error) == MSTR_OK) {
        struct local *local = local_new(buffer_text(&path), find_owner(options));
        enum local_outcome outcome =
            local != NULL ? local_send(local, &request, &limits, answer, error) : LOCAL_NO_MEMORY;
        *status = outcome == LOCAL_ANSWERED ? STATUS_DONE : outcome == LOCAL_FOREIGN ? STATUS_REFUSED : STATUS_ABSENT;
        answered = outcome == LOCAL_ANSWERED;
        local_free(local);
    }
    buffer_release(&path);
    free(socket);
    if (!answered) {
        fail(error, *status);
    }
    return answered;
}

static const char *yes_or_no(struct json_object *state, const char *name)
{
    bool value = false;
    return json_member_bool(state, name, &value) && value ? "yes" : "no";
}

/* A line for each instance. */
static void show_instances(struct json_object *instances)
{
    if (json_object_is_type(instances, json_type_object)) {
        json_object_object_foreach(instances, name, instance)
        {
            const char *state = json_member_text(instance, "state");
            printf("instance %s: %s\n", name, state != NULL ? state : "unknown");
        }
    }
}

static int show(struct json_object *state)
{
    bool draining = false;
    bool stale = false;
    int64_t pid = 0;
    const char *build = json_member_text(state, "build");
    const char *since = json_member_text(state, "environment_since");
    json_member_bool(state, "draining", &draining);
    json_member_bool(state, "config_stale", &stale);
    json_member_int64(state, "pid", &pid);
    printf("%s, pid %lld, version %s\n", draining ? "ending" : "ready", (long long)pid,
           build != NULL ? build : "unknown");
    printf("configuration: %s\n", stale ? "an old one, since the present one is of no use" : "as it is");
    printf("environment: of %s\n", since != NULL ? since : "unknown");
    printf("locked: %s\n", yes_or_no(state, "locked"));
    show_instances(json_member(state, "instances"));
    return draining || stale ? STATUS_NOT_READY : STATUS_DONE;
}

/* Says why it was not done: busy is no refusal. */
static int tell_refusal(const struct local_answer *answer)
{
    struct json_object *problem = NULL;
    json_read(buffer_text(&answer->body), answer->body.length, &problem);
    const char *detail = json_member_text(problem, "detail");
    fprintf(stderr, "mstr-agent: %s\n", detail != NULL ? detail : "the agent refused it");
    json_release(problem);
    return answer->status == 403                            ? STATUS_REFUSED
           : answer->status == 400                          ? STATUS_CONFIG
           : answer->status == 429 || answer->status == 503 ? STATUS_NOT_READY
                                                            : STATUS_UNEXPECTED;
}

static int tell_status(const struct options *options, mstr_error *error)
{
    struct local_answer answer = {0};
    struct json_object *state = NULL;
    int status = STATUS_DONE;
    if (ask(options, "GET", "/v1/status", &answer, &status, error)) {
        bool good =
            answer.status == 200 && json_read(buffer_text(&answer.body), answer.body.length, &state) == MSTR_OK;
        status = good ? show(state) : tell_refusal(&answer);
    }
    json_release(state);
    local_answer_release(&answer);
    return status;
}

static int command(const struct options *options, const char *target, mstr_error *error)
{
    struct local_answer answer = {0};
    int status = STATUS_DONE;
    if (ask(options, "POST", target, &answer, &status, error) && answer.status / 100 != 2) {
        status = tell_refusal(&answer);
    }
    local_answer_release(&answer);
    return status;
}

/* As lines for a shell. */
static int tell_environment(const struct options *options, mstr_error *error)
{
    char *listen = options->given.listen == NULL ? configured(options, "listen") : NULL;
    char *token = options->given.token_file == NULL ? configured(options, "token_file") : NULL;
    const char *address = listen != NULL ? listen : options->given.listen;
    const char *file = token != NULL ? token : options->given.token_file;
    int status = STATUS_DONE;
    if (address == NULL || file == NULL) {
        mstr_error_set(error, MSTR_E_CONFIG,
                       "the agent does not listen on TCP: [agent] has no listen and token_file");
        status = fail(error, STATUS_CONFIG);
    } else {
        printf("MSTR_AGENT_URL=http://%s/\nMSTR_AGENT_TOKEN_FILE=%s\nNO_PROXY=127.0.0.1,localhost,::1\n", address,
               file);
    }
    free(listen);
    free(token);
    return status;
}

static int print_units(const struct options *options)
{
    struct buffer out = BUFFER_INIT;
    char own[4096];
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
    own[length > 0 ? length : 0] = '\0';
    const char *program = options->program != NULL ? options->program : own;
    if (options->part != PART_SOCKET) {
        buffer_puts(&out, options->part == PART_BOTH ? "# mstr-agent.service\n" : "");
        units_write_service(options->system, program, &out);
    }
    if (options->part != PART_SERVICE) {
        buffer_puts(&out, options->part == PART_BOTH ? "\n# mstr-agent.socket\n" : "");
        units_write_socket(options->system, &out);
    }
    fputs(buffer_text(&out), stdout);
    buffer_release(&out);
    return STATUS_DONE;
}

int verbs_run(const struct options *options)
{
    mstr_error *error = mstr_error_new();
    int status = STATUS_UNEXPECTED;
    switch (options->verb) {
    case VERB_RUN:
        status = run(options, error);
        break;
    case VERB_STATUS:
        status = tell_status(options, error);
        break;
    case VERB_RELOAD:
        status = command(options, "/v1/reload", error);
        break;
    case VERB_FLUSH:
        status = command(options, "/v1/flush", error);
        break;
    case VERB_STOP:
        status = command(options, "/v1/stop", error);
        break;
    case VERB_ENV:
        status = tell_environment(options, error);
        break;
    case VERB_UNIT:
        status = print_units(options);
        break;
    case VERB_HELP:
    case VERB_VERSION:
        status = STATUS_DONE;
        break;
    }
    mstr_error_free(error);
    if (fflush(stdout) != 0 && status == STATUS_DONE) {
        status = STATUS_UNEXPECTED;
    }
    return status;
}
