/* SPDX-License-Identifier: Apache-2.0 */
/* core/local/local.c: requests over a Unix socket */
#include "local/local.h"

#include "base/clock.h"

#include "support/local_peer.h"

#include <inttypes.h>
#include <sys/wait.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static const struct local_request get = {.method = "GET", .target = "/v1/status", .again = true};
static const struct local_request post = {.method = "POST", .target = "/v1/resolve", .body = "hello", .length = 5};

static struct limits minute(void)
{
    return (struct limits){clock_monotonic() + 60000, NULL};
}

static void answer_each(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    while (local_peer_request(peer, fd)) {
        local_peer_say(fd, peer->script);
    }
}

/* Sends once; the body of the answer is forgotten but for the outcome and status. */
static enum local_outcome send_one(struct local *local, const struct local_request *request, int *status,
                                   mstr_error *error)
{
    struct local_answer answer;
    const struct limits limits = minute();
    enum local_outcome outcome = local_send(local, request, &limits, &answer, error);
    *status = answer.status;
    local_answer_release(&answer);
    return outcome;
}

static void requests_follow_each_other_on_one_connection(void **state)
{
    (void)state;
    struct local_peer peer;
    const struct mstr_header headers[] = {{"X-One", "1"}, {"X-Two", "two words"}, {NULL, NULL}};
    struct local_request request = post;
    struct local_answer answer;
    const struct limits limits = minute();
    int64_t told = 0;
    int end = 0;
    local_peer_start(&peer, answer_each, OK);
    struct local *local = local_new(peer.path, geteuid());
    request.headers = headers;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(local_send(local, &request, &limits, &answer, NULL), LOCAL_ANSWERED);
        assert_int_equal(answer.status, 200);
        assert_string_equal(buffer_text(&answer.body), "ok");
        local_answer_release(&answer);
    }
    assert_int_equal(sscanf(peer.head,
                            "POST /v1/resolve HTTP/1.1 Host: localhost Expect: 100-continue X-Mstr-Timeout: %" SCNd64
                            "ms %n",
                            &told, &end),
                     1);
    assert_true(told > 0 && told <= 60000);
    assert_string_equal(peer.head + end, "X-One: 1\r\nX-Two: two words\r\nContent-Length: 5\r\n\r\n");
    assert_string_equal(peer.body, "hello");
    assert_int_equal(local_send(local, &get, &limits, &answer, NULL), LOCAL_ANSWERED);
    assert_int_equal(sscanf(peer.head,
                            "GET /v1/status HTTP/1.1 Host: localhost Expect: 100-continue X-Mstr-Timeout: %" SCNd64,
                            &told),
                     1);
    local_answer_release(&answer);
    assert_int_equal(peer.connections, 1);
    assert_string_equal(local_path(local), peer.path);
    local_free(local);
    local_peer_stop(&peer);
}

static void one_answer_a_connection(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    if (local_peer_request(peer, fd)) {
        local_peer_say(fd, OK);
    }
}

static void a_kept_connection_that_has_ended_is_replaced(void **state)
{
    (void)state;
    int status = 0;
    struct local_peer peer;
    local_peer_start(&peer, one_answer_a_connection, NULL);
    struct local *local = local_new(peer.path, geteuid());
    for (int i = 0; i < 3; i++) {
        assert_int_equal(send_one(local, &post, &status, NULL), LOCAL_ANSWERED);
        assert_int_equal(status, 200);
    }
    assert_int_equal(peer.connections, 3);
    local_free(local);
    local_peer_stop(&peer);
}

/* The first of two connections breaks once the whole request is there. */
static void break_the_first(struct local_peer *peer, int fd, unsigned connection)
{
    if (local_peer_request(peer, fd) && connection > 1) {
        local_peer_say(fd, OK);
    }
}

static void a_broken_request_is_sent_once_more_where_that_does_no_harm(void **state)
{
    (void)state;
    int status = 0;
    struct local_request harmless = post;
    mstr_error *error = mstr_error_new();
    harmless.again = true;
    for (int again = 0; again < 2; again++) {
        struct local_peer peer;
        local_peer_start(&peer, break_the_first, NULL);
        struct local *local = local_new(peer.path, geteuid());
        assert_int_equal(send_one(local, again ? &harmless : &post, &status, error),
                         again ? LOCAL_ANSWERED : LOCAL_BROKEN);
        assert_int_equal(peer.connections, again ? 2 : 1);
        local_free(local);
        local_peer_stop(&peer);
    }
    assert_string_equal(mstr_error_message(error), "the answer was not read: it ended too early");
    assert_int_equal(mstr_error_code(error), MSTR_E_NETWORK);
    assert_null(mstr_error_step(error)); /* nobody knows whether it was acted upon */
    mstr_error_free(error);
}

static void break_always(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    if (local_peer_request(peer, fd)) {
        local_peer_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok");
    }
}

static void nothing_is_sent_three_times(void **state)
{
    (void)state;
    int status = 0;
    struct local_peer peer;
    struct local_request harmless = post;
    harmless.again = true;
    local_peer_start(&peer, break_always, NULL);
    struct local *local = local_new(peer.path, geteuid());
    assert_int_equal(send_one(local, &harmless, &status, NULL), LOCAL_BROKEN);
    assert_int_equal(peer.requests, 2);
    local_free(local);
    local_peer_stop(&peer);
}

static void refuse_at_once(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    if (local_peer_head(peer, fd)) {
        local_peer_say(fd, "HTTP/1.1 403 No\r\nContent-Length: 2\r\nX-Why: this\r\n\r\nno");
        assert_false(local_peer_body(peer, fd, 1));
    }
}

static void a_refusal_comes_before_the_body_goes_out(void **state)
{
    (void)state;
    int status = 0;
    struct local_peer peer;
    local_peer_start(&peer, refuse_at_once, NULL);
    struct local *local = local_new(peer.path, geteuid());
    assert_int_equal(send_one(local, &post, &status, NULL), LOCAL_ANSWERED);
    assert_int_equal(status, 403);
    assert_int_equal(send_one(local, &post, &status, NULL), LOCAL_ANSWERED);
    assert_int_equal(peer.connections, 2); /* what it waits for never comes */
    local_free(local);
    local_peer_stop(&peer);
}

static void say_script(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    if (local_peer_request(peer, fd)) {
        local_peer_say(fd, peer->script);
    }
}

static void what_is_no_answer_is_told(void **state)
{
    (void)state;
    int status = 0;
    struct local_peer peer;
    mstr_error *error = mstr_error_new();
    local_peer_start(&peer, say_script, "SSH-2.0-OpenSSH\r\n");
    struct local *local = local_new(peer.path, geteuid());
    assert_int_equal(send_one(local, &post, &status, error), LOCAL_BROKEN);
    assert_int_equal(mstr_error_code(error), MSTR_E_PROTOCOL);
    assert_string_equal(mstr_error_message(error), "the answer was not read: its status line is malformed");
    local_free(local);
    local_peer_stop(&peer);
    mstr_error_free(error);
}

static void say_nothing(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    while (local_peer_head(peer, fd)) {
    }
}

static void a_peer_that_hangs_gets_nothing_to_act_upon(void **state)
{
    (void)state;
    static const struct local_request empty = {.method = "DELETE", .target = "/session/p/things/1"};
    const int64_t patience = connection_patience;
    connection_patience = 50;
    for (int with_body = 0; with_body < 2; with_body++) {
        int status = 0;
        struct local_peer peer;
        mstr_error *error = mstr_error_new();
        local_peer_start(&peer, say_nothing, NULL);
        struct local *local = local_new(peer.path, geteuid());
        assert_int_equal(send_one(local, with_body ? &post : &empty, &status, error), LOCAL_ABSENT);
        assert_non_null(strstr(mstr_error_message(error), "says nothing within"));
        assert_string_equal(mstr_error_step(error), "connect");
        local_free(local);
        local_peer_stop(&peer);
        assert_non_null(strstr(peer.head, with_body ? "Content-Length: 5\r\n" : "Transfer-Encoding: chunked\r\n"));
        assert_string_equal(strstr(peer.head, "\r\n\r\n"), "\r\n\r\n"); /* and no more of it */
        mstr_error_free(error);
    }
    connection_patience = patience;
}

/* Each connection but the first ends where a request has come without its end; the first is kept for one answer. */
static void end_after_the_head(struct local_peer *peer, int fd, unsigned connection)
{
    if (connection == 1 && local_peer_request(peer, fd)) {
        local_peer_say(fd, OK);
    }
    local_peer_head(peer, fd);
}

static void what_broke_before_its_end_was_asked_for_was_not_sent(void **state)
{
    (void)state;
    int status = 0;
    struct local_peer peer;
    static const struct local_request empty = {.method = "PUT", .target = "/session/p/sessions"};
    mstr_error *error = mstr_error_new();
    local_peer_start(&peer, end_after_the_head, NULL);
    struct local *local = local_new(peer.path, geteuid());
    assert_int_equal(send_one(local, &empty, &status, error), LOCAL_ANSWERED);
    assert_int_equal(send_one(local, &empty, &status, error), LOCAL_BROKEN);
    assert_string_equal(mstr_error_step(error), "connect");
    assert_int_equal(peer.connections, 2); /* a kept connection may have ended before: so once more */
    assert_int_equal(peer.requests, 3);
    local_free(local);
    local_peer_stop(&peer);
    mstr_error_free(error);
}

static void go_on_and_hang(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    while (local_peer_request(peer, fd)) {
    }
}

static void *cancel_later(void *data)
{
    struct local_peer *peer = ((void **)data)[0];
    while (atomic_load(&peer->requests) == 0) {
        usleep(1000);
    }
    mstr_cancel_now(((void **)data)[1]);
    return NULL;
}

static void an_answer_has_as_long_as_the_limits(void **state)
{
    (void)state;
    struct local_peer peer;
    struct local_answer answer;
    pthread_t thread;
    mstr_error *error = mstr_error_new();
    mstr_cancel *cancel = mstr_cancel_new();
    local_peer_start(&peer, go_on_and_hang, NULL);
    struct local *local = local_new(peer.path, geteuid());
    struct limits limits = {clock_monotonic() + connection_patience + 100, NULL};
    assert_int_equal(local_send(local, &post, &limits, &answer, error), LOCAL_ENDED);
    assert_int_equal(mstr_error_code(error), MSTR_E_TIMEOUT);
    assert_true(limits_remaining(&limits) == 0);
    local_answer_release(&answer);
    atomic_store(&peer.requests, 0);
    limits = (struct limits){clock_monotonic() + 60000, cancel};
    void *both[] = {&peer, cancel};
    pthread_create(&thread, NULL, cancel_later, both);
    assert_int_equal(local_send(local, &post, &limits, &answer, error), LOCAL_ENDED);
    assert_int_equal(mstr_error_code(error), MSTR_E_CANCELLED);
    pthread_join(thread, NULL);
    local_answer_release(&answer);
    local_free(local);
    local_peer_stop(&peer);
    mstr_cancel_free(cancel);
    mstr_error_free(error);
}

static void what_would_end_a_line_is_not_sent(void **state)
{
    (void)state;
    int status = 0;
    struct local_peer peer;
    const struct mstr_header injected[] = {{"X-One", "1\r\nX-Two: 2"}, {NULL, NULL}};
    const struct local_request requests[] = {
        {.method = "GET", .target = "/a b"},
        {.method = "GET", .target = "/a\r\nX: y"},
        {.method = "GET", .target = "http://elsewhere/"},
        {.method = "G T", .target = "/"},
        {.method = "GET", .target = "/", .headers = injected},
    };
    local_peer_start(&peer, answer_each, OK);
    struct local *local = local_new(peer.path, geteuid());
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        assert_int_equal(send_one(local, &requests[i], &status, NULL), LOCAL_ENDED);
    }
    assert_int_equal(peer.requests, 0);
    local_free(local);
    local_peer_stop(&peer);
}

static int64_t give_three(void *into, size_t capacity, void *data)
{
    int *left = data;
    (void)capacity;
    memcpy(into, "abc", 3);
    return *left < 0 ? -1 : (*left)-- > 0 ? 3 : 0;
}

static bool gather(const char *octets, size_t length, void *data)
{
    return buffer_append(data, octets, length);
}

static void answer_chunked(struct local_peer *peer, int fd, unsigned connection)
{
    static const char chunks[] = "3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n";
    (void)connection;
    while (local_peer_head(peer, fd)) {
        local_peer_say(fd, "HTTP/1.1 100 Continue\r\n\r\n");
        if (!local_peer_body(peer, fd, sizeof(chunks) - 1) || strcmp(peer->body, chunks) != 0) {
            return;
        }
        local_peer_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwxyz\r\n0\r\n\r\n");
    }
}

static void bodies_of_any_length_go_both_ways(void **state)
{
    (void)state;
    int left = 2;
    int status = 0;
    struct local_peer peer;
    struct buffer got = BUFFER_INIT;
    struct local_request request = {
        .method = "PUT", .target = "/", .read = give_three, .read_data = &left, .write = gather, .write_data = &got};
    mstr_error *error = mstr_error_new();
    local_peer_start(&peer, answer_chunked, NULL);
    struct local *local = local_new(peer.path, geteuid());
    assert_int_equal(send_one(local, &request, &status, NULL), LOCAL_ANSWERED);
    assert_string_equal(buffer_text(&got), "wxyz");
    left = -1;
    assert_int_equal(send_one(local, &request, &status, error), LOCAL_ENDED);
    assert_int_equal(mstr_error_code(error), MSTR_E_CANCELLED);
    local_free(local);
    local_peer_stop(&peer);
    buffer_release(&got);
    mstr_error_free(error);
}

static void a_child_uses_no_connection_of_its_parent(void **state)
{
    (void)state;
    int status = 0;
    int ended = 1;
    struct local_peer peer;
    local_peer_start(&peer, one_answer_a_connection, NULL);
    struct local *local = local_new(peer.path, geteuid());
    assert_int_equal(send_one(local, &get, &status, NULL), LOCAL_ANSWERED);
    pid_t child = fork();
    if (child == 0) {
        _exit(send_one(local, &get, &status, NULL) == LOCAL_ANSWERED ? 0 : 1);
    }
    waitpid(child, &ended, 0);
    assert_int_equal(ended, 0);
    assert_int_equal(peer.connections, 2);
    local_free(local);
    local_peer_stop(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_follow_each_other_on_one_connection),
        cmocka_unit_test(a_kept_connection_that_has_ended_is_replaced),
        cmocka_unit_test(a_broken_request_is_sent_once_more_where_that_does_no_harm),
        cmocka_unit_test(nothing_is_sent_three_times),
        cmocka_unit_test(a_refusal_comes_before_the_body_goes_out),
        cmocka_unit_test(what_is_no_answer_is_told),
        cmocka_unit_test(a_peer_that_hangs_gets_nothing_to_act_upon),
        cmocka_unit_test(what_broke_before_its_end_was_asked_for_was_not_sent),
        cmocka_unit_test(an_answer_has_as_long_as_the_limits),
        cmocka_unit_test(what_would_end_a_line_is_not_sent),
        cmocka_unit_test(bodies_of_any_length_go_both_ways),
        cmocka_unit_test(a_child_uses_no_connection_of_its_parent),
    };
    return RUN_TESTS("local/local");
}
