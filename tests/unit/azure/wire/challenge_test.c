/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges of vaults, and the resources that they may name. */
#include "azure/wire/challenge.h"

#include "support/unit.h"

#define CLAIMS_JSON   "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"}}}"
#define CLAIMS_BASE64 "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ=="

static void challenges_are_read_in_all_their_forms(void **state)
{
    static const struct {
        const char *header;
        const char *resource;
        const char *tenant;
    } cases[] = {
        {"Bearer authorization=\"https://login.windows.net/t\", resource=\"https://vault.azure.net\"",
         "https://vault.azure.net", "t"},
        {"bearer authorization=\"https://login.windows.net/t\" resource=\"https://vault.azure.net/\"",
         "https://vault.azure.net", "t"},
        {"Bearer AUTHORIZATION_URI=\"https://login.windows.net/t/\",\tResource=https://vault.azure.net",
         "https://vault.azure.net", "t"},
        {"Bearer authorization=\"https://h/t\", scope=\"https://vault.azure.net/.default\"",
         "https://vault.azure.net", "t"},
        {"Bearer scope=\"https://a.example/.default\", resource=\"https://b.example\"", "https://b.example", ""},
        {"Negotiate, Basic realm=\"resource=x\", Bearer resource=\"https://vault.azure.net\"",
         "https://vault.azure.net", ""},
        {"Bearer authorization=\"https://adfs.local/adfs\", resource=\"https://vault.local\"", "https://vault.local",
         ""},
        {"Bearer authorization=\"https://h/dstsv2/t\", resource=\"https://vault.local\"", "https://vault.local", "t"},
        {"Bearer authorization=\"https://h/common\", resource=\"https://vault.local\"", "https://vault.local", ""},
        {"Bearer authorization=\"https://h/a%20b\", resource=\"https://vault.local\"", "https://vault.local", ""},
        {"Bearer authorization=\"not a url\", resource=\"https://vault.local\"", "https://vault.local", ""},
        {"Bearer authorization=\"https://h/adfsx/a\", resource=\"https://vault.local\"", "https://vault.local",
         "adfsx"},
        {"Bearer authorization=\"https://h/abcd\", resource=\"https://vault.local\"", "https://vault.local", "abcd"},
        {"Bearer authorization=\"https://h/\", resource=\"https://vault.local\"", "https://vault.local", ""},
        {"Bearer authorization=\"https://h?t\", resource=\"https://vault.local\"", "https://vault.local", ""},
        {"Bearer authorization \t= \t\"https://h/t\"  ,resource =https://vault.local", "https://vault.local", "t"},
        {"Bearer resource=\"///\", scope=\"https://vault.local\"", "https://vault.local", ""},
        {"Bearer scope=\"https://vault.local\", authorization=\"https://h/t\"", "https://vault.local", "t"},
        {"Bearer realm=\"a\\\"b\", resource=\"https://vault.local/a=b\"", "https://vault.local/a=b", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct demand demand;
        assert_true(challenge_read(cases[i].header, &demand));
        assert_string_equal(demand.resource, cases[i].resource);
        assert_string_equal(demand.tenant, cases[i].tenant);
        assert_string_equal(demand.claims, "");
    }
}

static void headers_without_a_challenge_are_refused(void **state)
{
    static const char *const cases[] = {"",
                                        "Bearer",
                                        "Basic resource=\"https://vault.azure.net\"",
                                        "Bearer authorization=\"https://h/t\"",
                                        "Bearer resource=\"\"",
                                        "Bearer resource=\"///\"",
                                        "Bearer claims=\"***\"",
                                        "Bearer claims=\"\"",
                                        "Bearer claims=\"==\"",
                                        "Bearer claims=\"eyIAIn0=\"", /* with a NUL in it */
                                        "Bearer claims=\"bm8ganNvbg==\"",
                                        "= = =",
                                        "Bearer resource"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct demand demand;
        assert_false(challenge_read(cases[i], &demand));
    }
}

static void claims_are_decoded(void **state)
{
    static const char *const cases[] = {
        "Bearer realm=\"\", authorization_uri=\"https://h/common/oauth2/authorize\", error=\"insufficient_claims\", "
        "claims=\"" CLAIMS_BASE64 "\"",
        "Bearer claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ\"",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct demand demand;
        assert_true(challenge_read(cases[i], &demand));
        assert_string_equal(demand.claims, CLAIMS_JSON);
        assert_string_equal(demand.resource, "");
    }
    struct demand demand;
    assert_true(challenge_read("Bearer claims=\"eyI/PyI6Ij4+In0=\"", &demand)); /* the other alphabet */
    assert_string_equal(demand.claims, "{\"?\?\":\">>\"}");
}

static void endless_values_are_refused(void **state)
{
    char header[RESOURCE_MAX + 64] = "Bearer resource=\"https://";
    struct demand demand;
    (void)state;
    memset(header + strlen(header), 'a', RESOURCE_MAX);

    assert_false(challenge_read(header, &demand));
}

static void vault_may_only_ask_for_what_it_lies_below(void **state)
{
    static const struct {
        const char *resource;
        const char *host;
        unsigned port;
        const char *allowed;
        bool good;
    } cases[] = {
        {"https://vault.azure.net", "corp.vault.azure.net", 443, NULL, true},
        {"https://VAULT.azure.net", "corp.vault.AZURE.net", 443, NULL, true},
        {"https://vault.azure.net:443", "corp.vault.azure.net", 443, NULL, true},
        {"https://vault.azure.net", "corp.vault.azure.net", 8443, NULL, false},
        {"https://vault.azure.net:8443", "corp.vault.azure.net", 443, NULL, false},
        {"https://vault.localhost:8443", "corp.vault.localhost", 8443, NULL, true},
        {"https://vault.localhost:8443", "corp.vault.localhost", 8444, NULL, false},
        {"https://vault.azure.cn", "corp.vault.azure.net", 443, NULL, false},
        {"https://myvault.azure.net", "corp.vault.azure.net", 443, NULL, false},
        {"https://ault.azure.net", "corp.vault.azure.net", 443, NULL, false},
        {"https://corp.vault.azure.net", "corp.vault.azure.net", 443, NULL, false},
        {"https://net", "corp.vault.azure.net", 443, NULL, false},
        {"https://management.azure.com", "corp.vault.azure.net", 443, NULL, false},
        {"http://vault.azure.net", "corp.vault.azure.net", 443, NULL, false},
        {"http://vault.azure.net:443", "corp.vault.azure.net", 443, NULL, false},
        {"https://vault.azure.net:", "corp.vault.azure.net", 443, NULL, true},
        {"https://vault.azure.net:443x", "corp.vault.azure.net", 443, NULL, false},
        {"https://[::ffff:1.2.3.4]", "corp.vault.azure.net", 443, NULL, false},
        {"https://vault.azure.net/", "corp.vault.azure.net", 443, NULL, false},
        {"https://vault.azure.net#f", "corp.vault.azure.net", 443, NULL, false},
        {"https://user@vault.azure.net", "corp.vault.azure.net", 443, NULL, false},
        {"https://vault.azure.net%2e", "corp.vault.azure.net", 443, NULL, false},
        {"https://vault.azure.net/x", "corp.vault.azure.net", 443, NULL, false},
        {"https://vault.azure.net?x", "corp.vault.azure.net", 443, NULL, false},
        {"https://evil.example\\.vault.azure.net", "corp.vault.azure.net", 443, NULL, false},
        {"vault.azure.net", "corp.vault.azure.net", 443, NULL, false},
        {"https://0.0.1", "127.0.0.1", 443, NULL, false},
        {"https://vault.local", "127.0.0.1", 8443, "https://vault.local", true},
        {"https://vault.local", "127.0.0.1", 8443, "https://vault.local/", true},
        {"https://vault.local.evil.example", "127.0.0.1", 8443, "https://vault.local", false},
        {"https://vault.loca", "127.0.0.1", 8443, "https://vault.local", false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (challenge_is_allowed(cases[i].resource, cases[i].host, cases[i].port, cases[i].allowed) !=
            cases[i].good) {
            fail_msg("%s for %s:%u", cases[i].resource, cases[i].host, cases[i].port);
        }
    }
}

static void parameters_of_another_scheme_are_not_taken(void **state)
{
    struct buffer value = BUFFER_INIT;
    (void)state;

    assert_true(challenge_parameter("Basic realm=/var/opt/azcmagent/tokens/a.key", "Basic", "realm", &value));
    assert_string_equal(buffer_text(&value), "/var/opt/azcmagent/tokens/a.key");
    assert_false(challenge_parameter("Bearer realm=x, Basic other=y", "Basic", "realm", &value));
    buffer_release(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(challenges_are_read_in_all_their_forms),
        cmocka_unit_test(headers_without_a_challenge_are_refused),
        cmocka_unit_test(claims_are_decoded),
        cmocka_unit_test(endless_values_are_refused),
        cmocka_unit_test(vault_may_only_ask_for_what_it_lies_below),
        cmocka_unit_test(parameters_of_another_scheme_are_not_taken),
    };
    return RUN_TESTS("azure/wire/challenge");
}
