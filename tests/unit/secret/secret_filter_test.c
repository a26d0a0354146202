/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/secret_filter.c */
#include "secret/secret_filter.h"

#include "base/json.h"
#include "support/allocator.h"
#include "support/unit.h"

#include <malloc.h>
#include <stdio.h>
#include <time.h>

static const char secret[] = "p\"a/s+s w&\xc3\xb6rd-2024";

static void assert_hidden(const char *text, const char *expected)
{
    struct secret_filter filter = SECRET_FILTER_INIT;
    struct buffer told = BUFFER_INIT;
    secret_filter_add(&filter, secret, strlen(secret));
    buffer_puts(&told, text);
    print_message("           %s\n", text);

    bool found = secret_filter_hide(&filter, &told);

    assert_string_equal(buffer_text(&told), expected);
    assert_int_equal(found, strcmp(text, expected) != 0);
    buffer_release(&told);
    secret_filter_release(&filter);
}

static void a_secret_is_found_in_the_forms_in_which_it_travels(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"you sent p\"a/s+s w&\xc3\xb6rd-2024!", "you sent (hidden)!"},
        {"p\"a/s+s w&\xc3\xb6rd-2024p\"a/s+s w&\xc3\xb6rd-2024", "(hidden)"},
        {"{\"m\":\"p\\\"a/s+s w&\xc3\xb6rd-2024\"}", "{\"m\":\"(hidden)\"}"},
        {"{\"m\":\"p\\\"a\\/s\\u002bs w\\u0026\\u00f6rd-2024\"}", "{\"m\":\"(hidden)\"}"},
        {"{\"m\":\"{\\\"p\\\":\\\"p\\\\\\\"a/s+s w&\xc3\xb6rd-2024\\\"}\"}",
         "{\"m\":\"{\\\"p\\\":\\\"(hidden)\\\"}\"}"},
        {"?password=p%22a%2Fs%2Bs%20w%26%C3%B6rd-2024&b", "?password=(hidden)&b"},
        {"?password=p%22a%2fs%2bs+w%26%c3%b6rd-2024&b", "?password=(hidden)&b"},
        {"<b>p&quot;a/s+s w&amp;\xc3\xb6rd-2024</b>", "<b>(hidden)</b>"},
        {"<b>p&#34;a&#x2F;s&#43;s w&amp;\xc3\xb6rd-2024</b>", "<b>(hidden)</b>"},
        {"7022612f732b73207726c3b672642d32303234", "(hidden)"},
        {"705c22612f732b73207726c3b672642d32303234", "(hidden)"}, /* as it stood in JSON */
        {"7022612F732B73207726C3B672642D32303234", "(hidden)"},
        {"<b>&#112;&#x22;a/s+s&nbsp;w&#38;&#246;rd&#45;2024</b>", "<b>(hidden)</b>"},
        {"p%2522a%252Fs%252Bs%2520w%2526%25C3%25B6rd-2024", "(hidden)"},
        {"\\\\u0070\\\\u0022a/s+s w&amp;amp;\\\\u00f6rd-2024", "(hidden)"},
        {"p\"a/\ns+s\nw&\xc3\xb6\nrd-2\n024, and", "(hidden), and"},
        {"p\"a/s+s w&\xc3\xb6r\r\n d-2024 too", "(hidden) too"},
        /* Characters of base64 that hold bits of a neighbour stay. */
        {"cCJhL3MrcyB3JsO2cmQtMjAyNA==", "(hidden)A=="},
        {"dXNlcjpwImEvcytzIHcmw7ZyZC0yMDI0", "dXNlcjp(hidden)"},
        {"YW5hbHlzdDpwImEvcytzIHcmw7ZyZC0yMDI0", "YW5hbHlzdDp(hidden)"},
        {"nothing of the kind", "nothing of the kind"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_hidden(cases[i].text, cases[i].expected);
    }
}

static void a_secret_that_was_cut_off_is_found(void **state)
{
    (void)state;
    assert_hidden("\"p\"a/s+s w&\xc3\xb6rd\"", "\"(hidden)\"");
    assert_hidden("p\"a/s+s w", "p\"a/s+s w"); /* too little to tell from chance */
}

/* As a server does that gave many cookies which begin alike, and repeats what nearly is one of them. */
static void a_text_that_is_made_to_be_searched_for_long_is_not(void **state)
{
    (void)state;
#ifdef MSTR_INSTRUMENTED
    enum { LENGTH = 32 * 1024 };
#else
    enum { LENGTH = 1024 * 1024 };
#endif
    static const char *const pieces[] = {"aaaaaaaaaac", "aaaaaaaaaaaac", "aaaaaaaaaaab1;"};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct secret_filter filter = SECRET_FILTER_INIT;
        struct buffer told = BUFFER_INIT;
        for (int cookie = 0; cookie < 250; cookie++) {
            char value[32];
            int length = snprintf(value, sizeof(value), "aaaaaaaaaaab%d", cookie);
            secret_filter_add(&filter, value, (size_t)length);
        }
        while (told.length < LENGTH) {
            buffer_puts(&told, pieces[i]);
        }
        clock_t begun = clock();

        bool found = secret_filter_hide(&filter, &told);

        assert_int_equal(found, i == 2);
        assert_in_range((clock() - begun) * 1000 / CLOCKS_PER_SEC, 0, 20000); /* far less, but under valgrind */
        assert_int_equal(strcmp(buffer_text(&told), SECRET_FILTER_HIDDEN) == 0, found);
        buffer_release(&told);
        secret_filter_release(&filter);
    }
}

static void short_secrets_are_passed_over(void **state)
{
    (void)state;
    struct secret_filter filter = SECRET_FILTER_INIT;
    struct buffer told = BUFFER_INIT;
    secret_filter_add(&filter, "abc", 3);
    secret_filter_add(&filter, "", 0);
    buffer_puts(&told, "abcd");
    assert_false(secret_filter_hide(&filter, &told));
    secret_filter_add(&filter, "abcd", 4);
    assert_true(secret_filter_hide(&filter, &told));
    assert_string_equal(buffer_text(&told), "(hidden)");
    buffer_release(&told);
    secret_filter_release(&filter);
}

static void of_two_secrets_that_begin_alike_the_longer_is_hidden_whole(void **state)
{
    (void)state;
    struct secret_filter filter = SECRET_FILTER_INIT;
    struct buffer told = BUFFER_INIT;
    secret_filter_add(&filter, "hunter", 6);
    secret_filter_add(&filter, "hunter22", 8);
    secret_filter_add(&filter, "hunter", 6);
    buffer_puts(&told, "hunter22 hunter 2");
    assert_true(secret_filter_hide(&filter, &told));
    assert_string_equal(buffer_text(&told), "(hidden) (hidden) 2");
    buffer_release(&told);
    secret_filter_release(&filter);
}

static void each_secret_is_kept_once_whatever_its_length(void **state)
{
    (void)state;
    struct secret_filter filter = SECRET_FILTER_INIT;
    struct buffer told = BUFFER_INIT;
    secret_filter_add(&filter, "hunter", 6);
    secret_filter_add(&filter, "potter", 6);
    size_t length = filter.records.length;
    secret_filter_add(&filter, "hunter", 6);
    secret_filter_add(&filter, "potter", 6);
    assert_int_equal(filter.records.length, length);
    buffer_puts(&told, "hunter, potter");
    assert_true(secret_filter_hide(&filter, &told));
    assert_string_equal(buffer_text(&told), "(hidden), (hidden)");

    secret_filter_add(&filter, "plotter", 7); /* after the first text */
    buffer_clear(&told);
    buffer_puts(&told, "a plotter");
    assert_true(secret_filter_hide(&filter, &told));
    assert_string_equal(buffer_text(&told), "a (hidden)");
    assert_false(filter.no_memory);
    buffer_release(&told);
    secret_filter_release(&filter);
    assert_null(filter.search);
}

/* Whatever the memory held before: what is handed out here for so long a text is full of marks. */
static void only_what_is_secret_is_hidden_of_a_text(void **state)
{
    (void)state;
    struct secret_filter filter = SECRET_FILTER_INIT;
    struct buffer told = BUFFER_INIT;
    secret_filter_add(&filter, "hunter", 6);
    for (int i = 0; i < 500; i++) {
        buffer_puts(&told, "nothing of the kind ");
    }
    size_t length = told.length;
    mallopt(M_PERTURB, 0xfe);
    bool found = secret_filter_hide(&filter, &told);
    mallopt(M_PERTURB, 0);
    assert_false(found);
    assert_int_equal(told.length, length);
    buffer_release(&told);
    secret_filter_release(&filter);
}

static void without_memory_a_text_is_hidden_whole(void **state)
{
    (void)state;
    bool failed = true;
    long held = allocator_held();
    for (long at = 1; failed; at++) {
        struct secret_filter filter = SECRET_FILTER_INIT;
        struct buffer told = BUFFER_INIT;
        secret_filter_add(&filter, secret, strlen(secret));
        buffer_printf(&told, "a %s and more of that", secret);
        allocator_fail(at, false);
        bool found = secret_filter_hide(&filter, &told);
        failed = allocator_succeed();
        assert_true(found);
        assert_string_equal(buffer_text(&told), failed ? "(hidden)" : "a (hidden) and more of that");
        assert_int_equal(filter.no_memory, failed);

        buffer_clear(&told); /* and then it is searched again */
        buffer_puts(&told, "harmless");
        filter.no_memory = false;
        assert_false(secret_filter_hide(&filter, &told));
        assert_string_equal(buffer_text(&told), "harmless");
        assert_false(filter.no_memory);
        buffer_release(&told);
        secret_filter_release(&filter);
        assert_int_equal(allocator_held(), held);
    }
}

static void texts_of_json_are_searched_too(void **state)
{
    (void)state;
    struct secret_filter filter = SECRET_FILTER_INIT;
    struct json_object *value = json_tokener_parse("{\"a\": [\"a hunter\", 1, \"b\"]}");
    secret_filter_hide_in_json(&filter, value);
    assert_string_equal(json_object_to_json_string_ext(value, 0), "{\"a\":[\"a hunter\",1,\"b\"]}");
    secret_filter_add(&filter, "hunter", 6);
    secret_filter_hide_in_json(&filter, value);
    assert_string_equal(json_object_to_json_string_ext(value, 0), "{\"a\":[\"a (hidden)\",1,\"b\"]}");
    assert_false(filter.no_memory);
    filter.no_memory = true; /* which stays */
    secret_filter_hide_in_json(&filter, NULL);
    assert_true(filter.no_memory);
    secret_filter_release(&filter);
    filter.records.limit = 8;
    secret_filter_add(&filter, "a hunter", 8); /* for which there is no room */
    assert_int_equal(filter.records.length, 0);
    secret_filter_hide_in_json(&filter, value);
    assert_string_equal(json_object_to_json_string_ext(value, 0), "{\"a\":[\"(hidden)\",1,\"(hidden)\"]}");
    json_object_put(value);
    secret_filter_release(&filter);
}

static void octets_that_are_no_text_are_searched_too(void **state)
{
    (void)state;
    struct secret_filter filter = SECRET_FILTER_INIT;
    struct buffer told = BUFFER_INIT;
    secret_filter_add(&filter, "a\0\xff\\b", 5);
    buffer_append(&told, "\0a\0\xff\\b\0", 7);
    assert_true(secret_filter_hide(&filter, &told));
    assert_int_equal(told.length, 2 + strlen(SECRET_FILTER_HIDDEN));
    assert_memory_equal(told.data, "\0(hidden)", 10);
    buffer_release(&told);
    secret_filter_release(&filter);
}

static void a_filter_that_could_not_take_all_hides_everything(void **state)
{
    (void)state;
    struct secret_filter filter = SECRET_FILTER_INIT;
    struct buffer told = BUFFER_INIT;
    filter.records.limit = 16;
    secret_filter_add(&filter, "a secret longer than that", 25);
    buffer_puts(&told, "harmless");
    assert_true(secret_filter_hide(&filter, &told));
    assert_string_equal(buffer_text(&told), SECRET_FILTER_HIDDEN);
    assert_true(filter.no_memory);
    buffer_clear(&told);
    assert_false(secret_filter_hide(&filter, &told)); /* of nothing there is nothing to hide */
    assert_int_equal(told.length, 0);
    buffer_release(&told);
    secret_filter_release(&filter);
}

static void an_error_keeps_all_but_the_secret(void **state)
{
    (void)state;
    struct secret_filter filter = SECRET_FILTER_INIT;
    mstr_error *error = mstr_error_new();
    secret_filter_add(&filter, "hunter22", 8);
    error_set(error, MSTR_E_DENIED, "no entry for hunter22 here");
    error_set_hint(error, "not hunter22");
    error_set_service_code(error, "E-hunter22");
    error_set_request_id(error, "id-hunter22");
    error_set_http_status(error, 403);
    error_set_reference(error, "env:hunter22");

    secret_filter_hide_in_error(&filter, error);

    assert_int_equal(mstr_error_code(error), MSTR_E_DENIED);
    assert_int_equal(mstr_error_http_status(error), 403);
    assert_string_equal(mstr_error_message(error), "no entry for (hidden) here");
    assert_string_equal(mstr_error_hint(error), "not (hidden)");
    assert_string_equal(mstr_error_service_code(error), "E-(hidden)");
    assert_string_equal(mstr_error_request_id(error), "id-(hidden)");
    assert_string_equal(mstr_error_reference(error), "env:hunter22"); /* the program's own words */
    secret_filter_hide_in_error(&filter, NULL);
    mstr_error_free(error);
    secret_filter_release(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_found_in_the_forms_in_which_it_travels),
        cmocka_unit_test(a_secret_that_was_cut_off_is_found),
        cmocka_unit_test(a_text_that_is_made_to_be_searched_for_long_is_not),
        cmocka_unit_test(short_secrets_are_passed_over),
        cmocka_unit_test(of_two_secrets_that_begin_alike_the_longer_is_hidden_whole),
        cmocka_unit_test(each_secret_is_kept_once_whatever_its_length),
        cmocka_unit_test(only_what_is_secret_is_hidden_of_a_text),
        cmocka_unit_test(without_memory_a_text_is_hidden_whole),
        cmocka_unit_test(texts_of_json_are_searched_too),
        cmocka_unit_test(octets_that_are_no_text_are_searched_too),
        cmocka_unit_test(a_filter_that_could_not_take_all_hides_everything),
        cmocka_unit_test(an_error_keeps_all_but_the_secret),
    };
    return RUN_TESTS("secret/secret_filter");
}
