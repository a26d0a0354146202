/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/scripts.c; what they do is tried with a real server in tests/integration/redis_test.c. */
#include "support/unit.h"

#include "redis/service/scripts.h"

static void scripts_are_told_apart_by_their_hashes(void **state)
{
    struct scripts scripts;
    (void)state;
    assert_true(scripts_init(&scripts));
    for (size_t i = 0; i < SCRIPT_COUNT; i++) {
        assert_int_equal(strspn(scripts.list[i].hash, "0123456789abcdef"), 40);
        assert_true(strlen(scripts.list[i].text) > 0);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(scripts.list[i].hash, scripts.list[j].hash);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scripts_are_told_apart_by_their_hashes)};
    return RUN_TESTS("redis/service/scripts");
}
