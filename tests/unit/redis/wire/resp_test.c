/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/wire/resp.c */
#include "support/redis_store.h"

#include "redis/wire/resp.h"

#include <stdio.h>

static enum mstr_code read(const char *octets, size_t length, struct resp **reply)
{
    struct resp_reader *reader = resp_reader_new();
    resp_feed(reader, octets, length);
    enum mstr_code code = resp_next(reader, reply, redis_error);
    resp_reader_free(reader);
    return code;
}

static void replies_of_each_kind_are_read(void **state)
{
    static const char text[] = "*6\r\n:-7\r\n$-1\r\n$3\r\na\0b\r\n+OK\r\n-ERR no\r\n*0\r\n";
    struct resp *reply = NULL;
    (void)state;
    assert_int_equal(read(text, sizeof(text) - 1, &reply), MSTR_OK);
    assert_true(resp_has(reply, 6));
    assert_false(resp_has(reply, 7));
    assert_int_equal(resp_number(reply, 0), -7);
    assert_int_equal(reply->items[1]->type, RESP_NIL);
    assert_int_equal(reply->items[2]->length, 3);
    assert_memory_equal(reply->items[2]->text, "a\0b", 4);
    assert_string_equal(resp_text(reply, 3), "OK");
    assert_int_equal(reply->items[4]->type, RESP_ERROR);
    assert_int_equal(reply->items[5]->length, 0);
    assert_int_equal(resp_number(reply, 2), -1);
    assert_null(resp_text(reply, 6));
    resp_free(reply);
}

static void a_reply_may_come_in_pieces(void **state)
{
    static const char text[] = "*2\r\n$2\r\nab\r\n:1\r\n";
    struct resp_reader *reader = resp_reader_new();
    struct resp *reply = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        assert_int_equal(resp_next(reader, &reply, redis_error), MSTR_OK);
        assert_null(reply);
        resp_feed(reader, text + i, 1);
    }
    assert_int_equal(resp_next(reader, &reply, redis_error), MSTR_OK);
    assert_string_equal(resp_text(reply, 0), "ab");
    assert_true(resp_is_empty(reader));
    resp_feed(reader, ":1", 2);
    assert_false(resp_is_empty(reader));
    resp_free(reply);
    resp_reader_free(reader);
}

static void what_is_no_reply_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"HTTP/1.1 400 Bad Request\r\n", "does not speak"},
        {"$1\r\naXY", "without its end"},
        {"*1025\r\n", "more than 1,024"},
        {"*2147483647\r\n", "more than 1,024"},
        {"*-2\r\n", "does not speak"},
        {"$-2\r\n", "does not speak"},
        {":1x\r\n", "does not speak"},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "does not speak"},
        {"*2\r\n$1\r\na\r\n$1\r\nb\r\r", "without its end"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct resp *reply = NULL;
        assert_failed(read(cases[i].text, strlen(cases[i].text), &reply), MSTR_E_PROTOCOL, cases[i].part, NULL, NULL);
        assert_null(reply);
    }
}

static void a_text_over_the_limit_is_refused(void **state)
{
    char *text = calloc(1, RESP_TEXT_MAX + 64);
    struct resp *reply = NULL;
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        int head = sprintf(text, "$%zu\r\n", RESP_TEXT_MAX + over);
        memset(text + head, 'x', RESP_TEXT_MAX + over);
        memcpy(text + head + RESP_TEXT_MAX + over, "\r\n", 2);
        enum mstr_code code = read(text, (size_t)head + RESP_TEXT_MAX + over + 2, &reply);
        assert_int_equal(code, over == 0 ? MSTR_OK : MSTR_E_PROTOCOL);
        resp_free(reply);
    }
    free(text);
}

static void a_reply_without_an_end_is_refused_at_a_mebioctet(void **state)
{
    static const char huge[] = "$9223372036854775807\r\n";
    static char chunk[16384];
    struct resp_reader *reader = resp_reader_new();
    struct resp *reply = NULL;
    size_t fed = 0;
    (void)state;
    resp_feed(reader, huge, strlen(huge));
    while (resp_next(reader, &reply, redis_error) == MSTR_OK) {
        assert_null(reply);
        resp_feed(reader, chunk, sizeof(chunk));
        fed += sizeof(chunk);
    }
    assert_in_range(fed, RESP_REPLY_MAX - 32, RESP_REPLY_MAX + sizeof(chunk));
    assert_failed(MSTR_E_PROTOCOL, MSTR_E_PROTOCOL, "longer than 1 MiB", NULL, NULL);
    resp_reader_free(reader);
}

static void a_command_holds_any_octets(void **state)
{
    struct buffer out = BUFFER_INIT;
    (void)state;
    assert_true(resp_command(&out, (struct word[]){word_of("SET"), {"a\0\r\n", 4}, word_of("")}, 3));
    assert_int_equal(out.length, sizeof("*3\r\n$3\r\nSET\r\n$4\r\na\0\r\n\r\n$0\r\n\r\n") - 1);
    assert_memory_equal(out.data, "*3\r\n$3\r\nSET\r\n$4\r\na\0\r\n\r\n$0\r\n\r\n", out.length);
    buffer_release(&out);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(replies_of_each_kind_are_read),
        REDIS_TEST(a_reply_may_come_in_pieces),
        REDIS_TEST(what_is_no_reply_is_refused),
        REDIS_TEST(a_text_over_the_limit_is_refused),
        REDIS_TEST(a_reply_without_an_end_is_refused_at_a_mebioctet),
        REDIS_TEST(a_command_holds_any_octets),
    };
    return RUN_TESTS("redis/wire/resp");
}
