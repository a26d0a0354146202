/* SPDX-License-Identifier: Apache-2.0 */
/* What a program printed: which of its words an error may quote. */
#include "sdk/printed.h"

#include "base/json.h"
#include "support/unit.h"

struct quote {
    const char *text;
    const char *quoted;
};

static void assert_quoted(const struct quote *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer out = BUFFER_INIT;
        buffer_puts(&out, ": ");
        printed_quote(cases[i].text, &out);
        assert_string_equal(buffer_text(&out) + 2, cases[i].quoted);
        buffer_release(&out);
    }
}

static void words_of_people_are_quoted_on_one_line(void **state)
{
    static const struct quote cases[] = {
        {"", ""},
        {" \n", ""},
        {"\nno such\tprofile: prod\r\nsee --help\n", "no such profile: prod  see --help"},
        {"AADSTS700016: 'd8e5a1f0-0000-4000-8000-00000000ab12' (tenant contoso)",
         "AADSTS700016: 'd8e5a1f0-0000-4000-8000-00000000ab12' (tenant contoso)"},
        {"login.microsoftonline.com: unreachable", "login.microsoftonline.com: unreachable"},
        {"cannot open /usr/local/share/helper-2/config.json", "cannot open /usr/local/share/helper-2/config.json"},
        {"the token's audience is wrong", "the token's audience is wrong"},
        {"no token, no key.", "no token, no key."},
        {"give me a password", "give me a password"},
        {"monk 5: keyed", "monk 5: keyed"},
    };
    (void)state;
    assert_quoted(cases, COUNT_OF(cases));
}

static void what_looks_like_a_token_is_hidden(void **state)
{
    static const struct quote cases[] = {
        {"got 0.AXoAv4j5cvGGr0GRqy180BHbR for it", "got (hidden) for it"},
        {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "(hidden)"},
        {"/JalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "(hidden)"},
        {"/etc/0123456789abcdef0/x", "(hidden)"},
        {"abc%2Bdef%2Fghijkl%3D", "(hidden)"},
        {"qwertyuiopasdfghjklzxcvbnmqwertyuiop", "(hidden)"},
    };
    (void)state;
    assert_quoted(cases, COUNT_OF(cases));
}

static void what_follows_a_label_is_hidden_whatever_its_length(void **state)
{
    static const struct quote cases[] = {
        {"password=x1 is bad", "password=(hidden) is bad"},
        {"PASSWORD : x1", "PASSWORD : (hidden)"},
        {"--password x1 -v", "--password (hidden) -v"},
        {"secret=x1", "secret=(hidden)"},
        {"client_secret: x1", "client_secret: (hidden)"},
        {"token=x1 refresh_token=x2", "token=(hidden) refresh_token=(hidden)"},
        {"key='x 1' key2=\"x 2\" keys: x3", "key='(hidden)' key2=\"(hidden)\" keys: (hidden)"},
        {"A=b;AccountKey=x1;B=c", "A=b;AccountKey=(hidden)"},
        {"Bearer x1, Basic eDE=", "Bearer (hidden) Basic (hidden)"},
        {"Authorization: Digest a=x1, b=x2\nnext", "Authorization: (hidden) next"},
        {"Authorization Bearer x1 next", "Authorization (hidden) next"},
        {"Set-Cookie: a=x1; b=x2", "Set-Cookie: (hidden)"},
        {"the password is x1", "the password (hidden)"},
        {"?a=b&sig=x1", "?a=b&sig=(hidden)"},
        {"password:\nx1\nnext", "password: (hidden) next"},
        {"password=\033[1mx1\033[0m", "password= [(hidden) [0m"},
        {"password=password1 x1", "password=(hidden)"},
        {"password for ann: x1 next", "password (hidden) next"},
    };
    (void)state;
    assert_quoted(cases, COUNT_OF(cases));
}

static void labels_in_json_and_quotes_count_too(void **state)
{
    static const struct quote cases[] = {
        {"{\"SecretAccessKey\":\"x 1\",\"a\":\"b\"}", "{\"SecretAccessKey\":\"(hidden)\",\"a\":\"b\"}"},
        {"{\"token\" : 12, \"a\":1}", "{\"token\" : (hidden) \"a\":1}"},
        {"{\"password\":\"x\\\"1\"}", "{\"password\":\"(hidden)\"}"},
        {"'{\\\"password\\\":\\\"x 1\\\",\\\"a\\\":1}'", "'{\\\"password\\\":\\\"(hidden)\",\\\"a\\\":1}'"},
        {"password='x'\"1\" next", "password='(hidden) next"},
        {"password=\"x 1 and no end", "password=\"(hidden)"},
    };
    (void)state;
    assert_quoted(cases, COUNT_OF(cases));
}

static void json_may_begin_with_a_byte_order_mark(void **state)
{
    static const char marked[] = "\xef\xbb\xbf{\"a\":1}";
    (void)state;
    struct json_object *value = NULL;
    for (size_t past = 0; past <= 3; past += 3) {
        assert_int_equal(printed_json(marked + past, strlen(marked) - past, &value), MSTR_OK);
        json_release(value);
    }
    assert_int_equal(printed_json(marked, 2, &value), MSTR_E_PROTOCOL);
    assert_int_equal(printed_json("\xef\xbb\xbf\xef\xbb\xbf{}", 8, &value), MSTR_E_PROTOCOL);
    assert_int_equal(printed_mark(marked, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_people_are_quoted_on_one_line),
        cmocka_unit_test(what_looks_like_a_token_is_hidden),
        cmocka_unit_test(what_follows_a_label_is_hidden_whatever_its_length),
        cmocka_unit_test(labels_in_json_and_quotes_count_too),
        cmocka_unit_test(json_may_begin_with_a_byte_order_mark),
    };
    return RUN_TESTS("sdk/printed");
}
