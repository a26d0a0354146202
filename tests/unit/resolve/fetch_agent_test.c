/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/fetch_agent.c: what the agent is asked for, and what is fetched without it */
#include "resolve/fetch_agent.h"

#include "fetch_agent_scene.h"

static void one_question_has_all_schemes(void **state)
{
    (void)state;
    const struct agent_script script = {.replies = {"200 OK\r\n\r\n{\"results\":[" VALUE("1") "," VALUE(
                                            "2") ",{\"error\":{\"class\":\"not-found\"}}]}"}};
    struct scene *scene = begin(AGENT_AUTO, &script);
    assert_string_equal(fetch_all(scene, "corp:a#field other:a corp:b", true), "corp:a=1 other:a=2 corp:b!not-found");
    assert_int_equal(scene->peer.asked, 1);
    assert_string_equal(fetched_alone(scene), "");
    assert_non_null(strstr(scene->peer.body, "{\"references\":[\"corp:a\",\"other:a\",\"corp:b\"],\"refresh\":true,"
                                             "\"fingerprints\":{\"corp\":{\"plugin\":\"shelf\""));
    assert_non_null(strstr(scene->peer.body, ",\"other\":{\"plugin\":\"shelf\""));
    finish(scene);
}

static void what_never_leaves_the_process_is_not_asked_for(void **state)
{
    (void)state;
    const struct agent_script script = {.replies = {"200 OK\r\n\r\n{\"results\":[" VALUE("1") "]}"}};
    struct scene *scene = begin(AGENT_AUTO, &script);
    assert_string_equal(fetch_all(scene, "env:X corp:a helper:h", false), "env:X=own x corp:a=1 helper:h=own h");
    assert_string_equal(fetched_alone(scene), "fetch env:X helper:h\n");
    assert_non_null(strstr(scene->peer.body, "{\"references\":[\"corp:a\"]"));
    assert_string_equal(fetch_all(scene, "env:X", false), "env:X=own x");
    assert_int_equal(scene->peer.asked, 1);
    finish(scene);
}

static void a_program_with_an_identity_of_its_own_asks_nobody_else(void **state)
{
    (void)state;
    const struct agent_script script = {.replies = {""}};
    struct scene *scene = begin(AGENT_AUTO, &script);
    scene->test.services.subject.give = (mstr_subject_token_fn)(uintptr_t)1;
    assert_string_equal(fetch_all(scene, "corp:a", false), "corp:a=own a");
    assert_int_equal(scene->peer.connections, 0);
    finish(scene);
}

static void a_scheme_that_is_set_otherwise_there_is_fetched_alone_and_told_once(void **state)
{
    (void)state;
    const struct agent_script script = {
        .replies = {"409 Conflict\r\n\r\n{\"scheme\":\"corp\",\"key\":\"provider region\"}",
                    "200 OK\r\n\r\n{\"results\":[" VALUE("2") "]}"}};
    struct scene *scene = begin(AGENT_AUTO, &script);
    assert_string_equal(fetch_all(scene, "corp:a other:a", false), "corp:a=own a other:a=2");
    assert_string_equal(fetch_all(scene, "corp:b other:a", false), "corp:b=own b other:a=2");
    assert_int_equal(scene->peer.asked, 3);
    assert_string_equal(scene->lines, "the agent has other settings for corp: provider region differs\n");
    finish(scene);
}

static void where_an_agent_is_required_a_difference_is_a_failure(void **state)
{
    (void)state;
    const struct agent_script script = {
        .replies = {"409 Conflict\r\n\r\n{\"scheme\":\"corp\",\"key\":\"provider region\"}",
                    "200 OK\r\n\r\n{\"results\":[" VALUE("2") "]}"}};
    struct scene *scene = begin(AGENT_REQUIRE, &script);
    assert_string_equal(fetch_all(scene, "corp:a other:a", false), "corp:a!config other:a=2");
    assert_string_equal(scene->message, "the agent has other settings for corp: provider region differs");
    assert_string_equal(fetched_alone(scene), "");
    finish(scene);
}

/* Tells another key at each greeting. */
static void serve_anew(struct local_peer *peer, int fd, unsigned connection)
{
    static const char *const keys[] = {AGENT_STATUS("1", "first"), AGENT_STATUS("1", "second")};
    static unsigned greetings;
    (void)connection;
    while (local_peer_request(peer, fd)) {
        if (strncmp(peer->head, "GET ", 4) == 0) {
            agent_peer_reply(fd, keys[greetings++ > 0]);
        } else if (peer->asked++ == 0) {
            agent_peer_reply(fd, "409 Conflict\r\n\r\n{\"scheme\":\"corp\",\"key\":\"environment X\"}");
        } else {
            agent_peer_reply(fd, "200 OK\r\n\r\n{\"results\":[" VALUE("1") "]}");
        }
    }
}

static void an_agent_that_was_started_anew_has_no_other_settings(void **state)
{
    (void)state;
    const struct agent_script script = {NULL, {NULL}};
    struct scene *scene = begin(AGENT_AUTO, &script);
    scene->peer.serve = serve_anew;
    assert_string_equal(fetch_all(scene, "corp:a", false), "corp:a=1");
    assert_int_equal(scene->peer.asked, 2);
    assert_string_equal(scene->lines, "");
    finish(scene);
}

static void a_refusal_is_final_for_all_of_it(void **state)
{
    (void)state;
    const struct agent_script script = {.replies = {"403 Forbidden\r\n\r\n{\"detail\":\"not you\"}"}};
    struct scene *scene = begin(AGENT_AUTO, &script);
    assert_string_equal(fetch_all(scene, "corp:a env:X corp:b", false), "corp:a!denied env:X=own x corp:b!denied");
    assert_string_equal(scene->message, "the agent answers 403: not you");
    finish(scene);
}

static void what_needs_a_person_is_fetched_alone(void **state)
{
    (void)state;
    const struct agent_script script = {
        .replies = {
            "200 OK\r\n\r\n{\"results\":[{\"error\":{\"class\":\"not-available\",\"message\":\"not available: "
            "needs a person\"}}," VALUE("2") "]}"}};
    struct scene *scene = begin(AGENT_REQUIRE, &script);
    assert_string_equal(fetch_all(scene, "corp:a corp:b", false), "corp:a=own a corp:b=2");
    finish(scene);
}

static void without_an_agent_everything_is_fetched_alone(void **state)
{
    (void)state;
    static const char *const replies[] = {"", "200 OK\r\n\r\n{\"results\":[]}", "200 OK\r\n\r\nhello"};
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        const struct agent_script script = {.replies = {replies[i]}};
        struct scene *scene = begin(AGENT_AUTO, &script);
        assert_string_equal(fetch_all(scene, "corp:a env:X", true), "corp:a=own a env:X=own x");
        assert_string_equal(fetched_alone(scene), "refresh env:X corp:a\n");
        finish(scene);
        scene = begin(AGENT_REQUIRE, &script);
        assert_string_equal(fetch_all(scene, "corp:a env:X", true),
                            i == 0 ? "corp:a!network env:X=own x" : "corp:a!protocol env:X=own x");
        finish(scene);
    }
}

static void a_scheme_that_cannot_be_used_is_told_by_ones_own_providers(void **state)
{
    (void)state;
    const struct agent_script script = {.replies = {""}};
    struct scene *scene = begin(AGENT_REQUIRE, &script);
    assert_string_equal(fetch_all(scene, "gone:a", false), "gone:a!not-found"); /* as the double has it */
    assert_int_equal(scene->peer.connections, 0);
    finish(scene);
}

static void the_agent_forgets_what_it_was_asked_for(void **state)
{
    (void)state;
    const struct agent_script script = {.replies = {"200 OK\r\n\r\n{\"results\":[" VALUE("1") "]}"}};
    struct reference *reference = NULL;
    struct scene *scene = begin(AGENT_AUTO, &script);
    assert_int_equal(reference_parse("corp:a#field", &reference, NULL), MSTR_OK);
    fetch_agent_forget(&scene->agent, reference);
    assert_int_equal(scene->peer.connections, 0); /* it knows nothing of it */
    fetch_all(scene, "corp:a", false);
    fetch_agent_forget(&scene->agent, reference);
    assert_non_null(strstr(scene->peer.head, "POST /v1/invalidate "));
    assert_non_null(strstr(scene->peer.body, "{\"references\":[\"corp:a\"]"));
    reference_free(reference);
    finish(scene);
}

/* What is told of a scheme. */
static const char *told_of(struct scene *scene, const char *scheme)
{
    static char told[256];
    struct buffer text = BUFFER_INIT;
    const struct limits limits = test_limits(60000);
    fetch_agent_tell(&scene->agent, scheme, &limits, &text);
    snprintf(told, sizeof(told), "%s", buffer_text(&text));
    buffer_release(&text);
    return told;
}

static void it_is_told_whether_the_agent_would_serve_a_scheme(void **state)
{
    (void)state;
    static const struct {
        enum agent_use use;
        const char *reply;
        const char *told;
    } cases[] = {
        {AGENT_AUTO, "200 OK\r\n\r\n{\"results\":[]}", "answers, with the same settings for corp:"},
        {AGENT_AUTO, "409 Conflict\r\n\r\n{\"scheme\":\"corp\",\"key\":\"provider region\"}",
         "has other settings for corp: provider region differs; it is not asked"},
        {AGENT_AUTO, "403 Forbidden\r\n\r\n", "answers 403"},
        {AGENT_AUTO, "", "is not asked: the answer was not read: it ended too early"},
        {AGENT_REQUIRE, "", "the answer was not read: it ended too early"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct agent_script script = {.replies = {cases[i].reply}};
        struct scene *scene = begin(cases[i].use, &script);
        assert_string_equal(told_of(scene, "corp"), cases[i].told);
        assert_string_equal(told_of(scene, "env"), "");
        assert_string_equal(scene->lines, "");
        finish(scene);
    }
}

/* Takes the question, and says nothing more than that it did. */
static void serve_never(struct local_peer *peer, int fd, unsigned connection)
{
    (void)connection;
    while (local_peer_request(peer, fd)) {
        if (strncmp(peer->head, "GET ", 4) == 0) {
            agent_peer_reply(fd, AGENT_STATUS("1", "abc"));
        }
    }
}

static void when_time_ran_out_it_is_told_who_was_waited_for(void **state)
{
    (void)state;
    const struct agent_script script = {NULL, {NULL}};
    struct scene *scene = begin(AGENT_AUTO, &script);
    struct reference *reference = NULL;
    struct outcomes outcomes = {.scene = scene, .references = (const struct reference **)&reference};
    const struct limits greeting = test_limits(60000);
    char key[AGENT_KEY_MAX + 1];
    scene->peer.serve = serve_never;
    assert_int_equal(agent_link_greet(scene->link, false, &greeting, key, NULL), AGENT_ANSWERED);
    assert_int_equal(reference_parse("corp:a", &reference, NULL), MSTR_OK);
    const struct limits limits = test_limits(300);
    const struct fetch_order order = {outcomes.references, 1, false, &limits, take, &outcomes};
    scene->agent.fetch.run(&scene->agent.fetch, &order);
    assert_string_equal(outcomes.texts[0], "corp:a!timeout");
    assert_string_equal(scene->message, "timed out while waiting for the agent's answer");
    reference_free(reference);
    finish(scene);
}

enum { THREADS = 16, FETCHES = 8, ROUNDS = 6, BREAKS = 7, RESTARTS = 20 };

/* One request a connection, in the manner of an agent that is killed and started anew all the time: some connections
 * break, and some questions meet another agent than the one that was greeted. */
static void serve_restarting(struct local_peer *peer, int fd, unsigned connection)
{
    char reply[128];
    if (connection % BREAKS == 0 || !local_peer_request(peer, fd)) {
        return;
    }
    if (strncmp(peer->head, "GET ", 4) == 0) {
        snprintf(reply, sizeof(reply), "200 OK\r\nConnection: close\r\n\r\n{\"protocol\":1,\"key\":\"%u\"}",
                 atomic_load(&peer->asked));
        agent_peer_reply(fd, reply);
    } else if (connection % RESTARTS == 0) {
        atomic_fetch_add(&peer->asked, 1);
        agent_peer_reply(fd, "409 Conflict\r\nConnection: close\r\n\r\n{\"scheme\":\"corp\",\"key\":\"secret\"}");
    } else {
        agent_peer_reply(fd, "200 OK\r\nConnection: close\r\n\r\n{\"results\":[" VALUE("shared") "]}");
    }
}

static void fetch_shared(struct fetch *fetch, const struct fetch_order *order)
{
    (void)fetch;
    mstr_secret *secret = mstr_secret_new("shared", strlen("shared"));
    order->each(order->data, 0, &(struct fetched){.secret = secret});
    mstr_secret_release(secret);
}

struct crowd {
    struct fetch_agent *agent;
    const struct reference *reference;
    atomic_uint good;
};

static void count_good(void *data, size_t index, const struct fetched *fetched)
{
    struct crowd *crowd = data;
    if (index == 0 && fetched->secret != NULL && strcmp(mstr_secret_octets(fetched->secret), "shared") == 0) {
        atomic_fetch_add(&crowd->good, 1);
    }
}

static void *fetch_again_and_again(void *data)
{
    struct crowd *crowd = data;
    const struct limits limits = test_limits(600000);
    const struct fetch_order order = {&crowd->reference, 1, false, &limits, count_good, crowd};
    for (int i = 0; i < FETCHES; i++) {
        crowd->agent->fetch.run(&crowd->agent->fetch, &order);
    }
    return NULL;
}

static void threads_get_their_values_while_it_restarts(void **state)
{
    (void)state;
    struct fetch own = {fetch_shared};
    const struct agent_script script = {NULL, {NULL}};
    struct reference *reference = NULL;
    assert_int_equal(reference_parse("corp:a", &reference, NULL), MSTR_OK);
    for (int round = 0; round < ROUNDS; round++) { /* each with an agent that has not failed yet */
        pthread_t threads[THREADS];
        struct scene *scene = begin(AGENT_AUTO, &script);
        struct crowd crowd = {&scene->agent, reference, 0};
        scene->peer.serve = serve_restarting;
        scene->agent.own = &own;
        for (int i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, fetch_again_and_again, &crowd), 0);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
        }
        assert_int_equal(crowd.good, THREADS * FETCHES);
        assert_true(scene->peer.requests > 1);
        assert_string_equal(scene->lines, "");
        finish(scene);
    }
    reference_free(reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_question_has_all_schemes),
        cmocka_unit_test(what_never_leaves_the_process_is_not_asked_for),
        cmocka_unit_test(a_program_with_an_identity_of_its_own_asks_nobody_else),
        cmocka_unit_test(a_scheme_that_is_set_otherwise_there_is_fetched_alone_and_told_once),
        cmocka_unit_test(where_an_agent_is_required_a_difference_is_a_failure),
        cmocka_unit_test(an_agent_that_was_started_anew_has_no_other_settings),
        cmocka_unit_test(a_refusal_is_final_for_all_of_it),
        cmocka_unit_test(what_needs_a_person_is_fetched_alone),
        cmocka_unit_test(without_an_agent_everything_is_fetched_alone),
        cmocka_unit_test(a_scheme_that_cannot_be_used_is_told_by_ones_own_providers),
        cmocka_unit_test(the_agent_forgets_what_it_was_asked_for),
        cmocka_unit_test(it_is_told_whether_the_agent_would_serve_a_scheme),
        cmocka_unit_test(when_time_ran_out_it_is_told_who_was_waited_for),
        cmocka_unit_test(threads_get_their_values_while_it_restarts),
    };
    return RUN_TESTS("resolve/fetch_agent");
}
