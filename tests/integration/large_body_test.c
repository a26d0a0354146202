/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies much larger than the memory they may take, up and down. MSTR_LARGE_BODY sets their octets; the target
 * `large-bodies` makes that 1 GiB.
 */
#include "support/context.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <mstr/mstr.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { BLOCK = 65536, GROWTH_MOST = 32 * 1024 /* KiB */ };

static const int64_t short_run = 128 * 1024 * 1024;
static int64_t body_length;
static unsigned char pattern[BLOCK];

/* --- a server that keeps nothing, one connection at a time ------------------------------------------------------ */

struct server {
    int listener;
    unsigned port;
    pthread_t thread;
    int64_t received; /* octets of the latest upload that were as they should be */
};

/* Reads up to the empty line; what follows it is left in the socket. False at the end of the connection. */
static bool read_head(int fd, char *head, size_t capacity)
{
    size_t length = 0;
    head[0] = '\0';
    while (length + 1 < capacity && (length < 4 || memcmp(head + length - 4, "\r\n\r\n", 4) != 0)) {
        if (recv(fd, head + length, 1, 0) != 1) {
            return false;
        }
        head[++length] = '\0';
    }
    return true;
}

static bool send_all(int fd, const void *octets, size_t length)
{
    return send(fd, octets, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static int64_t receive_body(int fd, int64_t length)
{
    static unsigned char block[BLOCK];
    int64_t good = 0;
    for (int64_t at = 0; at < length;) {
        size_t offset = (size_t)(at % BLOCK);
        size_t wanted = BLOCK - offset;
        wanted = length - at < (int64_t)wanted ? (size_t)(length - at) : wanted;
        ssize_t got = recv(fd, block, wanted, 0);
        if (got <= 0) {
            return -1;
        }
        good += memcmp(block, pattern + offset, (size_t)got) == 0 ? got : 0;
        at += got;
    }
    return good;
}

static void serve_connection(struct server *server, int fd)
{
    static const char token[] = "HTTP/1.1 204 No Content\r\nX-MSTR-AuthToken: t\r\n\r\n";
    static const char done[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    char head[8192];
    bool good = true;
    while (good && read_head(fd, head, sizeof(head))) {
        const char *announced = strstr(head, "Content-Length: ");
        int64_t length = announced != NULL ? strtoll(announced + 16, NULL, 10) : 0;
        int64_t received = receive_body(fd, length);
        if (strncmp(head, "PUT", 3) == 0) {
            server->received = received;
            good = send_all(fd, done, sizeof(done) - 1);
        } else if (strncmp(head, "GET", 3) == 0) {
            int size = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n",
                                (long long)body_length);
            good = send_all(fd, head, (size_t)size);
            for (int64_t at = 0; good && at < body_length; at += BLOCK) {
                good = send_all(fd, pattern, BLOCK);
            }
        } else {
            good = send_all(fd, token, sizeof(token) - 1);
        }
    }
    close(fd);
}

static void *serve(void *data)
{
    struct server *server = data;
    for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0;) {
        serve_connection(server, fd);
    }
    return NULL;
}

static void server_start(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

/* The client has closed its connections before. */
static void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

/* --- the bodies ------------------------------------------------------------------------------------------------- */

static int64_t produce(void *into, size_t capacity, void *data)
{
    int64_t *at = data;
    size_t offset = (size_t)(*at % BLOCK);
    int64_t left = body_length - *at;
    size_t count = capacity < BLOCK - offset ? capacity : BLOCK - offset;
    count = left < (int64_t)count ? (size_t)left : count;
    memcpy(into, pattern + offset, count);
    *at += (int64_t)count;
    return (int64_t)count;
}

/* Counts the octets that are as they should be. */
static int consume(const void *octets, size_t length, void *data)
{
    int64_t *at = data;
    const char *from = octets;
    while (length > 0) {
        size_t offset = (size_t)(*at % BLOCK);
        size_t count = length < BLOCK - offset ? length : BLOCK - offset;
        if (memcmp(from, pattern + offset, count) != 0) {
            return -1;
        }
        from += count;
        length -= count;
        *at += (int64_t)count;
    }
    return 0;
}

static long peak_memory(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

struct client {
    struct server server;
    mstr_context *context;
    mstr_session *session;
    mstr_error *error;
};

static int open_client(void **state)
{
    struct client *client = calloc(1, sizeof(*client));
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    char base[64];
    server_start(&client->server);
    client->context = test_context("");
    client->error = mstr_error_new();
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.login_mode = MSTR_LOGIN_ANONYMOUS;
    snprintf(base, sizeof(base), "http://127.0.0.1:%u/api/", client->server.port);
    assert_int_equal(mstr_session_new(client->context, &options, &client->session, client->error), MSTR_OK);
    mstr_session_set_credential(client->session, MSTR_CREDENTIAL_BASE_URL, mstr_credential_literal(base));
    assert_int_equal(mstr_session_open(client->session, NULL, client->error), MSTR_OK);
    *state = client;
    return 0;
}

static int close_client(void **state)
{
    struct client *client = *state;
    mstr_session_free(client->session);
    mstr_context_free(client->context);
    server_stop(&client->server);
    mstr_error_free(client->error);
    free(client);
    return 0;
}

/* Sends, and asserts that this took no memory of the body's size. */
static void send_lightly(struct client *client, const mstr_session_request *request)
{
    mstr_response *response = NULL;
    long before = peak_memory();
    if (mstr_session_send(client->session, request, &response, client->error) != MSTR_OK) {
        fail_msg("%s", mstr_error_message(client->error));
    }
    assert_int_equal(mstr_response_status(response), 200);
    assert_in_range(peak_memory() - before, 0, GROWTH_MOST);
    mstr_response_free(response);
}

static void a_large_upload_takes_no_memory(void **state)
{
    struct client *client = *state;
    int64_t at = 0;
    mstr_reader reader = MSTR_READER_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    reader.read = produce;
    reader.data = &at;
    reader.length = body_length;
    request.method = "PUT";
    request.path = "x";
    request.reader = &reader;

    send_lightly(client, &request);

    assert_int_equal(client->server.received, body_length);
}

static void a_large_file_takes_no_memory(void **state)
{
    struct client *client = *state;
    char *path = test_file("", 0);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, (off_t)body_length), 0); /* a hole: it reads as zeros, and takes no room */
    close(fd);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = "PUT";
    request.path = "x";
    request.file = path;

    send_lightly(client, &request);

    unlink(path);
    free(path);
}

static void a_large_download_takes_no_memory(void **state)
{
    struct client *client = *state;
    int64_t at = 0;
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    writer.write = consume;
    writer.data = &at;
    request.path = "x";
    request.writer = &writer;

    send_lightly(client, &request);

    assert_int_equal(at, body_length);
}

static void a_large_download_to_a_descriptor_takes_no_memory(void **state)
{
    struct client *client = *state;
    mstr_writer writer = MSTR_WRITER_DESCRIPTOR(open("/dev/null", O_WRONLY | O_CLOEXEC));
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    request.writer = &writer;

    send_lightly(client, &request);

    close(writer.descriptor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_client, close_client)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_large_upload_takes_no_memory),
        TEST(a_large_file_takes_no_memory),
        TEST(a_large_download_takes_no_memory),
        TEST(a_large_download_to_a_descriptor_takes_no_memory),
    };
    const char *wanted = getenv("MSTR_LARGE_BODY");
    body_length = wanted != NULL ? strtoll(wanted, NULL, 10) : short_run;
    body_length -= body_length % BLOCK;
    for (size_t i = 0; i < BLOCK; i++) {
        pattern[i] = (unsigned char)(i * 31 + i / 251);
    }
    return cmocka_run_group_tests_name("large_body", tests, NULL, NULL);
}
