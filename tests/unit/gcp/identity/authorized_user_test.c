/* SPDX-License-Identifier: Apache-2.0 */
/* providers/gcp/identity/authorized_user.c: a user's refresh token */
#include "unit/gcp/support.h"

#include "gcp/identity/credential_file.h"

#define MEMBERS "\"client_id\":\"id\",\"client_secret\":\"hush\",\"refresh_token\":\"r&t\""

/* What a user's file with these members configures, to be released. */
static enum mstr_code parse(const char *members, struct gcp_identity **identity, struct mstr_error *error)
{
    char text[1024];
    snprintf(text, sizeof(text), "{\"type\":\"authorized_user\",%s}", members);
    return credential_file_parse(fake_host_instance(NULL), "the file", text, strlen(text), identity, error);
}

static void what_a_users_file_lacks_or_may_not_say_is_told(void **state)
{
    static const struct {
        const char *members;
        const char *message;
    } cases[] = {
        {"\"client_secret\":\"hush\",\"refresh_token\":\"r\"", "client_id"},
        {"\"client_id\":\"id\",\"refresh_token\":\"r\"", "client_secret"},
        {"\"client_id\":\"id\",\"client_secret\":\"hush\"", "refresh_token"},
        {"\"client_id\":\"id\",\"client_secret\":\"hush\",\"refresh_token\":7", "refresh_token"},
        {MEMBERS ",\"universe_domain\":\"universe.example\"",
         "the file: user credentials exist in the universe googleapis.com only"},
        {MEMBERS ",\"token_uri\":\"http://tokens.example/t\"", "token_uri"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct gcp_identity *identity = NULL;
        struct mstr_error *error = host->error_new();
        assert_int_equal(parse(cases[i].members, &identity, error), MSTR_E_CONFIG);
        assert_null(identity);
        assert_contains(host->error_message(error), cases[i].message);
        assert_null(strstr(host->error_message(error), "hush"));
        host->error_free(error);
    }
}

static void the_principal_is_the_account_where_the_file_names_it(void **state)
{
    struct gcp_identity *identity = NULL;
    (void)state;
    assert_int_equal(parse(MEMBERS ",\"account\":\"ann@example.com\"", &identity, NULL), MSTR_OK);
    assert_string_equal(identity->principal, "ann@example.com");
    gcp_identity_release(identity);
    assert_int_equal(parse(MEMBERS, &identity, NULL), MSTR_OK);
    assert_null(identity->principal);
    gcp_identity_release(identity);
}

static void the_refresh_token_is_exchanged_where_the_file_says(void **state)
{
    static const struct {
        const char *members;
        const char *url;
        const char *form;
    } cases[] = {
        {MEMBERS, TOKENS, "grant_type=refresh_token&client_id=id&client_secret=hush&refresh_token=r%26t"},
        {MEMBERS ",\"token_uri\":\"\"", TOKENS,
         "grant_type=refresh_token&client_id=id&client_secret=hush&refresh_token=r%26t"},
        {MEMBERS ",\"token_uri\":\"https://tokens.example/t\",\"rapt_token\":\"proof\"", "https://tokens.example/t",
         "grant_type=refresh_token&client_id=id&client_secret=hush&refresh_token=r%26t&rapt=proof"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct gcp_identity *identity = NULL;
        struct token token = {.text = NULL};
        fake_host_answer("POST", cases[i].url, 200, NULL, TOKEN_ANSWER);
        assert_int_equal(parse(cases[i].members, &identity, NULL), MSTR_OK);

        assert_int_equal(gcp_identity_token(identity, fake_host_call(), &token, NULL), MSTR_OK);

        assert_string_equal(token.text, "ya29.first");
        assert_string_equal(fake_host_request(i)->body, cases[i].form);
        token_release(&token);
        gcp_identity_release(identity);
    }
}

static void a_refresh_token_that_google_refuses_is_told(void **state)
{
    struct gcp_identity *identity = NULL;
    struct token token = {.text = NULL};
    struct mstr_error *error = host->error_new();
    (void)state;
    fake_host_answer("POST", TOKENS, 400, NULL, "{\"error\":\"invalid_grant\",\"error_description\":\"revoked\"}");
    assert_int_equal(parse(MEMBERS, &identity, NULL), MSTR_OK);

    assert_int_equal(gcp_identity_token(identity, fake_host_call(), &token, error), MSTR_E_AUTHENTICATION);

    assert_contains(host->error_message(error), "invalid_grant");
    assert_null(token.text);
    gcp_identity_release(identity);
    host->error_free(error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_users_file_lacks_or_may_not_say_is_told),
        TEST(the_principal_is_the_account_where_the_file_names_it),
        TEST(the_refresh_token_is_exchanged_where_the_file_says),
        TEST(a_refresh_token_that_google_refuses_is_told),
    };
    return RUN_TESTS("gcp/identity/authorized_user");
}
