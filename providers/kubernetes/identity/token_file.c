/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens in files. */
#include "kubernetes/identity/token_file.h"

#include "sdk/file.h"
#include "sdk/host.h"

enum { MINUTE = 60000, EXTENSION = 10000 }; /* ms */

void token_file_age(struct proof *proof)
{
    proof->kept.renew = proof->kept.due = host->monotonic() + MINUTE;
    proof->kept.extension = EXTENSION;
}

enum mstr_code token_file_prove(const char *path, enum mstr_code bad, struct proof *proof, struct mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    struct buffer what = BUFFER_INIT;
    buffer_printf(&what, "token file %s", path);
    enum mstr_code code = file_read(path, buffer_text(&what), 0, &text, error);
    if (code == MSTR_OK) {
        code = proof_set_token(proof, buffer_text(&text), buffer_text(&what), error);
    }
    if (code == MSTR_OK) {
        token_file_age(proof);
    }
    buffer_release(&what);
    buffer_release(&text);
    return code == MSTR_OK || code == MSTR_E_MEMORY ? code : bad;
}

static enum mstr_code prove(struct identity *identity, const struct mstr_call *call, struct proof *proof,
                            struct mstr_error *error)
{
    (void)call;
    return token_file_prove(identity->token_file, identity->token_file_bad, proof, error);
}

const struct identity_kind token_file_identity = {"token file", prove};
