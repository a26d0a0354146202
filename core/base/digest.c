/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and HMAC-SHA-256. */
#include "base/digest.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, WORDS = 8, ROUNDS = 64, LENGTH = 8 };

/* FIPS 180-4, 4.2.2 and 5.3.3: of the cube roots of the first 64 primes, and of the square roots of the first 8. */
static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t initial[WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

struct hash {
    uint32_t state[WORDS];
    unsigned char block[BLOCK]; /* what is not hashed yet */
    uint64_t length;            /* of all octets so far */
};

static uint32_t rotate(uint32_t word, int by)
{
    return word >> by | word << (32 - by);
}

/* 6.2.2, 1: the message schedule. */
static void expand(const unsigned char *block, uint32_t words[ROUNDS])
{
    for (size_t i = 0; i < 16; i++, block += 4) {
        words[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
    }
    for (size_t i = 16; i < ROUNDS; i++) {
        uint32_t early = words[i - 15];
        uint32_t late = words[i - 2];
        words[i] = words[i - 16] + (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) + words[i - 7] +
                   (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
    }
}

/* 6.2.2, 2 to 4. */
static void add_block(struct hash *hash)
{
    uint32_t words[ROUNDS];
    uint32_t v[WORDS]; /* a to h */
    memcpy(v, hash->state, sizeof(v));
    expand(hash->block, words);
    for (size_t i = 0; i < ROUNDS; i++) {
        uint32_t first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
                         ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + words[i];
        uint32_t second =
            (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(&v[1], &v[0], sizeof(v) - sizeof(v[0]));
        v[4] += first;
        v[0] = first + second;
    }
    for (size_t i = 0; i < WORDS; i++) {
        hash->state[i] += v[i];
    }
    explicit_bzero(words, sizeof(words));
    explicit_bzero(v, sizeof(v));
}

static void begin(struct hash *hash)
{
    memcpy(hash->state, initial, sizeof(initial));
    hash->length = 0;
}

static void add(struct hash *hash, const void *octets, size_t length)
{
    const unsigned char *at = octets;
    while (length > 0) {
        size_t filled = hash->length % BLOCK;
        size_t taken = length < BLOCK - filled ? length : BLOCK - filled;
        memcpy(hash->block + filled, at, taken);
        hash->length += taken;
        at += taken;
        length -= taken;
        if (filled + taken == BLOCK) {
            add_block(hash);
        }
    }
}

/* 5.1.1: a bit that is set, none that are, and the length in bits. Wipes the hash. */
static void end(struct hash *hash, unsigned char digest[DIGEST_OCTETS])
{
    static const unsigned char padding[BLOCK] = {0x80};
    unsigned char length[LENGTH];
    for (size_t i = 0; i < LENGTH; i++) {
        length[i] = (unsigned char)(hash->length * 8 >> (56 - 8 * i));
    }
    add(hash, padding, 1 + (2 * BLOCK - LENGTH - 1 - hash->length % BLOCK) % BLOCK);
    add(hash, length, LENGTH);
    for (size_t i = 0; i < DIGEST_OCTETS; i++) {
        digest[i] = (unsigned char)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
    }
    explicit_bzero(hash, sizeof(*hash));
}

void digest_of(const void *octets, size_t length, unsigned char digest[DIGEST_OCTETS])
{
    struct hash hash;
    begin(&hash);
    add(&hash, octets, length);
    end(&hash, digest);
}

/* RFC 2104: `pad` is of the inner or the outer hash. */
static void begin_keyed(struct hash *hash, const unsigned char key[BLOCK], unsigned char pad)
{
    unsigned char padded[BLOCK];
    for (size_t i = 0; i < BLOCK; i++) {
        padded[i] = key[i] ^ pad;
    }
    begin(hash);
    add(hash, padded, BLOCK);
    explicit_bzero(padded, BLOCK);
}

void digest_keyed(const void *key, size_t key_length, const void *octets, size_t length,
                  unsigned char digest[DIGEST_OCTETS])
{
    struct hash hash;
    unsigned char block[BLOCK] = {0};
    unsigned char inner[DIGEST_OCTETS];
    if (key_length > BLOCK) {
        digest_of(key, key_length, block);
    } else if (key_length > 0) {
        memcpy(block, key, key_length);
    }
    begin_keyed(&hash, block, 0x36);
    add(&hash, octets, length);
    end(&hash, inner);
    begin_keyed(&hash, block, 0x5c);
    add(&hash, inner, DIGEST_OCTETS);
    end(&hash, digest);
    explicit_bzero(block, BLOCK);
}

bool digest_equal(const unsigned char one[DIGEST_OCTETS], const unsigned char other[DIGEST_OCTETS])
{
    volatile unsigned char differs = 0;
    for (size_t i = 0; i < DIGEST_OCTETS; i++) {
        differs = (unsigned char)(differs | (one[i] ^ other[i]));
    }
    return differs == 0;
}
