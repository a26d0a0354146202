/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/connections.c */
#include "agent/connections.h"

#include "base/clock.h"
#include "support/unit.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static _Atomic int64_t now;
static int ends[2]; /* the client's, and the server's */
static struct connections connections;
static struct connection *connection;
static const struct request *given_up;
static int given_up_times;

static int64_t tell_now(void)
{
    return now;
}

static void note(void *data, struct request *request)
{
    assert_ptr_equal(data, &connections);
    given_up = request;
    given_up_times++;
}

static int begin(void **state)
{
    static const struct clock_source source = {.monotonic = tell_now};
    (void)state;
    now = 1000000;
    clock_replace(&source);
    given_up = NULL;
    given_up_times = 0;
    connections = (struct connections){
        .head_timeout = 10000, .idle = 60000, .stall = 30000, .give_up = note, .data = &connections};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(connections_patience(&connections), -1);
    connection = connections_add(&connections, ends[1]);
    assert_true(connections_patience(&connections) > 0);
    return connection == NULL;
}

static int end(void **state)
{
    (void)state;
    connections_remove(connection);
    assert_null(connections.first);
    close(ends[0]);
    close(ends[1]);
    clock_replace(NULL);
    return 0;
}

/* Whether the client sees that its connection was ended. */
static bool has_ended(void)
{
    struct pollfd polled = {.fd = ends[0], .events = POLLIN};
    char octet = 0;
    return poll(&polled, 1, 0) == 1 && recv(ends[0], &octet, 1, 0) == 0;
}

static void each_phase_has_its_time(void **state)
{
    static const struct {
        enum phase phase;
        int64_t time; /* 0 = without end */
    } cases[] = {{PHASE_BUSY, 0}, {PHASE_IDLE, 60000}, {PHASE_BODY, 30000}, {PHASE_HEAD, 10000}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        connections_enter(connection, cases[i].phase);
        now += cases[i].time > 0 ? cases[i].time - 1 : 100000000;
        connections_sweep(&connections);
        assert_false(has_ended());
    }
    now += 250;
    connections_sweep(&connections);
    assert_true(has_ended());
}

static void who_has_said_nothing_yet_has_the_time_of_a_head(void **state)
{
    (void)state;
    now += 9999;
    connections_sweep(&connections);
    assert_false(has_ended());
    now += 250;
    connections_sweep(&connections);
    assert_true(has_ended());
}

static void a_body_that_drips_has_an_end_as_well(void **state)
{
    (void)state;
    connections_enter(connection, PHASE_BODY);
    for (int i = 0; i < 2; i++) {
        now += 29000;
        connections_hear(connection);
        connections_sweep(&connections);
        assert_false(has_ended());
    }
    now += 2000;
    connections_sweep(&connections);
    assert_true(has_ended());
}

static void a_request_is_given_up_once_behind_its_deadline(void **state)
{
    struct request request = {.deadline = now + 1000};
    (void)state;
    connections_enter(connection, PHASE_BUSY);
    connection->pending = &request;
    now += 999;
    connections_sweep(&connections);
    assert_null(given_up);
    for (int i = 0; i < 2; i++) {
        now += 250;
        connections_sweep(&connections);
    }
    assert_ptr_equal(given_up, &request);
    assert_int_equal(given_up_times, 1);
}

static void so_is_one_whose_client_has_gone(void **state)
{
    struct request request = {.deadline = 0}; /* none */
    (void)state;
    connections_enter(connection, PHASE_BUSY);
    connection->pending = &request;
    now += 250;
    shutdown(ends[0], SHUT_WR); /* who may read on */
    connections_sweep(&connections);
    assert_null(given_up);
    now += 250;
    shutdown(ends[0], SHUT_RD);
    connections_sweep(&connections);
    assert_ptr_equal(given_up, &request);
}

static void all_can_be_given_up_and_the_idle_ended(void **state)
{
    struct request request = {.deadline = 0};
    (void)state;
    connections_give_up(&connections);
    assert_null(given_up);
    connections_enter(connection, PHASE_BUSY);
    connection->pending = &request;
    connections_end_idle(&connections);
    assert_false(has_ended());
    connections_give_up(&connections);
    assert_ptr_equal(given_up, &request);
    connections_enter(connection, PHASE_IDLE);
    connections_end_idle(&connections);
    assert_true(has_ended());
}

static void who_is_refused_hears_why(void **state)
{
    struct reply reply = {0};
    char heard[1024] = "";
    (void)state;
    reply_busy(&reply, 503, 7, "full");
    connections_refuse(connection, &reply);
    reply_release(&reply);
    assert_true(connection->refused);
    assert_true(recv(ends[0], heard, sizeof(heard) - 1, 0) > 0);
    assert_non_null(strstr(heard, "HTTP/1.1 503 "));
    assert_non_null(strstr(heard, "Retry-After: 7\r\n"));
    assert_non_null(strstr(heard, "full"));
    assert_true(has_ended());
}

static void connections_are_left_in_any_order(void **state)
{
    struct connection *more[3];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        more[i] = connections_add(&connections, ends[1]);
    }
    connections_remove(more[1]);
    connections_remove(more[2]);
    connections_remove(more[0]);
    assert_ptr_equal(connections.first, connection);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(each_phase_has_its_time),
        EACH(who_has_said_nothing_yet_has_the_time_of_a_head),
        EACH(a_body_that_drips_has_an_end_as_well),
        EACH(a_request_is_given_up_once_behind_its_deadline),
        EACH(so_is_one_whose_client_has_gone),
        EACH(all_can_be_given_up_and_the_idle_ended),
        EACH(who_is_refused_hears_why),
        EACH(connections_are_left_in_any_order),
    };
    return RUN_TESTS("agent/connections");
}
