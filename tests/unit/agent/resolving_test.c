/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/resolving.c */
#include "desk.h"
#include "support/store.h"

#include "agent/resolving.h"

static int begin(void **state)
{
    (void)state;
    desk_open("[agent]\nallow = env:DESK_* file:/tmp/** st:**\nuser_fetches = 5\n");
    setenv("DESK_VALUE", "value", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void instances_are_asked_side_by_side_and_answered_as_one(void **state)
{
    (void)state;
    char body[256];
    char *path = test_file("octets", 6);
    snprintf(body, sizeof(body), "{\"references\":[\"env:DESK_VALUE\",\"file:%s\",\"env:DESK_VALUE\"]}", path);
    assert_int_equal(desk_ask("POST", "/v1/resolve", body), 200);
    assert_has(desk_body(), "\"value\":\"value\"");
    assert_has(desk_body(), "\"value\":\"octets\"");
    unlink(path);
    free(path);
}

static void more_fetches_than_a_user_has_are_put_off(void **state)
{
    (void)state;
    static const char three[] = "{\"references\":[\"env:DESK_A\",\"env:DESK_B\",\"env:DESK_C\"]}";
    assert_int_equal(desk_ask("POST", "/v1/resolve", three), 200);
    assert_int_equal(
        desk_ask("POST", "/v1/resolve", "{\"references\":[\"env:DESK_D\",\"env:DESK_E\",\"env:DESK_F\"]}"), 429);
    assert_non_null(desk_header("Retry-After"));
    assert_int_equal(desk_ask_foreign("POST", "/v1/resolve", three), 200);
    assert_int_equal(desk_ask("POST", "/v1/resolve", three), 200); /* which the cache knows to be missing */
}

static void what_the_policy_refuses_is_never_asked_for(void **state)
{
    (void)state;
    mstr_context_stats stats = {.size = sizeof(stats)};
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[\"env:HOME\"]}"), 200);
    mstr_context_get_stats(desk.request.generation->context, &stats);
    assert_int_equal(stats.fetches, 0);
    assert_has(desk_body(), "denied");
}

/* A link out of the folder, and back up: to a pattern it is a file of the folder, to the kernel one elsewhere. */
static void a_way_out_of_a_folder_is_refused(void **state)
{
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char link[64];
    char body[256];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(link, sizeof(link), "%s/link", folder);
    assert_int_equal(symlink("/etc/ssl", link), 0);
    snprintf(body, sizeof(body),
             "{\"references\":[\"file:%s/../hostname\",\"file:%s/%%2e%%2e/hostname\",\"file:%s/./link\"]}", link,
             link, folder);
    assert_int_equal(desk_ask("POST", "/v1/resolve", body), 200);
    assert_has_not(desk_body(), "\"value\"");
    for (const char *at = desk_body(); (at = strstr(at, "\"class\":")) != NULL; at++) {
        assert_int_equal(strncmp(at, "\"class\":\"denied\"", 16), 0);
    }
    assert_has(desk_body(), "no pattern matches one with the segments");
    unlink(link);
    rmdir(folder);
}

/* A request for st:a by a client that waits so long; NULL = it does not say. */
static void ask(struct request *request, const char *timeout)
{
    static struct request_header header = {"X-Mstr-Timeout", 14, NULL, 0};
    header.value = timeout;
    *request = (struct request){.method = "POST",
                                .target = "/v1/resolve",
                                .headers = &header,
                                .header_count = timeout != NULL,
                                .peer = {.uid = geteuid(), .gid = getegid(), .pid = getpid()},
                                .began = clock_monotonic(),
                                .answer = desk_answered,
                                .whole = true};
    buffer_puts(&request->body, "{\"references\":[\"st:a\"]}");
    assert_true(routes_hooks.begin(&desk.agent, request) >= 0);
    assert_false(routes_hooks.finish(&desk.agent, request));
    routes_hooks.dispatch(&desk.agent, request);
}

static void end_request(struct request *request, const char *expected)
{
    assert_int_equal(request->reply.status, 200);
    assert_has(buffer_text(&request->reply.body), expected);
    routes_hooks.end(&desk.agent, request);
    reply_release(&request->reply);
    buffer_release(&request->body);
}

/* The desk's configuration has the closed store in the place of a plugin. */
static void open_store(void)
{
    struct generation *generation = contexts_hold(desk.agent.contexts);
    store_reset("value");
    store.closed = true;
    assert_int_equal(mstr_context_register(generation->context, "st", store_batching, NULL, NULL), MSTR_OK);
    contexts_let_go(desk.agent.contexts, generation);
}

static void who_has_no_time_ends_alone(void **state)
{
    (void)state;
    struct request hasty;
    struct request patient;
    open_store();
    ask(&hasty, "50ms");
    while (store.inside == 0) { /* it fetches */
        usleep(100);
    }
    ask(&patient, NULL);
    sem_wait(&desk.answered);
    end_request(&hasty, "\"class\":\"timeout\"");
    store.closed = false;
    sem_wait(&desk.answered);
    end_request(&patient, "\"value\":\"value\"");
}

static void what_nobody_has_begun_is_given_up(void **state)
{
    (void)state;
    struct request running[2]; /* as many as one instance may have */
    struct request queued;
    open_store();
    ask(&running[0], "1h");
    ask(&running[1], "1h");
    while (store.inside == 0) {
        usleep(100);
    }
    ask(&queued, "1h");
    assert_true(queued.deadline > queued.began && queued.deadline - queued.began <= 5 * 60 * 1000);
    routes_hooks.give_up(&desk.agent, &queued);
    sem_wait(&desk.answered);
    end_request(&queued, "busy with other fetches");
    routes_hooks.give_up(&desk.agent, &running[0]); /* goes on, for whoever waits */
    store.closed = false;
    sem_wait(&desk.answered);
    sem_wait(&desk.answered);
    end_request(&running[0], "\"value\":\"value\"");
    end_request(&running[1], "\"value\":\"value\"");
}

static void a_time_that_is_none_is_refused(void **state)
{
    (void)state;
    struct request_header header = {"X-Mstr-Timeout", 14, "soon", 4};
    struct request request = {.method = "GET",
                              .target = "/v1/secret?reference=env:DESK_VALUE",
                              .headers = &header,
                              .header_count = 1,
                              .peer = {.uid = geteuid(), .gid = getegid(), .pid = getpid()},
                              .whole = true};
    assert_true(routes_hooks.begin(&desk.agent, &request) >= 0);
    assert_true(routes_hooks.finish(&desk.agent, &request));
    assert_int_equal(request.reply.status, 400);
    routes_hooks.end(&desk.agent, &request);
    reply_release(&request.reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(instances_are_asked_side_by_side_and_answered_as_one, begin, end),
        cmocka_unit_test_setup_teardown(more_fetches_than_a_user_has_are_put_off, begin, end),
        cmocka_unit_test_setup_teardown(what_the_policy_refuses_is_never_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(a_way_out_of_a_folder_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(who_has_no_time_ends_alone, begin, end),
        cmocka_unit_test_setup_teardown(what_nobody_has_begun_is_given_up, begin, end),
        cmocka_unit_test_setup_teardown(a_time_that_is_none_is_refused, begin, end),
    };
    return RUN_TESTS("agent/resolving");
}
