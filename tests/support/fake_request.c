/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as a plugin gets them, and what it answered. */
#include "support/fake_host.h"

#include "support/unit.h"

#include "plugin/instance.h"
#include "secret/secret.h"

#include <stdlib.h>

struct asked {
    struct request request; /* first: what the plugin gets is its first member */
    struct reference *reference;
};

static const struct request *read_request(const struct mstr_request *request)
{
    return (const struct request *)(const void *)request;
}

struct mstr_request *fake_request_new(const char *reference)
{
    struct asked *asked = calloc(1, sizeof(*asked));
    assert_non_null(asked);
    assert_int_equal(reference_parse(reference, &asked->reference, NULL), MSTR_OK);
    assert_true(request_init(&asked->request, asked->reference, false));
    return &asked->request.public;
}

void fake_request_free(struct mstr_request *request)
{
    struct asked *asked = (struct asked *)(void *)request;
    if (asked != NULL) {
        request_release(&asked->request);
        reference_free(asked->reference);
        free(asked);
    }
}

bool fake_request_answered(const struct mstr_request *request)
{
    return read_request(request)->answered;
}

const char *fake_request_value(const struct mstr_request *request, size_t *length)
{
    const mstr_secret *secret = read_request(request)->secret;
    if (length != NULL) {
        *length = secret != NULL ? mstr_secret_length(secret) : 0;
    }
    return secret != NULL ? mstr_secret_octets(secret) : NULL;
}

const char *fake_request_version(const struct mstr_request *request)
{
    const mstr_secret *secret = read_request(request)->secret;
    return secret != NULL ? mstr_secret_version(secret) : NULL;
}

int64_t fake_request_expires(const struct mstr_request *request)
{
    const mstr_secret *secret = read_request(request)->secret;
    return secret != NULL ? mstr_secret_expires(secret) : 0;
}

bool fake_request_cacheable(const struct mstr_request *request)
{
    return read_request(request)->keep;
}

const char *fake_request_content_type(const struct mstr_request *request)
{
    const mstr_secret *secret = read_request(request)->secret;
    return secret != NULL ? secret_content_type(secret) : NULL;
}

const char *fake_request_identity(const struct mstr_request *request)
{
    const mstr_secret *secret = read_request(request)->secret;
    return secret != NULL ? secret_identity(secret) : NULL;
}

enum mstr_code fake_request_code(const struct mstr_request *request)
{
    return read_request(request)->code;
}

const char *fake_request_message(const struct mstr_request *request)
{
    return mstr_error_message(request->error);
}

const char *fake_request_detail(const struct mstr_request *request, enum mstr_detail detail)
{
    return fake_host_table()->error_text(request->error, detail);
}
