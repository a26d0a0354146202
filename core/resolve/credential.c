/* SPDX-License-Identifier: Apache-2.0 */
/* Where a credential comes from. */
#include "resolve/credential.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static mstr_credential *make(enum credential_origin origin)
{
    mstr_credential *credential = calloc(1, sizeof(*credential));
    if (credential != NULL) {
        credential->holders = 1;
        credential->origin = origin;
    }
    return credential;
}

mstr_credential *mstr_credential_literal(const char *text)
{
    mstr_credential *credential = make(CREDENTIAL_LITERAL);
    if (credential != NULL && (credential->literal = mstr_secret_new(text, strlen(text))) == NULL) {
        mstr_credential_release(credential);
        return NULL;
    }
    return credential;
}

mstr_credential *mstr_credential_callback(mstr_credential_fn callback, void *data, void (*free_data)(void *))
{
    mstr_credential *credential = make(CREDENTIAL_CALLBACK);
    if (credential != NULL) {
        credential->callback = callback;
        credential->data = data;
        credential->free_data = free_data;
    }
    return credential;
}

static mstr_credential *make_text(enum credential_origin origin, const char *text)
{
    mstr_credential *credential = make(origin);
    if (credential != NULL && (credential->text = text_copy(text)) == NULL) {
        mstr_credential_release(credential);
        return NULL;
    }
    return credential;
}

mstr_credential *mstr_credential_reference(const char *reference)
{
    return make_text(CREDENTIAL_REFERENCE, reference);
}

mstr_credential *mstr_credential_template(const char *text)
{
    return make_text(CREDENTIAL_TEMPLATE, text);
}

mstr_credential *mstr_credential_retain(mstr_credential *credential)
{
    if (credential != NULL) {
        __atomic_add_fetch(&credential->holders, 1, __ATOMIC_RELAXED);
    }
    return credential;
}

void mstr_credential_release(mstr_credential *credential)
{
    if (credential == NULL || __atomic_sub_fetch(&credential->holders, 1, __ATOMIC_ACQ_REL) > 0) {
        return;
    }
    if (credential->free_data != NULL) {
        credential->free_data(credential->data);
    }
    mstr_secret_release(credential->literal);
    text_wipe_free(credential->text);
    free(credential);
}
