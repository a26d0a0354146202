/* SPDX-License-Identifier: Apache-2.0 */
/* Which mounted transport answers a sending, and what it may do with its reply. */
#include "session/parts/transport.h"

#include "base/clock.h"
#include "base/error.h"
#include "support/unit.h"

static struct transports transports;
static mstr_error *problem;
static struct mstr_http_response *answer;
static unsigned freed;

static int setup(void **state)
{
    (void)state;
    problem = mstr_error_new();
    freed = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_response_free(answer);
    answer = NULL;
    transports_release(&transports);
    mstr_error_free(problem);
    return 0;
}

static void count_free(void *data)
{
    (void)data;
    freed++;
}

static enum mstr_code send_to(const char *url, const char *body, size_t limit, const struct http_extras *extras)
{
    static const struct http_extras none = {0};
    const struct limits limits = {clock_monotonic() + 1000, NULL};
    const struct mstr_http_request request = {.size = sizeof(request),
                                              .method = "POST",
                                              .url = url,
                                              .body = body,
                                              .body_length = strlen(body),
                                              .response_limit = limit};
    http_response_free(answer);
    answer = NULL;
    return transport_send(&transports, NULL, &request, extras != NULL ? extras : &none, &limits, &answer, problem);
}

/* Answers with its data, a text. */
static enum mstr_code tell_name(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                const mstr_call_options *call, mstr_error *error, void *data)
{
    (void)request;
    (void)error;
    assert_true(call->timeout > 0 && call->timeout <= 1000);
    mstr_transport_reply_status(reply, 200);
    return mstr_transport_reply_body(reply, data, strlen(data));
}

static void mount(const char *prefix, mstr_transport_fn send, const char *data)
{
    assert_int_equal(transports_mount(&transports, prefix, send, (void *)(uintptr_t)data, count_free), MSTR_OK);
}

static void the_longest_prefix_answers_without_regard_to_case(void **state)
{
    static const char *const cases[][2] = {{"https://h/api/x", "api"},
                                           {"HTTPS://H/API/x", "api"},
                                           {"https://h/other", "host"},
                                           {"http://elsewhere/", "all"}};
    (void)state;
    mount("", tell_name, "all");
    mount("https://h/API/", tell_name, "api");
    mount("https://h/", tell_name, "host");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(send_to(cases[i][0], "", 1000, NULL), MSTR_OK);
        assert_string_equal(http_answer(answer)->body, cases[i][1]);
    }
}

static void a_mount_is_replaced_and_taken_away_with_its_data_freed(void **state)
{
    (void)state;
    mount("", tell_name, "all");
    mount("https://h/", tell_name, "first");

    mount("HTTPS://h/", tell_name, "second");
    assert_int_equal(freed, 1);
    assert_int_equal(send_to("https://h/", "", 1000, NULL), MSTR_OK);
    assert_string_equal(http_answer(answer)->body, "second");

    mount("https://h/", NULL, NULL);
    assert_int_equal(freed, 2);
    assert_int_equal(send_to("https://h/", "", 1000, NULL), MSTR_OK);
    assert_string_equal(http_answer(answer)->body, "all");

    transports_release(&transports);
    assert_int_equal(freed, 3);
}

static enum mstr_code say_nothing(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                  const mstr_call_options *call, mstr_error *error, void *data)
{
    (void)request;
    (void)reply;
    (void)call;
    (void)error;
    return data != NULL ? MSTR_E_TLS : MSTR_OK;
}

static void a_transport_without_an_answer_is_a_failure_that_names_its_prefix(void **state)
{
    static const struct {
        const char *data;
        enum mstr_code code;
        const char *message;
    } cases[] = {
        {NULL, MSTR_E_PROTOCOL, "the transport mounted for \"https://h/\" gave no answer"},
        {"fail", MSTR_E_TLS, "the transport mounted for \"https://h/\" failed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error_clear(problem);
        mount("https://h/", say_nothing, cases[i].data);

        assert_int_equal(send_to("https://h/x", "", 0, NULL), cases[i].code);

        assert_null(answer);
        assert_string_equal(mstr_error_message(problem), cases[i].message);
    }
}

static enum mstr_code check_order(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                  const mstr_call_options *call, mstr_error *error, void *data)
{
    (void)request;
    (void)call;
    (void)error;
    (void)data;
    assert_null(mstr_transport_answer(reply));
    assert_int_equal(mstr_transport_reply_header(reply, "A", "b"), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_body(reply, "x", 1), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_status(reply, 199), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_status(reply, 600), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_status(reply, 418), MSTR_OK);
    assert_int_equal(mstr_transport_reply_status(reply, 200), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_header(reply, "A:", "b"), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_header(reply, "", "b"), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_header(reply, "A", "b\r\nC: d"), MSTR_E_USAGE);
    assert_int_equal(mstr_transport_reply_header(reply, "A", "b"), MSTR_OK);
    assert_int_equal(mstr_transport_reply_body(reply, "12345", 5), MSTR_OK);
    assert_int_equal(mstr_transport_reply_body(reply, "678901", 6), MSTR_E_PROTOCOL);
    assert_int_equal(mstr_transport_forward(reply, NULL), MSTR_E_USAGE);
    assert_null(mstr_transport_answer(reply));
    return MSTR_OK;
}

static void a_reply_is_made_in_order_and_within_the_limit(void **state)
{
    (void)state;
    mount("", check_order, NULL);

    assert_int_equal(send_to("https://h/", "", 10, NULL), MSTR_OK);

    assert_int_equal(http_answer(answer)->status, 418);
    assert_string_equal(http_header(answer, "a"), "b");
    assert_string_equal(http_answer(answer)->body, "12345");
    assert_string_equal(http_url(answer), "https://h/");
}

/* Answers with the request's body, read in small pieces. */
static enum mstr_code echo(const struct mstr_http_request *request, mstr_transport_reply *reply,
                           const mstr_call_options *call, mstr_error *error, void *data)
{
    char piece[4];
    size_t got = 0;
    (void)request;
    (void)call;
    (void)error;
    (void)data;
    mstr_transport_reply_status(reply, 200);
    enum mstr_code code = MSTR_OK;
    while ((code = mstr_transport_read_body(reply, piece, sizeof(piece), &got)) == MSTR_OK && got > 0) {
        if ((code = mstr_transport_reply_body(reply, piece, got)) != MSTR_OK) {
            return code;
        }
    }
    return code;
}

static int64_t read_twice(void *into, size_t capacity, void *data)
{
    unsigned *calls = data;
    assert_true(capacity >= 2);
    memcpy(into, "ab", 2);
    return ++*calls <= 2 ? 2 : 0;
}

static int64_t give_up(void *into, size_t capacity, void *data)
{
    (void)into;
    (void)capacity;
    (void)data;
    return -1;
}

static bool refuse(const void *octets, size_t length, void *data)
{
    (void)octets;
    (void)length;
    (void)data;
    return false;
}

static void bodies_are_read_from_memory_and_from_a_reader(void **state)
{
    unsigned calls = 0;
    const struct http_extras streamed = {.read = read_twice, .read_length = 4, .read_data = &calls};
    (void)state;
    mount("", echo, NULL);

    assert_int_equal(send_to("https://h/", "0123456789", 1000, NULL), MSTR_OK);
    assert_string_equal(http_answer(answer)->body, "0123456789");

    assert_int_equal(send_to("https://h/", "", 1000, &streamed), MSTR_OK);
    assert_string_equal(http_answer(answer)->body, "abab");
}

static void a_reader_that_gives_up_and_a_writer_that_refuses_cancel(void **state)
{
    static const struct http_extras no_reader = {.read = give_up};
    static const struct http_extras no_writer = {.write = refuse};
    (void)state;
    mount("", echo, NULL);

    assert_int_equal(send_to("https://h/", "", 1000, &no_reader), MSTR_E_CANCELLED);
    assert_int_equal(send_to("https://h/", "x", 1000, &no_writer), MSTR_E_CANCELLED);
}

static void a_transport_is_not_asked_past_the_deadline(void **state)
{
    const struct mstr_http_request request = {.size = sizeof(request), .method = "GET", .url = "https://h/"};
    const struct http_extras none = {0};
    const struct limits past = {clock_monotonic() - 1, NULL};
    (void)state;
    mount("", say_nothing, NULL);

    assert_int_equal(transport_send(&transports, NULL, &request, &none, &past, &answer, problem), MSTR_E_TIMEOUT);
    assert_non_null(strstr(mstr_error_message(problem), "before the request was sent"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_longest_prefix_answers_without_regard_to_case, setup, teardown),
        cmocka_unit_test_setup_teardown(a_mount_is_replaced_and_taken_away_with_its_data_freed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_transport_without_an_answer_is_a_failure_that_names_its_prefix, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_reply_is_made_in_order_and_within_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies_are_read_from_memory_and_from_a_reader, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_gives_up_and_a_writer_that_refuses_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(a_transport_is_not_asked_past_the_deadline, setup, teardown),
    };
    return RUN_TESTS("session/parts/transport");
}
