/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C: published values, and the CPU's instruction beside the portable way. */
#include "gcp/wire/crc32c.h"

#include "support/unit.h"

static void published_checksums_are_computed(void **state)
{
    static const unsigned char zeros[32] = {0};
    unsigned char ones[32];
    unsigned char rising[32];
    memset(ones, 0xff, sizeof(ones));
    for (size_t i = 0; i < sizeof(rising); i++) {
        rising[i] = (unsigned char)i;
    }
    const struct {
        const void *octets;
        size_t length;
        uint32_t sum;
    } cases[] = {
        {"", 0, 0},
        {"a\n", 2, 163439259},
        {"123456789", 9, 3808858755U},
        {"hello", 5, 2591144780U},
        {"s3cr3t", 6, 825573743},
        {zeros, 32, 2324772522U},
        {ones, 32, 1655221059},
        {rising, 32, 1188919630},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(crc32c(cases[i].octets, cases[i].length), cases[i].sum);
        assert_int_equal(crc32c_portable(cases[i].octets, cases[i].length), cases[i].sum);
    }
}

static void both_ways_agree_at_every_length_and_alignment(void **state)
{
    unsigned char octets[300];
    for (size_t i = 0; i < sizeof(octets); i++) {
        octets[i] = (unsigned char)(i * 131 + 7);
    }
    (void)state;

    for (size_t start = 0; start < 9; start++) {
        for (size_t length = 0; start + length <= sizeof(octets); length++) {
            assert_int_equal(crc32c(octets + start, length), crc32c_portable(octets + start, length));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_checksums_are_computed),
        cmocka_unit_test(both_ways_agree_at_every_length_and_alignment),
    };
    return RUN_TESTS("gcp/wire/crc32c");
}
