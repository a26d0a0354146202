/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers that never come to an end, in every part of an answer: each exchange ends by itself, in time, and within
 * little memory.
 */
#include "support/library.h"

#include "base/clock.h"
#include "http/response.h"

#include <sys/resource.h>

#if defined(UNDER_VALGRIND) || defined(__SANITIZE_THREAD__) /* which keep notes on every octet */
#define GROWTH_FACTOR 4
#else
#define GROWTH_FACTOR 1
#endif

enum {
    TIME_MOST = 10 * 1000,                   /* ms; far from the request's timeout */
    GROWTH_MOST = GROWTH_FACTOR * 48 * 1024, /* KiB of peak memory, of all floods together, with a sanitizer's own */
    TIMEOUT = 60 * 1000,                     /* ms */
    FLOOD_MOST = 1024 * 1024 * 1024          /* octets, should the client not end it */
};

/* What a server says: a start, and what it then repeats for as long as the client listens. */
struct flood {
    const char *name;
    const char *start;
    const char *repeated;
    enum mstr_code code;
    const char *told;
};

#define CHUNKED   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define HEADERS   "too large a header section"
#define TEN(text) text text text text text text text text text text
#define LONG      "X-Long: " TEN(TEN("0123456789")) "\r\n"

static const struct flood floods[] = {
    {"headers", "HTTP/1.1 200 OK\r\n", "X-More: and more\r\n", MSTR_E_PROTOCOL, HEADERS},
    {"long headers", "HTTP/1.1 200 OK\r\n", LONG, MSTR_E_PROTOCOL, HEADERS},
    {"long trailers", CHUNKED "2\r\n{}\r\n0\r\n", LONG, MSTR_E_PROTOCOL, HEADERS},
    {"headers that fold", "HTTP/1.1 200 OK\r\nX: y\r\n", " and more\r\n", MSTR_E_PROTOCOL, HEADERS},
    {"trailers", CHUNKED "2\r\n{}\r\n0\r\n", "X-More: and more\r\n", MSTR_E_PROTOCOL, HEADERS},
    {"trailers of a refusal", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
     "X-More: and more\r\n", MSTR_E_PROTOCOL, HEADERS},
    {"a header without an end", "HTTP/1.1 200 OK\r\nX: ", "and more", MSTR_E_PROTOCOL, HEADERS},
    {"a trailer without an end", CHUNKED "2\r\n{}\r\n0\r\nX: ", "and more", MSTR_E_PROTOCOL, HEADERS},
    {"interim answers", "", "HTTP/1.1 103 Early Hints\r\n\r\n", MSTR_E_PROTOCOL, HEADERS},
    {"interim answers with headers", "", "HTTP/1.1 102 Processing\r\nX-More: and more\r\n\r\n", MSTR_E_PROTOCOL,
     HEADERS},
    {"a body that is refused", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n", "8\r\nand more\r\n",
     MSTR_E_PROTOCOL, "larger than 1048576 octets"},
    {"a body that redirects", "HTTP/1.1 302 There\r\nLocation: /api/x\r\nTransfer-Encoding: chunked\r\n\r\n",
     "8\r\nand more\r\n", MSTR_E_PROTOCOL, "larger than 1048576 octets"},
};

static bool pour(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    char block[64 * 1024];
    const struct flood *flood = *(const struct flood **)data;
    size_t piece = strlen(flood->repeated);
    size_t length = 0;
    (void)request;
    while (length + piece <= sizeof(block)) {
        memcpy(block + length, flood->repeated, piece);
        length += piece;
    }
    tiny_text(c, flood->start);
    for (size_t sent = 0; sent < FLOOD_MOST && tiny_write(c, block, length); sent += length) {
    }
    return false;
}

static long peak_memory(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static int swallow(const void *octets, size_t length, void *data)
{
    (void)octets;
    *(size_t *)data += length;
    return 0;
}

static void every_flood_ends_in_time_and_little_memory(void **state)
{
    (void)state;
    const struct flood *flood = floods;
    struct library *library = library_open(pour, (void *)&flood);
    long before = peak_memory();
    for (size_t i = 0; i < COUNT_OF(floods) * 2; i++) {
        bool streams = i % 2 == 1; /* a download to a writer is bounded in all but its body */
        size_t written = 0;
        mstr_writer writer = MSTR_WRITER_INIT;
        mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        flood = &floods[i / 2];
        writer.write = swallow;
        writer.data = &written;
        call.timeout = TIMEOUT;
        request.path = "x";
        request.call = &call;
        request.writer = streams ? &writer : NULL;
        print_message("           %s%s\n", flood->name, streams ? ", streamed" : "");
        int64_t begun = clock_monotonic();

        assert_int_equal(library_fail(library, &request), flood->code);

        assert_non_null(strstr(mstr_error_message(library->error), flood->told));
        assert_in_range(clock_monotonic() - begun, 0, TIME_MOST);
    }
    assert_in_range(peak_memory() - before, 0, GROWTH_MOST);
    library_stop(library);
}

/* One flood at a time stands for the server; the login is the first request. */
static void a_login_takes_no_more_than_a_megabyte(void **state)
{
    (void)state;
    static const struct flood logins[] = {
        {"a body", "HTTP/1.1 200 OK\r\nX-MSTR-AuthToken: t\r\nTransfer-Encoding: chunked\r\n\r\n",
         "8\r\nand more\r\n", MSTR_E_PROTOCOL, "larger than 1048576 octets"},
        {"trailers", CHUNKED "2\r\n{}\r\n0\r\n", "X-More: and more\r\n", MSTR_E_PROTOCOL, HEADERS},
    };
    mstr_context *context = test_context("");
    long before = peak_memory();
    for (size_t i = 0; i < COUNT_OF(logins); i++) {
        const struct flood *flood = &logins[i];
        struct tiny_server *server = tiny_server_start(pour, (void *)&flood, NULL);
        mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
        mstr_session *session = NULL;
        mstr_error *error = mstr_error_new();
        options.flags = MSTR_SESSION_NO_PROFILE;
        options.login_mode = MSTR_LOGIN_ANONYMOUS;
        assert_int_equal(mstr_session_new(context, &options, &session, error), MSTR_OK);
        mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL,
                                    mstr_credential_literal(tiny_server_url(server, "/api")));
        print_message("           %s\n", flood->name);
        int64_t begun = clock_monotonic();

        assert_int_equal(mstr_session_open(session, NULL, error), flood->code);

        assert_non_null(strstr(mstr_error_message(error), flood->told));
        assert_in_range(clock_monotonic() - begun, 0, TIME_MOST);
        mstr_session_free(session);
        mstr_error_free(error);
        tiny_server_stop(server);
    }
    assert_in_range(peak_memory() - before, 0, GROWTH_MOST);
    mstr_context_free(context);
}

/* libcurl reads chunk extensions and forgets them: they take no memory, and as nothing of the answer comes, it stands
 * still. */
static void chunk_extensions_stand_still(void **state)
{
    (void)state;
    static const struct flood extension = {"", CHUNKED "2", ";and=more", MSTR_E_TIMEOUT, "for 300 ms"};
    const struct flood *flood = &extension;
    struct library *library = library_open(pour, (void *)&flood);
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    long before = peak_memory();
    int64_t begun = clock_monotonic();
    network.stall_timeout = 300;
    request.path = "x";
    request.network = &network;

    assert_int_equal(library_fail(library, &request), flood->code);

    assert_non_null(strstr(mstr_error_message(library->error), flood->told));
    assert_in_range(clock_monotonic() - begun, 0, TIME_MOST);
    assert_in_range(peak_memory() - before, 0, GROWTH_MOST);
    library_stop(library);
}

/* Interim answers and their headers count, but some are to be expected. */
static bool hint_often(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    for (int i = 0; i < *(int *)data; i++) {
        tiny_text(c, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n");
    }
    return tiny_text(c, CHUNKED "2\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n");
}

static void what_honest_servers_send_is_within_the_budget(void **state)
{
    (void)state;
    int hints = RESPONSE_INTERIM_MOST;
    struct library *library = library_open(hint_often, &hints);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    assert_int_equal(library_send(library, &request), 200);
    hints++;
    assert_int_equal(library_fail(library, &request), MSTR_E_PROTOCOL);
    library_stop(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flood_ends_in_time_and_little_memory),
        cmocka_unit_test(a_login_takes_no_more_than_a_megabyte),
        cmocka_unit_test(chunk_extensions_stand_still),
        cmocka_unit_test(what_honest_servers_send_is_within_the_budget),
    };
    return cmocka_run_group_tests_name("receive_budget", tests, NULL, NULL);
}
