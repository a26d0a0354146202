/* SPDX-License-Identifier: Apache-2.0 */
/* The store's instance, made while memory runs out. */
#include "base/crypto.h"
#include "unit/memory.h"

#include <mstr/store.h>

static void an_instance_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_true(crypto_is_ready()); /* made once; what fails then fails for good */
    const struct mstr_store *store = mstr_store_entry(fake_host_table());
    fake_host_option("password", "p");
    fake_host_option("url", "rediss://user@nowhere.invalid:6380/2");
    assert_made_whole_or_not_at_all(store->create, store->destroy, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_is_made_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, fake_host_setup, fake_host_teardown);
}
