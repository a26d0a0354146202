/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks: numbered, sent again where the network lost them, halved where they are too large. */
#include "session/upload/chunks.h"

#include "base/base64.h"
#include "support/mounted.h"

#define PATH "datasets/AB/uploadSessions/C1"
#define PUT  "PUT " PATH

static enum mstr_code send(struct mounted *mounted, size_t room, size_t rows, size_t length)
{
    struct chunks chunks = {.session = mounted->session, .path = PATH, .table = "T", .room = room};
    struct buffer row = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    buffer_puts(&row, "[\"");
    while (row.length + 2 < length) {
        buffer_putc(&row, 'x');
    }
    buffer_puts(&row, "\"]");
    for (size_t i = 0; code == MSTR_OK && i < rows; i++) {
        code = chunks_add(&chunks, &row, mounted->error);
    }
    code = code == MSTR_OK ? chunks_end(&chunks, mounted->error) : code;
    buffer_release(&row);
    chunks_release(&chunks);
    return code;
}

static void rows_are_sent_in_chunks_that_have_room_for_them(void **state)
{
    static const struct {
        size_t room, rows, length;
        unsigned sent;
    } cases[] = {{8192, 0, 10, 1}, {8192, 3, 10, 1}, {8192, 100, 1000, 20}, {8192, 1, 5000, 1}};
    static const struct route routes[] = {{PUT, 200, "{}", NULL, 0, MSTR_OK}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(routes, 1);
        mounted_done(mounted, send(mounted, cases[i].room, cases[i].rows, cases[i].length));
        assert_int_equal(mounted->sent, cases[i].sent);
        char index[32];
        snprintf(index, sizeof(index), "\"index\":%u,", cases[i].sent);
        assert_non_null(strstr(mounted->body, index));
        assert_true(strlen(mounted->body) <= cases[i].room);
        assert_true(mounted_saw(mounted, "Content-Type: application/json"));
        mounted_free(mounted);
    }
}

static void a_chunk_is_base64_of_an_array_of_rows(void **state)
{
    static const struct route routes[] = {{PUT, 200, "{}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    struct buffer text = BUFFER_INIT;
    (void)state;
    mounted_done(mounted, send(mounted, 8192, 2, 5));
    base64_encode(&text, "[[\"x\"],[\"x\"]]", 13);
    assert_non_null(strstr(mounted->body, buffer_text(&text)));
    assert_memory_equal(mounted->body, "{\"tableName\":\"T\",\"index\":1,\"data\":\"", 33);
    buffer_release(&text);
    mounted_free(mounted);
}

static void only_what_the_network_lost_is_sent_again(void **state)
{
    static const struct {
        struct route first;
        unsigned sent;
        enum mstr_code code;
    } cases[] = {
        {{PUT, 0, NULL, NULL, 1, MSTR_E_NETWORK}, 2, MSTR_OK},
        {{PUT, 0, NULL, NULL, 1, MSTR_E_TIMEOUT}, 1, MSTR_E_TIMEOUT},
        {{PUT, 0, NULL, NULL, 1, MSTR_E_TLS}, 1, MSTR_E_TLS},
        {{PUT, 503, NULL, NULL, 1, MSTR_OK}, 1, MSTR_E_UNAVAILABLE},
        {{PUT, 400, "{\"code\":\"ERR006\",\"message\":\"no\"}", NULL, 1, MSTR_OK}, 1, MSTR_E_REQUEST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {cases[i].first, {PUT, 200, "{}", NULL, 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, 2);
        assert_int_equal(send(mounted, 8192, 1, 10), cases[i].code);
        assert_int_equal(mounted->sent, cases[i].sent);
        assert_non_null(strstr(mounted->body, "\"index\":1,"));
        mounted_free(mounted);
    }
}

static void a_chunk_that_is_too_large_is_halved(void **state)
{
    const struct route routes[] = {{PUT, 413, "too large", NULL, 2, MSTR_OK}, {PUT, 200, "{}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 2);
    (void)state;
    /* Eight rows are refused, four are, two are taken, two are, four are. */
    mounted_done(mounted, send(mounted, 8192, 8, 500));
    assert_int_equal(mounted->sent, 5);
    assert_non_null(strstr(mounted->body, "\"index\":3,"));
    mounted_free(mounted);

    const struct route never[] = {{PUT, 413, "too large", NULL, 0, MSTR_OK}};
    mounted = mounted_open(never, 1);
    assert_int_equal(send(mounted, 8192, 2, 500), MSTR_E_REQUEST);
    assert_non_null(strstr(mstr_error_hint(mounted->error), "a row alone is larger"));
    mounted_free(mounted);
}

static void a_row_that_no_chunk_has_room_for_is_refused(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    (void)state;
    assert_int_equal(send(mounted, 8192, 1, 8000), MSTR_E_USAGE);
    assert_told(mounted, "larger than a chunk of 8192 octets");
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sent_in_chunks_that_have_room_for_them),
        cmocka_unit_test(a_chunk_is_base64_of_an_array_of_rows),
        cmocka_unit_test(only_what_the_network_lost_is_sent_again),
        cmocka_unit_test(a_chunk_that_is_too_large_is_halved),
        cmocka_unit_test(a_row_that_no_chunk_has_room_for_is_refused),
    };
    return RUN_TESTS("session/upload/chunks");
}
