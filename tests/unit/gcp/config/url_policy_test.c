/* Which hosts a credential file may name. */
#include "gcp/config/url_policy.h"

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

static void all_other_hosts_are_refused(void **state)
{
    static const char *const bad[] = {
        "iamcredentials.googleapis.com",
        "sts.google.com",
        "googleapis.com",
        "sts.googleapis.com.evil.com",
        "evil.com",
        "stsgoogleapis.com",
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_of_google_are_accepted),
        cmocka_unit_test(all_other_hosts_are_refused),
    };
    return RUN_TESTS("gcp/config/url_policy");
}
