/* SPDX-License-Identifier: Apache-2.0 */
/* A whole exchange: what is sent again, what is renewed, and when the failure at hand is told. */
#include "session/exchange/exchange.h"

#include "base/clock.h"
#include "session/saved/sealed_session.h"
#include "support/mounted.h"

static struct mstr_http_response *answer;

static enum mstr_code exchange_with(struct mounted *mounted, const struct exchange *exchange, int64_t timeout)
{
    const struct limits limits = {clock_monotonic() + timeout, NULL};
    http_response_free(answer);
    answer = NULL;
    return session_exchange(mounted->session, exchange, &limits, &answer, mounted->error);
}

static void finish(struct mounted *mounted)
{
    http_response_free(answer);
    answer = NULL;
    mounted_free(mounted);
}

static struct exchange request_of(const char *method)
{
    return (struct exchange){.method = method, .url = MOUNTED_BASE "x", .authenticated = true};
}

static void what_may_be_repeated_is_sent_again_after_a_passing_failure(void **state)
{
    static const struct {
        const char *method;
        int first; /* status of the first sending; 0 = it fails on the way */
        unsigned sent;
        enum mstr_code code;
        int status;
    } cases[] = {
        {"GET", 503, 2, MSTR_OK, 200},  {"PUT", 429, 2, MSTR_OK, 200},     {"DELETE", 0, 2, MSTR_OK, 200},
        {"POST", 503, 1, MSTR_OK, 503}, {"POST", 0, 1, MSTR_E_NETWORK, 0}, {"PATCH", 429, 1, MSTR_OK, 429},
        {"GET", 500, 1, MSTR_OK, 500},  {"GET", 404, 1, MSTR_OK, 404},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {{cases[i].method, cases[i].first, NULL, NULL, 1, MSTR_OK},
                                       {"", 200, NULL, NULL, 0, MSTR_OK}};
        struct mounted *mounted = mounted_new(routes, 2);
        const struct exchange exchange = {.method = cases[i].method, .url = MOUNTED_BASE "x"};
        mstr_counters counters = MSTR_COUNTERS_INIT;

        assert_int_equal(exchange_with(mounted, &exchange, 2000), cases[i].code);

        assert_int_equal(mounted->sent, cases[i].sent);
        assert_int_equal(answer != NULL ? http_answer(answer)->status : 0, cases[i].status);
        mstr_session_counters(mounted->session, &counters);
        assert_int_equal(counters.retries, cases[i].sent - 1);
        finish(mounted);
    }
}

static void the_failure_at_hand_is_told_where_there_is_no_time_to_wait(void **state)
{
    static const struct route routes[] = {{"GET x", 503, "busy", "Retry-After: 30", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    const struct exchange get = request_of("GET");
    int64_t begin = clock_monotonic();
    (void)state;

    mounted_done(mounted, exchange_with(mounted, &get, 1000));

    assert_int_equal(http_answer(answer)->status, 503);
    assert_int_equal(mounted->sent, 1);
    assert_true(clock_monotonic() - begin < 500);
    finish(mounted);
}

static void an_expired_session_is_renewed_and_any_method_is_repeated_with_the_new_token(void **state)
{
    static const struct route routes[] = {{"POST x", 401, MOUNTED_EXPIRED, NULL, 1, MSTR_OK},
                                          {"POST x", 200, "done", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 2);
    const struct exchange post = request_of("POST");
    (void)state;

    mounted_done(mounted, exchange_with(mounted, &post, 2000));

    assert_string_equal(mounted->log, "POST x\nPOST auth/login\nPOST x\n");
    assert_true(mounted_saw(mounted, "X-MSTR-AuthToken: token-2\n"));
    assert_string_equal(http_answer(answer)->body, "done");
    finish(mounted);
}

static void a_new_token_that_is_refused_as_well_is_the_last_word(void **state)
{
    static const struct route routes[] = {{"GET x", 401, MOUNTED_EXPIRED, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    const struct exchange get = request_of("GET");
    (void)state;

    mounted_done(mounted, exchange_with(mounted, &get, 2000));

    assert_string_equal(mounted->log, "GET x\nPOST auth/login\nGET x\n");
    assert_int_equal(http_answer(answer)->status, 401);
    finish(mounted);
}

/* Able to be kept in a file. */
static struct mounted *open_with_key(const struct route *routes, size_t count)
{
    struct mounted *mounted = mounted_open(routes, count);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal("key"));
    return mounted;
}

static void a_token_that_another_process_left_in_the_file_is_no_last_word(void **state)
{
    static const struct route routes[] = {{"GET x", 401, MOUNTED_EXPIRED, NULL, 2, MSTR_OK},
                                          {"GET x", 200, "done", NULL, 0, MSTR_OK}};
    const struct limits unlimited = {INT64_MAX, NULL};
    const struct exchange get = request_of("GET");
    struct mounted *mounted = open_with_key(routes, 2);
    struct mounted *other = open_with_key(NULL, 0);
    char *path = test_file("", 0);
    (void)state;
    mounted_done(mounted, mstr_session_save(mounted->session, path, NULL, mounted->error));
    mounted_done(other, sealed_session_read(other->session, path, &unlimited, other->error));
    session_keep_token(other->session, mstr_secret_new("of-yesterday", 12));
    mounted_done(other, mstr_session_save(other->session, path, NULL, other->error));

    mounted_done(mounted, session_exchange(mounted->session, &get, &unlimited, &answer, mounted->error));

    assert_int_equal(http_answer(answer)->status, 200);
    assert_string_equal(mounted->log, "GET x\nGET x\nPOST auth/login\nGET x\n");
    test_remove_saved(path);
    free(path);
    mounted_free(other);
    finish(mounted);
}

static void an_expired_session_without_credentials_is_told_as_the_server_does(void **state)
{
    static const struct route routes[] = {{"GET x", 401, MOUNTED_EXPIRED, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    const struct exchange get = request_of("GET");
    (void)state;
    for (int kind = MSTR_CREDENTIAL_USERNAME; kind <= MSTR_CREDENTIAL_PASSWORD; kind++) {
        mstr_credential_release(mounted->session->credentials[kind]);
        mounted->session->credentials[kind] = NULL;
    }

    mounted_done(mounted, exchange_with(mounted, &get, 2000));

    assert_int_equal(http_answer(answer)->status, 401);
    assert_string_equal(mounted->log, "GET x\n");
    assert_true(mstr_session_is_open(mounted->session));
    finish(mounted);
}

static void a_renewal_that_fails_is_told_in_place_of_the_answer(void **state)
{
    static const struct route routes[] = {
        {"GET x", 401, MOUNTED_EXPIRED, NULL, 0, MSTR_OK},
        {"POST auth/login", 204, NULL, "X-MSTR-AuthToken: first", 1, MSTR_OK},
        {"POST auth/login", 401, "{\"code\":\"ERR003\",\"message\":\"locked\"}", NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 3);
    const struct exchange get = request_of("GET");
    (void)state;

    assert_int_equal(exchange_with(mounted, &get, 2000), MSTR_E_AUTHENTICATION);

    assert_null(answer);
    assert_told(mounted, "the session expired: ");
    assert_told(mounted, "locked");
    finish(mounted);
}

static void only_err009_of_an_authenticated_request_leads_to_a_renewal(void **state)
{
    static const struct {
        const char *body;
        uint32_t flags;
        bool authenticated;
    } cases[] = {
        {"{\"code\":\"ERR003\",\"message\":\"denied\"}", 0, true},
        {"<html>", 0, true},
        {MOUNTED_EXPIRED, MSTR_SESSION_NO_RELOGIN, true},
        {MOUNTED_EXPIRED, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {{"GET x", 401, cases[i].body, NULL, 0, MSTR_OK}};
        mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
        options.flags = MSTR_SESSION_NO_PROFILE | cases[i].flags;
        struct mounted *mounted = mounted_new_with(&options, routes, 1);
        struct exchange get = request_of("GET");
        get.authenticated = cases[i].authenticated;
        mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));
        mounted_forget(mounted);

        mounted_done(mounted, exchange_with(mounted, &get, 2000));

        assert_string_equal(mounted->log, "GET x\n");
        assert_int_equal(http_answer(answer)->status, 401);
        finish(mounted);
    }
}

static void an_authenticated_request_needs_a_session(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    const struct exchange get = request_of("GET");
    (void)state;

    assert_int_equal(exchange_with(mounted, &get, 2000), MSTR_E_SESSION);

    assert_int_equal(mounted->sent, 0);
    finish(mounted);
}

static int64_t read_once(void *into, size_t capacity, void *data)
{
    bool *done = data;
    int64_t got = *done || capacity == 0 ? 0 : 1;
    memcpy(into, "x", (size_t)got);
    *done = true;
    return got;
}

static int begin_anew(void *data)
{
    *(bool *)data = false;
    return 0;
}

static void a_streamed_body_is_repeated_only_where_it_can_begin_anew(void **state)
{
    static const struct route routes[] = {{"PUT x", 503, NULL, NULL, 1, MSTR_OK},
                                          {"PUT x", 200, NULL, NULL, 0, MSTR_OK}};
    (void)state;
    for (int rewinds = 0; rewinds < 2; rewinds++) {
        struct mounted *mounted = mounted_open(routes, 2);
        bool done = false;
        mstr_reader reader = MSTR_READER_INIT;
        struct upload upload;
        reader.read = read_once;
        reader.rewind = rewinds ? begin_anew : NULL;
        reader.data = &done;
        assert_int_equal(upload_init(&upload, &reader, NULL), MSTR_OK);
        struct exchange put = request_of("PUT");
        put.upload = &upload;

        mounted_done(mounted, exchange_with(mounted, &put, 2000));

        assert_int_equal(mounted->sent, rewinds ? 2 : 1);
        assert_string_equal(mounted->body, "x");
        finish(mounted);
    }
}

static void an_answer_that_was_handed_over_in_part_is_not_asked_for_again(void **state)
{
    static const struct route routes[] = {{"GET x", 503, NULL, NULL, 1, MSTR_OK},
                                          {"GET x", 200, NULL, NULL, 0, MSTR_OK}};
    (void)state;
    for (int touched = 0; touched < 2; touched++) {
        struct mounted *mounted = mounted_open(routes, 2);
        struct download download = {.touched = touched};
        struct exchange get = request_of("GET");
        get.download = &download;

        mounted_done(mounted, exchange_with(mounted, &get, 2000));

        assert_int_equal(mounted->sent, touched ? 1 : 2);
        finish(mounted);
    }
}

/* The session's base has become another one since the URL was made. */
static void a_request_goes_where_its_session_has_gone_and_to_no_other_origin(void **state)
{
    static const struct {
        const char *old; /* base of the URL */
        bool follows;
        const char *log;
        enum mstr_code code;
    } cases[] = {
        {"http://127.0.0.1:1/api/", true, "GET x\n", MSTR_OK}, /* it is the same */
        {"http://127.0.0.1:1/old/", true, "GET x\n", MSTR_OK},
        {"http://127.0.0.1:1/", true, "GET x\n", MSTR_OK},
        {"http://127.0.0.1:1/api/v2/", true, "GET x\n", MSTR_OK},
        {"http://127.0.0.1:1/old/", false, "GET http://127.0.0.1:1/old/x\n", MSTR_OK}, /* whatever the base is */
        {"http://127.0.0.1:2/api/", true, "", MSTR_E_SESSION},
    };
    static const struct route routes[] = {{"GET", 200, NULL, NULL, 0, MSTR_OK}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(routes, 1);
        struct exchange get = request_of("GET");
        struct buffer url = BUFFER_INIT;
        buffer_printf(&url, "%sx", cases[i].old);
        get.url = buffer_text(&url);
        get.base_length = strlen(cases[i].old);
        get.moving = cases[i].follows ? &url : NULL;

        assert_int_equal(exchange_with(mounted, &get, 2000), cases[i].code);

        assert_string_equal(mounted->log, cases[i].log);
        buffer_release(&url);
        finish(mounted);
    }
}

static void a_session_that_has_gone_nowhere_yet_is_not_followed(void **state)
{
    static const struct route routes[] = {{"GET", 200, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_new(routes, 1);
    struct exchange get = request_of("GET");
    struct buffer url = BUFFER_INIT;
    (void)state;
    buffer_puts(&url, MOUNTED_BASE "x");
    get.authenticated = false;
    get.url = buffer_text(&url);
    get.base_length = strlen(MOUNTED_BASE);
    get.moving = &url;

    mounted_done(mounted, exchange_with(mounted, &get, 2000));

    assert_string_equal(mounted->log, "GET x\n");
    buffer_release(&url);
    finish(mounted);
}

static void a_cancellation_ends_the_wait_for_the_next_try(void **state)
{
    static const struct route routes[] = {{"GET x", 503, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_cancel *cancel = mstr_cancel_new();
    const struct exchange get = request_of("GET");
    const struct limits limits = {clock_monotonic() + 5000, cancel};
    (void)state;
    mstr_cancel_now(cancel);

    assert_int_equal(session_exchange(mounted->session, &get, &limits, &answer, mounted->error), MSTR_E_CANCELLED);

    assert_null(answer);
    mstr_cancel_free(cancel);
    finish(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_repeated_is_sent_again_after_a_passing_failure),
        cmocka_unit_test(the_failure_at_hand_is_told_where_there_is_no_time_to_wait),
        cmocka_unit_test(an_expired_session_is_renewed_and_any_method_is_repeated_with_the_new_token),
        cmocka_unit_test(a_new_token_that_is_refused_as_well_is_the_last_word),
        cmocka_unit_test(a_token_that_another_process_left_in_the_file_is_no_last_word),
        cmocka_unit_test(an_expired_session_without_credentials_is_told_as_the_server_does),
        cmocka_unit_test(a_renewal_that_fails_is_told_in_place_of_the_answer),
        cmocka_unit_test(only_err009_of_an_authenticated_request_leads_to_a_renewal),
        cmocka_unit_test(an_authenticated_request_needs_a_session),
        cmocka_unit_test(a_streamed_body_is_repeated_only_where_it_can_begin_anew),
        cmocka_unit_test(an_answer_that_was_handed_over_in_part_is_not_asked_for_again),
        cmocka_unit_test(a_request_goes_where_its_session_has_gone_and_to_no_other_origin),
        cmocka_unit_test(a_session_that_has_gone_nowhere_yet_is_not_followed),
        cmocka_unit_test(a_cancellation_ends_the_wait_for_the_next_try),
    };
    return RUN_TESTS("session/exchange/exchange");
}
