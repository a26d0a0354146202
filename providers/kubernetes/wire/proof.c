/* SPDX-License-Identifier: Apache-2.0 */
/* What proves to the API server who we are. */
#include "kubernetes/wire/proof.h"

#include "base/base64.h"
#include "base/text.h"
#include "sdk/host.h"
#include "sdk/token.h"

#include <stdlib.h>
#include <string.h>

static void free_proof(struct kept *kept)
{
    struct proof *proof = (struct proof *)(void *)kept;
    buffer_release(&proof->authorization);
    buffer_release(&proof->certificate);
    buffer_release(&proof->key);
    free(proof);
}

struct proof *proof_new(void)
{
    struct proof *proof = calloc(1, sizeof(*proof));
    if (proof != NULL) {
        kept_init(&proof->kept, free_proof);
    }
    return proof;
}

enum mstr_code proof_set_token(struct proof *proof, const char *token, const char *what, struct mstr_error *error)
{
    static const char blanks[] = " \t\r\n";
    const char *start = token + strspn(token, blanks);
    size_t length = strlen(start);
    while (length > 0 && strchr(blanks, start[length - 1]) != NULL) {
        length--;
    }
    if (!token_fits_header(start, length)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%s %s", what, length == 0 ? "is empty" : "holds no token");
    }
    buffer_clear(&proof->authorization);
    buffer_puts(&proof->authorization, "Bearer ");
    return buffer_append(&proof->authorization, start, length)
               ? MSTR_OK
               : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

bool proof_set_password(struct proof *proof, const char *user, const char *password)
{
    struct buffer pair = BUFFER_INIT;
    buffer_printf(&pair, "%s:%s", user, password);
    buffer_puts(&proof->authorization, "Basic ");
    bool good = !pair.failed && base64_encode(&proof->authorization, buffer_text(&pair), pair.length) &&
                !proof->authorization.failed;
    buffer_release(&pair);
    return good;
}

static bool same(const struct buffer *a, const struct buffer *b)
{
    return strcmp(buffer_text(a), buffer_text(b)) == 0;
}

bool proof_is_same(const struct proof *a, const struct proof *b)
{
    return same(&a->authorization, &b->authorization) && same(&a->certificate, &b->certificate) &&
           same(&a->key, &b->key);
}

void proof_show(const struct proof *proof, struct mstr_http_request *http)
{
    if (proof->certificate.length > 0) {
        http->client_cert_pem = buffer_text(&proof->certificate);
        http->client_key_pem = buffer_text(&proof->key);
    }
}
