/* SPDX-License-Identifier: Apache-2.0 */
/* One sending: what goes out with it, what of the answer the session takes, and where redirects lead. */
#include "session/attempt.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "support/mounted.h"

static struct mstr_http_response *answer;

static enum mstr_code attempt(struct mounted *mounted, const struct exchange *exchange)
{
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    http_response_free(answer);
    answer = NULL;
    return session_attempt(mounted->session, exchange, &limits, &answer, mounted->error);
}

static void finish(struct mounted *mounted)
{
    http_response_free(answer);
    answer = NULL;
    mounted_free(mounted);
}

static void assert_token(struct mounted *mounted, const char *expected)
{
    mstr_secret *token = session_token(mounted->session);
    assert_string_equal(token != NULL ? mstr_secret_octets(token) : "none", expected);
    mstr_secret_release(token);
}

static const char x[] = MOUNTED_BASE "x";

static void token_project_cookies_and_headers_go_out_and_what_is_said_first_wins(void **state)
{
    static const struct route routes[] = {{"PUT x", 200, NULL, "Set-Cookie: JSESSIONID=s1; Path=/api", 0, MSTR_OK}};
    static const struct mstr_header own[] = {{"X-A", "request"}};
    static const struct mstr_header cookie[] = {{"mine", "1"}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_secret *token = session_token(mounted->session);
    const struct exchange exchange = {.method = "PUT",
                                      .url = x,
                                      .headers = own,
                                      .header_count = 1,
                                      .body = "{}",
                                      .body_length = 2,
                                      .content_type = "application/json",
                                      .project_id = "P1",
                                      .cookies = cookie,
                                      .cookie_count = 1,
                                      .token = token};
    (void)state;
    mstr_session_set_header(mounted->session, "x-a", "session");
    mstr_session_set_header(mounted->session, "X-B", "session");
    mstr_session_set_cookie(mounted->session, "given", "2");
    assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

    assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

    assert_string_equal(mounted->head, "Content-Type: application/json\n"
                                       "X-MSTR-AuthToken: token-1\n"
                                       "X-MSTR-ProjectID: P1\n"
                                       "Cookie: JSESSIONID=s1; given=2; mine=1\n"
                                       "X-A: request\n"
                                       "X-B: session\n"
                                       "Accept: application/json\n");
    assert_string_equal(mounted->body, "{}");
    mstr_secret_release(token);
    finish(mounted);
}

static void nothing_of_the_session_goes_to_or_comes_from_another_origin(void **state)
{
    static const struct route routes[] = {
        {"GET x", 200, NULL, "Set-Cookie: own=1; Path=/", 0, MSTR_OK},
        {"GET https://other/x", 200, NULL, "X-MSTR-AuthToken: evil\nSet-Cookie: a=b; Path=/", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    const struct exchange first = {.method = "GET", .url = x};
    const struct exchange exchange = {.method = "GET", .url = "https://other/x", .foreign = true};
    (void)state;
    mstr_session_set_header(mounted->session, "X-B", "session");
    mstr_session_set_cookie(mounted->session, "given", "2");
    assert_int_equal(attempt(mounted, &first), MSTR_OK);

    assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

    assert_string_equal(mounted->head, "Accept: application/json\n");
    assert_token(mounted, "token-1");
    assert_int_equal(mounted->session->cookies.count, 1);
    assert_string_equal(mounted->session->cookies.items[0].name, "own");
    finish(mounted);
}

/* As where base_url is a reference whose value changed, and another thread has logged in anew meanwhile. */
static void what_was_meant_for_the_server_before_is_not_sent(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_secret *token = session_token(mounted->session);
    const struct exchange exchange = {.method = "GET", .url = x, .token = token};
    (void)state;
    pthread_mutex_lock(&mounted->session->mutex);
    session_move(mounted->session, text_copy("https://other/api/"));
    pthread_mutex_unlock(&mounted->session->mutex);

    assert_int_equal(attempt(mounted, &exchange), MSTR_E_SESSION);

    assert_told(mounted, "was not sent to the old one");
    assert_string_equal(mounted->log, "");
    mstr_secret_release(token);
    finish(mounted);
}

static void a_rotated_token_is_taken_from_a_success_in_place_of_the_one_that_was_sent(void **state)
{
    static const struct {
        int status;
        const char *sent; /* NULL = the session's own */
        const char *then;
    } cases[] = {
        {200, NULL, "rotated"}, {204, NULL, "rotated"},    {302, NULL, "token-1"},
        {500, NULL, "token-1"}, {200, "older", "token-1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {{"GET x", cases[i].status, NULL, "X-MSTR-AuthToken: rotated", 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, 1);
        mstr_secret *token = cases[i].sent != NULL ? mstr_secret_new(cases[i].sent, strlen(cases[i].sent))
                                                   : session_token(mounted->session);
        const struct exchange exchange = {.method = "GET", .url = x, .token = token, .keep_redirects = true};

        assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

        assert_token(mounted, cases[i].then);
        mstr_secret_release(token);
        finish(mounted);
    }
}

static void a_login_sends_no_cookies_and_replaces_them_only_where_it_succeeds(void **state)
{
    static const struct route routes[] = {
        {"POST auth/login", 401, NULL, "Set-Cookie: refused=1; Path=/api", 1, MSTR_OK},
        {"POST auth/login", 204, NULL, "X-MSTR-AuthToken: new\nSet-Cookie: fresh=1; Path=/api", 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_new(routes, 2);
    const struct exchange login = {
        .method = "POST", .url = MOUNTED_BASE "auth/login", .login = true, .delegated = true};
    (void)state;
    mounted->session->base = strdup(MOUNTED_BASE);
    cookies_restore(&mounted->session->cookies, "old", "1", "/", false, 0);

    assert_int_equal(attempt(mounted, &login), MSTR_OK);
    assert_false(mounted_saw(mounted, "Cookie"));
    assert_string_equal(mounted->session->cookies.items[0].name, "old");
    assert_int_equal(mounted->session->cookies.count, 1);
    assert_false(mstr_session_is_open(mounted->session));

    assert_int_equal(attempt(mounted, &login), MSTR_OK);
    assert_int_equal(mounted->session->cookies.count, 1);
    assert_string_equal(mounted->session->cookies.items[0].name, "fresh");
    assert_token(mounted, "new");
    assert_true(mounted->session->delegated);
    finish(mounted);
}

static void count_line(enum mstr_level level, const char *scope, const char *message, void *data)
{
    assert_int_equal(level, MSTR_LEVEL_WARN);
    assert_string_equal(scope, "session");
    assert_non_null(strstr(message, "more than 50 cookies"));
    ++*(unsigned *)data;
}

static void cookies_that_are_too_many_are_told_once(void **state)
{
    char lines[2048] = "Set-Cookie: n=v";
    const struct route many = {"GET x", 200, NULL, lines, 0, MSTR_OK};
    struct mounted *mounted = mounted_open(&many, 1);
    const struct exchange get = {.method = "GET", .url = x};
    unsigned told = 0;
    (void)state;
    for (int i = 0; i < COOKIES_MAX; i++) {
        size_t at = strlen(lines);
        snprintf(lines + at, sizeof(lines) - at, "\nSet-Cookie: n%d=v", i);
    }
    *(struct log *)(uintptr_t)context_log(mounted->context) = (struct log){count_line, &told, MSTR_LEVEL_WARN};

    assert_int_equal(attempt(mounted, &get), MSTR_OK);
    assert_int_equal(attempt(mounted, &get), MSTR_OK);

    assert_int_equal(told, 1);
    assert_int_equal(mounted->session->cookies.count, COOKIES_MAX);
    finish(mounted);
}

static void redirects_within_the_origin_change_method_and_body_as_rfc_9110_says(void **state)
{
    static const struct {
        const char *method;
        int status;
        const char *location;
        const char *then; /* the second sending */
        const char *body;
    } cases[] = {
        {"POST", 301, "Location: http://127.0.0.1:1/api/y", "GET y", ""},
        {"POST", 302, "Location: y?q=1", "GET y?q=1", ""},
        {"POST", 303, "Location: //127.0.0.1:1/api/y", "GET y", ""},
        {"PUT", 303, "Location: /api/y", "GET y", ""},
        {"PUT", 302, "Location: y", "PUT y", "{}"},
        {"POST", 307, "Location: y", "POST y", "{}"},
        {"POST", 308, "Location: ?q", "POST x?q", "{}"},
        {"HEAD", 303, "Location: y", "HEAD y", "{}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char first[16];
        char log[128];
        snprintf(first, sizeof(first), "%s x", cases[i].method);
        snprintf(log, sizeof(log), "%s x\n%s\n", cases[i].method, cases[i].then);
        const struct route routes[] = {{first, cases[i].status, NULL, cases[i].location, 1, MSTR_OK},
                                       {cases[i].then, 200, "there", NULL, 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, 2);
        const struct exchange exchange = {.method = cases[i].method, .url = x, .body = "{}", .body_length = 2};

        mounted_done(mounted, attempt(mounted, &exchange));

        assert_string_equal(mounted->log, log);
        assert_string_equal(mounted->body, cases[i].body);
        assert_string_equal(http_answer(answer)->body, "there");
        finish(mounted);
    }
}

static void redirects_that_leave_the_origin_or_lead_nowhere_are_refused(void **state)
{
    static const char *const locations[] = {
        NULL,
        "Location: https://127.0.0.1:1/api/y",
        "Location: http://127.0.0.1:2/api/y",
        "Location: http://other/api/y",
        "Location: //other/api/y",
        "Location: http://user@127.0.0.1:1/api/y",
        "Location: file:///etc/passwd",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(locations); i++) {
        const struct route routes[] = {{"GET x", 307, NULL, locations[i], 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, 1);
        const struct exchange exchange = {.method = "GET", .url = x};

        assert_int_equal(attempt(mounted, &exchange), MSTR_E_PROTOCOL);

        assert_null(answer);
        assert_int_equal(mounted->sent, 1);
        assert_int_equal(mstr_error_http_status(mounted->error), 307);
        assert_told(mounted, "which is not followed");
        finish(mounted);
    }
}

static void redirects_in_a_circle_end_at_the_limit(void **state)
{
    static const struct route routes[] = {{"GET x", 302, NULL, "Location: x", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    const mstr_network network = {.size = sizeof(network), .max_redirects = 2};
    const struct exchange exchange = {.method = "GET", .url = x, .network = &network};
    (void)state;

    assert_int_equal(attempt(mounted, &exchange), MSTR_E_PROTOCOL);

    assert_int_equal(mounted->sent, 3);
    assert_told(mounted, "redirects more than 2 times");
    finish(mounted);
}

static void a_redirect_is_an_answer_where_it_is_to_be_kept(void **state)
{
    static const struct route routes[] = {{"GET x", 302, NULL, "Location: http://other/", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    const struct exchange exchange = {.method = "GET", .url = x, .keep_redirects = true};
    (void)state;

    assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

    assert_int_equal(http_answer(answer)->status, 302);
    finish(mounted);
}

static int64_t read_once(void *into, size_t capacity, void *data)
{
    bool *done = data;
    if (*done || capacity == 0) {
        return 0;
    }
    *(char *)into = 'x';
    *done = true;
    return 1;
}

static void a_redirect_of_a_body_that_is_gone_is_refused(void **state)
{
    static const struct route routes[] = {{"PUT x", 307, NULL, "Location: y", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    bool done = false;
    mstr_reader reader = MSTR_READER_INIT;
    struct upload upload;
    (void)state;
    reader.read = read_once;
    reader.data = &done;
    assert_int_equal(upload_init(&upload, &reader, NULL), MSTR_OK);
    const struct exchange exchange = {.method = "PUT", .url = x, .upload = &upload};

    assert_int_equal(attempt(mounted, &exchange), MSTR_E_PROTOCOL);

    assert_told(mounted, "cannot be sent a second time");
    finish(mounted);
}

static void a_malformed_url_is_refused_before_it_is_sent(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    const struct exchange exchange = {.method = "GET", .url = "no url"};
    (void)state;

    assert_int_equal(attempt(mounted, &exchange), MSTR_E_USAGE);

    assert_int_equal(mounted->sent, 0);
    finish(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_project_cookies_and_headers_go_out_and_what_is_said_first_wins),
        cmocka_unit_test(nothing_of_the_session_goes_to_or_comes_from_another_origin),
        cmocka_unit_test(what_was_meant_for_the_server_before_is_not_sent),
        cmocka_unit_test(a_rotated_token_is_taken_from_a_success_in_place_of_the_one_that_was_sent),
        cmocka_unit_test(a_login_sends_no_cookies_and_replaces_them_only_where_it_succeeds),
        cmocka_unit_test(cookies_that_are_too_many_are_told_once),
        cmocka_unit_test(redirects_within_the_origin_change_method_and_body_as_rfc_9110_says),
        cmocka_unit_test(redirects_that_leave_the_origin_or_lead_nowhere_are_refused),
        cmocka_unit_test(redirects_in_a_circle_end_at_the_limit),
        cmocka_unit_test(a_redirect_is_an_answer_where_it_is_to_be_kept),
        cmocka_unit_test(a_redirect_of_a_body_that_is_gone_is_refused),
        cmocka_unit_test(a_malformed_url_is_refused_before_it_is_sent),
    };
    return RUN_TESTS("session/attempt");
}
