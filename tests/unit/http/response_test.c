/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/response.c: what an exchange may receive */
#include "http/response.h"

#include "base/json.h"
#include "support/unit.h"

/* Adds the line again and again; how often it was taken. */
static size_t fill(struct mstr_http_response *response, const char *line)
{
    size_t taken = 0;
    while (taken < 100000 && response_add_line(response, line, strlen(line)) == RESPONSE_LINE_GOOD) {
        taken++;
    }
    return taken;
}

static struct mstr_http_response *begun(size_t limit, const char *status)
{
    struct mstr_http_response *response = response_new("http://127.0.0.1/", limit);
    assert_non_null(response);
    assert_int_equal(response_add_line(response, status, strlen(status)), RESPONSE_LINE_GOOD);
    return response;
}

static void lines_of_all_sections_count_together(void **state)
{
    (void)state;
    static char line[1025];
    static const char *const first[] = {"", "HTTP/1.1 103 Early Hints", "\r\n"};
    static const size_t most[] = {RESPONSE_HEADER_LINES, RESPONSE_HEADER_OCTETS / 1024 - 1};
    memset(line, 'x', sizeof(line) - 1);
    line[1] = ':';
    const char *const lines[] = {"X-Same: y", line};
    for (size_t kind = 0; kind < COUNT_OF(lines); kind++) {
        for (size_t i = 0; i < COUNT_OF(first); i++) {
            struct mstr_http_response *response = begun(0, "HTTP/1.1 200 OK");
            for (int before = 0; before < 40; before++) {
                response_add_line(response, lines[kind], strlen(lines[kind]));
            }
            if (*first[i] != '\0') { /* after it come the headers of another section, or trailers */
                assert_int_equal(response_add_line(response, first[i], strlen(first[i])), RESPONSE_LINE_GOOD);
            }
            assert_int_equal(fill(response, lines[kind]), most[kind] - 40);
            http_response_free(response);
        }
    }
}

static void empty_lines_and_interim_answers_come_to_an_end(void **state)
{
    (void)state;
    struct mstr_http_response *response = begun(0, "HTTP/1.1 200 OK");
    assert_in_range(fill(response, "\r\n"), 1, RESPONSE_HEADER_OCTETS / 2);
    http_response_free(response);
    response = begun(0, "HTTP/1.1 100 Continue");
    assert_int_equal(fill(response, "HTTP/1.1 100 Continue"), RESPONSE_INTERIM_MOST);
    http_response_free(response);
}

static enum response_line add(struct mstr_http_response *response, const char *line)
{
    return response_add_line(response, line, strlen(line));
}

static void a_status_has_three_digits_and_a_class_that_there_is(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t cut; /* octets that are not seen of it */
        int status; /* 0 = it is none */
    } cases[] = {
        {"HTTP/2 200", 0, 200},       {"HTTP/1.1 200 OK", 0, 200}, {"HTTP/1.1 100 Continue", 0, 100},
        {"HTTP/1.1 599 Odd", 0, 599}, {"HTTP/1.1 600 Odd", 0, 0},  {"HTTP/1.1 099 Odd", 0, 0},
        {"HTTP/1.1 2000 OK", 0, 0},   {"HTTP/1.1 200", 1, 0},      {"HTTP/1.1 2/0 OK", 0, 0},
        {"HTTP/1.1 2:0 OK", 0, 0},    {"HTTP/1.1", 0, 0},          {"HTTP/", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_http_response *response = response_new("http://127.0.0.1/", 0);
        assert_int_equal(response_add_line(response, cases[i].line, strlen(cases[i].line) - cases[i].cut),
                         cases[i].status != 0 ? RESPONSE_LINE_GOOD : RESPONSE_LINE_MALFORMED);
        if (cases[i].status != 0) {
            assert_int_equal(http_answer(response)->status, cases[i].status);
        }
        http_response_free(response);
    }
}

static void lengths_that_differ_are_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        enum response_line line;
    } cases[] = {
        {"Content-Length: 5", "content-length: 5", RESPONSE_LINE_GOOD},
        {"Content-Length: 5", "Content-Length: 6", RESPONSE_LINE_MALFORMED},
        {"Content-Length: 5", "Content-Length: 55", RESPONSE_LINE_MALFORMED},
        {"Content-Length: 55", "Content-Length: 5", RESPONSE_LINE_MALFORMED},
        {"Content-Length: 5", "Content-Lengtx: 6", RESPONSE_LINE_GOOD},
        {"Content-Length: 5", "Content-Lengths: 6", RESPONSE_LINE_GOOD},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_http_response *response = begun(0, "HTTP/1.1 200 OK");
        assert_int_equal(add(response, cases[i].first), RESPONSE_LINE_GOOD);
        assert_int_equal(add(response, cases[i].second), cases[i].line);
        http_response_free(response);
    }
}

static void a_field_has_a_name_and_no_zero_and_is_continued_only_where_there_is_one(void **state)
{
    (void)state;
    struct mstr_http_response *response = begun(0, "HTTP/1.1 200 OK");
    assert_int_equal(add(response, " of nothing"), RESPONSE_LINE_GOOD);
    assert_int_equal(add(response, ": x"), RESPONSE_LINE_MALFORMED);
    assert_int_equal(add(response, "none"), RESPONSE_LINE_MALFORMED);
    assert_int_equal(response_add_line(response, "A\0: x", 5), RESPONSE_LINE_MALFORMED);
    assert_int_equal(response_add_line(response, "Empty: not seen", 6), RESPONSE_LINE_GOOD);
    assert_int_equal(add(response, "A: b"), RESPONSE_LINE_GOOD);
    assert_int_equal(add(response, "\t c "), RESPONSE_LINE_GOOD);
    assert_string_equal(http_header(response, "empty"), "");
    assert_string_equal(http_header(response, "a"), "b c");
    assert_null(http_header(response, "c"));
    http_response_free(response);
}

static void headers_may_have_so_many_octets_and_no_more(void **state)
{
    (void)state;
    static char line[RESPONSE_HEADER_OCTETS];
    struct mstr_http_response *response = response_new("http://127.0.0.1/", 0);
    memset(line, 'x', sizeof(line));
    line[1] = ':';
    assert_int_equal(response_add_line(response, line, sizeof(line)), RESPONSE_LINE_GOOD);
    assert_int_equal(response_add_line(response, "\n", 1), RESPONSE_LINE_TOO_MANY);
    http_response_free(response);
}

/* What was sent, and comes back: an echo of a password. Cookies are the client's own. */
static void secrets_that_come_back_are_hidden(void **state)
{
    (void)state;
    static const char body[] = "{\"a\":\"can\\u0061ry\",\"b\":\"canary-1\"}";
    struct mstr_http_response *response = begun(0, "HTTP/1.1 200 OK");
    struct json_object *json = NULL;
    secret_filter_add(&response->sent, "canary-1", 8);
    assert_int_equal(add(response, "X-Echo: it is canary-1"), RESPONSE_LINE_GOOD);
    assert_int_equal(add(response, "Set-Cookie: a=canary-1"), RESPONSE_LINE_GOOD);
    assert_int_equal(response_add_body(response, body, strlen(body)), RESPONSE_BODY_GOOD);

    response_hide(response);

    assert_null(strstr(http_header(response, "X-Echo"), "canary"));
    assert_string_equal(http_header(response, "Set-Cookie"), "a=canary-1");
    assert_null(strstr(http_answer(response)->body, "canary-1"));
    assert_int_equal(http_answer(response)->body_length, strlen(http_answer(response)->body));
    assert_int_equal(http_json(response, &json), MSTR_OK);
    assert_non_null(json);
    json_release(json);
    http_response_free(response);
}

/* Where the escapes of a text hide it from a look at the octets. */
static void secrets_are_hidden_in_texts_of_json(void **state)
{
    (void)state;
    static const char body[] = "{\"a\":\"\\u0063\\u0061n\\/ary\"}";
    struct mstr_http_response *response = begun(0, "HTTP/1.1 200 OK");
    struct json_object *json = NULL;
    secret_filter_add(&response->sent, "can/ary", 7);
    assert_int_equal(response_add_body(response, body, strlen(body)), RESPONSE_BODY_GOOD);
    response_complete(response, 0, 0);

    assert_int_equal(http_json(response, &json), MSTR_OK);

    assert_null(strstr(json_member_text(json, "a"), "ary"));
    json_release(json);
    http_response_free(response);
}

static void a_body_has_its_limit_and_a_refusal_one_of_its_own(void **state)
{
    (void)state;
    static const char octets[RESPONSE_REFUSAL_OCTETS + 1];
    static const struct {
        const char *status;
        size_t limit;
        size_t most;
    } cases[] = {
        {"HTTP/1.1 200 OK", 10, 10},
        {"HTTP/1.1 404 No", 10, 10},
        {"HTTP/1.1 200 OK", 0, SIZE_MAX},
        {"HTTP/1.1 404 No", SIZE_MAX, RESPONSE_REFUSAL_OCTETS},
        {"HTTP/1.1 302 There", 0, RESPONSE_REFUSAL_OCTETS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_http_response *response = begun(cases[i].limit, cases[i].status);
        size_t length = cases[i].most < sizeof(octets) ? cases[i].most : sizeof(octets);
        assert_int_equal(response_body_limit(response), cases[i].most);
        assert_int_equal(response_add_body(response, octets, length), RESPONSE_BODY_GOOD);
        assert_int_equal(response_add_body(response, octets, 1),
                         cases[i].most == SIZE_MAX ? RESPONSE_BODY_GOOD : RESPONSE_BODY_TOO_LARGE);
        http_response_free(response);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_all_sections_count_together),
        cmocka_unit_test(empty_lines_and_interim_answers_come_to_an_end),
        cmocka_unit_test(a_status_has_three_digits_and_a_class_that_there_is),
        cmocka_unit_test(lengths_that_differ_are_malformed),
        cmocka_unit_test(a_field_has_a_name_and_no_zero_and_is_continued_only_where_there_is_one),
        cmocka_unit_test(headers_may_have_so_many_octets_and_no_more),
        cmocka_unit_test(secrets_that_come_back_are_hidden),
        cmocka_unit_test(secrets_are_hidden_in_texts_of_json),
        cmocka_unit_test(a_body_has_its_limit_and_a_refusal_one_of_its_own),
    };
    return RUN_TESTS("http/response");
}
