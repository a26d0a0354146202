/*
 * What a request on an open session costs beside a bare handle of libcurl that is reused, one thread and two, and
 * what a download costs; all against one small server in this process.
 *
 *   session_bench [MEGABYTES [SCRIPT]]
 *
 * With SCRIPT, a Python program that is given a URL and a count and prints microseconds a request, that is told too.
 */
#include "support/tiny_server.h"

#include <curl/curl.h>
#include <mstr/mstr.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { ROUNDS = 21, BLOCK = 300, PIECE = 1 << 20, DOWNLOADS = 5 };

static char piece[PIECE];
static long long megabytes = 64;
static mstr_session *session;
static struct tiny_server *server;

static bool serve(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    static const char small[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 46\r\n\r\n"
                                "{\"id\":\"0123456789ABCDEF\",\"fullName\":\"A. User\"}";
    char head[128];
    (void)data;
    if (strncmp(request->head, "POST /api/auth/login", 20) == 0) {
        return tiny_text(connection, "HTTP/1.1 204 No Content\r\nX-MSTR-AuthToken: token-1\r\n"
                                     "Set-Cookie: JSESSIONID=s1; Path=/api\r\n\r\n");
    }
    if (strncmp(request->head, "GET /api/big", 12) != 0) {
        return tiny_text(connection, small);
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

static void need(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "session_bench: %s failed\n", what);
        exit(1);
    }
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

static void ours(const char *path, int count)
{
    for (int i = 0; i < count; i++) {
        mstr_response *response = NULL;
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        mstr_writer writer = MSTR_WRITER_INIT;
        writer.write = drop_piece;
        request.path = path;
        request.writer = strcmp(path, "big") == 0 ? &writer : NULL;
        need(mstr_session_send(session, &request, &response, NULL) == MSTR_OK, path);
        mstr_response_free(response);
    }
}

static CURL *bare_handle(const char *path, struct curl_slist **headers)
{
    CURL *handle = curl_easy_init();
    char url[256];
    snprintf(url, sizeof(url), "%s%s", tiny_server_url(server, "/api/"), path);
    *headers = curl_slist_append(NULL, "X-MSTR-AuthToken: token-1");
    *headers = curl_slist_append(*headers, "Cookie: JSESSIONID=s1");
    *headers = curl_slist_append(*headers, "Accept: application/json");
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, *headers);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    return handle;
}

static void bare(CURL *handle, int count)
{
    for (int i = 0; i < count; i++) {
        need(curl_easy_perform(handle) == CURLE_OK, "libcurl");
    }
}

static void *ours_thread(void *data)
{
    ours("sessions/userInfo", *(int *)data);
    return NULL;
}

static void *bare_thread(void *data)
{
    struct curl_slist *headers = NULL;
    CURL *handle = bare_handle("sessions/userInfo", &headers);
    bare(handle, *(int *)data);
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    return NULL;
}

/* How much more two threads do than one in the same time. */
static double scale(void *(*work)(void *))
{
    int count = ROUNDS * BLOCK / 2;
    pthread_t threads[2];
    work(&count);
    double begin = now();
    work(&count);
    double one = now() - begin;
    begin = now();
    for (size_t i = 0; i < 2; i++) {
        need(pthread_create(&threads[i], NULL, work, &count) == 0, "a thread");
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
static void side_by_side(const char *path, int rounds, int block, double *mine, double *theirs)
{
    double us[ROUNDS];
    double curl[ROUNDS];
    struct curl_slist *headers = NULL;
    CURL *handle = bare_handle(path, &headers);
    bare(handle, 1);
    ours(path, 1);
    for (int i = 0; i < rounds; i++) {
        double begin = now();
        bare(handle, block);
        double middle = now();
        ours(path, block);
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

static void open_session(mstr_context **context)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_session_options session_options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_CONTEXT_NO_CONFIG | MSTR_CONTEXT_NO_ENVIRONMENT;
    session_options.flags = MSTR_SESSION_NO_PROFILE;
    session_options.login_mode = MSTR_LOGIN_ANONYMOUS;
    need(mstr_context_new(&options, context, NULL) == MSTR_OK, "the context");
    need(mstr_session_new(*context, &session_options, &session, NULL) == MSTR_OK, "the session");
    mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL,
                                mstr_credential_literal(tiny_server_url(server, "/api")));
    need(mstr_session_open(session, NULL, NULL) == MSTR_OK, "the login");
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

int main(int argc, char **argv)
{
    mstr_context *context = NULL;
    struct rusage before;
    struct rusage after;
    double mine = 0;
    double theirs = 0;
    megabytes = argc > 1 ? atoll(argv[1]) : megabytes;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    server = tiny_server_start(serve, NULL, NULL);
    open_session(&context);
    side_by_side("sessions/userInfo", ROUNDS, BLOCK, &mine, &theirs);
    printf("warm GET: %.1f us, a bare handle of libcurl %.1f us, ratio %.2f\n", mine, theirs, mine / theirs);
    if (argc > 2) {
        double python = ask_script(argv[2]);
        printf("  python3-requests %.1f us, ratio %.1f\n", python, python / mine);
    }
    printf("  two threads: %.2f times one; bare libcurl %.2f\n", scale(ours_thread), scale(bare_thread));
    getrusage(RUSAGE_SELF, &before);
    side_by_side("big", DOWNLOADS, 1, &mine, &theirs);
    getrusage(RUSAGE_SELF, &after);
    printf("download of %lld MiB: ratio %.2f to bare libcurl, %ld KiB more memory at the peak\n", megabytes,
           mine / theirs, after.ru_maxrss - before.ru_maxrss);
    mstr_session_free(session);
    mstr_context_free(context);
    tiny_server_stop(server);
    curl_global_cleanup();
    return 0;
}
