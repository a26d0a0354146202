/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from a fleet's seal keys. */
#include "fleet/keys.h"

#include "base/base64.h"
#include "base/openssl.h"
#include "base/text.h"
#include "secret/memory.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS = 2, HEX_KEY = 2 * FLEET_KEY, GROUP_OCTETS = (FLEET_GROUP - 1) / 2 };

static const char salt[] = "mstr-fleet-v1";

/* In secure memory. */
struct derived {
    unsigned char extracted[FLEET_KEY]; /* HKDF's PRK: all else is expanded from it */
    unsigned char check[FLEET_CHECK];
};

struct fleet_keys {
    struct derived of[KEYS]; /* current, old */
    int count;
    unsigned char naming[FLEET_KEY];
    char *space; /* of the common heap: no secret */
};

static bool hmac(const void *key, int key_length, const void *octets, size_t length, unsigned char digest[FLEET_KEY])
{
    const struct openssl *openssl = NULL;
    if (openssl_get(&openssl, NULL) != MSTR_OK) {
        return false;
    }
    bool good = openssl->HMAC(openssl->EVP_sha256(), key, key_length, octets, length, digest, NULL) != NULL;
    if (!good) {
        openssl->ERR_clear_error();
    }
    return good;
}

/* RFC 5869 2.3 for one block, which is all that is ever asked for. */
static bool expand(const unsigned char extracted[FLEET_KEY], const struct buffer *info, unsigned char key[FLEET_KEY])
{
    struct buffer block = BUFFER_INIT;
    buffer_append(&block, buffer_text(info), info->length);
    bool good = buffer_putc(&block, 1) && !info->failed && hmac(extracted, FLEET_KEY, block.data, block.length, key);
    buffer_release(&block);
    return good;
}

/* A text with its length before it. */
static void put_part(struct buffer *out, const char *text)
{
    size_t length = strlen(text);
    for (int shift = 24; shift >= 0; shift -= 8) {
        buffer_putc(out, (char)(length >> shift));
    }
    buffer_append(out, text, length);
}

static bool expand_label(const unsigned char extracted[FLEET_KEY], const char *label, unsigned char key[FLEET_KEY])
{
    struct buffer info = BUFFER_INIT;
    put_part(&info, label);
    bool good = expand(extracted, &info, key);
    buffer_release(&info);
    return good;
}

static enum mstr_code refuse(const char *name, mstr_error *error)
{
    error_set(error, MSTR_E_CONFIG, "%s is not a key of exactly 32 octets in base64 or hexadecimal", name);
    error_set_hint(error, "make one: openssl rand -base64 32; a pass phrase is no key");
    return MSTR_E_CONFIG;
}

/* The octets of a key's text. */
static enum mstr_code read_key(const mstr_secret *text, const char *name, struct buffer *key, mstr_error *error)
{
    const char *octets = mstr_secret_octets(text);
    size_t length = mstr_secret_length(text);
    bool good = length == HEX_KEY ? hex_decode(key, octets, length) : base64_decode(key, octets, length);
    if (key->failed) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return good && key->length == FLEET_KEY ? MSTR_OK : refuse(name, error);
}

static enum mstr_code derive_from(const mstr_secret *text, const char *name, struct derived *out, mstr_error *error)
{
    unsigned char check[FLEET_KEY];
    struct buffer key = BUFFER_INIT;
    enum mstr_code code = read_key(text, name, &key, error);
    if (code == MSTR_OK && (!hmac(salt, (int)strlen(salt), key.data, key.length, out->extracted) ||
                            !expand_label(out->extracted, "check", check))) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        memcpy(out->check, check, FLEET_CHECK);
    }
    buffer_release(&key);
    return code;
}

/* One of both keys names things, whichever of them is the current. */
static const struct derived *naming_of(const struct fleet_keys *keys)
{
    bool second = keys->count == KEYS && memcmp(keys->of[1].check, keys->of[0].check, FLEET_CHECK) < 0;
    return &keys->of[second];
}

static enum mstr_code fill(struct fleet_keys *keys, const mstr_secret *current, const mstr_secret *old,
                           const char *space, mstr_error *error)
{
    keys->count = old != NULL ? 2 : 1;
    enum mstr_code code = derive_from(current, "seal_key", &keys->of[0], error);
    if (code == MSTR_OK && old != NULL) {
        code = derive_from(old, "seal_key_old", &keys->of[1], error);
    }
    if (code != MSTR_OK) {
        return code;
    }
    keys->space = text_copy(space != NULL ? space : "");
    return keys->space != NULL && expand_label(naming_of(keys)->extracted, "naming", keys->naming)
               ? MSTR_OK
               : error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code fleet_keys_new(const mstr_secret *current, const mstr_secret *old, const char *space,
                              struct fleet_keys **out, mstr_error *error)
{
    struct fleet_keys *keys = secure_alloc(sizeof(*keys));
    enum mstr_code code =
        keys != NULL ? fill(keys, current, old, space, error) : error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code != MSTR_OK) {
        fleet_keys_free(keys);
        keys = NULL;
    }
    *out = keys;
    return code;
}

void fleet_keys_free(struct fleet_keys *keys)
{
    if (keys != NULL) {
        free(keys->space);
        secure_free(keys);
    }
}

int fleet_keys_find(const struct fleet_keys *keys, const unsigned char check[FLEET_CHECK])
{
    for (int which = 0; which < keys->count; which++) {
        if (memcmp(keys->of[which].check, check, FLEET_CHECK) == 0) {
            return which;
        }
    }
    return -1;
}

const unsigned char *fleet_keys_check(const struct fleet_keys *keys, int which)
{
    return keys->of[which].check;
}

bool fleet_keys_put_scope(const struct fleet_keys *keys, const struct fleet_scope *scope, struct buffer *out)
{
    put_part(out, keys->space);
    put_part(out, scope->origin);
    put_part(out, scope->user);
    return buffer_printf(out, "%d,%d", scope->mode, scope->type);
}

bool fleet_keys_derive(const struct fleet_keys *keys, int which, const struct fleet_scope *scope,
                       enum fleet_kind kind, unsigned char key[FLEET_KEY])
{
    struct buffer info = BUFFER_INIT;
    buffer_printf(&info, "record%d", (int)kind);
    fleet_keys_put_scope(keys, scope, &info);
    bool good = expand(keys->of[which].extracted, &info, key);
    buffer_release(&info);
    return good;
}

bool fleet_keys_digest(const struct fleet_keys *keys, const char *label, const void *octets, size_t length,
                       unsigned char digest[FLEET_DIGEST])
{
    struct buffer text = BUFFER_INIT;
    put_part(&text, label);
    bool good = buffer_append(&text, octets, length) &&
                hmac(keys->naming, FLEET_KEY, buffer_text(&text), text.length, digest);
    buffer_release(&text);
    return good;
}

bool fleet_keys_group(const struct fleet_keys *keys, const struct fleet_scope *scope, char group[FLEET_GROUP])
{
    unsigned char digest[FLEET_DIGEST];
    struct buffer account = BUFFER_INIT;
    struct buffer hex = BUFFER_INIT;
    bool good = fleet_keys_put_scope(keys, scope, &account) &&
                fleet_keys_digest(keys, "group", account.data, account.length, digest) &&
                hex_encode(&hex, digest, GROUP_OCTETS);
    if (good) {
        memcpy(group, hex.data, FLEET_GROUP);
    }
    buffer_release(&account);
    buffer_release(&hex);
    return good;
}
