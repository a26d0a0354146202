/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers that repeat what they were sent, in every part of an answer: no error, log line, event or step of a report
 * holds a secret of the call, whether a session or a plugin made it.
 */
#include "support/library.h"

#include "base/base64.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/uri.h"

static const char password[] = "pass\"w/rd &+1-canary";
static const char api_key[] = "api-key-canary-0001";
static const char identity[] = "identity.token.canary";

static const char *const secrets[] = {"canary", "token-1", "s1cookie-value", "w%2Frd", "w\\/rd", "w/rd"};

/* What the test's program sees of the library, one text after the other. */
static struct buffer seen;

static void see(const char *text)
{
    buffer_puts(&seen, text != NULL ? text : "");
    buffer_putc(&seen, '\n');
}

static void see_log(enum mstr_level level, const char *scope, const char *line, void *data)
{
    (void)level;
    (void)data;
    see(scope);
    see(line);
}

static void see_event(const mstr_event *event, void *data)
{
    (void)data;
    see(event->url);
    see(event->ticket);
}

static void see_error(const mstr_error *error)
{
    see(mstr_error_message(error));
    see(mstr_error_hint(error));
    see(mstr_error_service_code(error));
    see(mstr_error_request_id(error));
}

/* The forms in which base64 holds "canary", whatever stands before it. */
static void assert_silent(void)
{
    static const char *const coded[] = {"Y2FuYXJ5", "jYW5hcn", "NhbmFye"};
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        if (strstr(buffer_text(&seen), secrets[i]) != NULL) {
            fail_msg("\"%s\" is told in\n%s", secrets[i], buffer_text(&seen));
        }
    }
    for (size_t i = 0; i < COUNT_OF(coded); i++) {
        assert_null(strstr(buffer_text(&seen), coded[i]));
    }
    assert_non_null(strstr(buffer_text(&seen), "(hidden)")); /* else the server has repeated nothing */
    buffer_clear(&seen);
}

enum echo { ECHO_LIBRARY, ECHO_MODELING, ECHO_PAGE, ECHO_URL, ECHO_BASE64, ECHO_REDIRECT, ECHO_KINDS };

static void put_echo(struct buffer *out, enum echo kind, const struct buffer *sent)
{
    buffer_puts(out, kind == ECHO_LIBRARY    ? "{\"code\":\"ERR001\",\"message\":"
                     : kind == ECHO_MODELING ? "{\"errors\":[{\"code\":\"8004cc4c\",\"message\":"
                     : kind == ECHO_PAGE     ? "<p>"
                                             : "");
    if (kind == ECHO_LIBRARY || kind == ECHO_MODELING) {
        json_put_string(out, sent->data, sent->length);
    } else if (kind == ECHO_URL) {
        uri_encode(out, sent->data, sent->length);
    } else if (kind == ECHO_BASE64) {
        base64_encode(out, sent->data, sent->length);
    } else {
        buffer_append(out, sent->data, sent->length);
    }
    buffer_puts(out, kind == ECHO_LIBRARY ? ",\"ticketId\":" : kind == ECHO_MODELING ? "}]" : "");
    if (kind == ECHO_LIBRARY) {
        json_put_string(out, sent->data, sent->length);
    }
    buffer_puts(out, kind == ECHO_LIBRARY || kind == ECHO_MODELING ? "}" : "");
}

/* What of the request is worth repeating: the values of its secret headers, then its body. */
static void read_secrets(const struct tiny_request *request, struct buffer *out)
{
    static const char *const names[] = {"X-MSTR-AuthToken: ", "Cookie: ", "Authorization: "};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *line = strstr(request->head, names[i]);
        if (line != NULL) {
            line += strlen(names[i]);
            buffer_append(out, line, strcspn(line, "\r"));
            buffer_putc(out, ' ');
        }
    }
    buffer_append(out, request->body, request->body_length);
}

static bool echo(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    const enum echo *kind = data;
    struct buffer sent = BUFFER_INIT;
    struct buffer body = BUFFER_INIT;
    struct buffer answer = BUFFER_INIT;
    read_secrets(request, &sent);
    put_echo(&body, *kind, &sent);
    buffer_printf(&answer, "HTTP/1.1 %s\r\nX-Request-Id: ", *kind == ECHO_REDIRECT ? "302 Found" : "403 Forbidden");
    uri_encode(&answer, sent.data, sent.length);
    buffer_puts(&answer, "\r\nLocation: /api/");
    uri_encode(&answer, sent.data, sent.length);
    buffer_printf(&answer, "?a=1\r\nContent-Length: %zu\r\n\r\n%s", body.length, body.data);
    bool good = tiny_write(c, answer.data, answer.length);
    buffer_release(&sent);
    buffer_release(&body);
    buffer_release(&answer);
    return good;
}

static mstr_context *talkative_context(void)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_context *context = NULL;
    char *path = test_file("", 0);
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    options.log = see_log;
    options.log_level = MSTR_LEVEL_TRACE;
    assert_int_equal(mstr_context_new(&options, &context, NULL), MSTR_OK);
    unlink(path);
    free(path);
    return context;
}

static mstr_session *make_session(mstr_context *context, struct tiny_server *server, enum mstr_login_mode mode)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.login_mode = mode;
    assert_int_equal(mstr_session_new(context, &options, &session, NULL), MSTR_OK);
    mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL,
                                mstr_credential_literal(tiny_server_url(server, "/api")));
    mstr_session_set_event_fn(session, see_event, NULL);
    return session;
}

static void a_refused_login_tells_no_credential(void **state)
{
    (void)state;
    static const struct {
        enum mstr_login_mode mode;
        enum mstr_credential_kind kind;
        const char *value;
    } cases[] = {
        {MSTR_LOGIN_STANDARD, MSTR_CREDENTIAL_PASSWORD, password},
        {MSTR_LOGIN_LDAP, MSTR_CREDENTIAL_PASSWORD, password},
        {MSTR_LOGIN_API_KEY, MSTR_CREDENTIAL_API_KEY, api_key},
        {MSTR_LOGIN_API_KEY, MSTR_CREDENTIAL_USERNAME, api_key},
        {MSTR_LOGIN_DELEGATE, MSTR_CREDENTIAL_IDENTITY_TOKEN, identity},
    };
    mstr_context *context = talkative_context();
    for (size_t i = 0; i < COUNT_OF(cases) * ECHO_KINDS; i++) {
        enum echo kind = (enum echo)(i % ECHO_KINDS);
        struct tiny_server *server = tiny_server_start(echo, &kind, NULL);
        mstr_session *session = make_session(context, server, cases[i / ECHO_KINDS].mode);
        mstr_error *error = mstr_error_new();
        mstr_session_set_credential(session, MSTR_CREDENTIAL_USERNAME, mstr_credential_literal("ann"));
        mstr_session_set_credential(session, cases[i / ECHO_KINDS].kind,
                                    mstr_credential_literal(cases[i / ECHO_KINDS].value));

        assert_int_not_equal(mstr_session_open(session, NULL, error), MSTR_OK);

        see_error(error);
        assert_silent();
        mstr_session_free(session);
        mstr_error_free(error);
        tiny_server_stop(server);
    }
    mstr_context_free(context);
}

static bool echo_but_the_log_in(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    return strncmp(request->head, "POST /api/auth/login", 20) == 0
               ? tiny_text(c, "HTTP/1.1 204 No Content\r\nX-MSTR-AuthToken: token-1\r\n"
                              "Set-Cookie: JSESSIONID=s1cookie-value; Path=/api\r\n\r\n")
               : echo(c, request, data);
}

static mstr_session *open_anonymous(mstr_context *context, struct tiny_server *server)
{
    mstr_session *session = make_session(context, server, MSTR_LOGIN_ANONYMOUS);
    assert_int_equal(mstr_session_open(session, NULL, NULL), MSTR_OK);
    return session;
}

static void a_refused_request_tells_neither_token_nor_cookie_nor_new_password(void **state)
{
    (void)state;
    static const char body[] = "{\"username\":\"bob\",\"password\":\"pass\\\"w/rd &+1-canary\"}";
    mstr_context *context = talkative_context();
    for (enum echo kind = 0; kind < ECHO_KINDS; kind++) {
        struct tiny_server *server = tiny_server_start(echo_but_the_log_in, &kind, NULL);
        mstr_session *session = open_anonymous(context, server);
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        mstr_response *response = NULL;
        mstr_error *error = mstr_error_new();
        mstr_session_set_basic_auth(session, "gate", "gate-canary");
        request.method = "POST";
        request.path = "users";
        request.body = body;
        request.body_length = strlen(body);

        assert_int_not_equal(mstr_session_send(session, &request, &response, error), MSTR_OK);

        see_error(error);
        if (kind != ECHO_REDIRECT) { /* the program's own look at the refusal */
            request.flags = MSTR_REQUEST_KEEP_ERRORS;
            assert_int_equal(mstr_session_send(session, &request, &response, error), MSTR_OK);
            size_t length = 0;
            see(mstr_response_body(response, &length));
            see(mstr_response_header(response, "X-Request-Id"));
            mstr_response_free(response);
        }
        mstr_session_close(session, error); /* whose refusal is told as well */
        see_error(error);
        assert_silent();
        mstr_session_free(session);
        mstr_error_free(error);
        tiny_server_stop(server);
    }
    mstr_context_free(context);
}

/* A transport of the program's own that refuses with what it was sent. */
static enum mstr_code echo_transport(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                     const mstr_call_options *call, mstr_error *error, void *data)
{
    (void)call;
    (void)error;
    (void)data;
    mstr_transport_reply_status(reply, 403);
    for (size_t i = 0; i < request->header_count; i++) {
        mstr_transport_reply_body(reply, request->headers[i].value, strlen(request->headers[i].value));
    }
    return MSTR_OK;
}

static void a_mounted_transport_tells_no_token(void **state)
{
    (void)state;
    enum echo kind = ECHO_PAGE;
    mstr_context *context = talkative_context();
    struct tiny_server *server = tiny_server_start(echo_but_the_log_in, &kind, NULL);
    mstr_session *session = open_anonymous(context, server);
    mstr_response *response = NULL;
    mstr_error *error = mstr_error_new();
    mstr_session_mount(session, tiny_server_url(server, "/api/sessions"), echo_transport, NULL, NULL);

    assert_int_equal(mstr_session_get(session, "sessions", &response, error), MSTR_E_DENIED);

    see_error(error);
    assert_silent();
    mstr_session_forget(session);
    mstr_session_free(session);
    mstr_error_free(error);
    tiny_server_stop(server);
    mstr_context_free(context);
}

/* --- a server that repeats what it was sent, with status 200 ---------------------------------------------------- */

static const char object[] = "0123456789ABCDEF0123456789ABCDEF";

static enum mstr_code export_document(mstr_session *session, mstr_error *error)
{
    mstr_document_request what = MSTR_DOCUMENT_REQUEST_INIT;
    char *file = test_file("", 0);
    what.object = object;
    what.file = file;
    enum mstr_code code = mstr_document_export(session, &what, NULL, error);
    unlink(file);
    free(file);
    return code;
}

static enum mstr_code open_table(mstr_session *session, mstr_error *error)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    mstr_table *table = NULL;
    request.object = object;
    return mstr_table_open(session, &request, &table, error);
}

static enum mstr_code publish_rows(mstr_session *session, mstr_error *error)
{
    static const mstr_upload_column columns[] = {MSTR_UPLOAD_COLUMN("Region", MSTR_UPLOAD_STRING)};
    mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
    mstr_upload *upload = NULL;
    options.dataset = object;
    options.table = "Sales";
    options.columns = columns;
    options.column_count = COUNT_OF(columns);
    assert_int_equal(mstr_upload_begin(session, &options, &upload, NULL), MSTR_OK);
    assert_int_equal(mstr_upload_row(upload, (const mstr_upload_field[]){{"North", 5}}, 1, NULL), MSTR_OK);
    enum mstr_code code = mstr_upload_publish(upload, NULL, error);
    mstr_upload_free(upload);
    return code;
}

static const struct failure {
    enum mstr_code (*call)(mstr_session *session, mstr_error *error);
    int status; /* of the instance, or of the publication */
    enum mstr_code code;
    const char *told;
} failures[] = {
    {export_document, 1, MSTR_E_PROTOCOL, "the server sent an error in place of a PDF: (hidden)"},
    {open_table, 2, MSTR_E_USAGE, "asks for what no answer was given to: \"(hidden)"},
    {publish_rows, 3, MSTR_E_SERVER, "the publication failed at the server, with status 3: (hidden)"},
};

static bool repeat_with_success(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    const struct failure *failure = data;
    struct buffer sent = BUFFER_INIT;
    struct buffer body = BUFFER_INIT;
    struct buffer answer = BUFFER_INIT;
    bool prompts = strstr(request->head, "/prompts") != NULL;
    if (strstr(request->head, "/auth/login") != NULL) {
        return echo_but_the_log_in(c, request, NULL);
    }
    read_secrets(request, &sent);
    buffer_printf(&body,
                  prompts ? "[{\"key\":\"K\",\"type\":\"VALUE\",\"name\":"
                          : "{\"instanceId\":\"A1\",\"uploadSessionId\":\"A1\",\"status\":%d,\"message\":",
                  failure->status);
    json_put_string(&body, sent.data, sent.length - request->body_length);
    buffer_puts(&body, prompts ? "}]" : "}");
    buffer_printf(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", body.length, buffer_text(&body));
    bool good = tiny_write(c, answer.data, answer.length);
    buffer_release(&sent);
    buffer_release(&body);
    buffer_release(&answer);
    return good;
}

static void what_is_no_refusal_by_its_status_tells_no_token_either(void **state)
{
    (void)state;
    mstr_context *context = talkative_context();
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        struct failure failure = failures[i];
        struct tiny_server *server = tiny_server_start(repeat_with_success, &failure, NULL);
        mstr_session *session = open_anonymous(context, server);
        mstr_error *error = mstr_error_new();
        mstr_session_set_basic_auth(session, "gate", "gate-canary");

        assert_int_equal(failure.call(session, error), failure.code);

        assert_non_null(strstr(mstr_error_message(error), failure.told));
        see_error(error);
        assert_silent();
        mstr_session_forget(session);
        mstr_session_free(session);
        mstr_error_free(error);
        tiny_server_stop(server);
    }
    mstr_context_free(context);
}

/* --- a plugin that quotes whatever it gets, a success too ------------------------------------------------------- */

static const struct mstr_host *host;
static char url[256];

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

static struct mstr_http_response *ask(const struct mstr_call *call)
{
    static const struct mstr_header headers[] = {{"Authorization", "Bearer bearer-canary"}};
    static const char form[] = "grant_type=client_credentials&client_secret=pass%22w%2Frd+%26%2B1-canary";
    const struct mstr_http_request request = {.size = sizeof(request),
                                              .method = "POST",
                                              .url = url,
                                              .headers = headers,
                                              .header_count = 1,
                                              .body = form,
                                              .body_length = strlen(form)};
    struct mstr_http_response *response = NULL;
    assert_int_equal(host->http(call, &request, &response, NULL), MSTR_OK);
    return response;
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    struct mstr_http_response *response = ask(call);
    host->set_value(requests[0], "value-canary", strlen("value-canary"), NULL);
    for (size_t i = 1; i < count; i++) {
        host->set_error(requests[i], MSTR_E_DENIED, "%.300s and value-canary", host->http_answer(response)->body);
        host->error_detail(requests[i]->error, MSTR_DETAIL_HINT, host->http_answer(response)->body);
        host->error_detail(requests[i]->error, MSTR_DETAIL_SERVICE_CODE, host->http_answer(response)->body);
        host->error_detail(requests[i]->error, MSTR_DETAIL_REQUEST_ID, host->http_header(response, "X-Request-Id"));
    }
    host->http_free(response);
}

static enum mstr_code explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                              const struct mstr_call *call, struct mstr_error *error)
{
    (void)self;
    (void)reference;
    struct mstr_http_response *response = ask(call);
    const char *body = host->http_answer(response)->body;
    host->report_step(report, MSTR_STEP_FAILED, "step", body, body, 1);
    host->error_set(error, MSTR_E_DENIED, "%s", body);
    host->http_free(response);
    return MSTR_E_DENIED;
}

static const struct mstr_provider *entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "gossip",
        .version = "1",
        .create = create,
        .resolve = resolve,
        .explain = explain,
    };
    host = table;
    return &provider;
}

static bool echo_with_success(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    struct buffer sent = BUFFER_INIT;
    struct buffer answer = BUFFER_INIT;
    (void)data;
    read_secrets(request, &sent);
    buffer_printf(&answer, "HTTP/1.1 200 OK\r\nX-Request-Id: ");
    uri_encode(&answer, sent.data, sent.length);
    buffer_printf(&answer, "\r\nContent-Length: %zu\r\n\r\n%s", sent.length, sent.data);
    bool good = tiny_write(c, answer.data, answer.length);
    buffer_release(&sent);
    buffer_release(&answer);
    return good;
}

static int see_step(const mstr_explain_step *step, void *data)
{
    (void)data;
    see(step->detail);
    see(step->hint);
    return 0;
}

static void what_a_plugin_quotes_holds_none_of_its_secrets(void **state)
{
    (void)state;
    enum echo kind = ECHO_PAGE;
    for (int success = 0; success < 2; success++) {
        struct tiny_server *server = tiny_server_start(success ? echo_with_success : echo, &kind, NULL);
        mstr_context *context = talkative_context();
        mstr_error *error = mstr_error_new();
        mstr_lookup lookups[2] = {{.reference = "gossip:a"}, {.reference = "gossip:b", .error = error}};
        snprintf(url, sizeof(url), "%s", tiny_server_url(server, "/token"));
        assert_int_equal(mstr_context_register(context, "gossip", entry, NULL, NULL), MSTR_OK);

        assert_int_equal(mstr_context_get_many(context, lookups, 2, sizeof(mstr_lookup), NULL), MSTR_E_DENIED);
        see_error(error);
        assert_int_equal(mstr_context_explain(context, "gossip:c", NULL, see_step, NULL, error), MSTR_E_DENIED);
        see_error(error);

        assert_silent();
        mstr_secret_release(lookups[0].secret);
        mstr_context_free(context);
        mstr_error_free(error);
        tiny_server_stop(server);
    }
}

static int release(void **state)
{
    (void)state;
    buffer_release(&seen);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_login_tells_no_credential),
        cmocka_unit_test(a_refused_request_tells_neither_token_nor_cookie_nor_new_password),
        cmocka_unit_test(a_mounted_transport_tells_no_token),
        cmocka_unit_test(what_is_no_refusal_by_its_status_tells_no_token_either),
        cmocka_unit_test(what_a_plugin_quotes_holds_none_of_its_secrets),
    };
    return cmocka_run_group_tests_name("echo", tests, NULL, release);
}
