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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(keys_are_kept_and_renewed_before_their_end),
    };
    return RUN_TESTS("aws/identity/renewable_keys");
}
