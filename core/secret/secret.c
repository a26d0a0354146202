/* SPDX-License-Identifier: Apache-2.0 */
/* Counted, immutable values in secure memory. */
#include "secret/secret.h"

#include "base/clock.h"
#include "base/error.h"
#include "secret/memory.h"

#include <stdatomic.h>
#include <string.h>

/* Followed by the octets, a NUL, the version, the content type, the identity and the hint, unless it views another
 * one. */
struct mstr_secret {
    atomic_uint owners;
    enum secret_source source;
    size_t length;
    const char *octets;
    const char *version;
    const char *content_type;
    const char *identity;
    const char *null_hint;
    int64_t expires;
    int64_t fetched;
    mstr_secret *viewed; /* held; NULL for one with octets of its own */
};

static size_t size_of(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

/* Copies a text to `*at` and moves past it; NULL for NULL. */
static const char *keep(char **at, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    const char *kept = memcpy(*at, text, size_of(text));
    *at += size_of(text);
    return kept;
}

mstr_secret *secret_make(const void *octets, size_t length, const struct secret_facts *facts)
{
    size_t texts =
        size_of(facts->version) + size_of(facts->content_type) + size_of(facts->identity) + size_of(facts->null_hint);
    if (length > SIZE_MAX / 4) {
        return NULL;
    }
    mstr_secret *secret = secure_alloc(sizeof(*secret) + length + 1 + texts);
    if (secret == NULL) {
        return NULL;
    }
    char *at = (char *)(secret + 1);
    if (length > 0) {
        memcpy(at, octets, length);
    }
    atomic_init(&secret->owners, 1);
    secret->source = facts->source;
    secret->length = length;
    secret->octets = at;
    at += length + 1;
    secret->version = keep(&at, facts->version);
    secret->content_type = keep(&at, facts->content_type);
    secret->identity = keep(&at, facts->identity);
    secret->null_hint = keep(&at, facts->null_hint);
    secret->expires = facts->expires;
    secret->fetched = facts->fetched;
    return secret;
}

mstr_secret *mstr_secret_new(const void *octets, size_t length)
{
    return secret_make(octets, length, &(struct secret_facts){.fetched = clock_now(), .source = SECRET_FROM_STORE});
}

mstr_secret *secret_from(mstr_secret *secret, enum secret_source source)
{
    mstr_secret *view = secure_alloc(sizeof(*view));
    if (view == NULL) {
        return NULL;
    }
    view->length = secret->length;
    view->octets = secret->octets;
    view->version = secret->version;
    view->content_type = secret->content_type;
    view->identity = secret->identity;
    view->null_hint = secret->null_hint;
    view->expires = secret->expires;
    view->fetched = secret->fetched;
    view->source = source;
    view->viewed = mstr_secret_retain(secret->viewed != NULL ? secret->viewed : secret);
    atomic_init(&view->owners, 1);
    return view;
}

mstr_secret *secret_part(const mstr_secret *whole, const void *octets, size_t length)
{
    return secret_make(octets, length,
                       &(struct secret_facts){.version = whole->version,
                                              .identity = whole->identity,
                                              .expires = whole->expires,
                                              .fetched = whole->fetched,
                                              .source = whole->source});
}

bool secret_equal(const mstr_secret *a, const mstr_secret *b)
{
    if (a->length != b->length) {
        return false;
    }
    volatile unsigned char differs = 0;
    for (size_t i = 0; i < a->length; i++) {
        differs = (unsigned char)(differs | ((unsigned char)a->octets[i] ^ (unsigned char)b->octets[i]));
    }
    return differs == 0;
}

mstr_secret *mstr_secret_retain(mstr_secret *secret)
{
    if (secret != NULL) {
        atomic_fetch_add_explicit(&secret->owners, 1, memory_order_relaxed);
    }
    return secret;
}

void mstr_secret_release(mstr_secret *secret)
{
    if (secret != NULL && atomic_fetch_sub_explicit(&secret->owners, 1, memory_order_acq_rel) == 1) {
        mstr_secret_release(secret->viewed);
        secure_free(secret);
    }
}

const char *mstr_secret_octets(const mstr_secret *secret)
{
    return secret->octets;
}

size_t mstr_secret_length(const mstr_secret *secret)
{
    return secret->length;
}

const char *secret_text(const mstr_secret *secret, mstr_error *error)
{
    if (strlen(secret->octets) != secret->length) {
        error_set(error, MSTR_E_CONFIG, "it resolved to a value with NUL octets");
        return NULL;
    }
    return secret->octets;
}

const char *mstr_secret_version(const mstr_secret *secret)
{
    return secret->version;
}

const char *secret_content_type(const mstr_secret *secret)
{
    return secret->content_type;
}

const char *secret_identity(const mstr_secret *secret)
{
    return secret->identity;
}

const char *secret_null_hint(const mstr_secret *secret)
{
    return secret->null_hint;
}

int64_t mstr_secret_expires(const mstr_secret *secret)
{
    return secret->expires;
}

int64_t mstr_secret_fetched(const mstr_secret *secret)
{
    return secret->fetched;
}

const char *mstr_secret_source(const mstr_secret *secret)
{
    static const char *const names[] = {
        [SECRET_FROM_STORE] = "store", [SECRET_FROM_CACHE] = "cache", [SECRET_STALE] = "stale"};
    return names[secret->source];
}

void mstr_wipe(void *memory, size_t length)
{
    explicit_bzero(memory, length);
}
