/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program whose life life.py plays: player CONFIG REFERENCE MILLISECONDS. Each line of its input is a step, which
 * may take that long: get (the reference's value), refresh (past the cache), open, request, export (to the file that
 * stands in the reference's place), logout. Each is answered by a line, "CLASS MILLISECONDS MESSAGE" (a value stands
 * for the message of a get); the trace goes to standard error.
 */
#include <mstr/mstr.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { STEP_MAX = 64 };

struct life {
    const char *reference;
    mstr_context *context;
    mstr_session *session;
    mstr_call_options call;
    mstr_error *error;
    mstr_secret *secret;
};

static void trace(enum mstr_level level, const char *scope, const char *message, void *data)
{
    (void)level;
    (void)data;
    fprintf(stderr, "%s: %s\n", scope, message);
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static enum mstr_code get(struct life *life)
{
    return mstr_context_get(life->context, life->reference, &life->call, &life->secret, life->error);
}

static enum mstr_code refresh(struct life *life)
{
    mstr_call_options call = life->call;
    call.flags |= MSTR_CALL_NO_CACHE;
    return mstr_context_get(life->context, life->reference, &call, &life->secret, life->error);
}

static enum mstr_code open_session(struct life *life)
{
    enum mstr_code code =
        life->session == NULL ? mstr_session_new(life->context, NULL, &life->session, life->error) : MSTR_OK;
    return code == MSTR_OK ? mstr_session_open(life->session, &life->call, life->error) : code;
}

static enum mstr_code request(struct life *life)
{
    mstr_session_request asked = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    asked.method = "GET";
    asked.path = "projects";
    asked.project = "";
    asked.call = &life->call;
    enum mstr_code code = mstr_session_send(life->session, &asked, &response, life->error);
    mstr_response_free(response);
    return code;
}

static enum mstr_code export(struct life *life) {
    mstr_document_request what = MSTR_DOCUMENT_REQUEST_INIT; what.object = "Sales Dashboard";
    what.file = life->reference;
    what.call = &life->call;
    return mstr_document_export(life->session, &what, NULL, life->error);
}

static enum mstr_code logout(struct life *life)
{
    return mstr_session_logout(life->session, &life->call, life->error);
}

static const struct {
    const char *name;
    enum mstr_code (*take)(struct life *life);
} steps[] = {{"get", get},         {"refresh", refresh}, {"open", open_session},
             {"request", request}, {"export", export},   {"logout", logout}};

static void take(struct life *life, const char *name)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (strcmp(steps[i].name, name) == 0) {
            int64_t begin = now();
            mstr_error_clear(life->error);
            enum mstr_code code = steps[i].take(life);
            printf("%s %" PRId64 " %s\n", mstr_code_name(code), now() - begin,
                   code != MSTR_OK        ? mstr_error_message(life->error)
                   : life->secret != NULL ? mstr_secret_octets(life->secret)
                                          : "");
            fflush(stdout);
            mstr_secret_release(life->secret);
            life->secret = NULL;
        }
    }
}

int main(int argc, char **argv)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    struct life life = {.call = MSTR_CALL_OPTIONS_INIT, .error = mstr_error_new()};
    char step[STEP_MAX];
    if (argc != 4 || sscanf(argv[3], "%" SCNd64, &life.call.timeout) != 1) {
        return 2;
    }
    life.reference = argv[2];
    options.config_file = argv[1];
    options.log = trace;
    options.log_level = MSTR_LEVEL_TRACE;
    if (mstr_context_new(&options, &life.context, life.error) != MSTR_OK) {
        fprintf(stderr, "%s\n", mstr_error_message(life.error));
        return 1;
    }
    while (fgets(step, sizeof(step), stdin) != NULL) {
        step[strcspn(step, "\n")] = '\0';
        take(&life, step);
    }
    if (life.session != NULL) {
        mstr_session_forget(life.session); /* in most cells nobody asks what a logout comes to */
    }
    mstr_session_free(life.session);
    mstr_context_free(life.context);
    mstr_error_free(life.error);
    return 0;
}
