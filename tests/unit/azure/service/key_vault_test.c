/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching secrets of Key Vault: one and many, what is repeated, and how refused tokens are answered. */
#include "unit/azure/support.h"

static void secret_is_read_with_two_requests(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_code(request), MSTR_OK);
    assert_string_equal(fake_request_value(request, NULL), "hello");
    assert_string_equal(fake_request_version(request), VERSION);
    assert_string_equal(fake_request_identity(request), "628b49d96dcde97a430dd4f597705899"); /* of the token */
    fake_request_free(request);
    assert_int_equal(fake_host_requests(), 2);
    assert_string_equal(fake_host_request(0)->body,
                        "grant_type=client_credentials&client_id=client-1&scope=https%3A%2F%2Fvault.azure.net%2F."
                        "default&client_secret=s3cr%26t");
    assert_string_equal(fake_host_request(1)->url, "https://corp.vault.azure.net/secrets/db?api-version=7.6");
    assert_string_equal(authorization(1), "Bearer t1");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-ms-client-request-id"),
                        "00000000-0000-0000-0000-000000000001");
}

static void references_lead_to_their_vault(void **state)
{
    static const struct {
        const char *reference;
        const char *url;
    } cases[] = {
        {"azure-kv://corp/db/" VERSION, "https://corp.vault.azure.net/secrets/db/" VERSION "?api-version=7.6"},
        {"azure-kv://corp.vault.azure.net/db", "https://corp.vault.azure.net/secrets/db?api-version=7.6"},
        {"azure-kv:https://corp.vault.azure.net/secrets/db",
         "https://corp.vault.azure.net/secrets/db?api-version=7.6"},
        {"azure-kv://corp/db?api-version=2025-07-01",
         "https://corp.vault.azure.net/secrets/db?api-version=2025-07-01"},
    };
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_resolves(cases[i].reference, "hello");
        assert_string_equal(fake_host_request(i + 1)->url, cases[i].url);
    }
}

static void bad_references_never_reach_the_network(void **state)
{
    static const struct {
        const char *reference;
        const char *part;
    } cases[] = {
        {"azure-kv://corp/db_password", "secret that cannot exist"},
        {"azure-kv://a-name-of-a-vault-too-long/db", "vault that cannot exist"},
        {"azure-kv://corp/db?version=1", "unknown query key"},
        {"azure-kv://corp/db?api-version=7%266", "api-version"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_malformed(cases[i].reference, cases[i].part, NULL);
    }
}

static void vault_that_cannot_be_trusted_is_not_asked_again(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_fail("GET", VAULT, MSTR_E_TLS, "certificate not trusted");

    assert_fails(REFERENCE, MSTR_E_TLS, "not trusted", NULL);
}

static void refused_token_is_renewed_once(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE, UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t2"));
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(authorization(3), "Bearer t2");

    fake_host_answer("GET", VAULT, 401, NULL, UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t3"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE, UNAUTHORIZED);
    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "AKV10000", NULL);
}

static void who_read_is_known_by_the_next_token(void **state)
{
    char first[65], next[65], other[65];
    (void)state;
    /* {"iss":"i","oid":"o","sub":"s","exp":1}, the same with "exp":2, and {"iss":"i","oid":"p","sub":"q","exp":3} */
    fake_host_answer("POST", AUTHORITY, 200, NULL,
                     TOKEN("e30.eyJpc3MiOiJpIiwib2lkIjoibyIsInN1YiI6InMiLCJleHAiOjF9.x"));
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
    read_identity(REFERENCE, first);
    fake_host_answer("GET", VAULT, 401, CHALLENGE, UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL,
                     TOKEN("e30.eyJpc3MiOiJpIiwib2lkIjoibyIsInN1YiI6InMiLCJleHAiOjJ9.x"));
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
    read_identity(REFERENCE, next);
    fake_host_answer("GET", VAULT, 401, CHALLENGE, UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL,
                     TOKEN("e30.eyJpc3MiOiJpIiwib2lkIjoicCIsInN1YiI6InEiLCJleHAiOjN9.x"));
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
    read_identity(REFERENCE, other);

    assert_string_equal(first, next);
    assert_string_not_equal(first, other);
}

#define CLAIMS_CHALLENGE                                                                                             \
    "WWW-Authenticate: Bearer realm=\"\", "                                                                          \
    "authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", "                              \
    "error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\""
static void claims_challenge_is_answered_once(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CLAIMS_CHALLENGE, "");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t2"));
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
    assert_resolves(REFERENCE, "hello");
    assert_contains(fake_host_request(2)->body, "&claims=%7B%22a%22%3A1%7D");
    assert_string_equal(authorization(3), "Bearer t2");

    fake_host_answer("GET", VAULT, 401, CLAIMS_CHALLENGE, UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t3"));
    fake_host_answer("GET", VAULT, 401, CLAIMS_CHALLENGE, UNAUTHORIZED);
    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "AKV10000", NULL);
}

static void throttling_is_waited_out_with_and_without_a_word_how_long(void **state)
{
    static const char throttled[] = REFUSAL("Throttled", INNER("VaultRequestTypeLimitReached"), "m");
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 429, NULL, throttled);
    fake_host_answer("GET", VAULT, 429, "Retry-After: 7", throttled);
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);

    assert_resolves(REFERENCE, "hello");

    assert_in_range(fake_host_slept(), 7640, 8040);
}

static void passing_failures_are_tried_four_times(void **state)
{
    static const int statuses[] = {408, 429, 500, 502, 503, 504};
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        fake_host_deadline(60000);
        size_t before = fake_host_requests();
        for (int j = 0; j < 4; j++) {
            fake_host_answer("GET", VAULT, statuses[i], NULL, "");
        }
        struct mstr_request *request = resolve(REFERENCE);
        assert_int_equal(fake_request_code(request), statuses[i] == 429 ? MSTR_E_THROTTLED : MSTR_E_UNAVAILABLE);
        fake_request_free(request);
        assert_int_equal(fake_host_requests() - before, i == 0 ? 5 : 4);
    }
}

static void pause_that_would_outlast_the_deadline_is_not_begun(void **state)
{
    (void)state;
    fake_host_deadline(5000);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 429, "Retry-After: 30", REFUSAL("Throttled", "", "m"));

    assert_fails(REFERENCE, MSTR_E_THROTTLED, "Throttled", "cache longer");

    assert_int_equal(fake_host_slept(), 0);
}

static void unreachable_vault_is_told(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    assert_fails(REFERENCE, MSTR_E_NETWORK, "corp.vault.azure.net", "does not exist has no address");
}

/* The secret NAME<number> of a vault. */
static void answer_numbered(const char *vault, const char *name, int number)
{
    char url[128];
    char body[256];
    snprintf(url, sizeof(url), "https://%s/secrets/%s%d[?]*", vault, name, number);
    snprintf(body, sizeof(body), "{\"value\":\"hello\",\"id\":\"https://%s/secrets/%s%d/1\"}", vault, name, number);
    fake_host_answer("GET", url, 200, NULL, body);
}

static void many_secrets_are_fetched_in_one_round(void **state)
{
    enum { MANY = 20 };
    struct mstr_request *requests[MANY];
    char reference[64];
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", "https://corp.vault.azure.net/secrets/s7[?]*", 404, NULL,
                     REFUSAL("SecretNotFound", "", "m"));
    fake_host_answer("GET", "https://corp.vault.azure.net/secrets/s8[?]*", 503, NULL, "");
    for (int i = 0; i < MANY; i++) {
        snprintf(reference, sizeof(reference), i == 9 ? "azure-kv://corp/s_%d" : "azure-kv://corp/s%d", i);
        requests[i] = fake_request_new(reference);
        if (i != 7 && i != 9) {
            answer_numbered("corp.vault.azure.net", "s", i);
        }
    }

    plugin->resolve(instance, requests, MANY, fake_host_call());

    for (int i = 0; i < MANY; i++) {
        enum mstr_code expected = i == 7 ? MSTR_E_NOT_FOUND : i == 9 ? MSTR_E_CONFIG : MSTR_OK;
        assert_int_equal(fake_request_code(requests[i]), expected);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 1 + MANY - 1 + 1);
}

static void batch_asks_once_for_a_token_that_cannot_be_had(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("azure-kv://corp/a"), fake_request_new("azure-kv://corp/b"),
                                       fake_request_new("azure-kv://corp/c")};
    (void)state;
    fake_host_answer("POST", AUTHORITY, 400, NULL, "{\"error\":\"invalid_client\"}");

    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_AUTHENTICATION);
        assert_contains(fake_request_message(requests[i]), "invalid_client");
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 1);
}

enum { FEW = 3 };

/* Three secrets of a vault whose challenge tells what it wants, at once. */
static void resolve_few(struct mstr_request *requests[FEW])
{
    for (int i = 0; i < FEW; i++) {
        char reference[64];
        snprintf(reference, sizeof(reference), "azure-kv://corp.vault.example/db%d", i);
        requests[i] = fake_request_new(reference);
    }
    plugin->resolve(instance, requests, FEW, fake_host_call());
}

static void batch_asks_once_what_its_vault_wants(void **state)
{
    struct mstr_request *requests[FEW];
    (void)state;
    fake_host_answer("GET", UNKNOWN, 503, NULL, "");
    fake_host_answer("GET", UNKNOWN, 401, CHALLENGE_OF("tenant-1", "https://vault.example"), UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    for (int i = 0; i < FEW; i++) {
        answer_numbered("corp.vault.example", "db", i);
    }

    resolve_few(requests);

    for (int i = 0; i < FEW; i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_OK);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 2 + 1 + FEW);
}

static void batch_fails_together_where_its_vault_may_have_no_token(void **state)
{
    static const struct {
        int status; /* 0 = no answer */
        enum mstr_code code;
        size_t requests;
    } cases[] = {{401, MSTR_E_DENIED, 1}, {0, MSTR_E_NETWORK, 4}, {404, MSTR_E_NOT_FOUND, FEW}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_request *requests[FEW];
        size_t before = fake_host_requests();
        for (size_t j = 0; j < cases[i].requests && cases[i].status != 0; j++) {
            fake_host_answer("GET", UNKNOWN, cases[i].status, CHALLENGE_OF("t", "https://graph.microsoft.com"),
                             REFUSAL("SecretNotFound", "", "m"));
        }
        resolve_few(requests);
        for (int j = 0; j < FEW; j++) {
            assert_int_equal(fake_request_code(requests[j]), cases[i].code);
            fake_request_free(requests[j]);
        }
        assert_int_equal(fake_host_requests() - before, cases[i].requests);
    }
}

static void batch_that_runs_out_of_time_tells_what_failed(void **state)
{
    struct mstr_request *requests[FEW];
    (void)state;
    fake_host_deadline(500);
    fake_host_answer("GET", UNKNOWN, 503, NULL, "");

    resolve_few(requests);

    for (int i = 0; i < FEW; i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_UNAVAILABLE);
        fake_request_free(requests[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(secret_is_read_with_two_requests),
        WITH_PRINCIPAL(references_lead_to_their_vault),
        WITH_PRINCIPAL(bad_references_never_reach_the_network),
        WITH_PRINCIPAL(vault_that_cannot_be_trusted_is_not_asked_again),
        WITH_PRINCIPAL(refused_token_is_renewed_once),
        WITH_PRINCIPAL(who_read_is_known_by_the_next_token),
        WITH_PRINCIPAL(claims_challenge_is_answered_once),
        WITH_PRINCIPAL(throttling_is_waited_out_with_and_without_a_word_how_long),
        WITH_PRINCIPAL(passing_failures_are_tried_four_times),
        WITH_PRINCIPAL(pause_that_would_outlast_the_deadline_is_not_begun),
        WITH_PRINCIPAL(unreachable_vault_is_told),
        WITH_PRINCIPAL(many_secrets_are_fetched_in_one_round),
        WITH_PRINCIPAL(batch_asks_once_for_a_token_that_cannot_be_had),
        WITH_PRINCIPAL(batch_asks_once_what_its_vault_wants),
        WITH_PRINCIPAL(batch_fails_together_where_its_vault_may_have_no_token),
        WITH_PRINCIPAL(batch_that_runs_out_of_time_tells_what_failed),
    };
    return RUN_TESTS("azure/service/key_vault");
}
