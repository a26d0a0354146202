/* SPDX-License-Identifier: Apache-2.0 */
/* Which URLs a credential file may name. */
#include "gcp/config/url_policy.h"

#include "base/uri.h"
#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

static void hosts_of_google_are_accepted(void **state)
{
    static const char *const good[] = {
        "sts.googleapis.com",
        "STS.GoogleAPIs.com",
        "sts.mtls.googleapis.com",
        "us-east1.sts.googleapis.com",
        "sts.us-east1.googleapis.com",
        "us-east1-sts.googleapis.com",
        "sts-us-east1.p.googleapis.com",
        "us-east1.sts.mtls.googleapis.com",
        "sts-xyz.p.mtls.googleapis.com",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!url_policy_host_fits(good[i], "sts", "googleapis.com")) {
            fail_msg("%s was refused", good[i]);
        }
    }
    assert_true(url_policy_host_fits("sts.example.cloud", "sts", "example.cloud"));
}

static void a_host_of_the_greatest_length_is_looked_at(void **state)
{
    enum { MOST = 253 };
    static const char end[] = ".sts.googleapis.com";
    char url[8 + MOST + 2] = "https://";
    char *name = url + 8;
    (void)state;
    host = fake_host_table();
    memset(name, 'a', MOST + 1 - strlen(end));
    strcpy(name + MOST + 1 - strlen(end), end);
    assert_false(url_policy_host_fits(name, "sts", "googleapis.com"));
    assert_int_equal(url_policy_google(url, "", "", "sts", "googleapis.com", NULL), MSTR_E_CONFIG);

    memmove(name, name + 1, MOST + 1);
    assert_true(url_policy_host_fits(name, "sts", "googleapis.com"));
    assert_int_equal(url_policy_google(url, "", "", "sts", "googleapis.com", NULL), MSTR_OK);
}

static void all_other_hosts_are_refused(void **state)
{
    static const char *const bad[] = {
        "iamcredentials.googleapis.com",
        "sts.google.com",
        "googleapis.com",
        "sts.googleapis.com.evil.com",
        "evil.com",
        "stsgoogleapis.com",
        "sts-googleapis.com",
        "sts.googleapis.con",
        ".googleapis.com",
        "sts.mtls",
        "us.east.sts.googleapis.com",
        "sts..googleapis.com",
        "-sts.googleapis.co",
        "sts-.p.googleapis.com",
        "sts-x.googleapis.com",
        "xsts.googleapis.com",
        ".sts.googleapis.com",
        "sts.googleapis.com.",
        "a b.sts.googleapis.com",
        "sts-x.q.googleapis.com",
        "",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (url_policy_host_fits(bad[i], "sts", "googleapis.com")) {
            fail_msg("%s was accepted", bad[i]);
        }
    }
}

static void refusal_names_the_member_and_its_source(void **state)
{
    static const struct {
        const char *url;
        const char *why; /* NULL: accepted */
    } cases[] = {
        {"https://sts.googleapis.com/v1/token", NULL},
        {"http://127.0.0.1:7/token", NULL},
        {"https://sts.evil.com/v1/token", "the file: \"token_url\" names a host that is none of Google's"},
        {"https://sts.googleapis.com:8443/", "the file: \"token_url\" names a host that is none of Google's"},
        {"http://sts.googleapis.com/", "the file: \"token_url\" must be https, or on loopback"},
        {"https://me@sts.googleapis.com/", "the file: \"token_url\" is no plain URL"},
        {"https://b\303\274cher.example/", "the file: \"token_url\" is not " URI_INTERNATIONAL},
    };
    (void)state;
    host = fake_host_table();

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_error *error = host->error_new();
        enum mstr_code code =
            url_policy_google(cases[i].url, "token_url", "the file", "sts", "googleapis.com", error);
        assert_int_equal(code, cases[i].why == NULL ? MSTR_OK : MSTR_E_CONFIG);
        if (cases[i].why != NULL) {
            assert_string_equal(host->error_message(error), cases[i].why);
        }
        host->error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_of_google_are_accepted),
        cmocka_unit_test_setup_teardown(a_host_of_the_greatest_length_is_looked_at, fake_host_setup,
                                        fake_host_teardown),
        cmocka_unit_test(all_other_hosts_are_refused),
        cmocka_unit_test_setup_teardown(refusal_names_the_member_and_its_source, fake_host_setup, fake_host_teardown),
    };
    return RUN_TESTS("gcp/config/url_policy");
}
