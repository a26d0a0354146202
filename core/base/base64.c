/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 in both alphabets, and hexadecimal. */
#include "base/base64.h"

#include <stdint.h>

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool encode(struct buffer *out, const unsigned char *octets, size_t length, const char *alphabet, bool pad)
{
    buffer_reserve(out, out->length + (length / 3 + 1) * 4);
    for (size_t at = 0; at < length; at += 3) {
        size_t count = length - at < 3 ? length - at : 3;
        uint32_t bits = (uint32_t)octets[at] << 16;
        bits |= count > 1 ? (uint32_t)octets[at + 1] << 8 : 0;
        bits |= count > 2 ? (uint32_t)octets[at + 2] : 0;
        char group[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63], '=', '='};
        if (count > 1) {
            group[2] = alphabet[bits >> 6 & 63];
        }
        if (count > 2) {
            group[3] = alphabet[bits & 63];
        }
        buffer_append(out, group, pad ? 4 : count + 1);
    }
    return !out->failed;
}

/* The six bits of a character, or -1. */
static int value_of(char character, const char *alphabet)
{
    if (character >= 'A' && character <= 'Z') {
        return character - 'A';
    }
    if (character >= 'a' && character <= 'z') {
        return character - 'a' + 26;
    }
    if (character >= '0' && character <= '9') {
        return character - '0' + 52;
    }
    return character == alphabet[62] ? 62 : character == alphabet[63] ? 63 : -1;
}

/* Two to four characters become one to three octets; false on junk or stray bits (RFC 4648, section 3.5). */
static bool decode_group(struct buffer *out, const char *text, size_t count, const char *alphabet)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < count ? value_of(text[i], alphabet) : 0;
        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
    }
    const char octets[3] = {(char)(bits >> 16), (char)(bits >> 8 & 255), (char)(bits & 255)};
    for (size_t i = count - 1; i < 3; i++) {
        if (octets[i] != 0) {
            return false;
        }
    }
    return buffer_append(out, octets, count - 1);
}

static bool decode(struct buffer *out, const char *text, size_t length, const char *alphabet)
{
    size_t start = out->length;
    bool good = length % 4 != 1 && buffer_reserve(out, start + length / 4 * 3 + 3);
    for (size_t at = 0; good && at < length; at += 4) {
        good = decode_group(out, text + at, length - at < 4 ? length - at : 4, alphabet);
    }
    if (!good) {
        buffer_truncate(out, start);
    }
    return good;
}

bool base64_encode(struct buffer *out, const void *octets, size_t length)
{
    return encode(out, octets, length, standard, true);
}

bool base64url_encode(struct buffer *out, const void *octets, size_t length)
{
    return encode(out, octets, length, url_safe, false);
}

bool base64_decode(struct buffer *out, const char *text, size_t length)
{
    size_t padding = 0;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=') {
        padding++;
    }
    return length % 4 == 0 && decode(out, text, length - padding, standard);
}

bool base64url_decode(struct buffer *out, const char *text, size_t length)
{
    return decode(out, text, length, url_safe);
}

bool hex_encode(struct buffer *out, const void *octets, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = octets;
    buffer_reserve(out, out->length + length * 2);
    for (size_t i = 0; i < length; i++) {
        const char pair[2] = {digits[from[i] >> 4], digits[from[i] & 15]};
        buffer_append(out, pair, sizeof(pair));
    }
    return !out->failed;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    char folded = (char)(digit | 0x20);
    return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

bool hex_decode(struct buffer *out, const char *text, size_t length)
{
    size_t start = out->length;
    bool good = length % 2 == 0 && buffer_reserve(out, start + length / 2);
    for (size_t at = 0; good && at < length; at += 2) {
        int high = hex_value(text[at]);
        int low = hex_value(text[at + 1]);
        good = high >= 0 && low >= 0 && buffer_putc(out, (char)(high << 4 | low));
    }
    if (!good) {
        buffer_truncate(out, start);
    }
    return good;
}
