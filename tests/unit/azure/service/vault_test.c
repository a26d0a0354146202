/* SPDX-License-Identifier: Apache-2.0 */
/* Where vaults are, and what they may ask for. */
#include "unit/azure/support.h"

static void bare_name_lives_in_the_cloud_of_the_authority(void **state)
{
    static const struct {
        const char *authority;
        const char *vault;
        const char *scope;
        const char *secret;
    } cases[] = {
        {"https://login.microsoftonline.us/", "https://corp.vault.usgovcloudapi.net/*", "vault.usgovcloudapi.net",
         SECRET_OF("corp.vault.usgovcloudapi.net")},
        {"https://login.partner.microsoftonline.cn", "https://corp.vault.azure.cn/*", "vault.azure.cn",
         SECRET_OF("corp.vault.azure.cn")},
        {"login.chinacloudapi.cn", "https://corp.vault.azure.cn/*", "vault.azure.cn",
         SECRET_OF("corp.vault.azure.cn")},
        {"https://login.sovcloud-identity.fr", "https://corp.vault.sovcloud-api.fr/*", "vault.sovcloud-api.fr",
         SECRET_OF("corp.vault.sovcloud-api.fr")},
        {"https://login.corp.example", "https://corp.vault.azure.net/*", "vault.azure.net",
         SECRET_OF("corp.vault.azure.net")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_AUTHORITY_HOST", cases[i].authority);
        plugin->invalidate(instance, NULL);
        fake_host_answer("POST", "https://login.*/tenant-1/oauth2/v2.0/token", 200, NULL, TOKEN("t1"));
        fake_host_answer("GET", cases[i].vault, 200, NULL, cases[i].secret);
        assert_resolves(REFERENCE, "hello");
        assert_contains(fake_host_request(2 * i)->body, cases[i].scope);
    }
}

static void unknown_host_is_asked_for_its_challenge_once(void **state)
{
    (void)state;
    fake_host_answer("GET", UNKNOWN, 401, CHALLENGE_OF("tenant-1", "https://vault.example"), UNAUTHORIZED);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", UNKNOWN, 200, NULL, SECRET_OF("corp.vault.example"));

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
    fake_host_answer("GET", UNKNOWN, 200, NULL, SECRET_OF("corp.vault.example"));
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
    fake_host_answer("GET", "https://127.0.0.1:8443/*", 200, NULL, SECRET_OF("127.0.0.1:8443"));

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

/* A reference to one vault must not be served by another, whoever wrote the section. */
static void endpoint_of_another_vault_is_refused(void **state)
{
    static const struct {
        const char *endpoint;
        const char *reference;
        bool good;
    } cases[] = {
        {"https://corp.vault.azure.net", REFERENCE, true},
        {"https://corp.privatelink.vaultcore.azure.net/", REFERENCE, true},
        {"https://10.0.0.4", REFERENCE, true},
        {"https://other.vault.azure.net", REFERENCE, false},
        {"https://corp.vault.azure.cn", REFERENCE, false},
        {"https://other.privatelink.vaultcore.azure.net", REFERENCE, false},
        {"https://info.privatelink.vaultcore.azure.net", REFERENCE, false},
        {"https://corp.privatelink.vaultcore.azure.net", "azure-kv://corporate/db", false},
        {"https://corp.vault.azure.net", "azure-kv://vault.corp.example/db", false},
    };
    (void)state;
    fake_host_answer_always("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", "https://*/secrets/db*", 200, NULL, SECRET);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t before = fake_host_requests();
        fake_host_option("endpoint", cases[i].endpoint);
        if (cases[i].good) {
            assert_resolves(cases[i].reference, "hello");
        } else {
            assert_malformed(cases[i].reference, "endpoint is of another", "section for each vault");
            assert_int_equal(fake_host_requests(), before);
        }
    }
}

static void secret_of_another_vault_than_the_references_is_refused(void **state)
{
    (void)state;
    fake_host_option("endpoint", "https://10.0.0.4");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", "https://10.0.0.4/secrets/db*", 200, NULL, SECRET);

    assert_fails("azure-kv://other/db", MSTR_E_PROTOCOL, "another secret, \"https://corp.vault.azure.net",
                 "endpoint");
}

static void vault_may_call_itself_by_the_endpoints_name_only_where_that_is_its_own(void **state)
{
    static const struct {
        const char *endpoint;
        const char *reference;
        const char *id;
        bool good;
    } cases[] = {
        {"https://corp.vault.test:8443", REFERENCE, "https://corp.vault.test:8443/secrets/db/1", true},
        {"https://corp.vault.test:8443", "azure-kv://partner/db", "https://corp.vault.test:8443/secrets/db/1", false},
        {"https://corp.vault.test:8443", "azure-kv://info/db", "https://corp.vault.test:8443/secrets/db/1", false},
        {"https://corp.vault.test:8443", "azure-kv://corporate/db", "https://corp.vault.test:8443/secrets/db/1",
         false},
        {"https://gateway.test", "azure-kv://partner/db", "https://corp.vault.azure.net/secrets/db/1", false},
        {"https://gateway.test", REFERENCE, "https://gateway.test/secrets/db/1", false},
        {"http://127.0.0.1:7", REFERENCE, "http://127.0.0.1:7/secrets/db/1", false},
        {"http://127.0.0.1:7", "azure-kv:http://127.0.0.1:7/secrets/db", "http://127.0.0.1:7/secrets/db/1", true},
        {"https://[::1]:8443", "azure-kv://[::1]:8443/db", "https://[::1]:8443/secrets/db/1", true},
    };
    (void)state;
    fake_host_option("challenge_resource", "https://vault.azure.net");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char body[128];
        snprintf(body, sizeof(body), "{\"value\":\"hello\",\"id\":\"%s\"}", cases[i].id);
        fake_host_option("endpoint", cases[i].endpoint);
        fake_host_answer("GET", "*/secrets/db*", 200, NULL, body);
        if (cases[i].good) {
            assert_resolves(cases[i].reference, "hello");
        } else {
            assert_fails(cases[i].reference, MSTR_E_PROTOCOL, "answered with another secret", "calls itself");
        }
    }
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
    fake_host_answer("GET", "https://127.0.0.1:8443/*", 200, NULL, SECRET_OF("vault.corp.example"));

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
    fake_host_answer("GET", "https://gateway.corp.example/*", 200, NULL, SECRET_OF("vault.other.example"));

    assert_resolves("azure-kv://vault.other.example/db", "hello");
}

static void claims_before_a_resource_are_refused(void **state)
{
    (void)state;
    fake_host_answer("GET", UNKNOWN, 401, "WWW-Authenticate: Bearer claims=\"eyJhIjoxfQ==\"", "");

    assert_fails("azure-kv://corp.vault.example/db", MSTR_E_PROTOCOL, "claims before it named a resource", NULL);
}

static void claims_are_asked_for_in_the_tenant_and_for_the_resource_of_before(void **state)
{
    static const char authority[] = "https://login.microsoftonline.com/tenant-2/oauth2/v2.0/token";
    (void)state;
    fake_host_env("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "tenant-2");
    fake_host_answer("GET", UNKNOWN, 401, CHALLENGE_OF("tenant-2", "https://vault.example"), UNAUTHORIZED);
    fake_host_answer("POST", authority, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", UNKNOWN, 401,
                     "WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "");
    fake_host_answer("POST", authority, 200, NULL, TOKEN("t2"));
    fake_host_answer("GET", UNKNOWN, 200, NULL, SECRET_OF("corp.vault.example"));

    assert_resolves("azure-kv://corp.vault.example/db", "hello");

    assert_contains(fake_host_request(3)->body, "vault.example%2F.default");
    assert_contains(fake_host_request(3)->body, "claims=");
    assert_string_equal(authorization(4), "Bearer t2");
}

static void challenge_of_a_known_vault_is_verified_too(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("tenant-1", "https://graph.microsoft.com"), UNAUTHORIZED);

    assert_fails(REFERENCE, MSTR_E_DENIED, "\"https://graph.microsoft.com\", which is not its own resource", NULL);

    assert_int_equal(fake_host_requests(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PRINCIPAL(bare_name_lives_in_the_cloud_of_the_authority),
        WITH_PRINCIPAL(unknown_host_is_asked_for_its_challenge_once),
        WITH_PRINCIPAL(vault_that_names_a_foreign_resource_never_gets_a_token),
        WITH_PRINCIPAL(token_is_not_carried_to_another_port_of_the_host),
        WITH_PRINCIPAL(resource_may_be_named_where_the_host_does_not_tell),
        WITH_PRINCIPAL(endpoint_takes_the_place_of_the_vaults_url),
        WITH_PRINCIPAL(endpoint_of_another_vault_is_refused),
        WITH_PRINCIPAL(secret_of_another_vault_than_the_references_is_refused),
        WITH_PRINCIPAL(vault_may_call_itself_by_the_endpoints_name_only_where_that_is_its_own),
        WITH_PRINCIPAL(endpoint_with_a_query_is_refused),
        WITH_PRINCIPAL(endpoint_with_a_named_resource_needs_no_challenge),
        WITH_PRINCIPAL(endpoint_may_name_what_its_own_host_lies_below),
        WITH_PRINCIPAL(claims_before_a_resource_are_refused),
        WITH_PRINCIPAL(claims_are_asked_for_in_the_tenant_and_for_the_resource_of_before),
        WITH_PRINCIPAL(challenge_of_a_known_vault_is_verified_too),
    };
    return RUN_TESTS("azure/service/vault");
}
