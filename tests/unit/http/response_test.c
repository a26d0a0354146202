/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/response.c: what an exchange may receive */
#include "http/response.h"

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
        cmocka_unit_test(a_body_has_its_limit_and_a_refusal_one_of_its_own),
    };
    return RUN_TESTS("http/response");
}
