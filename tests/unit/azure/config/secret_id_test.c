/* SPDX-License-Identifier: Apache-2.0 */
/* What a reference to Key Vault may name. */
#include "azure/config/secret_id.h"

#include "support/unit.h"

static void references_are_taken_apart(void **state)
{
    static const struct {
        const char *body;
        const char *vault;
        const char *name;
        const char *version;
        bool bare;
    } cases[] = {
        {"//corp-vault/db", "corp-vault", "db", "", true},
        {"//corp-vault/db/0123456789abcdef0123456789abcdef", "corp-vault", "db", "0123456789abcdef0123456789abcdef",
         true},
        {"//corp.vault.azure.net/db-2", "corp.vault.azure.net", "db-2", "", false},
        {"//abc/db", "abc", "db", "", true},
        {"//Zurich-vault-24-octets-x/db", "Zurich-vault-24-octets-x", "db", "", true},
        {"//127.0.0.1:8443/db", "127.0.0.1:8443", "db", "", false},
        {"//localhost:8443/db", "localhost:8443", "db", "", false},
        {"//[::1]:8443/db", "[::1]:8443", "db", "", false},
        {"https://corp.vault.azure.cn/secrets/db", "corp.vault.azure.cn", "db", "", false},
        {"https://corp.vault.azure.net:443/Secrets/db/1f", "corp.vault.azure.net:443", "db", "1f", false},
        {"http://127.0.0.1:8080/secrets/db", "127.0.0.1:8080", "db", "", false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct secret_id id;
        assert_null(secret_id_parse(cases[i].body, &id).what);
        assert_string_equal(id.vault, cases[i].vault);
        assert_string_equal(id.name, cases[i].name);
        assert_string_equal(id.version, cases[i].version);
        assert_int_equal(id.bare, cases[i].bare);
    }
}

static void bad_references_are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *body;
        const char *what;
    } cases[] = {
        {"db", "begin with //VAULT"},
        {"//corp-vault", "no secret after"},
        {"//corp-vault/", "secret that cannot exist"},
        {"///db", "no vault"},
        {"//ab/db", "vault that cannot exist"},
        {"//a-vault-name-of-25-letters-/db", "vault that cannot exist"},
        {"//twenty-five-letters-vaults/db", "vault that cannot exist"},
        {"//corp--vault/db", "vault that cannot exist"},
        {"//1corp/db", "vault that cannot exist"},
        {"//corp-/db", "vault that cannot exist"},
        {"//corp_vault/db", "vault that cannot exist"},
        {"//-corp/db", "vault that cannot exist"},
        {"//user@corp.vault.azure.net/db", "no host"},
        {"//corp.vault.azure.net?q/db", "no host"},
        {"//corp.vault.azure.net#f/db", "no host"},
        {"//corp.vault.azure.net:99999/db", "no host"},
        {"//corp.vault%2eazure.net/db", "no host"},
        {"//b\xc3\xbc"
         "cher.vault.azure.net/db",
         "host name is not in ASCII"},
        {"https://b\xc3\xbc"
         "cher.vault.azure.net:443/secrets/db",
         "host name is not in ASCII"},
        {"//b\xc3\xbc"
         "cher/db",
         "vault that cannot exist"},
        {"//corp.managedhsm.azure.net/db", "managed HSM"},
        {"//corp.managedhsm.azure.net:443/db", "managed HSM"},
        {"//corp-vault/db_password", "secret that cannot exist"},
        {"//corp-vault/db.password", "secret that cannot exist"},
        {"//corp-vault/db/", "no version"},
        {"//corp-vault/db/a/b", "no version"},
        {"https://corp.vault.azure.net/keys/db", "no id of a secret"},
        {"https://corp.vault.azure.net/certificates/db", "certificate"},
        {"https://corp.vault.azure.net", "no id of a secret"},
        {"http://corp.vault.azure.net/secrets/db", "plain http"},
        {"http://127.0.0.1.example/secrets/db", "plain http"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct secret_id id;
        struct secret_id_fault fault = secret_id_parse(cases[i].body, &id);
        if (fault.what == NULL || strstr(fault.what, cases[i].what) == NULL) {
            fail_msg("%s: %s", cases[i].body, fault.what != NULL ? fault.what : "accepted");
        }
    }
}

static void names_of_the_longest_length_are_accepted(void **state)
{
    char body[200] = "//corp-vault/";
    struct secret_id id;
    (void)state;
    memset(body + strlen(body), 'a', NAME_LONGEST);

    assert_null(secret_id_parse(body, &id).what);
    strcat(body, "a");
    assert_non_null(secret_id_parse(body, &id).what);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_taken_apart),
        cmocka_unit_test(bad_references_are_refused_with_the_reason),
        cmocka_unit_test(names_of_the_longest_length_are_accepted),
    };
    return RUN_TESTS("azure/config/secret_id");
}
