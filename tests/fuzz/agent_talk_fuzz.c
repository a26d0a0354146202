/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversations with an agent: requests one behind the other on one connection, through its server, its routes and
 * its policy up to what the shared session would send, where a server answers as the request's query says. No more
 * requests are seen than a strict reader sees; what was refused has sent nothing; what goes out stays below the API's
 * root and has no header of the connection, of a proxy or of who asked; and no secret of the agent comes back. The
 * first octet says whether the connection is one of TCP.
 */
#include "../unit/agent/desk.h"
#include "agent_talk_grammar.h"
#include "strict_requests.h"

#include "agent/server.h"
#include "base/uri.h"
#include "http/client.h"
#include "http/response.h"
#include "http/sent_secrets.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ROOT "http://127.0.0.1:1/api/"
#define CONFIG                                                                                                       \
    "[profile p]\nbase_url = http://127.0.0.1:1/api/\nusername = u\npassword = hunter2-of-p\n"                       \
    "[profile q]\nbase_url = http://127.0.0.1:2/\nusername = u\npassword = hunter2-of-q\n"                           \
    "[agent]\nallow = env:FUZZ_GIVEN\nprofiles = p\nallow_auth = token delegate\nreplay_octets = 512\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
enum mstr_code __wrap_http_send(struct http_client *client, const struct mstr_http_request *request,
                                const struct http_extras *extras, const struct limits *limits,
                                struct mstr_http_response **out, mstr_error *error);
bool __real_peer_read(int fd, struct peer *peer);
bool __wrap_peer_read(int fd, struct peer *peer);
enum mstr_code __wrap_limits_sleep(const struct limits *limits, int64_t milliseconds);

static const char *const secrets[] = {"hunter2-of-", "value-kept-back", "token-of-server", "jar-of-server"};
static const char token_of_agent[] = "0123456789abcdef";

enum { PORT = 4711 };

static struct server *server;
static struct sockaddr_storage address;
static socklen_t address_length;
static bool over_tcp;
static atomic_uint sent; /* that the server answers at once, in this conversation */

/* --- the server behind the agent ----------------------------------------------------------------------------------
 */

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcasecmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

/* Whether it has the session's token. */
static bool check_headers(const struct mstr_http_request *request, bool login)
{
    static const char *const never[] = {"Connection",
                                        "Keep-Alive",
                                        "Proxy-Connection",
                                        "TE",
                                        "Trailer",
                                        "Transfer-Encoding",
                                        "Upgrade",
                                        "Proxy-Authorization",
                                        "Expect",
                                        "Content-Length",
                                        "Host",
                                        "Authorization",
                                        "X-MSTR-IdentityToken",
                                        "Forwarded",
                                        "X-Original-URL",
                                        "X-Rewrite-URL",
                                        "X-HTTP-Method-Override",
                                        "X-Mstr-Token",
                                        "X-Mstr-Timeout",
                                        "X-Mstr-Agent",
                                        NULL};
    unsigned tokens = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        const char *name = request->headers[i].name;
        const char *value = request->headers[i].value;
        bool token = strcasecmp(name, "X-MSTR-AuthToken") == 0;
        if (is_one_of(name, never) || strncasecmp(name, "X-Forwarded-", 12) == 0 || strchr(name, '_') != NULL ||
            value[strcspn(value, "\r\n")] != '\0' || (token && strcmp(value, "token-of-server") != 0) ||
            (strcasecmp(name, "Cookie") == 0 && strcmp(value, "jar=jar-of-server") != 0)) {
            abort();
        }
        tokens += token;
    }
    if (tokens > 1 || (tokens == 1 && login)) {
        abort();
    }
    return tokens == 1;
}

/* Its path below the root, in the one spelling that no server reads as another. */
static const char *check_url(const struct mstr_http_request *request)
{
    bool memory = true;
    const char *path = request->url + strlen(ROOT);
    struct buffer rooted = BUFFER_INIT;
    if (strncmp(request->url, ROOT, strlen(ROOT)) != 0 || *path == '/' || strcmp(request->method, "CONNECT") == 0 ||
        strcmp(request->method, "TRACE") == 0) {
        abort();
    }
    buffer_printf(&rooted, "/%.*s", (int)strcspn(path, "?"), path);
    if (uri_path_fault(buffer_text(&rooted), rooted.length, &memory) != NULL) {
        abort();
    }
    buffer_release(&rooted);
    return path;
}

struct reaction {
    const char *head; /* lines, each with a line feed */
    const char *body;
};

static const struct reaction reactions[] = {
    {"HTTP/1.1 200 OK\nContent-Type: application/json\n", "{\"a\":1}"},
    {"HTTP/1.1 200 OK\nX-MSTR-AuthToken: token-of-server\nSet-Cookie: jar=jar-of-server; Path=/\nX-Kept: 1\n", "[]"},
    {"HTTP/1.1 200 OK\nConnection: X-Hop, close\nX-Hop: 1\nTransfer-Encoding: chunked\nContent-Length: 99\n", "x"},
    {"HTTP/1.1 302 Found\nLocation: http://127.0.0.1:1/api/objects\n", ""},
    {"HTTP/1.1 302 Found\nLocation: https://elsewhere.example/?jar-of-server\n", ""},
    {"HTTP/1.1 204 No Content\n", ""},
    {"HTTP/1.1 403 Forbidden\nWWW-Authenticate: Basic\n", "{\"code\":\"ERR017\",\"message\":\"token-of-server\"}"},
    {"HTTP/1.1 401 Unauthorized\n", "{\"code\":\"ERR009\"}"},
    {"HTTP/1.1 503 Service Unavailable\nRetry-After: 1\n", ""}, /* this one and the one before are asked again */
};
enum { REACTIONS = sizeof(reactions) / sizeof(*reactions), ECHO = 6, ASKED_AGAIN = 2 };

static const struct reaction granted = {
    "HTTP/1.1 204 No Content\nX-MSTR-AuthToken: token-of-server\nSet-Cookie: jar=jar-of-server; Path=/\n", ""};

static struct mstr_http_response *make_answer(const struct mstr_http_request *request,
                                              const struct http_extras *extras, const struct reaction *reaction)
{
    struct mstr_http_response *answer = response_new(request->url, request->response_limit);
    for (const char *line = reaction->head; *line != '\0';) {
        size_t length = strcspn(line, "\n") + 1;
        response_add_line(answer, line, length);
        line += length;
    }
    size_t length = strlen(reaction->body);
    if (extras->write != NULL && answer->answer.status / 100 == 2) {
        if ((extras->begin == NULL || extras->begin(answer, extras->write_data)) && length > 0) {
            extras->write(reaction->body, length, extras->write_data);
        }
    } else {
        response_add_body(answer, reaction->body, length);
    }
    response_complete(answer, 0, 0);
    if (answer->answer.status >= 400) { /* as the client that this stands for */
        sent_secrets_hide(request, extras, answer, NULL);
    }
    return answer;
}

static void read_body(const struct http_extras *extras)
{
    char octets[256];
    while (extras->read != NULL && extras->read(octets, sizeof(octets), extras->read_data) > 0) {
    }
}

enum mstr_code __wrap_http_send(struct http_client *client, const struct mstr_http_request *request,
                                const struct http_extras *extras, const struct limits *limits,
                                struct mstr_http_response **out, mstr_error *error)
{
    const char *path = check_url(request);
    const char *wish = strstr(path, "answer=");
    size_t which = wish != NULL ? (size_t)(unsigned char)wish[7] % REACTIONS : 0;
    bool login = strcmp(path, "auth/login") == 0;
    (void)client;
    (void)limits;
    (void)error;
    which = check_headers(request, login) || which != ECHO ? which : 0; /* of the token, to one that has it */
    read_body(extras);
    if (!login && which < REACTIONS - ASKED_AGAIN) {
        atomic_fetch_add(&sent, 1);
    }
    *out = make_answer(request, extras, login ? &granted : &reactions[which]);
    return MSTR_OK;
}

/* Pauses pass at once. */
enum mstr_code __wrap_limits_sleep(const struct limits *limits, int64_t milliseconds)
{
    (void)milliseconds;
    return limits_check(limits);
}

/* --- the agent ----------------------------------------------------------------------------------------------------
 */

/* A connection over TCP tells nothing of who it is. */
bool __wrap_peer_read(int fd, struct peer *peer)
{
    bool read = __real_peer_read(fd, peer);
    if (over_tcp) {
        *peer = (struct peer){.tcp = true, .uid = (uid_t)-1, .gid = (gid_t)-1, .pid = -1};
    }
    return read;
}

static struct server *serve(void)
{
    const struct server_limits limits = {64, 4096, 60000, 60000, 30000};
    const struct sockaddr_storage any = {.ss_family = AF_UNIX}; /* a name of the system's */
    struct server_hooks hooks = routes_hooks;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    address_length = sizeof(address);
    if (bind(fd, (const struct sockaddr *)&any, sizeof(sa_family_t)) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &address_length) != 0) {
        abort();
    }
    hooks.data = &desk.agent;
    return server_new(fd, PORT, &limits, &hooks);
}

/* The file stays for the sake of reloads. */
static void end(void)
{
    unlink(desk.config);
}

static void begin(void)
{
    setenv("FUZZ_GIVEN", "value-given", 1);
    setenv("FUZZ_KEPT", "value-kept-back", 1);
    agent_log_level(MSTR_LEVEL_ERROR);
    desk_open(CONFIG);
    atexit(end);
    buffer_puts(&desk.agent.token.text, token_of_agent);
    server = serve();
}

/* --- the client ---------------------------------------------------------------------------------------------------
 */

/* A text with a client's token in the place of each "*". */
static void put_line(struct buffer *out, struct span line, size_t body)
{
    char token[CLIENT_TOKEN_SIZE] = "";
    const char *colon = memchr(line.at, ':', line.length);
    size_t name = colon != NULL ? (size_t)(colon - line.at) : 0;
    if (colon == NULL || line.at[line.length - 1] != '*') {
        buffer_append(out, line.at, line.length);
    } else if (strncasecmp(line.at, "Content-Length", name) == 0) {
        buffer_printf(out, "Content-Length: %zu", body);
    } else if (strncasecmp(line.at, "Host", name) == 0) {
        buffer_printf(out, "Host: 127.0.0.1:%d", (int)PORT);
    } else if (client_tokens_issue(desk.agent.client_tokens, "p", clock_monotonic(), token)) {
        buffer_append(out, line.at, line.length - 1);
        buffer_puts(out, token);
    }
    buffer_puts(out, "\r\n");
}

static void put_request(struct buffer *out, const struct message *message)
{
    size_t chunked = 0;
    buffer_append(out, message->first.at, message->first.length);
    buffer_puts(out, " HTTP/1.1\r\n");
    for (size_t i = 0; i < message->header_count; i++) {
        struct span line = message->headers[i];
        static const char coding[] = "Transfer-Encoding: *";
        if (line.length == strlen(coding) && memcmp(line.at, coding, line.length) == 0) {
            chunked++;
            buffer_puts(out, "Transfer-Encoding: chunked\r\n");
        } else {
            put_line(out, line, message->body.length);
        }
    }
    buffer_puts(out, "\r\n");
    if (chunked > 0 && message->body.length > 0) {
        buffer_printf(out, "%zx\r\n", message->body.length);
    }
    buffer_append(out, message->body.at, message->body.length);
    buffer_puts(out, chunked == 0 ? "" : message->body.length > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
}

/* Sends more of it; how far it has come. */
static size_t send_more(int fd, const struct buffer *requests, size_t at)
{
    ssize_t written = send(fd, buffer_text(requests) + at, requests->length - at, MSG_DONTWAIT | MSG_NOSIGNAL);
    return written >= 0 ? at + (size_t)written : errno == EAGAIN ? at : requests->length;
}

/* libmicrohttpd overlooks an end that it is told of along with octets, until their time is over. */
static bool is_read(int fd)
{
    int left = 0;
    return ioctl(fd, SIOCOUTQ, &left) != 0 || left == 0;
}

/* Sends all of it, and reads until the connection ends. */
static void converse(int fd, const struct buffer *requests, struct buffer *replies)
{
    char octets[4096];
    size_t at = 0;
    bool ended = false;
    for (bool open = true; open;) {
        at = send_more(fd, requests, at);
        struct pollfd polled[] = {{.fd = fd, .events = (short)(POLLIN | (at < requests->length ? POLLOUT : 0))},
                                  {.fd = server_descriptor(server), .events = POLLIN}};
        int64_t patience = server_patience(server);
        poll(polled, 2, patience < 0 ? 1000 : (int)patience);
        server_run(server);
        if (!ended && at == requests->length && is_read(fd)) {
            ended = true;
            shutdown(fd, SHUT_WR);
        }
        ssize_t got = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);
        buffer_append(replies, octets, got > 0 ? (size_t)got : 0);
        open = got > 0 || (got < 0 && errno == EAGAIN);
    }
}

static unsigned count(const struct buffer *text, const char *line)
{
    unsigned found = 0;
    const char *end = buffer_text(text) + text->length;
    for (const char *at = strict_find(buffer_text(text), end, line); at != NULL;
         at = strict_find(at + 1, end, line)) {
        found++;
    }
    return found;
}

static void check(const struct buffer *requests, const struct buffer *replies)
{
    unsigned most = strict_requests(buffer_text(requests), requests->length);
    unsigned refused = count(replies, "\r\nX-Mstr-Agent: refusal\r\n");
    if (count(replies, "\r\nCache-Control: no-store\r\n") > most || refused + sent > most) {
        abort();
    }
    for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++) {
        if (count(replies, secrets[i]) > 0 && count(requests, secrets[i]) == 0) { /* its own words may come back */
            abort();
        }
    }
}

static void talk(const struct talk *talk)
{
    struct buffer requests = BUFFER_INIT;
    struct buffer replies = BUFFER_INIT;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (size_t i = 0; i < talk->count; i++) {
        put_request(&requests, &talk->messages[i]);
    }
    sent = 0;
    desk.agent.stop = desk.agent.draining = false;
    if (connect(fd, (const struct sockaddr *)&address, address_length) != 0) {
        abort();
    }
    converse(fd, &requests, &replies);
    close(fd);
    while (server_busy(server) > 0) {
        server_run(server);
    }
    check(&requests, &replies);
    buffer_release(&requests);
    buffer_release(&replies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct talk messages;
    if (server == NULL) {
        begin();
    }
    if (size > 0) {
        over_tcp = (data[0] & 1) != 0;
        talk_read((const char *)data + 1, size - 1, &messages);
        talk(&messages);
    }
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    if (size < 2 || most < 2) {
        return LLVMFuzzerMutate(data, size, most);
    }
    data[0] = (uint8_t)(seed % 4 == 0 ? data[0] ^ 1 : data[0]);
    return 1 + talk_mutate(data + 1, size - 1, most - 1, seed, &agent_talk_grammar);
}
