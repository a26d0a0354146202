/* SPDX-License-Identifier: Apache-2.0 */
/* Saved sessions as JSON, in the form of other tools too. */
#include "session/saved/snapshot.h"

#include "support/unit.h"

static void the_plain_form_of_other_tools_is_read(void **state)
{
    static const char text[] =
        "{\"base_url\": \"https://h/MicroStrategyLibrary/api\", \"cookies\": {\"JSESSIONID\": \"AB\", \"x\": null},"
        " \"headers\": {\"User-Agent\": \"python-requests/2.28.1\", \"Accept-Encoding\": \"gzip, deflate\","
        " \"Accept\": \"*/*\", \"Connection\": \"keep-alive\", \"x-mstr-authtoken\": \"tok3n\","
        " \"X-MSTR-ProjectID\": \"P\"}}";
    struct snapshot snapshot = {.base = NULL};
    struct buffer out = BUFFER_INIT;
    (void)state;

    assert_int_equal(snapshot_read_plain(text, strlen(text), false, &snapshot, NULL), MSTR_OK);

    assert_string_equal(snapshot.base, "https://h/MicroStrategyLibrary/api/");
    assert_string_equal(mstr_secret_octets(snapshot.token), "tok3n");
    assert_int_equal(snapshot.cookies.count, 1);
    assert_true(snapshot.cookies.items[0].secure);
    assert_true(snapshot_put_plain(&snapshot, &out));
    assert_string_equal(buffer_text(&out),
                        "{\"base_url\": \"https://h/MicroStrategyLibrary/api/\", \"cookies\": {\"JSESSIONID\": "
                        "\"AB\"}, \"headers\": {\"X-MSTR-AuthToken\": \"tok3n\"}}");
    buffer_release(&out);
    snapshot_release(&snapshot);
}

static void what_is_missing_is_named(void **state)
{
    static const struct {
        const char *text;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"{\"cookies\":{},\"headers\":{}}", MSTR_E_USAGE, "\"base_url\""},
        {"{\"base_url\":\"https://h\",\"headers\":{}}", MSTR_E_USAGE, "\"cookies\""},
        {"{\"base_url\":\"https://h\",\"cookies\":{}}", MSTR_E_USAGE, "\"headers\""},
        {"{\"base_url\":\"https://h\",\"cookies\":[],\"headers\":{}}", MSTR_E_USAGE, "\"cookies\""},
        {"{\"base_url\":\"\",\"cookies\":{},\"headers\":{}}", MSTR_E_CONFIG, "base_url"},
        {"{\"base_url\":\"https://h\",\"cookies\":{},\"headers\":{\"X-MSTR-AuthToken\":\"a\\r\\nb\"}}", MSTR_E_USAGE,
         "token"},
        {"{\"base_url\":\"https://h\",\"cookies\":{},\"headers\":{\"X-MSTR-AuthToken\":\"a\\u0000b\"}}", MSTR_E_USAGE,
         "token"},
        {"{\"base_url\":\"https://h\",\"cookies\":{},\"headers\":{\"X-MSTR-AuthToken\":\"\"}}", MSTR_E_USAGE,
         "token"},
        {"{\"base_url\":\"https://h\",\"cookies\":{\"J\":\"A\\rB\"},\"headers\":{}}", MSTR_E_USAGE, "cookie"},
        {"{\"base_url\":\"https://h\",\"cookies\":{\"J\":\"A\\u0000B\"},\"headers\":{}}", MSTR_E_USAGE, "cookie"},
        {"{\"base_url\":\"https://h\",\"cookies\":{\"J\":\"A; b=c\"},\"headers\":{}}", MSTR_E_USAGE, "cookie"},
        {"{\"base_url\":\"https://h\",\"cookies\":{\"J\\r\\nX\":\"A\"},\"headers\":{}}", MSTR_E_USAGE, "cookie"},
        {"{\"base_url\":\"https://h\",\"cookies\":{\"J=b\":\"A\"},\"headers\":{}}", MSTR_E_USAGE, "cookie"},
        {"{\"base_url\":\"https://h\",\"cookies\":{\"\":\"A\"},\"headers\":{}}", MSTR_E_USAGE, "cookie"},
        {"{\"base_url\":\"https://h\",\"cookies\":{\"J\":7},\"headers\":{}}", MSTR_E_USAGE, "cookie"},
        {"{\"base_url\":\"https://h/..;/api\",\"cookies\":{},\"headers\":{}}", MSTR_E_CONFIG, "base_url"},
        {"[]", MSTR_E_USAGE, "\"base_url\""},
        {"not JSON", MSTR_E_USAGE, "\"base_url\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct snapshot snapshot = {.base = NULL};
        mstr_error *error = mstr_error_new();
        assert_int_equal(snapshot_read_plain(cases[i].text, strlen(cases[i].text), false, &snapshot, error),
                         cases[i].code);
        assert_non_null(strstr(mstr_error_message(error), cases[i].part));
        mstr_error_free(error);
        snapshot_release(&snapshot);
    }
}

static void more_cookies_than_a_session_keeps_are_told_and_not_dropped(void **state)
{
    (void)state;
    for (int count = COOKIES_MAX; count <= COOKIES_MAX + 1; count++) {
        struct snapshot snapshot = {.base = NULL};
        struct buffer text = BUFFER_INIT;
        mstr_error *error = mstr_error_new();
        buffer_puts(&text, "{\"base_url\":\"https://h/\",\"headers\":{},\"cookies\":{\"none\":null");
        for (int i = 0; i < count; i++) {
            buffer_printf(&text, ",\"c%d\":\"v\"", i);
        }
        buffer_puts(&text, "}}");

        enum mstr_code code = snapshot_read_plain(buffer_text(&text), text.length, false, &snapshot, error);

        assert_int_equal(code, count == COOKIES_MAX ? MSTR_OK : MSTR_E_USAGE);
        assert_string_equal(mstr_error_message(error),
                            count == COOKIES_MAX ? "" : "the saved session has more than 50 cookies");
        mstr_error_free(error);
        buffer_release(&text);
        snapshot_release(&snapshot);
    }
}

static void the_full_form_keeps_all_of_a_cookie(void **state)
{
    struct snapshot snapshot = {.base = NULL};
    struct snapshot again = {.base = NULL};
    struct buffer out = BUFFER_INIT;
    static const char plain[] =
        "{\"base_url\":\"https://h/\",\"cookies\":{},\"headers\":{\"X-MSTR-AuthToken\":\"t\"}}";
    (void)state;
    assert_int_equal(snapshot_read_plain(plain, strlen(plain), false, &snapshot, NULL), MSTR_OK);
    snapshot.delegated = true;
    cookies_restore(&snapshot.cookies, "a", "\"1\"", "/L", true, 5);
    cookies_restore(&snapshot.cookies, "a", "2", "/", false, 0);

    assert_true(snapshot_put_full(&snapshot, &out));
    assert_int_equal(snapshot_read_full(buffer_text(&out), out.length, false, &again, NULL), MSTR_OK);

    assert_true(again.delegated);
    assert_int_equal(again.cookies.count, 2);
    assert_string_equal(again.cookies.items[0].value, "\"1\"");
    assert_string_equal(again.cookies.items[0].path, "/L");
    assert_true(again.cookies.items[0].secure);
    assert_int_equal(again.cookies.items[0].expires, 5);
    assert_false(again.cookies.items[1].secure);
    buffer_release(&out);
    snapshot_release(&snapshot);
    snapshot_release(&again);
}

static enum mstr_code read_whole(const char *text, struct snapshot *snapshot)
{
    *snapshot = (struct snapshot){.base = NULL};
    return snapshot_read_full(text, strlen(text), false, snapshot, NULL);
}

static void what_the_full_form_lacks_is_refused_and_cookies_that_cannot_be_are_left_out(void **state)
{
    (void)state;
    static const char *const lacking[] = {
        "",
        "[]",
        "{\"token\":\"t\",\"cookies\":[]}",
        "{\"base_url\":\"https://h/\",\"cookies\":[]}",
        "{\"base_url\":\"https://h/\",\"token\":\"t\"}",
        "{\"base_url\":\"https://h/\",\"token\":\"t\",\"cookies\":{}}",
    };
    static const char cookies[] = "{\"base_url\":\"https://h/\",\"token\":\"t\",\"cookies\":["
                                  "{\"name\":\"a b\",\"value\":\"1\",\"path\":\"/\"},"
                                  "{\"value\":\"1\",\"path\":\"/\"},"
                                  "{\"name\":\"c\",\"path\":\"/\"},"
                                  "{\"name\":\"d\",\"value\":\"1\"},"
                                  "{\"name\":\"e\",\"value\":\"1\",\"path\":\"p\"},"
                                  "{\"name\":\"f\",\"value\":\"1\",\"path\":\"/p\",\"later\":[1]}],"
                                  "\"of_a_later_version\":{}}";
    struct snapshot snapshot;
    for (size_t i = 0; i < COUNT_OF(lacking); i++) {
        assert_int_equal(read_whole(lacking[i], &snapshot), MSTR_E_USAGE);
        snapshot_release(&snapshot);
    }
    assert_int_equal(read_whole(cookies, &snapshot), MSTR_OK);
    assert_int_equal(snapshot.cookies.count, 1);
    assert_string_equal(snapshot.cookies.items[0].name, "f");
    snapshot_release(&snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plain_form_of_other_tools_is_read),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(more_cookies_than_a_session_keeps_are_told_and_not_dropped),
        cmocka_unit_test(the_full_form_keeps_all_of_a_cookie),
        cmocka_unit_test(what_the_full_form_lacks_is_refused_and_cookies_that_cannot_be_are_left_out),
    };
    return RUN_TESTS("session/saved/snapshot");
}
