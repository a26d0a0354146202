/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a fleet: foreign octets never open; what is sealed comes out as it was, at its place alone, and not
 * after a change of one bit. */
#include "fleet/record.h"

#include <mstr/secret.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fleet_keys *keys;

static enum fleet_verdict try_open(const void *octets, size_t length, const char *name, struct buffer *out)
{
    static const struct fleet_scope scope = {"https://mstr.example.com", "fleet", 1, 35};
    struct fleet_place place = {.scope = &scope, .name = name};
    const struct fleet_sealed sealed = {octets, length, 1000, 0, 1u << FLEET_SESSION};
    enum fleet_verdict verdict = fleet_record_open(keys, &sealed, &place, out);
    if (verdict != FLEET_OPENED && out->length != 0) {
        abort();
    }
    return verdict;
}

static void check_closed(const void *octets, size_t length, const char *name)
{
    struct buffer out = BUFFER_INIT;
    if (try_open(octets, length, name, &out) == FLEET_OPENED) {
        abort();
    }
    buffer_release(&out);
}

static void check_sealed(const uint8_t *data, size_t size)
{
    static const struct fleet_scope scope = {"https://mstr.example.com", "fleet", 1, 35};
    const struct fleet_place place = {&scope, "s:0", FLEET_SESSION, 5, 900};
    struct buffer sealed = BUFFER_INIT;
    struct buffer out = BUFFER_INIT;
    if (fleet_record_seal(keys, &place, data, size, &sealed, NULL) != MSTR_OK ||
        try_open(sealed.data, sealed.length, "s:0", &out) != FLEET_OPENED || out.length != size ||
        memcmp(buffer_text(&out), data, size) != 0) {
        abort();
    }
    size_t bit = (size > 0 ? data[0] * 257 + size : 0) % (8 * sealed.length);
    check_closed(sealed.data, sealed.length, "s:1");
    check_closed(sealed.data, bit / 8, "s:0");
    sealed.data[bit / 8] = (char)(sealed.data[bit / 8] ^ 1 << bit % 8);
    check_closed(sealed.data, sealed.length, "s:0");
    buffer_release(&sealed);
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mstr_secret *key = mstr_secret_new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 44);
    if (fleet_keys_new(key, NULL, "", &keys, NULL) == MSTR_OK && size < MSTR_STORE_RECORD_MAX / 2) {
        check_closed(data, size, "s:0");
        check_sealed(data, size);
    }
    fleet_keys_free(keys);
    mstr_secret_release(key);
    return 0;
}
