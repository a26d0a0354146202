/* SPDX-License-Identifier: Apache-2.0 */
/* Files of saved sessions: what is sealed comes out again as it was; what was changed in one octet, sealed for
 * another server or never sealed at all is refused, and nothing of it comes out. */
#include "told.h"

#include "secret/seal.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refused(const mstr_secret *key, const char *origin, const void *octets, size_t length)
{
    struct buffer out = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    enum mstr_code code = unseal(key, origin, octets, length, &out, error);
    if (code != MSTR_E_AUTHENTICATION || out.length != 0) {
        abort();
    }
    check_told(code, error);
    mstr_error_free(error);
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char origin[] = "https://mstr.example";
    struct buffer sealed = BUFFER_INIT;
    struct buffer out = BUFFER_INIT;
    mstr_secret *key = mstr_secret_new("a key", 5);
    check_refused(key, origin, data, size);
    if (seal(key, origin, data, size, &sealed, NULL) != MSTR_OK ||
        unseal(key, origin, sealed.data, sealed.length, &out, NULL) != MSTR_OK || out.length != size ||
        memcmp(buffer_text(&out), data, size) != 0) {
        abort();
    }
    check_refused(key, "https://other.example", sealed.data, sealed.length);
    size_t changed = (size > 0 ? data[0] * 257 + size : 0) % sealed.length;
    sealed.data[changed] = (char)(sealed.data[changed] ^ 1);
    check_refused(key, origin, sealed.data, sealed.length);
    check_refused(key, origin, sealed.data, changed);
    mstr_secret_release(key);
    buffer_release(&sealed);
    buffer_release(&out);
    return 0;
}
