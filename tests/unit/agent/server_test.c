/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/server.c */
#include "agent/server.h"

#include "base/clock.h"
#include "support/unit.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

static struct server *server;
static int listener;
static struct sockaddr_storage address;
static socklen_t address_length;
static pthread_t thread;
static atomic_bool ending;
static atomic_bool refusing;
static atomic_bool paused; /* the server sees nothing of what comes */
static struct request *_Atomic waiting;
static atomic_int given_up;
static _Atomic int64_t deadline; /* of what is dispatched */
static atomic_bool at_once;      /* who is dispatched is answered before the server goes on */
static int64_t began;

static bool connect_peer(void *data, int fd, const struct peer *peer, struct reply *reply)
{
    (void)data;
    (void)fd;
    (void)peer;
    if (refusing) {
        reply_busy(reply, 503, 1, "full");
    }
    return !refusing;
}

static void disconnect_peer(void *data, const struct peer *peer)
{
    (void)data;
    (void)peer;
}

static int64_t begin_request(void *data, struct request *request)
{
    (void)data;
    if (strcmp(request->target, "/refused") == 0) {
        reply_problem(&request->reply, 404, "request", "no");
        return -1;
    }
    return 10;
}

static bool finish_request(void *data, struct request *request)
{
    (void)data;
    reply_json(&request->reply, 200);
    buffer_append(&request->reply.body, buffer_text(&request->body), request->body.length);
    return strcmp(request->target, "/slow") != 0;
}

static void dispatch_request(void *data, struct request *request)
{
    (void)data;
    request->deadline = deadline;
    if (at_once) {
        request->answer(request);
    } else {
        waiting = request;
    }
}

/* As the routes do with what nobody has begun with. */
static void give_up_request(void *data, struct request *request)
{
    (void)data;
    given_up++;
    waiting = NULL;
    request->answer(request);
}

static void end_request(void *data, struct request *request)
{
    (void)data;
    (void)request;
}

static const struct server_hooks hooks = {NULL,           connect_peer,     disconnect_peer, begin_request,
                                          finish_request, dispatch_request, give_up_request, end_request};

static void *serve(void *data)
{
    (void)data;
    while (!ending) {
        struct pollfd polled = {.fd = server_descriptor(server), .events = POLLIN};
        int64_t patience = server_patience(server);
        poll(&polled, 1, patience < 0 || patience > 250 ? 250 : (int)patience);
        while (paused) {
            poll(NULL, 0, 1);
        }
        server_run(server);
    }
    return NULL;
}

static int begin_with(int64_t head_timeout, int64_t idle)
{
    const struct server_limits limits = {16, 4096, head_timeout, idle, 30000};
    struct sockaddr_storage any = {.ss_family = AF_UNIX};
    ending = refusing = at_once = paused = false;
    began = clock_monotonic();
    deadline = 0;
    given_up = 0;
    waiting = NULL;
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&any, sizeof(sa_family_t)),
                     0); /* a name of the system's */
    assert_int_equal(listen(listener, 16), 0);
    address_length = sizeof(address);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &address_length), 0);
    server = server_new(listener, 0, &limits, &hooks);
    assert_non_null(server);
    return pthread_create(&thread, NULL, serve, NULL);
}

static int begin(void **state)
{
    (void)state;
    return begin_with(60000, 60000);
}

static int begin_hasty(void **state)
{
    (void)state;
    return begin_with(100, 500);
}

static int begin_hasty_but_for_the_idle(void **state)
{
    (void)state;
    return begin_with(100, 24 * 3600 * 1000);
}

static int end(void **state)
{
    (void)state;
    ending = true;
    pthread_join(thread, NULL);
    server_free(server);
    close(listener);
    return 0;
}

static int reach(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, address_length), 0);
    return fd;
}

/* All that comes until `stop` is there, or the end. */
static const char *hear(int fd, const char *stop)
{
    static char heard[65536];
    size_t length = 0;
    ssize_t got = 0;
    memset(heard, 0, sizeof(heard));
    while ((stop == NULL || strstr(heard, stop) == NULL) &&
           (got = recv(fd, heard + length, sizeof(heard) - 1 - length, 0)) > 0) {
        length += (size_t)got;
    }
    return heard;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* The whole conversation of a connection that the server ends. */
static const char *talk(const char *text)
{
    int fd = reach();
    say(fd, text);
    const char *heard = hear(fd, NULL);
    close(fd);
    return heard;
}

static void assert_begins(const char *text, const char *beginning)
{
    if (strncmp(text, beginning, strlen(beginning)) != 0) {
        fail_msg("%s begins not with %s", text, beginning);
    }
}

static void a_request_is_answered_and_nothing_of_it_is_kept_by_anybody(void **state)
{
    (void)state;
    const char *heard = talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
    assert_begins(heard, "HTTP/1.1 200 ");
    assert_non_null(strstr(heard, "\r\nCache-Control: no-store\r\n"));
    assert_non_null(strstr(heard, "\r\n\r\nabc"));
}

static void requests_that_come_at_once_are_answered_in_their_order(void **state)
{
    (void)state;
    const char *heard = talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"
                             "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb"
                             "GET /refused HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const char *first = strstr(heard, "\r\n\r\na");
    assert_non_null(first);
    const char *second = strstr(first, "\r\n\r\nb");
    assert_non_null(second);
    assert_non_null(strstr(second, "HTTP/1.1 404 "));
}

static void what_takes_time_is_answered_from_another_thread(void **state)
{
    (void)state;
    int fd = reach();
    say(fd, "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    while (waiting == NULL) {
        poll(NULL, 0, 1);
    }
    assert_int_equal(server_busy(server), 1);
    struct request *request = waiting;
    request->answer(request);
    assert_begins(hear(fd, NULL), "HTTP/1.1 200 ");
    close(fd);
}

/* Which libmicrohttpd would sleep over where the answer comes while it is at work. */
static void an_answer_that_comes_at_once_is_sent_at_once(void **state)
{
    (void)state;
    at_once = true;
    int fd = reach();
    for (int i = 0; i < 300; i++) {
        say(fd, "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
        assert_begins(hear(fd, "\r\n\r\na"), "HTTP/1.1 200 ");
    }
    assert_true(clock_monotonic() - began < 300 * 100);
    close(fd);
}

static void what_is_with_somebody_is_given_up_once_when_its_time_is_over_or_its_client_gone(void **state)
{
    (void)state;
    deadline = 1; /* which is over */
    int fd = reach();
    say(fd, "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
    assert_begins(hear(fd, "\r\n\r\na"), "HTTP/1.1 200 ");
    assert_int_equal(given_up, 1);
    deadline = 0;
    say(fd, "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
    while (waiting == NULL) {
        usleep(100);
    }
    assert_int_equal(given_up, 1);
    close(fd);
    while (given_up == 1) {
        usleep(100);
    }
}

static void whoever_waits_for_the_word_to_go_on_gets_it_at_once(void **state)
{
    (void)state;
    int fd = reach();
    say(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert_begins(hear(fd, "\r\n\r\n"), "HTTP/1.1 100 ");
    say(fd, "abc");
    assert_begins(hear(fd, "abc"), "HTTP/1.1 200 ");
    close(fd);
}

static void a_body_that_is_too_long_is_refused_either_way(void **state)
{
    (void)state;
    assert_begins(talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"), "HTTP/1.1 413 ");
    assert_begins(talk("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                       "b\r\n01234567890\r\n0\r\n\r\n"),
                  "HTTP/1.1 413 ");
    assert_begins(talk("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                       "a\r\n0123456789\r\n0\r\n\r\n"),
                  "HTTP/1.1 200 ");
}

static void an_ambiguous_head_ends_the_connection(void **state)
{
    (void)state;
    assert_begins(
        talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        "HTTP/1.1 400 ");
    assert_begins(talk("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                  "HTTP/1.1 400 ");
}

/* Of each, whoever stands before the agent may believe something else. */
static void a_head_that_can_be_cut_in_two_ways_is_refused_once(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
#define CASE(text) {text, sizeof(text) - 1}
        CASE("GET / HTTP/1.1\nHost: x\n\n"),
        CASE("GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n"),
        CASE("GET / HTTP/1.1\r\nHost: x\r\n\n"),
        CASE("GET / HTTP/1.1\r\nHost: x\r\nX: y\r\n z\r\n\r\n"),
        CASE("GET / HTTP/1.1\r\nHost: x\r\nX: y\0z\r\n\r\n"),
        CASE("GET /\0z HTTP/1.1\r\nHost: x\r\n\r\n"),
        CASE("GET\0z / HTTP/1.1\r\nHost: x\r\n\r\n"),
        CASE("GET  / HTTP/1.1\r\nHost: x\r\n\r\n"),
        CASE("GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        CASE("GET / HTTP/1.1\r\nHost: x\r\n\0: y\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
#undef CASE
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int fd = reach();
        assert_int_equal(send(fd, cases[i].text, cases[i].length, MSG_NOSIGNAL), cases[i].length);
        const char *heard = hear(fd, NULL);
        assert_begins(heard, "HTTP/1.1 400 ");
        assert_null(strstr(heard + 1, "HTTP/1.1 "));
        close(fd);
    }
}

/* However it comes, and whatever came before. */
static void a_head_may_come_in_pieces(void **state)
{
    (void)state;
    static const char text[] = "\r\nPOST / HTTP/1.1\r\nHost:x \r\nX:\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "2\r\nab\r\n0\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\ncd";
    int fd = reach();
    for (int i = 0; i < 3; i++) {
        for (size_t at = 0; text[at] != '\0'; at++) {
            assert_int_equal(send(fd, text + at, 1, MSG_NOSIGNAL), 1);
        }
        assert_non_null(strstr(hear(fd, "\r\n\r\ncd"), "\r\n\r\nab"));
    }
    close(fd);
}

static void a_head_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char text[8192];
    memset(text, 'a', sizeof(text));
    static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
    memcpy(text, head, strlen(head));
    strcpy(text + 5000, "\r\n\r\n");
    assert_begins(talk(text), "HTTP/1.1 431 ");
}

static void a_connection_that_is_refused_is_told_so_unasked(void **state)
{
    (void)state;
    refusing = true;
    int fd = reach();
    const char *heard = hear(fd, NULL);
    assert_begins(heard, "HTTP/1.1 503 ");
    assert_non_null(strstr(heard, "\r\nRetry-After: 1\r\n"));
    close(fd);
}

/* Also what it sent before it was accepted, which closing a socket for reading leaves there to be read. */
static void nothing_is_done_for_a_connection_that_is_refused(void **state)
{
    (void)state;
    refusing = true;
    paused = true;
    int fd = reach();
    say(fd, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    paused = false;
    assert_begins(hear(fd, NULL), "HTTP/1.1 503 ");
    close(fd);
    assert_null(waiting);
}

static void a_slow_head_and_an_idle_connection_end(void **state)
{
    (void)state;
    int idle = reach();
    int slow = reach();
    say(slow, "GET / HTTP/1.1\r\nHost: x\r\n");
    assert_string_equal(hear(slow, NULL), "");
    assert_string_equal(hear(idle, NULL), "");
    close(slow);
    close(idle);
}

static void a_second_head_has_the_time_of_the_first(void **state)
{
    (void)state;
    int fd = reach();
    say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_begins(hear(fd, "\r\n\r\n"), "HTTP/1.1 200 ");
    say(fd, "GET / HTTP/1.1\r\nHost: x\r\n");
    assert_string_equal(hear(fd, NULL), "");
    close(fd);
}

/* Pages of libmicrohttpd's own, without our headers. */
static void what_is_no_request_is_refused_by_pages_with_nothing_of_it(void **state)
{
    (void)state;
    static char long_target[100000];
    static char long_head[100000];
    static const char request[] = "GET /canary HTTP/1.1\r\nHost: x\r\nX: ";
    memset(long_target, 'a', sizeof(long_target) - 1);
    memcpy(long_target, "GET /canary", strlen("GET /canary"));
    memset(long_head, 'a', sizeof(long_head) - 1);
    memcpy(long_head, request, strlen(request));
    const struct {
        const char *said;
        const char *heard;
    } cases[] = {{"GET /canary HTTP/9.9\r\nHost: x\r\n\r\n", "HTTP/1.1 505 "},
                 {"POST /canary HTTP/1.1\r\nHost: x\r\nContent-Length: canary\r\n\r\n", "HTTP/1.1 400 "},
                 {"GET /canary HTTP/1.1\r\nHost: x\r\ncanary\r\n\r\n", "HTTP/1.1 400 "},
                 {long_target, "HTTP/1.1 414 "},
                 {long_head, "HTTP/1.1 431 "}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int fd = reach();
        send(fd, cases[i].said, strlen(cases[i].said), MSG_NOSIGNAL); /* it may not want all of it */
        const char *heard = hear(fd, NULL);
        assert_begins(heard, cases[i].heard);
        assert_non_null(strstr(heard, "\r\nConnection: close\r\n"));
        assert_null(strstr(heard, "canary"));
        close(fd);
    }
    assert_begins(talk("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), "HTTP/1.1 200 ");
}

static void whoever_has_said_all_may_close_his_side(void **state)
{
    (void)state;
    int fd = reach();
    say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    shutdown(fd, SHUT_WR);
    assert_begins(hear(fd, NULL), "HTTP/1.1 200 ");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_is_answered_and_nothing_of_it_is_kept_by_anybody, begin, end),
        cmocka_unit_test_setup_teardown(requests_that_come_at_once_are_answered_in_their_order, begin, end),
        cmocka_unit_test_setup_teardown(what_takes_time_is_answered_from_another_thread, begin, end),
        cmocka_unit_test_setup_teardown(an_answer_that_comes_at_once_is_sent_at_once, begin, end),
        cmocka_unit_test_setup_teardown(
            what_is_with_somebody_is_given_up_once_when_its_time_is_over_or_its_client_gone, begin, end),
        cmocka_unit_test_setup_teardown(whoever_waits_for_the_word_to_go_on_gets_it_at_once, begin, end),
        cmocka_unit_test_setup_teardown(a_body_that_is_too_long_is_refused_either_way, begin, end),
        cmocka_unit_test_setup_teardown(an_ambiguous_head_ends_the_connection, begin, end),
        cmocka_unit_test_setup_teardown(a_head_that_can_be_cut_in_two_ways_is_refused_once, begin, end),
        cmocka_unit_test_setup_teardown(a_head_may_come_in_pieces, begin, end),
        cmocka_unit_test_setup_teardown(a_head_that_is_too_long_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_connection_that_is_refused_is_told_so_unasked, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_done_for_a_connection_that_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_slow_head_and_an_idle_connection_end, begin_hasty, end),
        cmocka_unit_test_setup_teardown(a_second_head_has_the_time_of_the_first, begin_hasty_but_for_the_idle, end),
        cmocka_unit_test_setup_teardown(what_is_no_request_is_refused_by_pages_with_nothing_of_it, begin, end),
        cmocka_unit_test_setup_teardown(whoever_has_said_all_may_close_his_side, begin, end),
    };
    return RUN_TESTS("agent/server");
}
