/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals: classes, hints, and which pass. The answers are as servers write them. */
#include "vault/wire/refusal.h"

#include "unit/vault/support.h"

/* What became of an answer. */
struct story {
    enum mstr_code code;
    struct attempt attempt;
    bool token;
};

static struct story refuse(int status, bool login, int count, const char *body)
{
    struct story story = {.attempt = {.status = status, .count = count}};
    struct mstr_http_response *response = NULL;
    const struct vault_asked asked = {"reading secret/app", login};
    const struct mstr_http_request request = {.size = sizeof(request), .method = "GET", .url = V1 "x"};
    fake_host_answer("GET", "*", status, NULL, body);
    assert_int_equal(host->http(fake_host_call(), &request, &response, NULL), MSTR_OK);
    story.code = vault_refusal_read(response, &asked, &story.attempt, &story.token, error);
    host->http_free(response);
    return story;
}

static void each_refusal_has_its_class_and_hint(void **state)
{
    static const struct {
        int status;
        bool login;
        const char *body;
        enum mstr_code code;
        enum again again;
        const char *hint; /* NULL = none */
    } cases[] = {
        {503, false, "{\"errors\":[\"Vault is sealed\"]}", MSTR_E_UNAVAILABLE, AGAIN_LATER, "unseal"},
        {503, true, "{\"errors\":[\"no active Vault instance found\"]}", MSTR_E_UNAVAILABLE, AGAIN_LATER,
         "vault status"},
        {501, false, "{\"errors\":[\"not initialized\"]}", MSTR_E_UNAVAILABLE, AGAIN_NEVER, "operator init"},
        {472, false, NOTHING, MSTR_E_UNAVAILABLE, AGAIN_NEVER, "disaster"},
        {473, false, NOTHING, MSTR_E_UNAVAILABLE, AGAIN_NEVER, "standby"},
        {412, false, "{\"errors\":[\"required index state not present\"]}", MSTR_E_UNAVAILABLE, AGAIN_LATER,
         "caught up"},
        {412, false, "{\"errors\":[\"missing \\\"X-Vault-Request\\\" header\"]}", MSTR_E_CONFIG, AGAIN_NEVER,
         "let it through"},
        {429, false, "{\"errors\":[\"rate limit quota exceeded\"]}", MSTR_E_THROTTLED, AGAIN_LATER, "rate limit"},
        {429, false, "{\"errors\":[\"lease count quota exceeded\"]}", MSTR_E_THROTTLED, AGAIN_NEVER, "leases"},
        {500, false, "{\"errors\":[\"internal error\"]}", MSTR_E_UNAVAILABLE, AGAIN_BY_POLICY, NULL},
        {500, true, "{\"errors\":[\"internal error\"]}", MSTR_E_UNAVAILABLE, AGAIN_NEVER, NULL},
        {500, true, "{\"errors\":[\"past the max TTL, cannot renew\"]}", MSTR_E_AUTHENTICATION, AGAIN_NEVER, NULL},
        {500, true, "{\"errors\":[\"could not load backend configuration\"]}", MSTR_E_CONFIG, AGAIN_NEVER,
         "configuration"},
        {502, false, "{\"errors\":[\"upstream rate limited\"]}", MSTR_E_UNAVAILABLE, AGAIN_BY_POLICY, NULL},
        {403, false, DENIED, MSTR_E_DENIED, AGAIN_NEVER, NULL},
        {403, true, DENIED, MSTR_E_AUTHENTICATION, AGAIN_NEVER, "15 minutes"},
        {403, true, "{\"errors\":[\"service account name not authorized\"]}", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
         "bound names"},
        {400, false, "{\"errors\":[\"relative paths not supported\"]}", MSTR_E_REQUEST, AGAIN_NEVER, NULL},
        {400, false, "{\"errors\":[\"missing client token\"]}", MSTR_E_AUTHENTICATION, AGAIN_NEVER, "auth = none"},
        {400, true, "{\"errors\":[\"invalid role or secret ID\"]}", MSTR_E_AUTHENTICATION, AGAIN_NEVER, "used-up"},
        {400, true, "{\"errors\":[\"missing client token\"]}", MSTR_E_AUTHENTICATION, AGAIN_NEVER, "auth_mount"},
        {400, true, "{\"errors\":[\"error validating claims: aud\"]}", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
         "audience"},
        {400, true, "{\"errors\":[\"Credential should be scoped to a valid region\"]}", MSTR_E_AUTHENTICATION,
         AGAIN_NEVER, "sts_region"},
        {400, true, "{\"errors\":[\"error making upstream request: received error code 403 from STS\"]}",
         MSTR_E_AUTHENTICATION, AGAIN_NEVER, "iam_server_id"},
        {400, true, "{\"errors\":[\"role with oidc role_type is not allowed\"]}", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
         "browser"},
        {400, true, "{\"errors\":[\"invalid certificate or no client certificate supplied\"]}", MSTR_E_AUTHENTICATION,
         AGAIN_NEVER, "client_cert"},
        {404, false, NOTHING, MSTR_E_NOT_FOUND, AGAIN_NEVER, NULL},
        {404, false, "{\"errors\":[\"no handler for route \\\"x/\\\". route entry not found.\"]}", MSTR_E_NOT_FOUND,
         AGAIN_NEVER, "mounted"},
        {404, false, "{\"errors\":[\"namespace not found\"]}", MSTR_E_NOT_FOUND, AGAIN_NEVER, "namespace"},
        {404, true, "{\"errors\":[\"namespace not found\"]}", MSTR_E_CONFIG, AGAIN_NEVER, "auth_namespace"},
        {405, false, "{\"errors\":[\"unsupported operation\"]}", MSTR_E_REQUEST, AGAIN_NEVER, "nothing to read"},
        {413, false, NOTHING, MSTR_E_REQUEST, AGAIN_BY_POLICY, NULL},
        {404, false, "<html>not here</html>", MSTR_E_PROTOCOL, AGAIN_BY_POLICY, NULL},
        {200, false, "", MSTR_E_PROTOCOL, AGAIN_BY_POLICY, NULL},
        {503, false, "<html>busy</html>", MSTR_E_UNAVAILABLE, AGAIN_LATER, "vault status"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct story story = refuse(cases[i].status, cases[i].login, 1, cases[i].body);
        const char *hint = host->error_text(error, MSTR_DETAIL_HINT);
        assert_int_equal(story.code, cases[i].code);
        assert_int_equal(story.attempt.again, cases[i].again);
        assert_contains(host->error_message(error), "reading secret/app: Vault answered ");
        if (cases[i].hint != NULL) {
            assert_contains(hint, cases[i].hint);
        } else {
            assert_null(hint);
        }
    }
}

static void lists_of_go_are_told_in_a_line(void **state)
{
    (void)state;
    refuse(
        400, false, 1,
        "{\"errors\":[\"2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token\\n\\n\",\"and\\nmore\"]}");
    assert_string_equal(host->error_message(error),
                        "reading secret/app: Vault answered 400: permission denied; invalid token; and; more");
    refuse(404, false, 1, NOTHING);
    assert_string_equal(host->error_message(error), "reading secret/app: Vault answered 404: nothing is there");
}

static void a_server_that_stays_sealed_is_asked_twice(void **state)
{
    (void)state;
    assert_int_equal(refuse(503, false, 2, "{\"errors\":[\"Vault is sealed\"]}").attempt.again, AGAIN_NEVER);
    assert_int_equal(refuse(503, false, 2, "{\"errors\":[\"overloaded\"]}").attempt.again, AGAIN_LATER);
}

static void a_refusal_that_names_the_token_is_told_apart(void **state)
{
    (void)state;
    assert_true(refuse(403, false, 1,
                       "{\"errors\":[\"2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token\\n\\n\"]}")
                    .token);
    assert_true(refuse(403, false, 1, "{\"errors\":[\"bad token\"]}").token);
    assert_false(refuse(403, false, 1, DENIED).token);
    assert_false(refuse(400, false, 1, "{\"errors\":[\"bad token\"]}").token);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, error_setup, error_teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(each_refusal_has_its_class_and_hint),
        TEST(lists_of_go_are_told_in_a_line),
        TEST(a_server_that_stays_sealed_is_asked_twice),
        TEST(a_refusal_that_names_the_token_is_told_apart),
    };
    return RUN_TESTS("vault/wire/refusal");
}
