/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker of a fleet, for fleet_test.py: fleet_worker CONFIG THREADS. Each thread opens a session of its own in the
 * one context and sends a request each 20 ms, until the end of standard input. Tells "open" when all have one,
 * "failed TEXT" for each request that fails, "log TEXT" for what the log is told, and at the end how many were
 * answered and how many ms the longest took.
 */
#include <mstr/mstr.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static mstr_context *context;
static atomic_int opened;
static atomic_int answered;
static atomic_llong longest;
static atomic_bool ended;
static useconds_t pause_between;

static void tell_text(const char *what, const char *text)
{
    flockfile(stdout);
    printf("%s %s\n", what, text);
    fflush(stdout);
    funlockfile(stdout);
}

static void tell(const char *what, const mstr_error *error)
{
    tell_text(what, mstr_error_message(error));
}

static void note(enum mstr_level level, const char *scope, const char *message, void *data)
{
    (void)level;
    (void)scope;
    (void)data;
    tell_text("log", message);
}

static long long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void note_longest(long long began)
{
    long long took = milliseconds() - began;
    long long before = longest;
    while (took > before && !atomic_compare_exchange_weak(&longest, &before, took)) {
    }
}

static void send_one(mstr_session *session, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    request.method = "GET";
    request.path = "projects";
    request.project = "";
    mstr_error_clear(error);
    long long began = milliseconds();
    if (mstr_session_send(session, &request, &response, error) != MSTR_OK || mstr_response_status(response) != 200) {
        tell("failed", error);
    } else {
        answered++;
    }
    note_longest(began);
    mstr_response_free(response);
}

static void *work(void *data)
{
    mstr_session *session = NULL;
    mstr_error *error = mstr_error_new();
    (void)data;
    if (mstr_session_new(context, NULL, &session, error) != MSTR_OK ||
        mstr_session_open(session, NULL, error) != MSTR_OK) {
        tell("failed", error);
    }
    opened++;
    while (!ended && mstr_session_is_open(session)) {
        send_one(session, error);
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
    options.log = note;
    options.log_level = MSTR_LEVEL_INFO;
    pause_between = (useconds_t)atoi(argv[3]) * 1000;
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
    printf("answered %d\nlongest %lld\n", answered, longest);
    mstr_context_free(context);
    mstr_error_free(error);
    return 0;
}
