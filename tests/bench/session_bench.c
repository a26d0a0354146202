/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request on an open session costs beside a bare handle of libcurl that is reused, one thread and two, and
 * what a download costs; against one small server in this process, whose answers cost next to nothing.
 *
 *   session_bench MEGABYTES [SCRIPT [NAME BASE_URL TOKEN COOKIE]...]
 *
 * With SCRIPT, a Python program that is given a URL and a count and prints microseconds a request, that is told too;
 * with NAME and BASE_URL, a warm request to that server as well, the bare handle's with TOKEN and COOKIE.
 *
 * Client and server share one processor: how the kernel spreads them over two would decide all that is measured, as
 * waking an idle processor costs more than the request.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "bench.h"
#include "support/tiny_server.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

enum { ROUNDS = 21, BLOCK = 300, PIECE = 1 << 20, DOWNLOADS = 5 };

static char piece[PIECE];
static long long megabytes = 64;
static struct tiny_server *server;

/* A server with a session of ours, and what a bare handle needs to be let in. */
struct target {
    mstr_session *session;
    const char *base;
    const char *token;
    const char *cookie;
};

static struct target small;

static void sit_on(int processor)
{
    static _Thread_local int present = -1;
    cpu_set_t set;
    if (processor != present) {
        CPU_ZERO(&set);
        CPU_SET((unsigned)processor, &set);
        sched_setaffinity(0, sizeof(set), &set);
        present = processor;
    }
}

/* Goes to the processor where the request comes from. */
static void follow(const struct tiny_request *request)
{
    const char *header = strstr(request->head, "X-Processor: ");
    sit_on(header != NULL ? header[strlen("X-Processor: ")] - '0' : 0);
}

static bool serve(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    static const char user[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 46\r\n\r\n"
                               "{\"id\":\"0123456789ABCDEF\",\"fullName\":\"A. User\"}";
    char head[128];
    (void)data;
    follow(request);
    if (strncmp(request->head, "POST /api/auth/login", 20) == 0) {
        return tiny_text(connection, "HTTP/1.1 204 No Content\r\nX-MSTR-AuthToken: token-1\r\n"
                                     "Set-Cookie: JSESSIONID=s1; Path=/api\r\n\r\n");
    }
    if (strncmp(request->head, "GET /api/big", 12) != 0) {
        return tiny_text(connection, user);
    }
    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n", megabytes * PIECE);
    bool good = tiny_text(connection, head);
    for (long long i = 0; good && i < megabytes; i++) {
        good = tiny_write(connection, piece, sizeof(piece));
    }
    return good;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static size_t drop(const void *octets, size_t size, size_t count, void *data)
{
    (void)octets;
    (void)data;
    return size * count;
}

static int drop_piece(const void *octets, size_t length, void *data)
{
    (void)octets;
    (void)length;
    (void)data;
    return 0;
}

static void ours(const struct target *target, const char *path, const char *processor, int count)
{
    const struct mstr_header header = {"X-Processor", processor};
    for (int i = 0; i < count; i++) {
        mstr_response *response = NULL;
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        mstr_writer writer = MSTR_WRITER_INIT;
        writer.write = drop_piece;
        request.path = path;
        request.headers = &header;
        request.header_count = 1;
        request.writer = strcmp(path, "big") == 0 ? &writer : NULL;
        need(mstr_session_send(target->session, &request, &response, NULL) == MSTR_OK, path);
        mstr_response_free(response);
    }
}

static CURL *bare_handle(const struct target *target, const char *path, const char *processor,
                         struct curl_slist **headers)
{
    CURL *handle = curl_easy_init();
    char text[512];
    snprintf(text, sizeof(text), "X-MSTR-AuthToken: %s", target->token);
    *headers = curl_slist_append(NULL, text);
    snprintf(text, sizeof(text), "Cookie: %s", target->cookie);
    *headers = curl_slist_append(*headers, text);
    snprintf(text, sizeof(text), "X-Processor: %s", processor);
    *headers = curl_slist_append(*headers, text);
    *headers = curl_slist_append(*headers, "Accept: application/json");
    *headers = curl_slist_append(*headers, "User-Agent: bare");
    snprintf(text, sizeof(text), "%s%s", target->base, path);
    curl_easy_setopt(handle, CURLOPT_URL, text);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, *headers);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    return handle;
}

static void bare(CURL *handle, int count)
{
    for (int i = 0; i < count; i++) {
        need(curl_easy_perform(handle) == CURLE_OK, "libcurl");
    }
}

/* One of two threads; its processor is a digit. */
static void *ours_thread(void *data)
{
    const char *processor = data;
    sit_on(*processor - '0');
    ours(&small, "sessions/userInfo", processor, ROUNDS * BLOCK / 2);
    return NULL;
}

static void *bare_thread(void *data)
{
    const char *processor = data;
    struct curl_slist *headers = NULL;
    CURL *handle = bare_handle(&small, "sessions/userInfo", processor, &headers);
    sit_on(*processor - '0');
    bare(handle, ROUNDS * BLOCK / 2);
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    return NULL;
}

/* How much more two threads do than one in the same time, each with its server on a processor of its own. */
static double scale(void *(*work)(void *))
{
    static char processors[2][2] = {"0", "1"};
    pthread_t threads[2];
    work(processors[0]);
    double begin = now();
    work(processors[0]);
    double one = now() - begin;
    begin = now();
    for (size_t i = 0; i < 2; i++) {
        need(pthread_create(&threads[i], NULL, work, processors[i]) == 0, "a thread");
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    return 2 * one / (now() - begin);
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

/* Both in turn; the medians of a request's time, µs. */
static void side_by_side(const struct target *target, const char *path, int rounds, int block, double *mine,
                         double *theirs)
{
    double us[ROUNDS];
    double curl[ROUNDS];
    struct curl_slist *headers = NULL;
    CURL *handle = bare_handle(target, path, "0", &headers);
    bare(handle, 1);
    ours(target, path, "0", 1);
    for (int i = 0; i < rounds; i++) {
        double begin = now();
        bare(handle, block);
        double middle = now();
        ours(target, path, "0", block);
        us[i] = (now() - middle) / block;
        curl[i] = (middle - begin) / block;
    }
    qsort(us, (size_t)rounds, sizeof(*us), compare);
    qsort(curl, (size_t)rounds, sizeof(*curl), compare);
    *mine = us[rounds / 2];
    *theirs = curl[rounds / 2];
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
}

static double ask_script(const char *script)
{
    char command[1024];
    double time = 0;
    snprintf(command, sizeof(command), "/usr/bin/python3 '%s' '%s' %d", script,
             tiny_server_url(server, "/api/sessions/userInfo"), BLOCK);
    FILE *output = popen(command, "re"); /* NOLINT(cert-env33-c): a script of this folder */
    need(output != NULL && fscanf(output, "%lf", &time) == 1, script);
    pclose(output);
    return time;
}

static void measure_warm(const struct target *target, const char *where)
{
    double mine = 0;
    double theirs = 0;
    side_by_side(target, "sessions/userInfo", ROUNDS, BLOCK, &mine, &theirs);
    printf("warm GET from %s: %.1f us, a bare handle of libcurl %.1f us, ratio %.2f\n", where, mine, theirs,
           mine / theirs);
}

static void measure_download(void)
{
    struct rusage before;
    struct rusage after;
    double mine = 0;
    double theirs = 0;
    getrusage(RUSAGE_SELF, &before);
    side_by_side(&small, "big", DOWNLOADS, 1, &mine, &theirs);
    getrusage(RUSAGE_SELF, &after);
    printf("download of %lld MiB: ratio %.2f to bare libcurl, %ld KiB more memory at the peak\n", megabytes,
           mine / theirs, after.ru_maxrss - before.ru_maxrss);
}

int main(int argc, char **argv)
{
    mstr_context *context = NULL;
    char base[128];
    megabytes = argc > 1 ? atoll(argv[1]) : megabytes;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    sit_on(0);
    server = tiny_server_start(serve, NULL, NULL);
    snprintf(base, sizeof(base), "%s", tiny_server_url(server, "/api/"));
    context = bench_context(NULL);
    small = (struct target){NULL, base, "token-1", "JSESSIONID=s1"};
    small.session = bench_session(context, base, NULL, NULL);
    for (int i = 3; i + 3 < argc; i += 4) {
        struct target other = {NULL, argv[i + 1], argv[i + 2], argv[i + 3]};
        other.session = bench_session(context, other.base, "analyst", NULL);
        measure_warm(&other, argv[i]);
        mstr_session_free(other.session);
    }
    measure_warm(&small, "a server that answers at once");
    if (argc > 2) {
        printf("  python3-requests from the same: %.1f us\n", ask_script(argv[2]));
    }
    printf("  two threads: %.2f times one; bare libcurl %.2f\n", scale(ours_thread), scale(bare_thread));
    sit_on(0);
    measure_download();
    mstr_session_free(small.session);
    mstr_context_free(context);
    tiny_server_stop(server);
    curl_global_cleanup();
    return 0;
}
