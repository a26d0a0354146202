/* SPDX-License-Identifier: Apache-2.0 */
/* The store's instance made, and its replies read, while memory runs out. */
#include "base/crypto.h"
#include "redis/wire/resp.h"
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

static enum mstr_code read_reply(const char *text, size_t length, struct mstr_error *error)
{
    struct resp *reply = NULL;
    struct resp_reader *reader = resp_reader_new();
    enum mstr_code code = MSTR_E_MEMORY;
    if (reader != NULL) {
        resp_feed(reader, text, length);
        code = resp_next(reader, &reply, error);
    } else {
        host->error_set(error, code, "out of memory");
    }
    assert_true(code != MSTR_OK || resp_has(reply, 5));
    resp_free(reply);
    resp_reader_free(reader);
    return code;
}

static void a_reply_without_memory_is_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_reply, "*5\r\n:-7\r\n$-1\r\n$3\r\nabc\r\n+OK\r\n*1\r\n-ERR no\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_without_memory_is_told_as_that),
        cmocka_unit_test(an_instance_is_made_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, fake_host_setup, fake_host_teardown);
}
