/* SPDX-License-Identifier: Apache-2.0 */
/* What programs print as subject tokens. */
#include "unit/gcp/support.h"

#include "gcp/identity/executable_answer.h"

static void token_stands_where_its_type_says(void **state)
{
    static const struct {
        const char *text;
        const char *token;
    } cases[] = {
        {"{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\","
         "\"id_token\":\"a\",\"saml_response\":\"b\"}",
         "a"},
        {"{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:saml2\","
         "\"id_token\":\"a\",\"saml_response\":\"b\"}",
         "b"},
        {"\xef\xbb\xbf{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\","
         "\"id_token\":\"a\"}",
         "a"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer token = BUFFER_INIT;
        assert_int_equal(executable_answer_read(cases[i].text, strlen(cases[i].text), &token, NULL), MSTR_OK);
        assert_string_equal(buffer_text(&token), cases[i].token);
        buffer_release(&token);
    }
}

static void answer_without_a_token_is_told(void **state)
{
    static const struct {
        const char *text;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"nothing", MSTR_E_PROTOCOL, "no JSON"},
        {"{\"version\":2,\"success\":true}", MSTR_E_PROTOCOL, "version 2"},
        {"{\"version\":1,\"success\":false,\"code\":\"C\",\"message\":\"M\"}", MSTR_E_AUTHENTICATION, "C: M"},
        {"{\"version\":1,\"success\":false,\"code\":\"key=x1\",\"message\":\"bad token=x2\"}", MSTR_E_AUTHENTICATION,
         "no token: key=(hidden): bad token=(hidden)"},
        {"{\"version\":1,\"success\":true,\"expiration_time\":1}", MSTR_E_AUTHENTICATION, "expired"},
        {"{\"version\":1,\"success\":true,\"token_type\":\"x\"}", MSTR_E_PROTOCOL, "token_type"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer token = BUFFER_INIT;
        struct mstr_error *error = host->error_new();
        assert_int_equal(executable_answer_read(cases[i].text, strlen(cases[i].text), &token, error), cases[i].code);
        assert_contains(host->error_message(error), cases[i].part);
        assert_int_equal(token.length, 0);
        host->error_free(error);
        buffer_release(&token);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_stands_where_its_type_says),
        TEST(answer_without_a_token_is_told),
    };
    return RUN_TESTS("gcp/identity/executable_answer");
}
