/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/crypto.c; what happens without memory is integration/tool_memory's affair */
#include "base/crypto.h"
#include "support/unit.h"

#include <openssl/err.h>

static void with_memory_it_is_ready(void **state)
{
    (void)state;
    assert_true(crypto_is_ready());
    assert_true(crypto_is_ready());
}

static void a_failure_is_forgotten(void **state)
{
    (void)state;
    ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
    assert_int_not_equal(ERR_peek_error(), 0);

    assert_false(crypto_forget_failure());

    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_memory_it_is_ready),
        cmocka_unit_test(a_failure_is_forgotten),
    };
    return RUN_TESTS("base/crypto");
}
