/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker of a fleet, for tests/support/fleet.py: fleet_worker CONFIG THREADS PAUSE WAY. Each thread sends a request
 * each PAUSE ms, until the end of standard input. Tells "open" when all have a session, "failed TEXT" for each
 * request that fails, and at the end how many were answered and how many ms the longest took; what it logs is on
 * standard error. The ways:
 *
 *   each  each thread has a session of its own in the one context
 *   pool  all lease one for each request from a pool of as many
 *   fork  one thread's process forks when it has a session; the child uses it too, and frees it before "open" is told
 */
#include <mstr/mstr.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64, OF_CHILD = 20 /* requests */ };

static mstr_context *context;
static mstr_pool *pool;
static atomic_int opened;
static atomic_int answered;
static atomic_llong longest;
static atomic_bool ended;
static useconds_t pause_between;

static void tell(const char *what, const mstr_error *error)
{
    flockfile(stdout);
    printf("%s %s\n", what, mstr_error_message(error));
    fflush(stdout);
    funlockfile(stdout);
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
    usleep(pause_between);
}

static mstr_session *open_session(mstr_error *error)
{
    mstr_session *session = NULL;
    if (mstr_session_new(context, NULL, &session, error) != MSTR_OK ||
        mstr_session_open(session, NULL, error) != MSTR_OK) {
        tell("failed", error);
    }
    return session;
}

static void *work(void *data)
{
    mstr_error *error = mstr_error_new();
    mstr_session *session = open_session(error);
    (void)data;
    opened++;
    while (!ended && mstr_session_is_open(session)) {
        send_one(session, error);
    }
    mstr_session_free(session);
    mstr_error_free(error);
    return NULL;
}

static enum mstr_code make(mstr_session **out, void *data, mstr_error *error)
{
    (void)data;
    return mstr_session_new(context, NULL, out, error);
}

static void *work_in_pool(void *data)
{
    mstr_error *error = mstr_error_new();
    bool first = true;
    (void)data;
    while (!ended) {
        mstr_session *session = NULL;
        if (mstr_pool_lease(pool, NULL, &session, error) != MSTR_OK) {
            tell("failed", error);
            usleep(pause_between);
        } else {
            send_one(session, error);
        }
        mstr_pool_return(pool, session);
        opened += first;
        first = false;
    }
    mstr_error_free(error);
    return NULL;
}

static void be_child(mstr_session *session, mstr_error *error)
{
    answered = 0;
    for (int i = 0; i < OF_CHILD; i++) {
        send_one(session, error);
    }
    mstr_session_free(session);
    mstr_context_free(context);
    mstr_error_free(error);
    printf("answered %d\n", answered);
    exit(0);
}

static void *work_and_fork(void *data)
{
    mstr_error *error = mstr_error_new();
    mstr_session *session = open_session(error);
    int status = 0;
    (void)data;
    send_one(session, error);
    pid_t child = fork();
    if (child == 0) {
        be_child(session, error);
    }
    while (!ended && mstr_session_is_open(session)) {
        send_one(session, error);
        if (opened == 0 && waitpid(child, &status, WNOHANG) == child) {
            if (status != 0) {
                tell("failed child", NULL);
            }
            opened++;
        }
    }
    mstr_session_free(session);
    mstr_error_free(error);
    return NULL;
}

static const struct {
    const char *name;
    void *(*work)(void *data);
} ways[] = {{"each", work}, {"pool", work_in_pool}, {"fork", work_and_fork}};

static void note(enum mstr_level level, const char *scope, const char *message, void *data)
{
    (void)level;
    (void)data;
    fprintf(stderr, "%s: %s\n", scope, message);
}

static bool begin(const char *config, size_t count, mstr_error *error)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_pool_options pooling = MSTR_POOL_OPTIONS_INIT;
    options.config_file = config;
    options.log = note;
    options.log_level = MSTR_LEVEL_INFO;
    pooling.capacity = (uint32_t)count;
    pooling.make = make;
    return mstr_context_new(&options, &context, error) == MSTR_OK && mstr_pool_new(&pooling, &pool, error) == MSTR_OK;
}

static void run(size_t count, void *(*work_of)(void *data))
{
    pthread_t threads[THREADS_MAX];
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    for (size_t i = 0; i < count; i++) {
        if (pthread_create(&threads[i], NULL, work_of, NULL) != 0) {
            abort();
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
}

int main(int argc, char **argv)
{
    size_t count = argc > 4 ? (size_t)atoi(argv[2]) : 0;
    mstr_error *error = mstr_error_new();
    if (count == 0 || count > THREADS_MAX) {
        return 2;
    }
    pause_between = (useconds_t)atoi(argv[3]) * 1000;
    if (!begin(argv[1], count, error)) {
        tell("failed", error);
        return 1;
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        if (strcmp(ways[i].name, argv[4]) == 0) {
            run(count, ways[i].work);
        }
    }
    mstr_pool_free(pool);
    mstr_context_free(context);
    mstr_error_free(error);
    printf("answered %d\nlongest %lld\n", answered, longest);
    return 0;
}
