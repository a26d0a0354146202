/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/request_setup.c: what goes over the wire, and which options libcurl is given for the rest */
#include "http_fixture.h"
#include "transfer_fixture.h"

#include <mstr/version.h>
#include <stdio.h>

static void a_request_is_sent_as_it_was_given(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    const struct mstr_header headers[] = {{"X-One", "1"}, {"X-Empty", ""}};
    char expected[512];
    f.request.method = "POST";
    f.request.headers = headers;
    f.request.header_count = 2;
    f.request.body = "a\0b";
    f.request.body_length = 3;

    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/a/../b//c?x=%20&y")), MSTR_OK);

    const struct mstr_http_answer *got = http_answer(f.response);
    assert_int_equal(got->status, 200);
    assert_string_equal(got->peer, "127.0.0.1");
    assert_true(got->sent > 0 && got->received >= got->sent);
    snprintf(expected, sizeof(expected),
             "POST /a/../b//c?x=%%20&y HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nX-One: 1\r\nX-Empty:\r\n",
             tiny_server_port(server));
    assert_memory_equal(got->body, expected, strlen(expected));
    assert_non_null(strstr(got->body, "\r\nUser-Agent: libmstr/"));
    assert_non_null(strstr(got->body, "\r\nContent-Length: 3\r\n"));
    assert_null(strstr(got->body, "\r\nAccept:"));
    assert_null(strstr(got->body, "\r\nContent-Type:"));
    assert_null(strstr(got->body, "\r\nExpect:"));
    assert_memory_equal(got->body + got->body_length - 3, "a\0b", 4);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void methods_keep_their_names_and_announce_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        bool announces;
    } cases[] = {{"GET", false}, {"DELETE", false}, {"OPTIONS", false},
                 {"POST", true}, {"PUT", true},     {"PATCH", true}};
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        f.request.method = cases[i].method;
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
        const char *body = http_answer(f.response)->body;
        assert_memory_equal(body, cases[i].method, strlen(cases[i].method));
        assert_int_equal(strstr(body, "\r\nContent-Length: 0\r\n") != NULL, cases[i].announces);
    }
    assert_int_equal(tiny_server_connections(server), 1);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void requests_that_cannot_be_meant_are_refused_unsent(void **state)
{
    (void)state;
    static const struct mstr_header split[] = {{"X", "a\r\nY: b"}};
    static const struct mstr_header spaced[] = {{"X Y", "a"}};
    static const struct {
        const char *method, *url;
        const struct mstr_header *header;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"GET", "ftp://127.0.0.1/", NULL, MSTR_E_CONFIG, "not an absolute http or https URL: \"ftp://127.0.0.1/\""},
        {"GET", NULL, NULL, MSTR_E_CONFIG, "not an absolute http or https URL: \"…\""},
        {"GET", "http://user:hunter2@127.0.0.1/", NULL, MSTR_E_CONFIG,
         "the URL of host 127.0.0.1 holds user information"},
        {"GET", "http://user:hunter2@/", NULL, MSTR_E_CONFIG, "not an absolute http or https URL: \"…\""},
        {"GET", "http://service.example/", NULL, MSTR_E_CONFIG, "plain http to service.example is refused"},
        {"GET /x", "http://127.0.0.1/", NULL, MSTR_E_USAGE, "malformed request method"},
        {"GET", "http://127.0.0.1/", split, MSTR_E_USAGE, "malformed header \"X\""},
        {"GET", "http://127.0.0.1/", spaced, MSTR_E_USAGE, "malformed header \"\""},
    };
    struct fixture f = fixture_new(NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        f.request.method = cases[i].method;
        f.request.headers = cases[i].header;
        f.request.header_count = cases[i].header != NULL;
        assert_int_equal(fixture_send(&f, cases[i].url), cases[i].code);
        assert_null(f.response);
        assert_string_equal(mstr_error_message(f.error), cases[i].told);
    }
    fixture_free(&f);
}

static void how_plain_http_is_meant_is_told(void **state)
{
    (void)state;
    struct fixture f = fixture_new(NULL);
    assert_int_equal(fixture_send(&f, "http://service.example/"), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_hint(f.error), "use https, or name the http URL as endpoint if it is meant");
    fixture_free(&f);
}

static void an_international_host_name_is_refused_with_the_reason(void **state)
{
    (void)state;
    struct fixture f = fixture_new(NULL);
    assert_int_equal(fixture_send(&f, "https://b\303\274cher.example/"), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_hint(f.error), "xn--"));
    fixture_free(&f);
}

static void a_single_shot_never_reuses_a_connection(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    f.request.flags = MSTR_HTTP_SINGLE_SHOT;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    }
    assert_int_equal(tiny_server_connections(server), 3);
    fixture_free(&f);
    tiny_server_stop(server);
}

static bool discard(const void *octets, size_t length, void *data)
{
    (void)octets;
    (void)length;
    (void)data;
    return true;
}

/* What the next upload's reader does: octets given, or -1. */
static int64_t supply;

static int64_t give(void *into, size_t capacity, void *data)
{
    (void)data;
    memset(into, 'u', supply > 0 && (size_t)supply < capacity ? (size_t)supply : 0);
    return supply;
}

static bool rewind_well(void *data)
{
    (void)data;
    return true;
}

#define PLAIN  "http://127.0.0.1:81/p"
#define METHOD .request.method
#define URL    .request.url

static void requests_become_options(void **state)
{
    (void)state;
    static const struct mstr_header own[] = {{"accept", "text/plain"},
                                             {"User-Agent", "own"},
                                             {"X-Empty", ""},
                                             {"X-None", NULL},
                                             {"Expect", "100-continue"}};
    static const struct option_case cases[] = {
        /* of every request */
        {.option = CURLOPT_URL, .value = "https://service.example:8443/a/../b?q"},
        {.option = CURLOPT_PATH_AS_IS, .value = "1"},
        {.option = CURLOPT_NOSIGNAL, .value = "1"},
        {.option = CURLOPT_FOLLOWLOCATION},
        {.option = CURLOPT_SSL_VERIFYPEER},
        {.option = CURLOPT_SSL_VERIFYHOST},
        {.option = CURLOPT_HTTP_VERSION, .value = "2"}, /* HTTP/1.1 */
        {.extras.http2 = true, .option = CURLOPT_HTTP_VERSION, .value = "4"},
#if LIBCURL_VERSION_NUM >= 0x075500
        {.option = CURLOPT_PROTOCOLS_STR, .value = "http,https"},
#endif
        /* header lines */
        {.option = CURLOPT_HTTPHEADER, .value = "Accept:\nUser-Agent: libmstr/" MSTR_VERSION "\n"},
        {METHOD = "PUT", .option = CURLOPT_HTTPHEADER,
         .value = "Accept:\nContent-Type:\nExpect:\nUser-Agent: libmstr/" MSTR_VERSION "\n"},
        {METHOD = "POST", .request.headers = own, .request.header_count = COUNT_OF(own), .option = CURLOPT_HTTPHEADER,
         .value = "accept: text/plain\nUser-Agent: own\nX-Empty;\nX-None;\nExpect: 100-continue\nContent-Type:\n"},
        {.request.tls_server_name = "inner.example",
         .option = CURLOPT_HTTPHEADER,
         .value = "Accept:\nUser-Agent: libmstr/" MSTR_VERSION "\nHost: service.example:8443\n"},
        /* time */
        {.option = CURLOPT_TIMEOUT_MS, .value = "60000"},
        {.extras.linger = 500, .option = CURLOPT_TIMEOUT_MS, .value = "60500"},
        {.option = CURLOPT_CONNECTTIMEOUT_MS, .value = "10000"},
        {.client.connect_timeout = 500, .option = CURLOPT_CONNECTTIMEOUT_MS, .value = "500"},
        {.client.connect_timeout = 500,
         .request.connect_timeout = 7,
         .option = CURLOPT_CONNECTTIMEOUT_MS,
         .value = "7"},
        {.request.connect_timeout = 90000, .option = CURLOPT_CONNECTTIMEOUT_MS, .value = "60000"},
        /* method and body */
        {.option = CURLOPT_CUSTOMREQUEST},
        {METHOD = "HEAD", .option = CURLOPT_NOBODY, .value = "1"},
        {METHOD = "HEAD", .option = CURLOPT_CUSTOMREQUEST},
        {METHOD = "DELETE", .option = CURLOPT_CUSTOMREQUEST, .value = "DELETE"},
        {METHOD = "DELETE", .option = CURLOPT_POSTFIELDSIZE_LARGE},
        {METHOD = "PATCH", .option = CURLOPT_CUSTOMREQUEST, .value = "PATCH"},
        {METHOD = "PATCH", .option = CURLOPT_POSTFIELDSIZE_LARGE, .value = "0"},
        {METHOD = "PATCH", .option = CURLOPT_POSTFIELDS, .value = ""},
        {METHOD = "POST", .option = CURLOPT_CUSTOMREQUEST},
        {METHOD = "POST", .request.body = "body", .request.body_length = 4, .option = CURLOPT_POSTFIELDS,
         .value = "body"},
        {.request.body = "body", .request.body_length = 4, .option = CURLOPT_CUSTOMREQUEST, .value = "GET"},
        {METHOD = "POST", .extras.read = give, .option = CURLOPT_UPLOAD, .value = "1"},
        {METHOD = "POST", .extras.read = give, .option = CURLOPT_CUSTOMREQUEST, .value = "POST"},
        {METHOD = "POST", .extras = {.read = give, .read_length = -1}, .option = CURLOPT_INFILESIZE_LARGE,
         .value = "-1"},
        {.extras.write = discard, .option = CURLOPT_BUFFERSIZE, .value = "131072"},
        {.option = CURLOPT_ACCEPT_ENCODING},
        {.extras.accept_compressed = true, .option = CURLOPT_ACCEPT_ENCODING, .value = ""},
        {.option = CURLOPT_FRESH_CONNECT},
        {.request.flags = MSTR_HTTP_SINGLE_SHOT, .option = CURLOPT_FRESH_CONNECT, .value = "1"},
    };
    check_options(cases, COUNT_OF(cases));
}

/* Whatever it is, and but for what TLS libraries other than OpenSSL do not have. */
static void assert_each_is_needed(const struct http_extras *extras)
{
    static const struct mstr_http_request request = {
        .method = "POST",
        .url = "https://service.example/",
        .client_cert_file = "/cert",
        .ca_file = "/ca",
        .tls_server_name = "inner.example",
        .flags = MSTR_HTTP_SINGLE_SHOT,
    };
    CURLoption options[COUNT_OF(curl_double.options)];
    mstr_error *error = mstr_error_new();
    struct transfer whole = {.extras = extras};
    assert_int_equal(set_up(&whole, &request, error), MSTR_OK);
    transfer_release(&whole);
    const size_t count = curl_double.count;
    for (size_t i = 0; i < count; i++) {
        options[i] = curl_double.options[i].option;
    }
    for (size_t i = 0; i < count; i++) {
        struct transfer t = {.extras = extras};
        const bool needed = options[i] != CURLOPT_SSL_CTX_FUNCTION;
        curl_double.refused = options[i];
        assert_int_equal(set_up(&t, &request, error), needed ? MSTR_E_UNEXPECTED : MSTR_OK);
        if (needed) {
            assert_string_equal(mstr_error_message(error),
                                "libcurl refuses an option of the request to service.example");
        }
        mstr_error_clear(error);
        transfer_release(&t);
    }
    curl_double.refused = (CURLoption)0;
    mstr_error_free(error);
}

static void an_option_that_libcurl_refuses_is_a_failure(void **state)
{
    (void)state;
    struct http_extras extras = {.proxy = "http://p",
                                 .proxy_user = "u",
                                 .proxy_password = "w",
                                 .pinned_key = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                 .accept_compressed = true,
                                 .send_once = true,
                                 .write = discard,
                                 .read = give};
    assert_each_is_needed(&extras);
    extras.read = NULL; /* but a body that is there as a whole */
    assert_each_is_needed(&extras);
}

static void a_text_that_libcurl_has_no_memory_for_is_told_as_that(void **state)
{
    (void)state;
    static const struct mstr_http_request request = {.method = "PATCH", .url = "https://service.example/"};
    static const struct http_extras extras = {.accept_compressed = true};
    static const CURLoption options[] = {CURLOPT_URL, CURLOPT_CUSTOMREQUEST, CURLOPT_PROXY, CURLOPT_ACCEPT_ENCODING};
    mstr_error *error = mstr_error_new();
    curl_double.out_of_memory = true;
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        struct transfer t = {.extras = &extras};
        curl_double.refused = options[i];
        assert_int_equal(set_up(&t, &request, error), MSTR_E_MEMORY);
        assert_string_equal(mstr_error_message(error), "out of memory");
        transfer_release(&t);
    }
    curl_double.out_of_memory = false;
    curl_double.refused = (CURLoption)0;
    mstr_error_free(error);
}

static void an_upload_is_read_piece_by_piece_and_begun_anew_where_it_can_be(void **state)
{
    (void)state;
    static const struct mstr_http_request request = {.method = "PUT", .url = PLAIN};
    static const struct {
        int64_t supply;
        size_t taken;
        enum stop stop;
    } pieces[] = {
        {5, 5, STOP_NONE},
        {8, 8, STOP_NONE},
        {0, 0, STOP_NONE},
        {-1, CURL_READFUNC_ABORT, STOP_READER},
        {9, CURL_READFUNC_ABORT, STOP_READER}, /* more than there is room for */
    };
    struct http_extras extras = {.read = give, .rewind = rewind_well};
    struct transfer t = {.extras = &extras};
    char into[8];
    assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);
    const struct noted_option *reader = curl_double_find(CURLOPT_READFUNCTION);
    const struct noted_option *seeker = curl_double_find(CURLOPT_SEEKFUNCTION);
    void *data = curl_double_find(CURLOPT_READDATA)->pointer;
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        supply = pieces[i].supply;
        t.stop = STOP_NONE;
        assert_int_equal(((curl_read_callback)reader->function)(into, 2, 4, data), pieces[i].taken);
        assert_int_equal(t.stop, pieces[i].stop);
    }

    curl_seek_callback seek = (curl_seek_callback)seeker->function;
    data = curl_double_find(CURLOPT_SEEKDATA)->pointer;
    assert_int_equal(seek(data, 0, SEEK_SET), CURL_SEEKFUNC_OK);
    assert_int_equal(seek(data, 1, SEEK_SET), CURL_SEEKFUNC_FAIL);
    assert_int_equal(seek(data, 0, SEEK_END), CURL_SEEKFUNC_FAIL);
    extras.rewind = NULL;
    assert_int_equal(seek(data, 0, SEEK_SET), CURL_SEEKFUNC_FAIL);
    transfer_release(&t);
}

/* Whose sockets are then made close-on-exec. */
static void what_is_free_is_noted_before_libcurl_resolves_a_name(void **state)
{
    (void)state;
    static const struct mstr_http_request request = {.method = "GET", .url = PLAIN};
    struct transfer t = {.extras = NULL};
    assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);
    assert_int_equal(t.before_resolving.count, 0);
    curl_resolver_start_callback begin =
        (curl_resolver_start_callback)curl_double_find(CURLOPT_RESOLVER_START_FUNCTION)->function;

    assert_int_equal(begin(NULL, NULL, curl_double_find(CURLOPT_RESOLVER_START_DATA)->pointer), 0);

    assert_int_equal(t.before_resolving.count, FREE_NUMBERS);
    transfer_release(&t);
}

#if LIBCURL_VERSION_NUM >= 0x075000
static void what_must_not_be_doubled_goes_out_once(void **state)
{
    (void)state;
    static const struct mstr_http_request request = {.method = "POST", .url = PLAIN};
    const struct http_extras extras = {.send_once = true};
    struct transfer t = {.extras = &extras};
    char address[] = "127.0.0.1";
    assert_int_equal(set_up(&t, &request, NULL), MSTR_OK);
    curl_prereq_callback before = (curl_prereq_callback)curl_double_find(CURLOPT_PREREQFUNCTION)->function;
    void *data = curl_double_find(CURLOPT_PREREQDATA)->pointer;

    assert_int_equal(before(data, address, address, 81, 82), CURL_PREREQFUNC_OK);
    assert_int_equal(t.stop, STOP_NONE);
    assert_int_equal(before(data, address, address, 81, 82), CURL_PREREQFUNC_ABORT);
    assert_int_equal(t.stop, STOP_REPEATED);
    transfer_release(&t);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_sent_as_it_was_given),
        cmocka_unit_test(methods_keep_their_names_and_announce_lengths),
        cmocka_unit_test(requests_that_cannot_be_meant_are_refused_unsent),
        cmocka_unit_test(how_plain_http_is_meant_is_told),
        cmocka_unit_test(an_international_host_name_is_refused_with_the_reason),
        cmocka_unit_test(a_single_shot_never_reuses_a_connection),
        cmocka_unit_test(requests_become_options),
        cmocka_unit_test(an_option_that_libcurl_refuses_is_a_failure),
        cmocka_unit_test(a_text_that_libcurl_has_no_memory_for_is_told_as_that),
        cmocka_unit_test(an_upload_is_read_piece_by_piece_and_begun_anew_where_it_can_be),
        cmocka_unit_test(what_is_free_is_noted_before_libcurl_resolves_a_name),
        cmocka_unit_test(what_must_not_be_doubled_goes_out_once),
    };
    return RUN_TESTS("http/request_setup");
}
