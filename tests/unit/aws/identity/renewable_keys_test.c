/* SPDX-License-Identifier: Apache-2.0 */
/* How long keys are kept, when they are renewed, and what serves while that fails. */
#include "support/aws_home.h"

#define KEYS_UNTIL(time)                                                                                             \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"sk\",\"Token\":\"t\",\"Expiration\":"      \
    "\"" time "\"}"

static void keys_are_kept_and_renewed_before_their_end(void **state)
{
    struct renewable_keys renewable;
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c");
    fake_host_answer("GET", "http://169.254.170.2/c", 200, NULL, KEYS_UNTIL("2026-01-15T13:00:00Z"));
    assert_true(renewable_keys_init(&renewable, &settings));

    assert_kept(&renewable, "ASIA");
    fake_host_advance(44 * 60000);
    fake_host_deadline(30000);
    assert_kept(&renewable, "ASIA");
    assert_int_equal(fake_host_requests(), 1);

    fake_host_advance(60001); /* in the advisory window: a failed renewal leaves the old one */
    fake_host_deadline(30000);
    assert_kept(&renewable, "ASIA");
    assert_int_equal(fake_host_requests(), 2);
    assert_kept(&renewable, "ASIA");
    assert_int_equal(fake_host_requests(), 2); /* and is not repeated at once */
    renewable_keys_destroy(&renewable);
}

/* Ten minutes: others would be renewed 15 minutes before their end. */
static void keys_of_a_short_life_are_renewed_in_its_last_quarter(void **state)
{
    struct renewable_keys renewable;
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c");
    fake_host_answer("GET", "http://169.254.170.2/c", 200, NULL, KEYS_UNTIL("2026-01-15T12:10:00Z"));
    assert_true(renewable_keys_init(&renewable, &settings));
    assert_kept(&renewable, "ASIA");

    const struct kept *kept = renewable.renewable.kept;
    assert_int_equal(kept->end, FAKE_HOST_START + 600000);
    assert_int_equal(kept->renew, kept->end - 150000);
    assert_int_equal(kept->due, kept->end - 60000);
    assert_int_equal(kept->extension, 0);
    renewable_keys_destroy(&renewable);
}

static void the_end_is_one_by_the_clock_of_aws(void **state)
{
    struct renewable_keys renewable;
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c");
    fake_host_answer("GET", "http://169.254.170.2/c", 200, NULL, KEYS_UNTIL("2026-01-15T13:00:00Z"));
    assert_true(renewable_keys_init(&renewable, &settings));
    assert_kept(&renewable, "ASIA");

    fake_host_advance(30 * 60000);
    fake_host_deadline(30000);
    renewable.retry_policy.clock.ahead = 20 * 60000; /* an answer told that this machine's is so much behind */
    assert_kept(&renewable, "ASIA");
    assert_int_equal(fake_host_requests(), 2); /* which is why a renewal was tried */
    renewable_keys_destroy(&renewable);
}

static void keys_that_do_not_expire_are_kept_for_good(void **state)
{
    struct renewable_keys renewable;
    (void)state;
    fake_host_env("AWS_ACCESS_KEY_ID", "AKIA");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "sk");
    assert_true(renewable_keys_init(&renewable, &settings));
    assert_kept(&renewable, "AKIA");
    fake_host_env("AWS_ACCESS_KEY_ID", "LATER");
    fake_host_advance(INT64_C(1000) * 86400000);
    fake_host_deadline(30000);
    assert_kept(&renewable, "AKIA");
    renewable_keys_forget(&renewable, NULL);
    assert_kept(&renewable, "LATER");
    renewable_keys_destroy(&renewable);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(keys_are_kept_and_renewed_before_their_end),
        TEST(keys_of_a_short_life_are_renewed_in_its_last_quarter),
        TEST(the_end_is_one_by_the_clock_of_aws),
        TEST(keys_that_do_not_expire_are_kept_for_good),
    };
    return RUN_TESTS("aws/identity/renewable_keys");
}
