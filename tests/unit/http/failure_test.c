/* core/http/failure.c: over real connections, and with curl's results one by one */
#include "curl_double.h"
#include "http_fixture.h"

#include "http/transfer.h"

#include <errno.h>
#include <stdio.h>

static void broken_answers_are_told_by_class(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum mstr_code code;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", MSTR_E_NETWORK},
        {"", MSTR_E_NETWORK},
        {"<html>no protocol</html>", MSTR_E_PROTOCOL},
        {"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", MSTR_E_PROTOCOL},
        {"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n", MSTR_E_PROTOCOL},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", MSTR_E_NETWORK},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 3\r\n\r\n[]]", MSTR_E_PROTOCOL},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", MSTR_E_NETWORK},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tiny_server *server = tiny_server_start(answer, (void *)(uintptr_t)cases[i].text, NULL);
        struct fixture f = fixture_new(NULL);
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), cases[i].code);
        assert_null(f.response);
        assert_non_null(strstr(mstr_error_message(f.error), "127.0.0.1"));
        fixture_free(&f);
        tiny_server_stop(server);
    }
}

static bool answer_once(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)data;
    if (request->on_connection == 1) {
        return tiny_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
    tiny_wait_for_end(c);
    return false;
}

static void silence_on_a_connection_that_is_used_again_is_not_told_as_a_failure_to_connect(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(answer_once, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    f.request.timeout = 200;

    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TIMEOUT);

    assert_int_equal(tiny_server_connections(server), 1);
    assert_string_equal(mstr_error_message(f.error), "no complete answer from 127.0.0.1 within 200 ms");
    fixture_free(&f);
    tiny_server_stop(server);
}

static void a_refused_connection_names_host_and_remedy(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    char url[64];
    snprintf(url, sizeof(url), "%s", tiny_server_url(server, "/"));
    tiny_server_stop(server);
    struct fixture f = fixture_new(NULL);
    assert_int_equal(fixture_send(&f, url), MSTR_E_NETWORK);
    assert_non_null(strstr(mstr_error_message(f.error), "cannot connect to 127.0.0.1: Connection refused at port "));
    assert_non_null(mstr_error_hint(f.error));
    fixture_free(&f);
}

/* The failure of a request to service.example:8443 that curl ended with this. */
static enum mstr_code fail_with(CURLcode result, struct transfer *t, mstr_error *error)
{
    static const struct http_extras extras = {.low_speed_timeout = 70};
    static const struct mstr_http_request request = {.leaf_sha1 = "0123456789012345678901234567890123456789"};
    mstr_error_clear(error);
    static struct mstr_http_response nothing;
    t->response = t->response != NULL ? t->response : &nothing;
    assert_true(t->uri.text != NULL || uri_parse("https://service.example:8443/", &t->uri));
    t->api = &curl_double_api;
    t->request = &request;
    t->extras = &extras;
    t->error = error;
    t->timeout = 60000;
    return transfer_failure(t, result);
}

static void each_result_of_curl_has_its_class(void **state)
{
    (void)state;
    static const struct {
        CURLcode result;
        enum mstr_code code;
        bool hint;
        bool unsent; /* nothing had left, so that callers may repeat it */
    } cases[] = {
        {CURLE_COULDNT_RESOLVE_HOST, MSTR_E_NETWORK, true, true},
        {CURLE_COULDNT_RESOLVE_PROXY, MSTR_E_NETWORK, true, true},
        {CURLE_COULDNT_CONNECT, MSTR_E_NETWORK, true, true},
        {CURLE_SEND_ERROR, MSTR_E_NETWORK, false, false},
        {CURLE_SEND_FAIL_REWIND, MSTR_E_NETWORK, false, false},
        {CURLE_RECV_ERROR, MSTR_E_NETWORK, false, false},
        {CURLE_GOT_NOTHING, MSTR_E_NETWORK, false, false},
        {CURLE_PARTIAL_FILE, MSTR_E_NETWORK, false, false},
        {CURLE_HTTP2, MSTR_E_NETWORK, false, false},
        {CURLE_HTTP2_STREAM, MSTR_E_NETWORK, false, false},
        {CURLE_PROXY, MSTR_E_NETWORK, true, false},
        {CURLE_PEER_FAILED_VERIFICATION, MSTR_E_TLS, true, false},
        {CURLE_SSL_PINNEDPUBKEYNOTMATCH, MSTR_E_TLS, true, false},
        {CURLE_SSL_CONNECT_ERROR, MSTR_E_TLS, false, false},
        {CURLE_SSL_CIPHER, MSTR_E_TLS, false, false},
        {CURLE_SSL_CACERT_BADFILE, MSTR_E_CONFIG, true, false},
        {CURLE_SSL_CERTPROBLEM, MSTR_E_CONFIG, true, false},
        {CURLE_URL_MALFORMAT, MSTR_E_CONFIG, false, false},
        {CURLE_WEIRD_SERVER_REPLY, MSTR_E_PROTOCOL, false, false},
        {CURLE_UNSUPPORTED_PROTOCOL, MSTR_E_PROTOCOL, false, false},
        {CURLE_BAD_CONTENT_ENCODING, MSTR_E_PROTOCOL, false, false},
        {CURLE_OUT_OF_MEMORY, MSTR_E_MEMORY, false, false},
        {CURLE_OPERATION_TIMEDOUT, MSTR_E_TIMEOUT, true, false},
        {CURLE_FTP_ACCEPT_FAILED, MSTR_E_UNEXPECTED, false, false},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct transfer t = {.problem = ""};
        assert_int_equal(fail_with(cases[i].result, &t, error), cases[i].code);
        assert_int_equal(mstr_error_code(error), cases[i].code);
        assert_non_null(strstr(mstr_error_message(error), "service.example"));
        assert_int_equal(mstr_error_hint(error) != NULL, cases[i].hint);
        assert_int_equal(mstr_error_step(error) != NULL, cases[i].unsent);
    }
    mstr_error_free(error);
}

static void failures_are_told_in_the_words_that_say_most(void **state)
{
    (void)state;
    static const struct {
        CURLcode result;
        const char *problem; /* curl's own words */
        long system_error;
        const char *message;
    } cases[] = {
        {CURLE_COULDNT_CONNECT, "Failed to connect after 3 ms", ECONNREFUSED,
         "cannot connect to service.example: Connection refused at port 8443"},
        {CURLE_COULDNT_CONNECT, "Failed to connect", 0, "cannot connect to service.example: Failed to connect"},
        {CURLE_COULDNT_CONNECT, "", 0, "cannot connect to service.example: curl's own words"},
        {CURLE_RECV_ERROR, "it was reset", ECONNREFUSED, "connection to service.example broke: it was reset"},
        {CURLE_COULDNT_RESOLVE_HOST, "Could not resolve", 0, "cannot resolve host service.example"},
        {CURLE_GOT_NOTHING, "Empty reply", 0, "service.example closed the connection without an answer"},
        {CURLE_PEER_FAILED_VERIFICATION, "self-signed", 0, "certificate of service.example not trusted: self-signed"},
        /* which broke in the middle of the handshake, and may be tried again as other broken connections are */
        {CURLE_SSL_CONNECT_ERROR, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL", 0,
         "connection to service.example broke: OpenSSL SSL_connect: SSL_ERROR_SYSCALL"},
        {CURLE_SSL_CONNECT_ERROR, "wrong version", 0, "no TLS with service.example: wrong version"},
        {CURLE_FTP_ACCEPT_FAILED, "odd", 0, "request to service.example failed: odd"},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct transfer t = {.problem = ""};
        strcpy(t.problem, cases[i].problem);
        curl_double.system_error = cases[i].system_error;
        fail_with(cases[i].result, &t, error);
        assert_string_equal(mstr_error_message(error), cases[i].message);
    }
    curl_double.system_error = 0;
    mstr_error_free(error);
}

/* Before the connection stands, the service may not be there at all. */
static void a_timeout_tells_whether_there_was_a_connection(void **state)
{
    (void)state;
    static const struct {
        curl_off_t ready;
        const char *message;
    } cases[] = {
        {0, "cannot connect to service.example in time"},
        {9, "no complete answer from service.example within 60000 ms"},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct transfer t = {.problem = ""};
        curl_double.ready = cases[i].ready;
        assert_int_equal(fail_with(CURLE_OPERATION_TIMEDOUT, &t, error), MSTR_E_TIMEOUT);
        assert_string_equal(mstr_error_message(error), cases[i].message);
    }
    curl_double.ready = 0;
    mstr_error_free(error);
}

/* Whatever curl says then, which only knows that a callback wanted the end. */
static void what_we_stopped_ourselves_tells_why(void **state)
{
    (void)state;
    static const struct {
        enum stop stop;
        enum mstr_code code;
        const char *message;
    } cases[] = {
        {STOP_TOO_LARGE, MSTR_E_PROTOCOL, "answer of service.example is larger than 5 octets"},
        {STOP_TOO_MANY_HEADERS, MSTR_E_PROTOCOL, "answer of service.example has too large a header section"},
        {STOP_MALFORMED, MSTR_E_PROTOCOL, "service.example does not answer in HTTP"},
        {STOP_READER, MSTR_E_CANCELLED, "request to service.example ended by the reader of its body"},
        {STOP_WRITER, MSTR_E_CANCELLED, "answer of service.example refused by its receiver"},
        {STOP_STALLED, MSTR_E_TIMEOUT, "nothing came from or went to service.example for 70 ms"},
        {STOP_REPEATED, MSTR_E_NETWORK, "connection to service.example broke, and the request may have arrived"},
        {STOP_CANCELLED, MSTR_E_CANCELLED, "request to service.example cancelled"},
        {STOP_MEMORY, MSTR_E_MEMORY, "out of memory for the answer of service.example"},
    };
    mstr_error *error = mstr_error_new();
    struct mstr_http_response *response = response_new("", 5);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct transfer t = {.stop = cases[i].stop, .response = response, .problem = "curl's words"};
        assert_int_equal(fail_with(CURLE_WRITE_ERROR, &t, error), cases[i].code);
        assert_string_equal(mstr_error_message(error), cases[i].message);
        assert_null(mstr_error_step(error));
    }
    http_response_free(response);
    mstr_error_free(error);
}

static void a_certificate_that_is_not_the_pinned_one_is_named_by_it(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    struct transfer t = {.pin.refused = true, .problem = "curl's words"};
    assert_int_equal(fail_with(CURLE_PEER_FAILED_VERIFICATION, &t, error), MSTR_E_TLS);
    assert_string_equal(
        mstr_error_message(error),
        "certificate of service.example is not the one with SHA-1 0123456789012345678901234567890123456789");
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_answers_are_told_by_class),
        cmocka_unit_test(silence_on_a_connection_that_is_used_again_is_not_told_as_a_failure_to_connect),
        cmocka_unit_test(a_refused_connection_names_host_and_remedy),
        cmocka_unit_test(each_result_of_curl_has_its_class),
        cmocka_unit_test(failures_are_told_in_the_words_that_say_most),
        cmocka_unit_test(a_timeout_tells_whether_there_was_a_connection),
        cmocka_unit_test(what_we_stopped_ourselves_tells_why),
        cmocka_unit_test(a_certificate_that_is_not_the_pinned_one_is_named_by_it),
    };
    return RUN_TESTS("http/failure");
}
