/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/store.c */
#include "support/redis_store.h"

static void making_a_store_contacts_nobody_and_needs_a_good_url(void **state)
{
    void *self = NULL;
    (void)state;
    fake_host_option("url", "redis://nowhere");
    assert_failed(redis->create(fake_host_instance(NULL), &self, redis_error), MSTR_E_CONFIG, "without TLS", NULL,
                  NULL);
    assert_null(self);
    redis->destroy(redis_open("rediss://nowhere.invalid"));
}

static void an_older_host_is_told_what_is_wanted(void **state)
{
    void *self = NULL;
    (void)state;
    live_table.size = (uint32_t)offsetof(struct mstr_host, trust);
    assert_failed(redis->create(fake_host_instance(NULL), &self, redis_error), MSTR_E_PLUGIN, "ABI 1.4", NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(making_a_store_contacts_nobody_and_needs_a_good_url, redis_setup,
                                        redis_teardown),
        cmocka_unit_test_setup_teardown(an_older_host_is_told_what_is_wanted, redis_setup, redis_teardown),
    };
    return RUN_TESTS("redis/store");
}
