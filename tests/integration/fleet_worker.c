/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker of a fleet, for fleet_test.py: fleet_worker CONFIG THREADS PAUSE [again]. Each thread opens a session of
 * its own in the one context and sends a request each PAUSE ms, until the end of standard input, or of the session
 * unless it is opened again. Tells "open" when all have one, "failed TEXT" for each request that fails, and at the end
 * how many were answered.
 */
#include <mstr/mstr.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static mstr_context *context;
static atomic_int opened;
static atomic_int answered;
static atomic_bool ended;
static useconds_t pause_between;
static bool opens_again;

static void tell(const char *what, const mstr_error *error)
{
    flockfile(stdout);
    printf("%s %s\n", what, mstr_error_message(error));
    fflush(stdout);
    funlockfile(stdout);
}

static void send_one(mstr_session *session, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    request.method = "GET";
    request.path = "projects";
    request.project = "";
    mstr_error_clear(error);
    if (mstr_session_send(session, &request, &response, error) != MSTR_OK || mstr_response_status(response) != 200) {
        tell("failed", error);
    } else {
        answered++;
    }
    mstr_response_free(response);
}

static bool open_session(mstr_session *session, mstr_error *error)
{
    mstr_error_clear(error);
    bool good = mstr_session_open(session, NULL, error) == MSTR_OK;
    if (!good) {
        tell("failed", error);
    }
    return good;
}

static void *work(void *data)
{
    mstr_session *session = NULL;
    mstr_error *error = mstr_error_new();
    (void)data;
    if (mstr_session_new(context, NULL, &session, error) != MSTR_OK) {
        tell("failed", error);
        exit(1);
    }
    open_session(session, error);
    opened++;
    while (!ended && (opens_again || mstr_session_is_open(session))) {
        if (mstr_session_is_open(session) || open_session(session, error)) {
            send_one(session, error);
        }
        usleep(pause_between);
    }
    mstr_session_free(session);
    mstr_error_free(error);
    return NULL;
}

int main(int argc, char **argv)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    pthread_t threads[64];
    size_t count = argc > 3 ? (size_t)atoi(argv[2]) : 0;
    mstr_error *error = mstr_error_new();
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (count == 0 || count > 64) {
        return 2;
    }
    options.config_file = argv[1];
    pause_between = (useconds_t)atoi(argv[3]) * 1000;
    opens_again = argc > 4;
    if (mstr_context_new(&options, &context, error) != MSTR_OK) {
        tell("failed", error);
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (pthread_create(&threads[i], NULL, work, NULL) != 0) {
            return 1;
        }
    }
    while ((size_t)opened < count) {
        usleep(1000);
    }
    tell("open", NULL);
    while (poll(&input, 1, -1) < 0) {
    }
    ended = true;
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("answered %d\n", answered);
    mstr_context_free(context);
    mstr_error_free(error);
    return 0;
}
