/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that pass through piece by piece, in both directions, and what becomes of them when something breaks. */
#include "support/library.h"

#include <fcntl.h>
#include <sys/stat.h>

struct flaky {
    unsigned failures; /* to come */
    bool reset;
};

/* Answers 503, or breaks off, until it has done so often enough. */
static bool fail_first(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    struct flaky *flaky = data;
    (void)request;
    if (flaky->failures > 0) {
        flaky->failures--;
        if (flaky->reset) {
            tiny_reset(c);
            return false;
        }
        return tiny_text(c, "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nbusy!");
    }
    return tiny_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ncomplete");
}

struct source {
    const char *text;
    size_t at;
    bool breaks;
};

static int64_t read_source(void *into, size_t capacity, void *data)
{
    struct source *source = data;
    size_t left = strlen(source->text) - source->at;
    if (source->breaks) {
        return -1;
    }
    left = left < capacity ? left : capacity;
    memcpy(into, source->text + source->at, left);
    source->at += left;
    return (int64_t)left;
}

static int rewind_source(void *data)
{
    ((struct source *)data)->at = 0;
    return 0;
}

static mstr_reader reader_of(struct source *source)
{
    mstr_reader reader = MSTR_READER_INIT;
    reader.read = read_source;
    reader.rewind = rewind_source;
    reader.data = source;
    return reader;
}

static void an_upload_is_repeated_only_where_that_is_safe_and_possible(void **state)
{
    static const struct {
        const char *method;
        bool can_rewind;
        bool reset;
        enum mstr_code code;
        unsigned requests;
    } cases[] = {
        {"PUT", true, false, MSTR_OK, 2},
        {"PUT", true, true, MSTR_OK, 2},
        {"PUT", false, false, MSTR_E_UNAVAILABLE, 1},
        {"PUT", false, true, MSTR_E_NETWORK, 1},
        {"POST", true, false, MSTR_E_UNAVAILABLE, 1},
        {"POST", true, true, MSTR_E_NETWORK, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct flaky flaky = {1, cases[i].reset};
        struct library *library = library_open(fail_first, &flaky);
        struct source source = {"an upload", 0, false};
        mstr_reader reader = reader_of(&source);
        int status = 0;
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        reader.rewind = cases[i].can_rewind ? reader.rewind : NULL;
        reader.length = 9;
        request.method = cases[i].method;
        request.path = "x";
        request.reader = &reader;

        assert_int_equal(library_try(library, &request, &status), cases[i].code);

        assert_int_equal(library->requests, cases[i].requests);
        assert_string_equal(library->body, "an upload");
        library_stop(library);
    }
}

static void a_post_is_never_doubled_on_a_kept_connection_that_breaks(void **state)
{
    (void)state;
    struct flaky flaky = {0, true};
    struct library *library = library_open(fail_first, &flaky);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    library_send(library, &request); /* the connection is kept */
    flaky.failures = 1;
    request.method = "POST";

    assert_int_equal(library_fail(library, &request), MSTR_E_NETWORK);

    assert_int_equal(library->requests, 2);
    library_stop(library);
}

static void a_reader_and_a_writer_may_end_the_request(void **state)
{
    (void)state;
    struct flaky flaky = {0, false};
    struct library *library = library_open(fail_first, &flaky);
    struct source source = {"text", 0, true};
    mstr_reader reader = reader_of(&source);
    mstr_writer full = MSTR_WRITER_DESCRIPTOR(open("/dev/full", O_WRONLY | O_CLOEXEC));
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = "PUT";
    request.path = "x";
    request.reader = &reader;
    assert_int_equal(library_fail(library, &request), MSTR_E_CANCELLED);
    request = (mstr_session_request)MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    request.writer = &full;
    assert_int_equal(library_fail(library, &request), MSTR_E_CANCELLED);
    close(full.descriptor);
    library_stop(library);
}

static void an_answer_goes_to_a_descriptor_but_a_refusal_does_not(void **state)
{
    (void)state;
    struct flaky flaky = {1, false};
    struct library *library = library_open(fail_first, &flaky);
    char *path = test_file("", 0);
    char content[32] = "";
    mstr_writer writer = MSTR_WRITER_DESCRIPTOR(open(path, O_RDWR | O_CLOEXEC));
    mstr_response *response = NULL;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    request.writer = &writer;

    assert_int_equal(mstr_session_send(library->session, &request, &response, library->error), MSTR_OK);

    size_t length = 1;
    assert_string_equal(mstr_response_body(response, &length), "");
    assert_int_equal(length, 0);
    assert_int_equal(pread(writer.descriptor, content, sizeof(content), 0), 8);
    assert_string_equal(content, "complete");
    mstr_response_free(response);
    close(writer.descriptor);
    unlink(path);
    free(path);
    library_stop(library);
}

static bool break_in_the_middle(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    (void)data;
    tiny_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe first half");
    return false;
}

static int count_octets(const void *octets, size_t length, void *data)
{
    (void)octets;
    *(size_t *)data += length;
    return 0;
}

static void a_download_that_breaks_is_not_begun_anew(void **state)
{
    (void)state;
    struct library *library = library_open(break_in_the_middle, NULL);
    size_t taken = 0;
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    writer.write = count_octets;
    writer.data = &taken;
    request.path = "x";
    request.writer = &writer;

    assert_int_equal(library_fail(library, &request), MSTR_E_NETWORK);

    assert_int_equal(taken, strlen("the first half"));
    assert_int_equal(library->requests, 1);
    library_stop(library);
}

static void an_answer_in_memory_is_bounded(void **state)
{
    (void)state;
    struct flaky flaky = {0, false};
    struct library *library = library_open(fail_first, &flaky);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    request.response_limit = 8;
    library_send(library, &request);
    request.response_limit = 7;
    assert_int_equal(library_fail(library, &request), MSTR_E_PROTOCOL);
    library_stop(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload_is_repeated_only_where_that_is_safe_and_possible),
        cmocka_unit_test(a_post_is_never_doubled_on_a_kept_connection_that_breaks),
        cmocka_unit_test(a_reader_and_a_writer_may_end_the_request),
        cmocka_unit_test(an_answer_goes_to_a_descriptor_but_a_refusal_does_not),
        cmocka_unit_test(a_download_that_breaks_is_not_begun_anew),
        cmocka_unit_test(an_answer_in_memory_is_bounded),
    };
    return cmocka_run_group_tests_name("streaming", tests, NULL, NULL);
}
