/* SPDX-License-Identifier: Apache-2.0 */
/* core/config/schema.c */
#include "support/unit.h"

#include "config/config.h"
#include "config/schema.h"

/* Asserts that a check told this part of a sentence, or nothing at all. */
static void assert_told(bool good, struct buffer *problem, const char *told)
{
    assert_int_equal(good, told == NULL);
    if (told != NULL ? strstr(buffer_text(problem), told) == NULL : problem->length > 0) {
        fail_msg("\"%s\" is not \"%s\"", buffer_text(problem), told != NULL ? told : "");
    }
    buffer_clear(problem);
}

static void sections_have_known_types_and_names_where_they_need_one(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *name;
        const char *told; /* NULL = it is good */
    } cases[] = {
        {"profile", "default", NULL},
        {"profile", "", NULL},
        {"provider", "corp-2", NULL},
        {"env", "worker", NULL},
        {"cache", NULL, NULL},
        {"plugins", NULL, NULL},
        {"fleet", NULL, NULL},
        {"fleet", "emea", NULL},
        {"profil", "x", "unknown section [profil x]; did you mean \"profile\"?"},
        {"cahce", NULL, "unknown section [cahce]; did you mean \"cache\"?"},
        {"Profile", "x", "unknown section [Profile x]"},
        {"something-else", NULL, "unknown section [something-else]"},
        {"profile", NULL, "section [profile] needs a name: [profile NAME]"},
        {"cache", "x", "section [cache] takes no name"},
        {"provider", "Corp", "\"Corp\" cannot be a scheme: a lower-case letter, then letters, digits and -"},
        {"provider", "2corp", "\"2corp\" cannot be a scheme"},
    };
    struct buffer problem = BUFFER_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_told(schema_check_section(cases[i].type, cases[i].name, &problem), &problem, cases[i].told);
    }
    buffer_release(&problem);
}

static void each_key_has_values_of_its_kind(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *key;
        const char *value;
        const char *told; /* NULL = it is good */
    } cases[] = {
        {"fleet", "sessions", "0", "\"sessions\" must be a whole number from 1 to 64"},
        {"fleet", "sessions", "${env:N}", "\"sessions\" in [fleet] takes no reference"},
        {"fleet", "seal_key", "${env:KEY}", NULL},
        {"fleet", "of_the_modules_own", "anything", NULL},
        {"profile", "base_url", "https://mstr.example/api/", NULL},
        {"profile", "base_url", "mstr.example.com", "\"base_url\" must be an absolute http or https URL"},
        {"profile", "base_url", "https://ann@mstr.example/", "without user name, query and fragment"},
        {"profile", "base_url", "https://mstr.example/?a", "without user name, query and fragment"},
        {"profile", "base_url", "https://mstr.example/#a", "without user name, query and fragment"},
        {"profile", "base_url", "https://m\303\274nchen.example/",
         "\"base_url\" must be a URL whose host name is in ASCII"},
        {"profile", "relogin", "off", NULL},
        {"profile", "relogin", "perhaps", "\"relogin\" must be yes or no"},
        {"profile", "timeout", "250ms", NULL},
        {"profile", "timeout", "often", "\"timeout\" must be a duration such as 250ms, 30s, 5m or 1h"},
        {"profile", "max_redirects", "0", NULL},
        {"profile", "max_redirects", "2147483647", NULL},
        {"profile", "max_redirects", "2147483648", "\"max_redirects\" must be a whole number"},
        {"profile", "max_redirects", "-1", "\"max_redirects\" must be a whole number"},
        {"cache", "max_entries", "1", NULL},
        {"cache", "max_entries", "0", "\"max_entries\" must be a whole number from 1 on"},
        {"profile", "ca_file", "/etc/ca.pem", NULL},
        {"profile", "ca_file", "relative", "\"ca_file\" must be an absolute path"},
        {"profile", "login_mode", "ldap", NULL},
        {"profile", "login_mode", "4096", NULL},
        {"profile", "login_mode", "17", "\"login_mode\" must be standard, ldap, api-key, delegate, anonymous"},
        {"profile", "login_mode", "identity-token", "\"login_mode\" must be standard"},
        {"profile", "project", "anything at all", NULL},
        {"profile", "proxy", "anything at all", "\"proxy\" must be the URL of a proxy, http://HOST:PORT"},
        {"profile", "timeout", "${env:TIMEOUT}", NULL}, /* what a reference gives shows later */
        {"cache", "ttl", "${env:TTL}", "\"ttl\" in [cache] takes no reference"},
        {"plugins", "path", "${env:HOME}/lib", "\"path\" in [plugins] takes no reference"},
        {"provider", "plugin", "${env:P}", "\"plugin\" in [provider] takes no reference"},
        {"provider", "region", "${env:REGION}", NULL},
        {"profile", "usernme", "u", "unknown key \"usernme\" in [profile]; did you mean \"username\"?"},
        {"cache", "tll", "5m", "unknown key \"tll\" in [cache]; did you mean \"ttl\"?"},
        {"plugins", "something", "x", "unknown key \"something\" in [plugins]"},
        {"provider", "whatever", "x", NULL}, /* which the plugin's own table checks */
        {"env", "DB_PASSWORD", "x", NULL},
        {"env", "_1", "x", NULL},
        {"env", "DB-PASSWORD", "x", "\"DB-PASSWORD\" is no name of an environment variable: letters, digits and _"},
        {"env", "1ST", "x", "\"1ST\" is no name of an environment variable"},
    };
    struct buffer problem = BUFFER_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_told(schema_check_setting(cases[i].type, cases[i].key, cases[i].value, &problem), &problem,
                    cases[i].told);
    }
    buffer_release(&problem);
}

static void a_secret_is_not_written_so_that_it_may_be_cut_or_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool comment;
        const char *told; /* NULL = it is good */
    } cases[] = {
        {"hunter2", false, NULL},
        {"a", true, "\"pin\" has a blank with # or ; behind it"},
        {"${env:X}", true, "write a reference, or ${text:…} with %23, %3B, %20"},
        {"\"a b\"", false, "\"pin\" has quotes around it"},
        {"''", false, "\"pin\" has quotes around it"},
        {"'a\"", false, NULL}, /* no pair of quotes */
        {"\"", false, NULL},
    };
    struct buffer problem = BUFFER_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct config_value value = {.text = cases[i].value, .comment = cases[i].comment};
        bool good = config_check_secret("pin", &value, &problem);
        assert_null(strstr(buffer_text(&problem), "hunter2"));
        assert_told(good, &problem, cases[i].told);
    }
    buffer_release(&problem);
}

static void secrets_are_those_of_a_profile_and_whatever_a_program_is_given(void **state)
{
    (void)state;
    static const char *const keys[] = {"password",       "api_key",        "identity_token", "client_key_password",
                                       "proxy_password", "persistence_key"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        assert_true(schema_holds_secret("profile", keys[i]));
    }
    assert_true(schema_holds_secret("env", "ANY"));
    assert_false(schema_holds_secret("profile", "username"));
    assert_false(schema_holds_secret("provider", "token")); /* of which only the plugin knows */
    assert_false(schema_holds_secret("cache", "ttl"));
}

static void values_are_secret_unless_their_key_says_otherwise(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *key;
        const char *value;
        bool secret;
    } cases[] = {
        {"profile", "password", "", true},
        {"profile", "proxy_password", "", true},
        {"profile", "username", "ann", false},
        {"profile", "base_url", "https://mstr.example/", false},
        {"profile", "proxy", "http://proxy.example:3128", false},
        {"profile", "proxy", "http://ann:hunter2@proxy.example", true},
        {"cache", "ttl", "5m", false},
        {"provider", "region", "eu-west-1", false},
        {"provider", "token", "hunter2", true}, /* of which only the plugin knows */
        {"env", "ANY", "hunter2", true},
        {"unknown", "key", "", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(schema_is_secret(cases[i].type, cases[i].key, cases[i].value), cases[i].secret);
    }
}

static void the_case_of_a_key_counts_where_the_user_names_it(void **state)
{
    (void)state;
    assert_true(schema_keeps_case("env"));
    assert_false(schema_keeps_case("profile"));
    assert_false(schema_keeps_case("provider"));
}

static void each_variable_stands_over_a_key_of_a_profile(void **state)
{
    (void)state;
    size_t count = 0;
    struct buffer problem = BUFFER_INIT;
    for (const struct schema_variable *at = schema_variables; at->variable != NULL; at++, count++) {
        assert_int_equal(strncmp(at->variable, "MSTR_", 5), 0);
        assert_true(schema_check_setting("profile", at->key, "${env:X}", &problem));
    }
    assert_int_equal(count, 8);
    buffer_release(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_have_known_types_and_names_where_they_need_one),
        cmocka_unit_test(each_key_has_values_of_its_kind),
        cmocka_unit_test(a_secret_is_not_written_so_that_it_may_be_cut_or_quoted),
        cmocka_unit_test(secrets_are_those_of_a_profile_and_whatever_a_program_is_given),
        cmocka_unit_test(values_are_secret_unless_their_key_says_otherwise),
        cmocka_unit_test(the_case_of_a_key_counts_where_the_user_names_it),
        cmocka_unit_test(each_variable_stands_over_a_key_of_a_profile),
    };
    return RUN_TESTS("config/schema");
}
