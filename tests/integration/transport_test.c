/* SPDX-License-Identifier: Apache-2.0 */
/* Transports that a program mounts in place of the network, or in front of it. */
#include "support/library.h"

struct recorder {
    unsigned calls;
    unsigned freed;
    char token[64];
    const char *answer; /* NULL = forward */
};

static enum mstr_code play(const struct mstr_http_request *request, mstr_transport_reply *reply,
                           const mstr_call_options *call, mstr_error *error, void *data)
{
    struct recorder *recorder = data;
    recorder->calls++;
    assert_true(call->timeout > 0);
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, "X-MSTR-AuthToken") == 0) {
            snprintf(recorder->token, sizeof(recorder->token), "%s", request->headers[i].value);
        }
    }
    if (recorder->answer == NULL) {
        return mstr_transport_forward(reply, error);
    }
    assert_int_equal(mstr_transport_reply_body(reply, "x", 1), MSTR_E_USAGE); /* the status comes first */
    assert_int_equal(mstr_transport_reply_status(reply, 99), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_status(reply, 200), MSTR_OK);
    assert_int_equal(mstr_transport_reply_header(reply, "X-Who", "recorder"), MSTR_OK);
    assert_int_equal(mstr_transport_reply_header(reply, "X-Split", "a\r\nb"), MSTR_E_USAGE);
    return mstr_transport_reply_body(reply, recorder->answer, strlen(recorder->answer));
}

static void forget(void *data)
{
    ((struct recorder *)data)->freed++;
}

static void the_longest_prefix_answers(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    struct recorder all = {.answer = NULL};
    struct recorder reports = {.answer = "{\"from\":\"recorder\"}"};
    char prefix[128];
    mstr_response *response = NULL;
    snprintf(prefix, sizeof(prefix), "%s", tiny_server_url(library->server, "/API/Reports"));
    assert_int_equal(mstr_session_mount(library->session, "", play, &all, forget), MSTR_OK);
    assert_int_equal(mstr_session_mount(library->session, prefix, play, &reports, forget), MSTR_OK);

    assert_int_equal(mstr_session_get(library->session, "reports/1", &response, library->error), MSTR_OK);
    assert_string_equal(mstr_response_text(response, "/from"), "recorder");
    assert_string_equal(mstr_response_header(response, "x-who"), "recorder");
    assert_string_equal(reports.token, "token-1");
    assert_int_equal(library->requests, 0);
    mstr_response_free(response);
    assert_int_equal(mstr_session_get(library->session, "projects", &response, library->error), MSTR_OK);
    assert_string_equal(mstr_response_body(response, NULL), "{}");
    assert_int_equal(library->requests, 1);
    assert_int_equal(all.calls, 1);
    mstr_response_free(response);

    assert_int_equal(mstr_session_mount(library->session, prefix, NULL, NULL, NULL), MSTR_OK);
    assert_int_equal(reports.freed, 1);
    library_stop(library);
    assert_int_equal(all.freed, 1);
    assert_int_equal(all.calls, 2); /* the logout too */
}

static enum mstr_code fail_quietly(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                   const mstr_call_options *call, mstr_error *error, void *data)
{
    (void)request;
    (void)reply;
    (void)call;
    (void)error;
    return *(enum mstr_code *)data;
}

static void a_transport_that_fails_or_says_nothing_is_told(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    enum mstr_code code = MSTR_E_DENIED;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    assert_int_equal(mstr_session_mount(library->session, "http://", fail_quietly, &code, NULL), MSTR_OK);

    assert_int_equal(library_fail(library, &request), MSTR_E_DENIED);
    assert_non_null(strstr(mstr_error_message(library->error), "\"http://\""));
    code = MSTR_OK;
    assert_int_equal(library_fail(library, &request), MSTR_E_PROTOCOL);

    mstr_session_mount(library->session, "HTTP://", NULL, NULL, NULL);
    library_stop(library);
}

static int take(const void *octets, size_t length, void *data)
{
    strncat(data, octets, length);
    return 0;
}

static void a_transport_answers_to_a_writer(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    struct recorder recorder = {.answer = "streamed"};
    char taken[32] = "";
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    writer.write = take;
    writer.data = taken;
    request.path = "x";
    request.writer = &writer;
    assert_int_equal(mstr_session_mount(library->session, "", play, &recorder, NULL), MSTR_OK);

    library_send(library, &request);

    assert_string_equal(taken, "streamed");
    library_stop(library);
}

/* A transport that looks at what goes out and what comes back. */
struct observer {
    char sent[64];
    char answered[64];
    int status;
};

static enum mstr_code observe(const struct mstr_http_request *request, mstr_transport_reply *reply,
                              const mstr_call_options *call, mstr_error *error, void *data)
{
    struct observer *observer = data;
    char piece[4];
    size_t got = 0;
    (void)request;
    (void)call;
    observer->sent[0] = '\0';
    assert_null(mstr_transport_answer(reply));
    do {
        assert_int_equal(mstr_transport_read_body(reply, piece, sizeof(piece), &got), MSTR_OK);
        strncat(observer->sent, piece, got);
    } while (got > 0);
    enum mstr_code code = mstr_transport_forward(reply, error);
    if (code == MSTR_OK) {
        observer->status = mstr_response_status(mstr_transport_answer(reply));
        snprintf(observer->answered, sizeof(observer->answered), "%s",
                 mstr_response_body(mstr_transport_answer(reply), NULL));
    }
    return code;
}

struct text {
    const char *begin;
    const char *at;
};

static int64_t read_text(void *into, size_t capacity, void *data)
{
    struct text *text = data;
    size_t length = strlen(text->at) < capacity ? strlen(text->at) : capacity;
    memcpy(into, text->at, length);
    text->at += length;
    return (int64_t)length;
}

static int begin_again(void *data)
{
    ((struct text *)data)->at = ((struct text *)data)->begin;
    return 0;
}

static void a_transport_sees_what_goes_out_and_what_comes_back(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    struct observer observer = {.status = 0};
    struct text text = {"piece by piece", "piece by piece"};
    mstr_reader reader = MSTR_READER_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    reader.read = read_text;
    reader.rewind = begin_again;
    reader.data = &text;
    request.method = "POST";
    request.path = "x";
    assert_int_equal(mstr_session_mount(library->session, "", observe, &observer, NULL), MSTR_OK);

    request.body = "in memory";
    request.body_length = 9;
    library_send(library, &request);
    assert_string_equal(observer.sent, "in memory");
    assert_string_equal(observer.answered, "{}");
    assert_int_equal(observer.status, 200);
    assert_string_equal(library->body, "in memory");

    request.body = NULL;
    request.body_length = 0;
    request.reader = &reader;
    library_send(library, &request);
    assert_string_equal(observer.sent, "piece by piece");
    assert_non_null(strstr(library->body, "piece by piece"));

    reader.rewind = NULL;
    text.at = text.begin;
    assert_int_equal(library_fail(library, &request), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(library->error), "second time"));

    mstr_session_mount(library->session, "", NULL, NULL, NULL);
    library_stop(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_prefix_answers),
        cmocka_unit_test(a_transport_that_fails_or_says_nothing_is_told),
        cmocka_unit_test(a_transport_answers_to_a_writer),
        cmocka_unit_test(a_transport_sees_what_goes_out_and_what_comes_back),
    };
    return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
