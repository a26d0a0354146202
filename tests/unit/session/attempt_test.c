/* SPDX-License-Identifier: Apache-2.0 */
/* One sending: what goes out with it, what of the answer the session takes, and where redirects lead. */
#include "session/attempt.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "support/held_lock.h"
#include "support/mounted.h"

static struct mstr_http_response *answer;

/* What the latest sending was given beside its message, and what it tells of the proxy on its way. */
static struct http_extras given;
static uint32_t given_flags;
static size_t given_limit;
static const char *proxy_on_the_way = "";
static mstr_session *moving; /* goes to another server while the answer is on its way, NULL = none does */

enum mstr_code __real_transport_send(const struct transports *transports, struct http_client *client,
                                     const struct mstr_http_request *request, const struct http_extras *extras,
                                     const struct limits *limits, struct mstr_http_response **out, mstr_error *error);
enum mstr_code __wrap_transport_send(const struct transports *transports, struct http_client *client,
                                     const struct mstr_http_request *request, const struct http_extras *extras,
                                     const struct limits *limits, struct mstr_http_response **out, mstr_error *error);

enum mstr_code __wrap_transport_send(const struct transports *transports, struct http_client *client,
                                     const struct mstr_http_request *request, const struct http_extras *extras,
                                     const struct limits *limits, struct mstr_http_response **out, mstr_error *error)
{
    given = *extras;
    given_flags = request->flags;
    given_limit = request->response_limit;
    snprintf(extras->proxy_told, PROXY_TOLD, "%s", proxy_on_the_way);
    enum mstr_code code = __real_transport_send(transports, client, request, extras, limits, out, error);
    if (moving != NULL) {
        pthread_mutex_lock(&moving->mutex);
        session_move(moving, text_copy("https://other/api/"));
        pthread_mutex_unlock(&moving->mutex);
    }
    return code;
}

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
    held_lock_take(&mounted->session->mutex);
    assert_int_equal(attempt(mounted, &exchange), MSTR_OK);
    assert_true(mounted_saw(mounted, "\nCookie: given=2; mine=1\n"));

    assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

    held_lock_release(&mounted->session->mutex);
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

static void the_cookies_of_another_session_go_out_in_place_of_its_own_and_nothing_comes_in(void **state)
{
    static const struct route routes[] = {
        {"GET x", 200, NULL, "X-MSTR-AuthToken: evil\nSet-Cookie: a=b; Path=/", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_secret *token = session_token(mounted->session);
    struct cookies jar = {.count = 0};
    const struct exchange exchange = {.method = "GET", .url = x, .token = token, .jar = &jar};
    (void)state;
    cookies_restore(&mounted->session->cookies, "own", "1", "/", false, 0);
    cookies_restore(&jar, "other", "2", "/", false, 0);

    assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

    assert_true(mounted_saw(mounted, "\nCookie: other=2\n"));
    assert_token(mounted, "token-1");
    assert_int_equal(mounted->session->cookies.count, 1);
    assert_int_equal(jar.count, 1);
    mstr_secret_release(token);
    cookies_clear(&jar);
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
    assert_string_equal(mstr_error_hint(mounted->error), "send the request again: it then goes to the new server");
    assert_string_equal(mounted->log, "");
    mstr_secret_release(token);
    finish(mounted);
}

static void what_the_server_before_answers_is_not_taken(void **state)
{
    static const struct route routes[] = {
        {"GET x", 200, NULL, "X-MSTR-AuthToken: late\nSet-Cookie: a=b; Path=/", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_secret *token = session_token(mounted->session);
    const struct exchange exchange = {.method = "GET", .url = x, .token = token};
    (void)state;
    moving = mounted->session;

    assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

    moving = NULL;
    assert_null(session_token(mounted->session));
    assert_int_equal(mounted->session->cookies.count, 0);
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
        {200, NULL, "rotated"}, {204, NULL, "rotated"}, {299, NULL, "rotated"},    {300, NULL, "token-1"},
        {302, NULL, "token-1"}, {500, NULL, "token-1"}, {200, "older", "token-1"},
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

static void what_cannot_stand_in_a_header_is_refused_where_it_would_be_sent_back(void **state)
{
    static const struct {
        const char *line;
        bool foreign;
        const char *name; /* of the header that is refused, NULL = none */
    } cases[] = {
        {"X-MSTR-AuthToken: a\x01"
         "b",
         false, "X-MSTR-AuthToken"},
        {"set-cookie: a=\x7f; Path=/", false, "set-cookie"},
        {"X-Other: a=\x01", false, NULL},
        {"X-Other: a=b", false, NULL}, /* which is no cookie */
        {"Set-Cookie: a=\x7f; Path=/", true, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char told[128];
        const struct route routes[] = {{"PUT", 201, NULL, cases[i].line, 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, 1);
        mstr_secret *token = session_token(mounted->session);
        const struct exchange exchange = {.method = "PUT", .url = x, .token = token, .foreign = cases[i].foreign};

        assert_int_equal(attempt(mounted, &exchange), cases[i].name != NULL ? MSTR_E_PROTOCOL : MSTR_OK);

        assert_int_equal(http_answer(answer)->status, 201);
        if (cases[i].name != NULL) {
            snprintf(told, sizeof(told), "PUT /api/x: the answer's header %s has line breaks or control characters",
                     cases[i].name);
            assert_told(mounted, told);
            assert_int_equal(mstr_error_http_status(mounted->error), 201);
        }
        assert_token(mounted, "token-1");
        assert_int_equal(mounted->session->cookies.count, 0);
        mstr_secret_release(token);
        finish(mounted);
    }
}

static void a_sending_that_fails_is_a_failure_and_leaves_no_answer(void **state)
{
    static const struct route routes[] = {{"GET x", 0, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    const struct exchange exchange = {.method = "GET", .url = x};
    (void)state;

    assert_int_equal(attempt(mounted, &exchange), MSTR_E_NETWORK);

    assert_null(answer);
    finish(mounted);
}

static void a_login_alone_makes_a_session_its_own_that_was_taken_up(void **state)
{
    static const struct route routes[] = {{"GET x", 200, NULL, "X-MSTR-AuthToken: new", 0, MSTR_OK}};
    (void)state;
    for (int i = 0; i < 4; i++) {
        const bool before = i % 2 != 0;
        const bool login = i / 2 != 0;
        struct mounted *mounted = mounted_open(routes, 1);
        mstr_secret *token = session_token(mounted->session);
        const struct exchange exchange = {.method = "GET", .url = x, .token = token, .login = login};
        mounted->session->taken_up = before;

        assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

        assert_token(mounted, "new");
        assert_int_equal(mounted->session->taken_up, before && !login);
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
    const struct route routes[] = {{"GET x", 200, NULL, NULL, 1, MSTR_OK}, {"GET x", 200, NULL, lines, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 2);
    const struct exchange get = {.method = "GET", .url = x};
    unsigned told = 0;
    (void)state;
    for (int i = 0; i < COOKIES_MAX; i++) {
        size_t at = strlen(lines);
        snprintf(lines + at, sizeof(lines) - at, "\nSet-Cookie: n%d=v", i);
    }
    *(struct log *)(uintptr_t)context_log(mounted->context) = (struct log){count_line, &told, MSTR_LEVEL_WARN};

    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(attempt(mounted, &get), MSTR_OK);
        assert_int_equal(told, i > 0);
    }

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
    static const struct {
        const char *location;
        const char *told;
    } cases[] = {
        {NULL, "redirects to nowhere, which"},
        {"Location: https://127.0.0.1:1/api/y", "redirects to https://127.0.0.1:1/api/y, which"},
        {"Location: http://127.0.0.1:2/api/y?q=z", "redirects to http://127.0.0.1:2/api/y, which"},
        {"Location: http://other/api/y#z", "redirects to http://other/api/y, which"},
        {"Location: //other/api/y", "redirects to //other/api/y, which"},
        {"Location: http://user@127.0.0.1:1/api/y", "redirects to http://user@127.0.0.1:1/api/y, which"},
        {"Location: file:///etc/passwd", "redirects to file:///etc/passwd, which"},
        {"Location: y/token-1", "redirects to "}, /* would have the token told */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {{"GET x", 307, NULL, cases[i].location, 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, 1);
        mstr_secret *token = session_token(mounted->session);
        const struct exchange exchange = {.method = "GET", .url = x, .token = token};

        assert_int_equal(attempt(mounted, &exchange), MSTR_E_PROTOCOL);

        assert_null(answer);
        assert_int_equal(mounted->sent, 1);
        assert_int_equal(mstr_error_http_status(mounted->error), 307);
        assert_told(mounted, cases[i].told);
        assert_told(mounted, "which is not followed");
        assert_null(strstr(mstr_error_message(mounted->error), "token-1"));
        assert_string_equal(mstr_error_hint(mounted->error),
                            "credentials never follow a redirect to another origin; check base_url");
        mstr_secret_release(token);
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

static void a_sending_is_bounded_and_secured_as_its_method_and_the_session_say(void **state)
{
    static const struct {
        const char *method;
        bool login;
        bool awaited;
        bool foreign;
        uint32_t flags;
        bool once;
        bool lingers;
    } cases[] = {
        {"GET", false, false, false, 0, false, false},
        {"PUT", false, false, false, MSTR_SESSION_AWAIT_LOGIN, false, false},
        {"POST", false, true, false, 0, true, true},
        {"PATCH", false, false, true, 0, true, false},
        {"POST", true, false, false, 0, true, false},
        {"POST", true, true, false, 0, true, false},
        {"POST", true, false, false, MSTR_SESSION_AWAIT_LOGIN, true, true},
        {"POST", true, false, false, MSTR_SESSION_NO_PROFILE, true, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(NULL, 0);
        const struct exchange exchange = {.method = cases[i].method,
                                          .url = x,
                                          .login = cases[i].login,
                                          .awaited = cases[i].awaited,
                                          .foreign = cases[i].foreign,
                                          .response_limit = i};
        mounted->session->settings.flags = cases[i].flags;
        mounted->session->settings.allow_plain = i % 2 != 0;

        assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

        assert_int_equal(given.send_once, cases[i].once);
        assert_int_equal(given.keep_broken, cases[i].login);
        assert_int_equal(given.linger > 0, cases[i].lingers);
        assert_int_equal(given_flags, i % 2 != 0 && !cases[i].foreign ? MSTR_HTTP_ALLOW_PLAIN : 0);
        assert_int_equal(given_limit, i > 0 ? i : 256 * 1024 * 1024);
        finish(mounted);
    }
}

/* The password and the passphrase go where the session's own proxy and key are used. */
static void secrets_of_the_network_stay_with_the_proxy_and_the_certificate_that_they_are_for(void **state)
{
    static const struct {
        mstr_network own;
        bool password;
        bool passphrase;
        bool no_environment;
    } cases[] = {
        {MSTR_NETWORK_INIT, true, true, false},
        {{.size = sizeof(mstr_network), .proxy = "http://other:1"}, false, true, false},
        {{.size = sizeof(mstr_network), .client_cert = "/other"}, true, false, false},
        {{.size = sizeof(mstr_network), .flags = MSTR_NETWORK_NO_ENVIRONMENT}, true, true, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(NULL, 0);
        const struct exchange exchange = {.method = "GET", .url = x, .network = &cases[i].own};
        mounted->session->settings.proxy = text_copy("http://own:1");
        mounted->session->settings.client_cert = text_copy("/own");
        mounted->session->proxy_password = mstr_secret_new("password", 8);
        mounted->session->key_passphrase = mstr_secret_new("passphrase", 10);

        assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

        assert_int_equal(given.proxy_password != NULL, cases[i].password);
        assert_int_equal(given.key_passphrase != NULL, cases[i].passphrase);
        assert_int_equal(given.no_environment, cases[i].no_environment);
        finish(mounted);
    }
}

struct heard {
    mstr_event events[2];
    char proxy[64];
    size_t count;
};

static void hear(const mstr_event *event, void *data)
{
    struct heard *heard = data;
    assert_true(heard->count < COUNT_OF(heard->events));
    assert_string_equal(event->method, "GET");
    assert_string_equal(event->url, x);
    snprintf(heard->proxy, sizeof(heard->proxy), "%s", event->proxy != NULL ? event->proxy : "none");
    heard->events[heard->count++] = *event;
}

static void a_sending_is_told_before_and_after_it(void **state)
{
    static const struct route routes[] = {{"GET x", 201, NULL, NULL, 0, MSTR_OK}};
    static const char *const proxies[] = {"", "proxy:8080 (proxy)"};
    struct mounted *mounted = mounted_open(routes, 1);
    struct heard heard;
    (void)state;
    mstr_session_set_event_fn(mounted->session, hear, &heard);
    for (size_t i = 0; i < COUNT_OF(proxies); i++) {
        const struct exchange exchange = {.method = "GET", .url = x, .number = i * 1000};
        const int64_t begin = clock_monotonic();
        heard.count = 0;
        proxy_on_the_way = proxies[i];
        mounted->session->keepalive.last_use = 0;

        assert_int_equal(attempt(mounted, &exchange), MSTR_OK);

        assert_int_equal(heard.count, 2);
        assert_int_equal(heard.events[0].kind, MSTR_EVENT_REQUEST);
        assert_int_equal(heard.events[1].kind, MSTR_EVENT_RESPONSE);
        assert_int_equal(heard.events[1].status, 201);
        assert_int_equal(heard.events[0].number, heard.events[1].number);
        assert_true(i == 0 ? heard.events[0].number > 0 && heard.events[0].number < 1000
                           : heard.events[0].number == 1000);
        assert_string_equal(heard.proxy, i == 0 ? "none" : proxies[i]);
        assert_true(heard.events[1].elapsed <= clock_monotonic() - begin);
        assert_true(mounted->session->keepalive.last_use >= begin);
    }
    proxy_on_the_way = "";
    mstr_session_set_event_fn(mounted->session, NULL, NULL);
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
        cmocka_unit_test(the_cookies_of_another_session_go_out_in_place_of_its_own_and_nothing_comes_in),
        cmocka_unit_test(nothing_of_the_session_goes_to_or_comes_from_another_origin),
        cmocka_unit_test(what_was_meant_for_the_server_before_is_not_sent),
        cmocka_unit_test(what_the_server_before_answers_is_not_taken),
        cmocka_unit_test(a_rotated_token_is_taken_from_a_success_in_place_of_the_one_that_was_sent),
        cmocka_unit_test(what_cannot_stand_in_a_header_is_refused_where_it_would_be_sent_back),
        cmocka_unit_test(a_sending_that_fails_is_a_failure_and_leaves_no_answer),
        cmocka_unit_test(a_login_alone_makes_a_session_its_own_that_was_taken_up),
        cmocka_unit_test(a_login_sends_no_cookies_and_replaces_them_only_where_it_succeeds),
        cmocka_unit_test(cookies_that_are_too_many_are_told_once),
        cmocka_unit_test(redirects_within_the_origin_change_method_and_body_as_rfc_9110_says),
        cmocka_unit_test(redirects_that_leave_the_origin_or_lead_nowhere_are_refused),
        cmocka_unit_test(redirects_in_a_circle_end_at_the_limit),
        cmocka_unit_test(a_redirect_is_an_answer_where_it_is_to_be_kept),
        cmocka_unit_test(a_redirect_of_a_body_that_is_gone_is_refused),
        cmocka_unit_test(a_sending_is_bounded_and_secured_as_its_method_and_the_session_say),
        cmocka_unit_test(secrets_of_the_network_stay_with_the_proxy_and_the_certificate_that_they_are_for),
        cmocka_unit_test(a_sending_is_told_before_and_after_it),
        cmocka_unit_test(a_malformed_url_is_refused_before_it_is_sent),
    };
    return RUN_TESTS("session/attempt");
}
