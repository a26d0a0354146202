/* Key Vault's answers and challenges, good and bad, with the token of a service principal. */
#include "unit/azure/support.h"

#include <pthread.h>

#define UNKNOWN   "https://corp.vault.example/secrets/db*"
#define REFERENCE "azure-kv://corp/db"

static const char *authorization(size_t index)
{
    return fake_exchange_header(fake_host_request(index), "Authorization");
}

static void secret_is_read_with_two_requests(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_code(request), MSTR_OK);
    assert_string_equal(fake_request_value(request, NULL), "hello");
    assert_string_equal(fake_request_version(request), VERSION);
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

static void bare_name_lives_in_the_cloud_of_the_authority(void **state)
{
    static const struct {
        const char *authority;
        const char *vault;
        const char *scope;
    } cases[] = {
        {"https://login.microsoftonline.us/", "https://corp.vault.usgovcloudapi.net/*", "vault.usgovcloudapi.net"},
        {"https://login.partner.microsoftonline.cn", "https://corp.vault.azure.cn/*", "vault.azure.cn"},
        {"login.chinacloudapi.cn", "https://corp.vault.azure.cn/*", "vault.azure.cn"},
        {"https://login.sovcloud-identity.fr", "https://corp.vault.sovcloud-api.fr/*", "vault.sovcloud-api.fr"},
        {"https://login.corp.example", "https://corp.vault.azure.net/*", "vault.azure.net"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_AUTHORITY_HOST", cases[i].authority);
        plugin->invalidate(instance, NULL);
        fake_host_answer("POST", "https://login.*/tenant-1/oauth2/v2.0/token", 200, NULL, TOKEN("t1"));
        fake_host_answer("GET", cases[i].vault, 200, NULL, SECRET);
        assert_resolves(REFERENCE, "hello");
        assert_contains(fake_host_request(2 * i)->body, cases[i].scope);
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
        assert_fails(cases[i].reference, MSTR_E_CONFIG, cases[i].part, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void unknown_host_is_asked_for_its_challenge_once(void **state)
{
    (void)state;
    fake_host_answer("GET", UNKNOWN, 401, CHALLENGE_OF("tenant-1", "https://vault.example"), UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", UNKNOWN, 200, NULL, SECRET);

    assert_resolves("azure-kv://corp.vault.example/db", "hello");
    assert_resolves("azure-kv://corp.vault.example/db", "hello");

    assert_int_equal(fake_host_requests(), 4);
    assert_null(authorization(0));
    assert_contains(fake_host_request(1)->body, "vault.example%2F.default");
    assert_string_equal(authorization(2), "Bearer t1");
    assert_string_equal(authorization(3), "Bearer t1");
}

static void vault_that_names_a_foreign_resource_never_gets_a_token(void **state)
{
    (void)state;
    fake_host_answer_always("GET", UNKNOWN, 401, CHALLENGE_OF("tenant-1", "https://management.azure.com"),
                            UNAUTHORIZED);
    fake_host_answer_always("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < 3; i++) {
        assert_fails("azure-kv://corp.vault.example/db", MSTR_E_DENIED, "not its own resource", "challenge_resource");
        assert_int_equal(fake_host_requests(), i + 1);
        assert_null(authorization(i));
    }
}

static void token_is_not_carried_to_another_port_of_the_host(void **state)
{
    (void)state;
    fake_host_answer("GET", UNKNOWN, 401, CHALLENGE_OF("tenant-1", "https://vault.example"), UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", UNKNOWN, 200, NULL, SECRET);
    fake_host_answer("GET", "https://corp.vault.example:8443/*", 500, NULL, "");
    fake_host_answer("GET", "https://corp.vault.azure.net:8443/*", 400, NULL, "");
    assert_resolves("azure-kv://corp.vault.example/db", "hello");
    fake_host_deadline(100);

    assert_fails("azure-kv://corp.vault.example:8443/db", MSTR_E_UNAVAILABLE, "answered 500", NULL);
    assert_fails("azure-kv://corp.vault.azure.net:8443/db", MSTR_E_PROTOCOL, "answered 400", NULL);

    assert_null(authorization(3));
    assert_null(authorization(4));
}

static void resource_may_be_named_where_the_host_does_not_tell(void **state)
{
    (void)state;
    fake_host_option("challenge_resource", "https://vault.azurestack.local");
    fake_host_answer("GET", "https://127.0.0.1:8443/*", 401,
                     CHALLENGE_OF("tenant-1", "https://vault.azurestack.local/"), UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", "https://127.0.0.1:8443/*", 200, NULL, SECRET);

    assert_resolves("azure-kv://127.0.0.1:8443/db", "hello");

    assert_contains(fake_host_request(1)->body, "vault.azurestack.local%2F.default");
}

static void endpoint_takes_the_place_of_the_vaults_url(void **state)
{
    (void)state;
    fake_host_option("endpoint", "http://gateway.example:8080/kv/");
    fake_host_option("ca_file", "/ca.pem");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", "http://gateway.example:8080/kv/secrets/db*", 200, NULL, SECRET);

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body, "https%3A%2F%2Fvault.azure.net%2F.default");
    assert_string_equal(fake_host_request(0)->ca_file, "/ca.pem");
    assert_string_equal(fake_host_request(1)->ca_file, "/ca.pem");
    assert_int_equal(fake_host_request(1)->request.flags, MSTR_HTTP_ALLOW_PLAIN);
}

static void endpoint_with_a_query_is_refused(void **state)
{
    (void)state;
    fake_host_option("endpoint", "https://gateway.example/?a=b");

    assert_fails(REFERENCE, MSTR_E_CONFIG, "has a query", NULL);
}

static void endpoint_with_a_named_resource_needs_no_challenge(void **state)
{
    (void)state;
    fake_host_option("endpoint", "https://127.0.0.1:8443");
    fake_host_option("challenge_resource", "https://vault.local/");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", "https://127.0.0.1:8443/*", 200, NULL, SECRET);

    assert_resolves("azure-kv://vault.corp.example/db", "hello");

    assert_contains(fake_host_request(0)->body, "https%3A%2F%2Fvault.local%2F.default");
}

static void endpoint_may_name_what_its_own_host_lies_below(void **state)
{
    (void)state;
    fake_host_option("endpoint", "https://gateway.corp.example");
    fake_host_answer("GET", "https://gateway.corp.example/*", 401, CHALLENGE_OF("tenant-1", "https://corp.example"),
                     "");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", "https://gateway.corp.example/*", 200, NULL, SECRET);

    assert_resolves("azure-kv://vault.other.example/db", "hello");
}

static void claims_before_a_resource_are_refused(void **state)
{
    (void)state;
    fake_host_answer("GET", UNKNOWN, 401, "WWW-Authenticate: Bearer claims=\"eyJhIjoxfQ==\"", "");

    assert_fails("azure-kv://corp.vault.example/db", MSTR_E_PROTOCOL, "claims before it named a resource", NULL);
}

static void vault_that_cannot_be_trusted_is_not_asked_again(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_fail("GET", VAULT, MSTR_E_TLS, "certificate not trusted");

    assert_fails(REFERENCE, MSTR_E_TLS, "not trusted", NULL);
}

static void vault_of_another_tenant_is_asked_with_a_token_of_that_tenant(void **state)
{
    (void)state;
    fake_host_env("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "x; tenant-2");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("tenant-2", "https://vault.azure.net"), UNAUTHORIZED);
    fake_host_answer("POST", "https://login.microsoftonline.com/tenant-2/oauth2/v2.0/token", 200, NULL, TOKEN("t2"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);

    assert_resolves(REFERENCE, "hello");
    assert_resolves(REFERENCE, "hello");

    assert_string_equal(authorization(3), "Bearer t2");
    assert_string_equal(authorization(4), "Bearer t2");
}

static void tenant_that_is_not_allowed_is_told_with_both_names(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("tenant-2", "https://vault.azure.net"), UNAUTHORIZED);

    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION,
                 "belongs to tenant tenant-2, but the identity is configured for "
                 "tenant-1",
                 "AZURE_ADDITIONALLY_ALLOWED_TENANTS");
}

static void tenant_written_as_a_domain_may_be_the_vaults(void **state)
{
    (void)state;
    fake_host_env("AZURE_TENANT_ID", "corp.onmicrosoft.com");
    fake_host_answer("GET", UNKNOWN, 401, CHALLENGE_OF("tenant-1", "https://vault.example"), UNAUTHORIZED);
    fake_host_answer("POST", "https://login.microsoftonline.com/corp.onmicrosoft.com/*", 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", UNKNOWN, 200, NULL, SECRET);

    assert_resolves("azure-kv://corp.vault.example/db", "hello");
}

static void tenant_hints_can_be_switched_off(void **state)
{
    (void)state;
    fake_host_env("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH", "true");
    fake_host_answer_always("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("tenant-2", "https://vault.azure.net"), UNAUTHORIZED);
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);

    assert_resolves(REFERENCE, "hello");
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

static void challenge_of_a_known_vault_is_verified_too(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("tenant-1", "https://graph.microsoft.com"), UNAUTHORIZED);

    assert_fails(REFERENCE, MSTR_E_DENIED, "\"https://graph.microsoft.com\", which is not its own resource", NULL);

    assert_int_equal(fake_host_requests(), 2);
}

#define REFUSAL(code, inner, message) "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"" inner "}}"
#define INNER(code)                   ",\"innererror\":{\"code\":\"" code "\"}"
#define INNER2(code)                  ",\"InnerError\":{\"code\":\"" code "\"}"
static void refusals_have_class_and_hint(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        const char *part;
        const char *hint;
    } cases[] = {
        {403, REFUSAL("Forbidden", INNER("ForbiddenByRbac"), "Caller: appid=a;oid=b"), MSTR_E_DENIED, "appid=a",
         "Key Vault Secrets User"},
        {403, REFUSAL("Forbidden", INNER2("AccessDenied"), "m"), MSTR_E_DENIED, "Forbidden/AccessDenied",
         "set-policy"},
        {403, REFUSAL("Forbidden", INNER("ForbiddenByFirewall"), "Client address: 1.2.3.4"), MSTR_E_DENIED, "1.2.3.4",
         "firewall"},
        {403, REFUSAL("Forbidden", INNER("ForbiddenByConnection"), "m"), MSTR_E_DENIED, "m", "private endpoint"},
        {403, REFUSAL("Forbidden", INNER("SecretDisabled"), "m"), MSTR_E_DENIED, "m", "enable the version"},
        {403, REFUSAL("Forbidden", INNER("NewCode"), "m"), MSTR_E_DENIED, "NewCode", NULL},
        {404, REFUSAL("SecretNotFound", "", "A secret with (name/id) db was not found"), MSTR_E_NOT_FOUND,
         "was not found", "deleted secret"},
        {400, REFUSAL("BadParameter", "", "m"), MSTR_E_REQUEST, "m", "api_version"},
        {409, REFUSAL("Conflict", "", "m"), MSTR_E_UNAVAILABLE, "m", "recovered"},
        {404, "<html>", MSTR_E_PROTOCOL, "not in the way of Key Vault", "proxy"},
        {302, "", MSTR_E_PROTOCOL, "302", "proxy"},
        {200, "<html>", MSTR_E_PROTOCOL, "without a value", "proxy"},
        {200, "{\"value\":null}", MSTR_E_PROTOCOL, "without a value", NULL},
        {200, "{\"value\":\"x\",\"attributes\":{\"enabled\":false}}", MSTR_E_DENIED, "disabled", NULL},
    };
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", VAULT, cases[i].status, "x-ms-request-id: r-1", cases[i].body);
        assert_fails(REFERENCE, cases[i].code, cases[i].part, cases[i].hint);
    }
    assert_int_equal(fake_host_slept(), 0);
}

static void wrong_audience_and_issuer_are_told(void **state)
{
    static const struct {
        const char *body;
        const char *hint;
    } cases[] = {
        {REFUSAL("Unauthorized", "", "AKV10022: Invalid audience. Expected https://vault.azure.net, found: x"),
         "another audience"},
        {REFUSAL("Unauthorized", "", "AKV10032: Invalid issuer. Expected one of y, found z"), "another tenant"},
    };
    (void)state;
    fake_host_answer_always("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", VAULT, 401, CHALLENGE, cases[i].body);
        fake_host_answer("GET", VAULT, 401, CHALLENGE, cases[i].body);
        assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "found", cases[i].hint);
    }
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

static void many_secrets_are_fetched_in_one_round(void **state)
{
    enum { MANY = 20 };
    struct mstr_request *requests[MANY];
    char reference[64];
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", "https://corp.vault.azure.net/secrets/s*", 200, NULL, SECRET);
    fake_host_answer("GET", "https://corp.vault.azure.net/secrets/s7[?]*", 404, NULL,
                     REFUSAL("SecretNotFound", "", "m"));
    fake_host_answer("GET", "https://corp.vault.azure.net/secrets/s8[?]*", 503, NULL, "");
    for (int i = 0; i < MANY; i++) {
        snprintf(reference, sizeof(reference), i == 9 ? "azure-kv://corp/s_%d" : "azure-kv://corp/s%d", i);
        requests[i] = fake_request_new(reference);
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
    fake_host_answer_always("GET", UNKNOWN, 200, NULL, SECRET);

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

static void vault_that_names_ever_new_tenants_is_served_all_the_same(void **state)
{
    char challenge[256];
    char authority[256];
    (void)state;
    fake_host_env("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "*");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t0"));

    for (int i = 2; i < 40; i++) {
        snprintf(challenge, sizeof(challenge), CHALLENGE_OF("tenant-%d", "https://vault.azure.net"), i);
        snprintf(authority, sizeof(authority), "https://login.microsoftonline.com/tenant-%d/*", i);
        fake_host_answer("GET", VAULT, 401, challenge, UNAUTHORIZED);
        fake_host_answer("POST", authority, 200, NULL, TOKEN("t1"));
        fake_host_answer("GET", VAULT, 200, NULL, SECRET);
        assert_resolves(REFERENCE, "hello");
    }
}

enum { THREADS = 8 };
static void *resolve_once(void *data)
{
    struct mstr_request *const requests[] = {data};
    plugin->resolve(instance, requests, 1, fake_host_call());
    return NULL;
}

static void threads_share_one_token_request(void **state)
{
    pthread_t threads[THREADS];
    struct mstr_request *requests[THREADS];
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);

    for (size_t i = 0; i < THREADS; i++) {
        requests[i] = fake_request_new(REFERENCE);
        assert_int_equal(pthread_create(&threads[i], NULL, resolve_once, requests[i]), 0);
    }

    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(fake_request_code(requests[i]), MSTR_OK);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 1 + THREADS);
}

static void validity_is_warned_about_or_refused(void **state)
{
    static const struct {
        const char *body;
        const char *message;
    } cases[] = {
        {SECRET_AS("hello", ",\"exp\":1768478399"), "has expired"},
        {SECRET_AS("hello", ",\"nbf\":1768478401"), "is not valid yet"},
    };
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_option("refuse_expired", "no");
        fake_host_answer("GET", VAULT, 200, NULL, cases[i].body);
        assert_resolves(REFERENCE, "hello");
        assert_contains(fake_host_log(), cases[i].message);
        fake_host_option("refuse_expired", "yes");
        fake_host_answer("GET", VAULT, 200, NULL, cases[i].body);
        assert_fails(REFERENCE, MSTR_E_DENIED, cases[i].message, "refuse_expired");
    }
}

static void end_of_validity_and_kind_of_a_certificate_are_told(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 200, NULL,
                     "{\"value\":\"MIIK\",\"contentType\":\"application/x-pkcs12\",\"id\":\"https://h/secrets/db/9\","
                     "\"managed\":true,\"kid\":\"k\",\"attributes\":{\"enabled\":true,\"exp\":1768478500}}");

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_expires(request), INT64_C(1768478500000));
    assert_string_equal(fake_request_content_type(request), "application/x-pkcs12");
    assert_string_equal(fake_request_version(request), "9");
    fake_request_free(request);
}

int main(void)
{
#define WITH_PRINCIPAL(test) cmocka_unit_test_setup_teardown(test, principal_setup, plugin_teardown)
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(secret_is_read_with_two_requests),
        WITH_PRINCIPAL(references_lead_to_their_vault),
        WITH_PRINCIPAL(bare_name_lives_in_the_cloud_of_the_authority),
        WITH_PRINCIPAL(bad_references_never_reach_the_network),
        WITH_PRINCIPAL(unknown_host_is_asked_for_its_challenge_once),
        WITH_PRINCIPAL(vault_that_names_a_foreign_resource_never_gets_a_token),
        WITH_PRINCIPAL(token_is_not_carried_to_another_port_of_the_host),
        WITH_PRINCIPAL(resource_may_be_named_where_the_host_does_not_tell),
        WITH_PRINCIPAL(endpoint_takes_the_place_of_the_vaults_url),
        WITH_PRINCIPAL(endpoint_with_a_query_is_refused),
        WITH_PRINCIPAL(endpoint_with_a_named_resource_needs_no_challenge),
        WITH_PRINCIPAL(endpoint_may_name_what_its_own_host_lies_below),
        WITH_PRINCIPAL(claims_before_a_resource_are_refused),
        WITH_PRINCIPAL(vault_that_cannot_be_trusted_is_not_asked_again),
        WITH_PRINCIPAL(vault_of_another_tenant_is_asked_with_a_token_of_that_tenant),
        WITH_PRINCIPAL(tenant_that_is_not_allowed_is_told_with_both_names),
        WITH_PRINCIPAL(tenant_written_as_a_domain_may_be_the_vaults),
        WITH_PRINCIPAL(tenant_hints_can_be_switched_off),
        WITH_PRINCIPAL(refused_token_is_renewed_once),
        WITH_PRINCIPAL(claims_challenge_is_answered_once),
        WITH_PRINCIPAL(challenge_of_a_known_vault_is_verified_too),
        WITH_PRINCIPAL(refusals_have_class_and_hint),
        WITH_PRINCIPAL(wrong_audience_and_issuer_are_told),
        WITH_PRINCIPAL(throttling_is_waited_out_with_and_without_a_word_how_long),
        WITH_PRINCIPAL(passing_failures_are_tried_four_times),
        WITH_PRINCIPAL(pause_that_would_outlast_the_deadline_is_not_begun),
        WITH_PRINCIPAL(unreachable_vault_is_told),
        WITH_PRINCIPAL(many_secrets_are_fetched_in_one_round),
        WITH_PRINCIPAL(batch_asks_once_for_a_token_that_cannot_be_had),
        WITH_PRINCIPAL(batch_asks_once_what_its_vault_wants),
        WITH_PRINCIPAL(batch_fails_together_where_its_vault_may_have_no_token),
        WITH_PRINCIPAL(batch_that_runs_out_of_time_tells_what_failed),
        WITH_PRINCIPAL(vault_that_names_ever_new_tenants_is_served_all_the_same),
        WITH_PRINCIPAL(threads_share_one_token_request),
        WITH_PRINCIPAL(validity_is_warned_about_or_refused),
        WITH_PRINCIPAL(end_of_validity_and_kind_of_a_certificate_are_told),
    };
    return RUN_TESTS("azure/service/key_vault");
}
