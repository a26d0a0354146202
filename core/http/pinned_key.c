/* SPDX-License-Identifier: Apache-2.0 */
/* The public keys that a server is known by. */
#include "http/pinned_key.h"

#include "base/base64.h"
#include "base/text.h"
#include "http/tls_file.h"

#include <string.h>

enum { DIGEST = 32 };

static const char prefix[] = "sha256//";

/* All of a list separated by ';'. */
static bool are_digests(const char *list)
{
    bool good = true;
    for (const char *at = list; good; at++) {
        struct buffer digest = BUFFER_INIT;
        size_t length = strcspn(at, ";");
        good = text_starts_with(at, prefix) && base64_decode(&digest, at + strlen(prefix), length - strlen(prefix)) &&
               digest.length == DIGEST;
        buffer_release(&digest);
        at += length;
        if (*at == '\0') {
            break;
        }
    }
    return good;
}

bool pinned_key_has_form(const char *pin)
{
    return text_starts_with(pin, prefix) ? are_digests(pin) : pin[0] == '/';
}

/* PEM, or DER, which is a SEQUENCE from its first octet on. */
static bool is_public_key(const struct buffer *content)
{
    return strstr(buffer_text(content), "-----BEGIN PUBLIC KEY-----") != NULL || buffer_text(content)[0] == 0x30;
}

enum mstr_code pinned_key_check(const char *pin, mstr_error *error)
{
    static const char what[] = "a readable file of a public key";
    struct buffer content = BUFFER_INIT;
    if (!pinned_key_has_form(pin)) {
        return error_set(error, MSTR_E_CONFIG, "\"pinned_key\" must be " PINNED_KEY_FORMS);
    }
    if (text_starts_with(pin, prefix)) {
        return MSTR_OK;
    }
    enum mstr_code code = tls_file_read("pinned_key", pin, what, &content, error);
    if (code == MSTR_OK && !is_public_key(&content)) {
        code = tls_file_fail("pinned_key", pin, "it holds no public key", what, error);
    }
    buffer_release(&content);
    return code;
}
