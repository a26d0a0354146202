/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C by the CPU's instruction, or four bits at a time. */
#include "gcp/wire/crc32c.h"

#include <string.h>

/* The reflected polynomial's remainders of all half octets. */
static const uint32_t nibbles[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                     0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                     0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

uint32_t crc32c_portable(const void *octets, size_t length)
{
    const unsigned char *at = octets;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ nibbles[crc & 15];
        crc = crc >> 4 ^ nibbles[crc & 15];
    }
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t by_instruction(const void *octets, size_t length)
{
    const unsigned char *at = octets;
    uint64_t crc = UINT32_MAX;
    for (; length >= sizeof(uint64_t); at += sizeof(uint64_t), length -= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        crc = _mm_crc32_u64(crc, word);
    }
    for (; length > 0; at++, length--) {
        crc = _mm_crc32_u8((uint32_t)crc, *at);
    }
    return ~(uint32_t)crc;
}

uint32_t crc32c(const void *octets, size_t length)
{
    return __builtin_cpu_supports("sse4.2") ? by_instruction(octets, length) : crc32c_portable(octets, length);
}
#else
uint32_t crc32c(const void *octets, size_t length)
{
    return crc32c_portable(octets, length);
}
#endif
