/* SPDX-License-Identifier: Apache-2.0 */
/* SIGPIPE is never raised in a program that uses the library, whatever servers and programs do: a handler counts it
 * in all threads but those of the servers here. */
#include "support/guest.h"
#include "support/library.h"

#include "support/certificate.h"

#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

static atomic_uint pipe_signals;

static void count_pipe_signal(int number)
{
    (void)number;
    atomic_fetch_add(&pipe_signals, 1);
}

static sem_t broken; /* posted for each connection that has ended */

/* Ends the connection: "end" with an answer and properly, "answer" with an answer and then at once, "upload" at once,
 * "reset" by RST alone. */
static bool break_off(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    const char *way = data;
    bool answers = strcmp(way, "answer") == 0 || strcmp(way, "end") == 0;
    (void)request;
    if (answers) {
        tiny_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    }
    if (strcmp(way, "reset") == 0) {
        tiny_reset(c);
    } else if (strcmp(way, "end") != 0) {
        tiny_break(c);
    }
    sem_post(&broken);
    return false;
}

/* The first piece looks to the server like the last chunk; the second comes when the connection is broken. */
static int64_t read_into_the_void(void *into, size_t capacity, void *data)
{
    int *pieces = data;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    if (++*pieces == 1) {
        memcpy(into, "0\r\n\r\n", 5);
        return 5;
    }
    if (*pieces == 2 && sem_timedwait(&broken, &until) != 0) {
        return -1;
    }
    memset(into, 'x', capacity);
    return *pieces < 10 ? (int64_t)capacity : 0;
}

static void upload(struct library *library)
{
    int pieces = 0;
    int status = 0;
    mstr_reader reader = MSTR_READER_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    while (sem_trywait(&broken) == 0) {
    }
    reader.read = read_into_the_void;
    reader.data = &pieces;
    request.method = "POST";
    request.path = "x";
    request.reader = &reader;
    assert_int_equal(library_try(library, &request, &status), MSTR_E_NETWORK);
    assert_true(pieces >= 2);
}

/* More than the server takes; and several times, on whatever connection is left. */
static void post_and_get(struct library *library)
{
    enum { LARGE = 6 * 1024 * 1024 };
    int status = 0;
    char *body = calloc(1, LARGE);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    library_try(library, &request, &status);
    request.method = "POST";
    library_try(library, &request, &status);
    request.body = body;
    request.body_length = LARGE;
    library_try(library, &request, &status);
    free(body);
}

/* The server's threads inherit the mask of the one that starts it. */
static void block_pipe_signal(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    assert_int_equal(pthread_sigmask(how, &set, NULL), 0);
}

static void break_sessions(struct certificate *certificate, const char *way)
{
    mstr_network network = MSTR_NETWORK_INIT;
    network.ca_file = certificate != NULL ? certificate->file : NULL;
    block_pipe_signal(SIG_BLOCK);
    struct library *library =
        library_start(break_off, (void *)(uintptr_t)way, certificate != NULL ? certificate->context : NULL, &network);
    block_pipe_signal(SIG_UNBLOCK);
    assert_int_equal(mstr_session_open(library->session, NULL, library->error), MSTR_OK);

    if (strcmp(way, "upload") == 0) {
        upload(library);
    } else {
        post_and_get(library);
    }

    library_stop(library); /* which logs out */
}

static void break_plugin(struct certificate *certificate, const char *way)
{
    char config[1024];
    mstr_secret *secret = NULL;
    block_pipe_signal(SIG_BLOCK);
    struct tiny_server *server =
        tiny_server_start(break_off, (void *)(uintptr_t)way, certificate != NULL ? certificate->context : NULL);
    block_pipe_signal(SIG_UNBLOCK);
    snprintf(config, sizeof(config),
             "[plugins]\npath = %s\n[provider aws-sm]\nregion = us-east-1\nendpoint = %s\n%s%s\n",
             getenv("MSTR_PLUGINS"), tiny_server_url(server, ""), certificate != NULL ? "ca_file = " : "",
             certificate != NULL ? certificate->file : "");
    mstr_context *context = test_context(config);
    assert_int_not_equal(mstr_context_get(context, "aws-sm:prod/plain", NULL, &secret, NULL), MSTR_OK);
    assert_true(tiny_server_requests(server) > 0);
    mstr_context_free(context);
    tiny_server_stop(server);
}

static void servers_that_break_off_raise_no_sigpipe(void **state)
{
    static const char *const ways[] = {"upload", "answer", "end", "reset"};
    struct certificate certificate;
    (void)state;
    certificate_make(&certificate, "IP:127.0.0.1");
    sem_init(&broken, 0, 0);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        break_sessions(NULL, ways[i]);
        break_sessions(&certificate, ways[i]);
        break_plugin(NULL, ways[i]);
        break_plugin(&certificate, ways[i]);
        if (atomic_load(&pipe_signals) != 0) {
            fail_msg("SIGPIPE was raised by way of \"%s\"", ways[i]);
        }
    }
    sem_destroy(&broken);
    certificate_release(&certificate);
}

/* The question is far longer than what a pipe holds. */
static void a_program_that_reads_nothing_raises_no_sigpipe(void **state)
{
    enum { COUNT = 100, LENGTH = 4000 };
    static char references[COUNT][LENGTH];
    mstr_lookup lookups[COUNT] = {{.reference = NULL}};
    char answer[COUNT * 32] = "{\"version\": 1, \"results\": [";
    mstr_context *context = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(references[i], LENGTH, "program:%0*zu", LENGTH - 16, i);
        lookups[i].reference = references[i];
        strcat(answer, i == 0 ? "{\"value\": \"printed\"}" : ", {\"value\": \"printed\"}");
    }
    strcat(answer, "]}");
    folder_write(&folder, "answer", answer);
    options.config_file = config_path;
    assert_int_equal(mstr_context_new(&options, &context, NULL), MSTR_OK);

    assert_int_equal(mstr_context_get_many(context, lookups, COUNT, sizeof(mstr_lookup), NULL), MSTR_OK);

    assert_int_equal(atomic_load(&pipe_signals), 0);
    for (size_t i = 0; i < COUNT; i++) {
        mstr_secret_release(lookups[i].secret);
    }
    mstr_context_free(context);
}

static int start_counting(void **state)
{
    const struct sigaction action = {.sa_handler = count_pipe_signal};
    (void)state;
    atomic_store(&pipe_signals, 0);
    return sigaction(SIGPIPE, &action, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(servers_that_break_off_raise_no_sigpipe, start_counting),
        cmocka_unit_test_setup(a_program_that_reads_nothing_raises_no_sigpipe, start_counting),
    };
    return cmocka_run_group_tests_name("guest_pipe", tests, guest_start, guest_stop);
}
