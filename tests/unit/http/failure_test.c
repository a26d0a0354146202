/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/failure.c: over real connections, and with curl's results one by one */
#define _GNU_SOURCE /* strcasestr() */
#include "curl_double.h"
#include "http_fixture.h"

#include "http/transfer.h"
#include "support/certificate.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* In a child, whose limit is its own: with from none to several descriptors left, until it works. Its exit status. */
static int send_with_few_files(const char *url, const char *ca_file)
{
    int last = dup(0);
    bool good = false;
    for (int left = 1; left < 16 && !good; left++) {
        struct rlimit limit = {(rlim_t)(last + left), (rlim_t)(last + 16)};
        setrlimit(RLIMIT_NOFILE, &limit);
        struct fixture f = fixture_new(NULL);
        f.request.ca_file = ca_file;
        good = fixture_send(&f, url) == MSTR_OK;
        if (!good && (strcasestr(mstr_error_message(f.error), "too many open files") == NULL ||
                      strstr(mstr_error_hint(f.error), "ulimit -n") == NULL)) {
            fprintf(stderr, "%d left: %s\n", left, mstr_error_message(f.error));
            return 1;
        }
        fixture_free(&f);
    }
    return good ? 0 : 2;
}

/* The child is made before the server's threads are: what they hold at that moment, it would hold for ever. */
static void too_many_open_files_are_told_as_that(void **state)
{
    (void)state;
    struct certificate known;
    int ends[2];
    char url[64] = "";
    certificate_make(&known, "IP:127.0.0.1");
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        ssize_t told = read(ends[0], url, sizeof(url));
        _exit(told == sizeof(url) ? send_with_few_files(url, known.file) : 3);
    }
    struct tiny_server *server = tiny_server_start(echo, NULL, known.context);
    snprintf(url, sizeof(url), "%s", tiny_server_url(server, "/"));
    assert_int_equal(write(ends[1], url, sizeof(url)), sizeof(url));
    close(ends[0]);
    close(ends[1]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    tiny_server_stop(server);
    certificate_release(&known);
}

static struct fixture fixture_behind(const char *proxy)
{
    struct fixture f = fixture_new(NULL);
    f.extras.proxy = proxy;
    f.extras.proxy_password = "sesame";
    f.request.flags = MSTR_HTTP_ALLOW_PLAIN;
    return f;
}

static bool keep_silent(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    (void)data;
    tiny_wait_for_end(c);
    return false;
}

/* Neither the host nor the way to it from the proxy on is told as the fault. */
static void a_proxy_that_fails_is_blamed_as_the_proxy(void **state)
{
    (void)state;
    static const struct {
        const char *answer; /* "" = hangs up, NULL = is silent */
        const char *url;
        enum mstr_code code;
        const char *message; /* behind the proxy's name */
        bool unsent;
    } cases[] = {
        {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "https://service.example/", MSTR_E_NETWORK,
         " does not lead to service.example: status 502", false},
        {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "https://service.example/",
         MSTR_E_NETWORK, " does not lead to service.example: status 407", false},
        {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "http://service.example/",
         MSTR_E_NETWORK, " does not lead to service.example: status 407", false},
        {"", "https://service.example/", MSTR_E_NETWORK, " failed on the way to service.example: ", true},
        {"", "http://service.example/", MSTR_E_NETWORK, " failed on the way to service.example: ", false},
        {"no protocol", "https://service.example/", MSTR_E_NETWORK, " failed on the way to service.example: ", true},
        {NULL, "https://service.example/", MSTR_E_TIMEOUT, " did not lead in time to service.example", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tiny_server *proxy = tiny_server_start(cases[i].answer != NULL ? answer : keep_silent,
                                                      (void *)(uintptr_t)cases[i].answer, NULL);
        struct fixture f = fixture_behind(tiny_server_url(proxy, ""));
        char expected[256];
        snprintf(expected, sizeof(expected), "the proxy 127.0.0.1:%u%s", tiny_server_port(proxy), cases[i].message);
        f.request.timeout = cases[i].answer != NULL ? 0 : 200;
        assert_int_equal(fixture_send(&f, cases[i].url), cases[i].code);
        assert_memory_equal(mstr_error_message(f.error), expected, strlen(expected));
        assert_int_equal(mstr_error_step(f.error) != NULL, cases[i].unsent);
        assert_non_null(strstr(mstr_error_hint(f.error), "proxy"));
        fixture_free(&f);
        tiny_server_stop(proxy);
    }
}

static void a_proxy_that_is_not_there_is_blamed_as_the_proxy(void **state)
{
    (void)state;
    static const char *const schemes[] = {"http", "https", "socks5", "socks5h"};
    static const char *const urls[] = {"https://service.example/", "http://127.0.0.1:9/"};
    struct tiny_server *gone = tiny_server_start(echo, NULL, NULL);
    unsigned port = tiny_server_port(gone);
    char proxy[64];
    char expected[128];
    tiny_server_stop(gone);
    for (size_t i = 0; i < COUNT_OF(schemes) * COUNT_OF(urls); i++) {
        bool plain = i % COUNT_OF(urls) == 1;
        snprintf(proxy, sizeof(proxy), "%s://ann:wonder@127.0.0.1:%u", schemes[i / COUNT_OF(urls)], port);
        snprintf(expected, sizeof(expected), "cannot connect to the proxy 127.0.0.1:%u on the way to %s: ", port,
                 plain ? "127.0.0.1" : "service.example");
        struct fixture f = fixture_behind(proxy);
        assert_int_equal(fixture_send(&f, urls[i % COUNT_OF(urls)]), MSTR_E_NETWORK);
        assert_memory_equal(mstr_error_message(f.error), expected, strlen(expected));
        assert_non_null(strstr(mstr_error_message(f.error), "Connection refused"));
        assert_null(strstr(mstr_error_message(f.error), "wonder"));
        assert_string_equal(mstr_error_step(f.error), "connect");
        assert_string_equal(mstr_error_hint(f.error),
                            "check that the proxy runs, and the setting \"proxy\" that names it");
        fixture_free(&f);
    }

    struct fixture f = fixture_behind("http://proxy.invalid:3128");
    assert_int_equal(fixture_send(&f, urls[0]), MSTR_E_NETWORK);
    assert_string_equal(mstr_error_message(f.error),
                        "cannot resolve the proxy proxy.invalid:3128 on the way to service.example");
    fixture_free(&f);
}

static void a_proxy_of_socks_that_refuses_is_blamed_as_the_proxy(void **state)
{
    (void)state;
    struct tiny_server *proxy = tiny_server_start(echo, NULL, NULL);
    char url[64];
    tiny_server_blurt(proxy, "\x05\xff"); /* RFC 1928: none of the methods will do */
    snprintf(url, sizeof(url), "socks5h://127.0.0.1:%u", tiny_server_port(proxy));
    struct fixture f = fixture_behind(url);
    assert_int_equal(fixture_send(&f, "https://service.example/"), MSTR_E_NETWORK);
    assert_memory_equal(mstr_error_message(f.error), "the proxy 127.0.0.1:", 20);
    assert_non_null(strstr(mstr_error_message(f.error), " failed on the way to service.example: "));
    fixture_free(&f);
    tiny_server_stop(proxy);
}

static bool tunnel(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    tiny_tunnel(c, *(unsigned *)data);
    return false;
}

static void a_host_behind_a_proxy_is_blamed_for_its_own_faults(void **state)
{
    (void)state;
    struct certificate known;
    certificate_make(&known, "IP:127.0.0.1");
    struct tiny_server *server = tiny_server_start(answer_once, NULL, known.context);
    unsigned port = tiny_server_port(server);
    struct tiny_server *proxy = tiny_server_start(tunnel, &port, NULL);
    struct fixture f = fixture_behind(tiny_server_url(proxy, ""));

    assert_int_equal(fixture_send(&f, "https://127.0.0.1/"), MSTR_E_TLS);
    assert_non_null(strstr(mstr_error_message(f.error), "certificate of 127.0.0.1 not trusted"));

    f.request.ca_file = known.file;
    assert_int_equal(fixture_send(&f, "https://127.0.0.1/"), MSTR_OK);
    f.request.timeout = 200;
    assert_int_equal(fixture_send(&f, "https://127.0.0.1/"), MSTR_E_TIMEOUT); /* on the kept connection */
    assert_string_equal(mstr_error_message(f.error), "no complete answer from 127.0.0.1 within 200 ms");

    fixture_free(&f);
    tiny_server_stop(proxy);
    tiny_server_stop(server);
    certificate_release(&known);
}

static void a_server_that_wants_a_client_certificate_is_told_as_that(void **state)
{
    (void)state;
    static const struct {
        int version;
        bool shown; /* one that the server does not know */
        const char *message;
    } cases[] = {
        {TLS1_3_VERSION, false, "127.0.0.1 demands a client certificate: "},
        {TLS1_3_VERSION, true, "127.0.0.1 refuses the client certificate: "},
        {TLS1_2_VERSION, false, "127.0.0.1 demands a client certificate: "},
        {TLS1_2_VERSION, true, "127.0.0.1 refuses the client certificate: "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct certificate known;
        struct certificate stranger;
        certificate_make(&known, "IP:127.0.0.1");
        certificate_make(&stranger, "DNS:client");
        SSL_CTX_set_verify(known.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        SSL_CTX_set_max_proto_version(known.context, cases[i].version);
        struct tiny_server *server = tiny_server_start(echo, NULL, known.context);
        struct fixture f = fixture_new(NULL);
        f.request.ca_file = known.file;
        f.request.client_cert_file = cases[i].shown ? stranger.file : NULL;
        f.request.method = "POST";

        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);

        assert_memory_equal(mstr_error_message(f.error), cases[i].message, strlen(cases[i].message));
        assert_non_null(strstr(mstr_error_hint(f.error), "client_cert"));
        fixture_free(&f);
        tiny_server_stop(server);
        certificate_release(&stranger);
        certificate_release(&known);
    }
}

/* Its alert is then lost, where there was one. */
static void a_server_that_asked_for_a_client_certificate_and_hung_up_is_told_as_that(void **state)
{
    (void)state;
    struct certificate known;
    certificate_make(&known, "IP:127.0.0.1");
    SSL_CTX_set_verify(known.context, SSL_VERIFY_PEER, NULL);
    struct tiny_server *server = tiny_server_start(answer, (void *)(uintptr_t) "", known.context);
    struct fixture f = fixture_new(NULL);
    f.request.ca_file = known.file;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_NETWORK);
    assert_memory_equal(mstr_error_message(f.error),
                        "127.0.0.1 asked for a client certificate and broke the connection: ", 67);
    assert_string_equal(mstr_error_hint(f.error), "set client_cert and client_key");
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&known);
}

static void tls_with_a_port_of_plain_http_is_told_as_that(void **state)
{
    (void)state;
    static const char *const answers[] = {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
                                          "<html>400 Bad Request</html>"};
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
        tiny_server_blurt(server, answers[i]);
        struct fixture f = fixture_new(NULL);
        char url[64];
        char expected[96];
        snprintf(url, sizeof(url), "https://127.0.0.1:%u/", tiny_server_port(server));
        snprintf(expected, sizeof(expected), "127.0.0.1 does not speak TLS at port %u", tiny_server_port(server));
        assert_int_equal(fixture_send(&f, url), MSTR_E_TLS);
        assert_memory_equal(mstr_error_message(f.error), expected, strlen(expected));
        assert_non_null(strstr(mstr_error_hint(f.error), "http://"));
        fixture_free(&f);
        tiny_server_stop(server);
    }
}

static void silence_in_place_of_tls_is_told_as_that(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", tiny_server_port(server));
    f.request.timeout = 200;
    assert_int_equal(fixture_send(&f, url), MSTR_E_TIMEOUT);
    assert_string_equal(mstr_error_message(f.error), "127.0.0.1 took the connection, but did not speak TLS in time");
    fixture_free(&f);
    tiny_server_stop(server);
}

/* As servers tell it: by an alert of TLS, by a page in words of their own, or by hanging up. */
static void plain_http_to_a_port_of_https_is_told_as_that(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "\x15\x03\x01",
        "\x15\x03\x03\x02\x02\x46",
        "HTTP/1.1 400 Bad Request\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>",
        "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
        "HTTP/1.1 400 \r\n\r\nBad Request\r\nThis combination of host and port requires TLS.\r\n",
    };
    char expected[96];
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct tiny_server *server = tiny_server_start(answer, (void *)(uintptr_t)answers[i], NULL);
        struct fixture f = fixture_new(NULL);
        snprintf(expected, sizeof(expected), "127.0.0.1 expects https at port %u, and was asked in plain http",
                 tiny_server_port(server));
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TLS);
        assert_string_equal(mstr_error_message(f.error), expected);
        assert_string_equal(mstr_error_hint(f.error), "let the URL begin with https://");
        fixture_free(&f);
        tiny_server_stop(server);
    }

    struct certificate certificate;
    certificate_make(&certificate, "IP:127.0.0.1");
    struct tiny_server *server = tiny_server_start(echo, NULL, certificate.context);
    struct fixture f = fixture_new(NULL);
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", tiny_server_port(server));
    assert_int_equal(fixture_send(&f, url), MSTR_E_NETWORK);
    assert_non_null(strstr(mstr_error_hint(f.error), "https://"));
    fixture_free(&f);
    tiny_server_stop(server);
    certificate_release(&certificate);
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
        {CURLE_COULDNT_CONNECT, MSTR_E_NETWORK, true, true},
        {CURLE_SEND_ERROR, MSTR_E_NETWORK, false, false},
        {CURLE_SEND_FAIL_REWIND, MSTR_E_NETWORK, false, false},
        {CURLE_RECV_ERROR, MSTR_E_NETWORK, false, false},
        {CURLE_GOT_NOTHING, MSTR_E_NETWORK, false, false},
        {CURLE_PARTIAL_FILE, MSTR_E_NETWORK, false, false},
        {CURLE_HTTP2, MSTR_E_NETWORK, false, false},
        {CURLE_HTTP2_STREAM, MSTR_E_NETWORK, false, false},
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
    struct transfer t = {.tls.refused = true, .problem = "curl's words"};
    assert_int_equal(fail_with(CURLE_PEER_FAILED_VERIFICATION, &t, error), MSTR_E_TLS);
    assert_string_equal(
        mstr_error_message(error),
        "certificate of service.example is not the one with SHA-1 0123456789012345678901234567890123456789");
    mstr_error_free(error);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* the server's OpenSSL writes to sockets that the client has closed */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_answers_are_told_by_class),
        cmocka_unit_test(silence_on_a_connection_that_is_used_again_is_not_told_as_a_failure_to_connect),
        cmocka_unit_test(a_refused_connection_names_host_and_remedy),
        cmocka_unit_test(too_many_open_files_are_told_as_that),
        cmocka_unit_test(a_proxy_that_fails_is_blamed_as_the_proxy),
        cmocka_unit_test(a_proxy_that_is_not_there_is_blamed_as_the_proxy),
        cmocka_unit_test(a_proxy_of_socks_that_refuses_is_blamed_as_the_proxy),
        cmocka_unit_test(a_host_behind_a_proxy_is_blamed_for_its_own_faults),
        cmocka_unit_test(a_server_that_wants_a_client_certificate_is_told_as_that),
        cmocka_unit_test(a_server_that_asked_for_a_client_certificate_and_hung_up_is_told_as_that),
        cmocka_unit_test(tls_with_a_port_of_plain_http_is_told_as_that),
        cmocka_unit_test(silence_in_place_of_tls_is_told_as_that),
        cmocka_unit_test(plain_http_to_a_port_of_https_is_told_as_that),
        cmocka_unit_test(each_result_of_curl_has_its_class),
        cmocka_unit_test(failures_are_told_in_the_words_that_say_most),
        cmocka_unit_test(a_timeout_tells_whether_there_was_a_connection),
        cmocka_unit_test(what_we_stopped_ourselves_tells_why),
        cmocka_unit_test(a_certificate_that_is_not_the_pinned_one_is_named_by_it),
    };
    return RUN_TESTS("http/failure");
}
