/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/agent_link.c: the way to the agent, and what to do without it */
#include "resolve/agent_link.h"

#include "support/agent_peer.h"

#include "base/clock.h"

#define NO_OWNER ((uid_t)-1)

static const struct local_request question = {
    .method = "POST", .target = "/v1/resolve", .body = "{}", .length = 2, .again = true};

/* Log lines, and a clock that moves by sleeping alone. */
struct surroundings {
    char lines[2048];
    struct log log;
    mstr_error *error;
    char key[AGENT_KEY_MAX + 1];
};
static int64_t now_ms = 1000;
static int64_t frozen(void)
{
    return now_ms;
}

static void pass_time(int64_t milliseconds)
{
    now_ms += milliseconds;
}

static void note(enum mstr_level level, const char *scope, const char *message, void *data)
{
    struct surroundings *around = data;
    assert_string_equal(scope, "agent");
    if (level == MSTR_LEVEL_WARN) {
        strcat(strcat(around->lines, message), "\n");
    }
}

static int begin(void **state)
{
    static struct surroundings around;
    static const struct clock_source source = {.monotonic = frozen, .sleep = pass_time};
    memset(&around, 0, sizeof(around));
    around.log = (struct log){note, &around, MSTR_LEVEL_DEBUG};
    around.error = mstr_error_new();
    clock_replace(&source);
    *state = &around;
    return 0;
}

static int end(void **state)
{
    struct surroundings *around = *state;
    mstr_error_free(around->error);
    clock_replace(NULL);
    return 0;
}

static struct limits minute(void)
{
    return (struct limits){now_ms + 60000, NULL};
}

static struct agent_link *link_to(struct surroundings *around, enum agent_use use, const char *path)
{
    const struct agent_options options = {use, path, NO_OWNER, false};
    struct agent_link *link = agent_link_new(&options, &around->log);
    assert_non_null(link);
    return link;
}

static enum agent_verdict greet(struct surroundings *around, struct agent_link *link, bool anew)
{
    const struct limits limits = minute();
    return agent_link_greet(link, anew, &limits, around->key, around->error);
}

static void an_agent_is_greeted_once(void **state)
{
    struct surroundings *around = *state;
    struct local_peer peer;
    const struct agent_script script = {.replies = {"200 OK\r\n\r\n{}"}};
    const struct limits limits = minute();
    struct local_answer answer;
    local_peer_start(&peer, agent_peer_serve, &script);
    struct agent_link *link = link_to(around, AGENT_AUTO, peer.path);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(greet(around, link, false), AGENT_ANSWERED);
        assert_string_equal(around->key, "abc");
    }
    assert_int_equal(peer.requests, 1);
    assert_int_equal(greet(around, link, true), AGENT_ANSWERED);
    assert_int_equal(peer.requests, 2);
    assert_int_equal(agent_link_send(link, &question, &limits, &answer, NULL), AGENT_ANSWERED);
    assert_int_equal(answer.status, 200);
    local_answer_release(&answer);
    agent_link_free(link);
    local_peer_stop(&peer);
    assert_string_equal(around->lines, "");
}

static void without_a_listener_one_goes_on_alone_and_tries_again_after_a_while(void **state)
{
    struct surroundings *around = *state;
    struct local_peer peer;
    char path[80];
    const struct agent_script script = {NULL, {NULL}};
    local_peer_start(&peer, agent_peer_serve, &script);
    snprintf(path, sizeof(path), "%s.later", peer.path);
    struct agent_link *link = link_to(around, AGENT_AUTO, path);
    assert_int_equal(greet(around, link, false), AGENT_ALONE);
    assert_int_equal(rename(peer.path, path), 0);
    now_ms += 29 * 1000;
    assert_int_equal(greet(around, link, false), AGENT_ALONE);
    now_ms += 2 * 1000;
    assert_int_equal(greet(around, link, false), AGENT_ANSWERED);
    agent_link_free(link);
    assert_int_equal(rename(path, peer.path), 0);
    local_peer_stop(&peer);
    assert_string_equal(around->lines, ""); /* that there is none is not worth a warning */
}

static void where_one_is_required_its_absence_is_a_failure(void **state)
{
    struct surroundings *around = *state;
    struct agent_link *link = link_to(around, AGENT_REQUIRE, "/var/tmp/mstr-nowhere/agent.sock");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(greet(around, link, false), AGENT_FAILED);
        assert_int_equal(mstr_error_code(around->error), MSTR_E_NETWORK);
        assert_non_null(strstr(mstr_error_message(around->error), "nobody listens at /var/tmp/mstr-nowhere"));
        assert_non_null(strstr(mstr_error_hint(around->error), "mstr agent run"));
    }
    agent_link_free(link);
}

static void an_agent_that_is_off_is_never_looked_for(void **state)
{
    struct surroundings *around = *state;
    struct local_peer peer;
    const struct agent_script script = {NULL, {NULL}};
    local_peer_start(&peer, agent_peer_serve, &script);
    struct agent_link *link = link_to(around, AGENT_OFF, peer.path);
    assert_int_equal(greet(around, link, false), AGENT_ALONE);
    assert_int_equal(peer.connections, 0);
    assert_int_equal(agent_link_use(link), AGENT_OFF);
    agent_link_free(link);
    local_peer_stop(&peer);
}

static void an_unsafe_socket_is_not_used_and_told_once(void **state)
{
    struct surroundings *around = *state;
    struct agent_link *link = link_to(around, AGENT_AUTO, "/tmp/agent.sock");
    assert_int_equal(greet(around, link, false), AGENT_ALONE);
    assert_int_equal(greet(around, link, false), AGENT_ALONE);
    assert_string_equal(around->lines,
                        "the agent's socket \"/tmp/agent.sock\" is below /tmp, where anybody may be first\n");
    agent_link_free(link);
    link = link_to(around, AGENT_REQUIRE, "@agent");
    assert_int_equal(greet(around, link, false), AGENT_FAILED);
    assert_int_equal(mstr_error_code(around->error), MSTR_E_DENIED);
    agent_link_free(link);
}

static void what_is_no_agent_of_this_kind_counts_as_none(void **state)
{
    struct surroundings *around = *state;
    static const struct {
        const char *status;
        const char *told;
        const char *warned;
    } cases[] = {
        {AGENT_STATUS("2", "abc"), "the agent speaks version 2 of its protocol, this program version 1",
         "the agent speaks version 2 of its protocol, this program version 1\n"},
        {AGENT_STATUS("\"2.1\"", "abc"), "version 2 of",
         "the agent speaks version 2 of its protocol, this program "
         "version 1\n"},
        {"404 Not Found\r\n\r\n", "what answers there is no agent: status 404", ""},
        {"200 OK\r\n\r\nhello", "what answers there is no agent", ""},
        {AGENT_STATUS("1", ""), "what answers there is no agent", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct local_peer peer;
        const struct agent_script script = {.status = cases[i].status};
        around->lines[0] = '\0';
        local_peer_start(&peer, agent_peer_serve, &script);
        struct agent_link *link = link_to(around, AGENT_AUTO, peer.path);
        assert_int_equal(greet(around, link, false), AGENT_ALONE);
        assert_string_equal(around->lines, cases[i].warned);
        agent_link_free(link);
        link = link_to(around, AGENT_REQUIRE, peer.path);
        assert_int_equal(greet(around, link, false), AGENT_FAILED);
        assert_non_null(strstr(mstr_error_message(around->error), cases[i].told));
        agent_link_free(link);
        local_peer_stop(&peer);
    }
}

static void a_later_minor_version_is_no_hindrance(void **state)
{
    struct surroundings *around = *state;
    struct local_peer peer;
    const struct agent_script script = {.status = AGENT_STATUS("\"1.9\",\"of_tomorrow\":true", "abc")};
    local_peer_start(&peer, agent_peer_serve, &script);
    struct agent_link *link = link_to(around, AGENT_AUTO, peer.path);
    assert_int_equal(greet(around, link, false), AGENT_ANSWERED);
    agent_link_free(link);
    local_peer_stop(&peer);
}

static void a_refusal_to_speak_is_final(void **state)
{
    struct surroundings *around = *state;
    struct local_peer peer;
    const struct agent_script script = {.status = "403 Forbidden\r\n\r\n{\"title\":\"denied\"}"};
    local_peer_start(&peer, agent_peer_serve, &script);
    struct agent_link *link = link_to(around, AGENT_AUTO, peer.path);
    assert_int_equal(greet(around, link, false), AGENT_FAILED);
    assert_int_equal(mstr_error_code(around->error), MSTR_E_DENIED);
    agent_link_free(link);
    local_peer_stop(&peer);
}

static void a_busy_agent_is_asked_again_after_its_pause(void **state)
{
    struct surroundings *around = *state;
    struct local_peer peer;
    const struct agent_script script = {.replies = {"429 Busy\r\nX-Mstr-Agent: busy\r\nRetry-After: 2\r\n\r\n",
                                                    "503 Busy\r\nX-Mstr-Agent: busy\r\n\r\n", "200 OK\r\n\r\n{}"}};
    struct local_answer answer;
    local_peer_start(&peer, agent_peer_serve, &script);
    struct agent_link *link = link_to(around, AGENT_AUTO, peer.path);
    assert_int_equal(greet(around, link, false), AGENT_ANSWERED);
    const struct limits limits = minute();
    int64_t before = now_ms;
    assert_int_equal(agent_link_send(link, &question, &limits, &answer, NULL), AGENT_ANSWERED);
    assert_int_equal(answer.status, 200);
    assert_in_range(now_ms - before, 3000, 3750);
    local_answer_release(&answer);
    agent_link_free(link);
    local_peer_stop(&peer);
}

static void where_there_is_no_time_for_that_its_answer_is_final(void **state)
{
    struct surroundings *around = *state;
    struct local_peer peer;
    const struct agent_script script = {.replies = {"503 Busy\r\nX-Mstr-Agent: busy\r\nRetry-After: 120\r\n\r\n"}};
    struct local_answer answer;
    local_peer_start(&peer, agent_peer_serve, &script);
    struct agent_link *link = link_to(around, AGENT_AUTO, peer.path);
    assert_int_equal(greet(around, link, false), AGENT_ANSWERED);
    const struct limits limits = minute();
    assert_int_equal(agent_link_send(link, &question, &limits, &answer, NULL), AGENT_ANSWERED);
    assert_int_equal(answer.status, 503);
    local_answer_release(&answer);
    agent_link_free(link);
    local_peer_stop(&peer);
}

static void a_broken_connection_is_tried_once_more_then_one_goes_on_alone(void **state)
{
    struct surroundings *around = *state;
    struct local_peer peer;
    const struct agent_script script = {.replies = {""}};
    struct local_answer answer;
    local_peer_start(&peer, agent_peer_serve, &script);
    struct agent_link *link = link_to(around, AGENT_AUTO, peer.path);
    assert_int_equal(greet(around, link, false), AGENT_ANSWERED);
    const struct limits limits = minute();
    assert_int_equal(agent_link_send(link, &question, &limits, &answer, around->error), AGENT_ALONE);
    assert_int_equal(peer.asked, 2);
    local_answer_release(&answer);
    assert_int_equal(greet(around, link, false), AGENT_ALONE); /* in a pause */
    assert_int_equal(agent_link_send(link, &question, &limits, &answer, around->error), AGENT_ALONE);
    local_answer_release(&answer);
    assert_int_equal(peer.asked, 2);
    agent_link_free(link);
    local_peer_stop(&peer);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(an_agent_is_greeted_once),
        EACH(without_a_listener_one_goes_on_alone_and_tries_again_after_a_while),
        EACH(where_one_is_required_its_absence_is_a_failure),
        EACH(an_agent_that_is_off_is_never_looked_for),
        EACH(an_unsafe_socket_is_not_used_and_told_once),
        EACH(what_is_no_agent_of_this_kind_counts_as_none),
        EACH(a_later_minor_version_is_no_hindrance),
        EACH(a_refusal_to_speak_is_final),
        EACH(a_busy_agent_is_asked_again_after_its_pause),
        EACH(where_there_is_no_time_for_that_its_answer_is_final),
        EACH(a_broken_connection_is_tried_once_more_then_one_goes_on_alone),
    };
    return RUN_TESTS("resolve/agent_link");
}
