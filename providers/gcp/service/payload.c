/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of Secret Manager's access method. */
#include "gcp/service/payload.h"

#include "base/base64.h"
#include "base/json.h"
#include "gcp/wire/crc32c.h"
#include "sdk/host.h"

#include <string.h>

enum { PAYLOAD_MAX = 65536, BASE64_MAX = 87384 };

/* JSON's mapping of bytes allows both alphabets, padded or not. */
static bool decode(const char *text, size_t length, struct buffer *out)
{
    if (base64_decode(out, text, length)) {
        return true;
    }
    while (length > 0 && text[length - 1] == '=') {
        length--;
    }
    if (base64url_decode(out, text, length)) {
        return true;
    }
    struct buffer padded = BUFFER_INIT;
    buffer_append(&padded, text, length);
    buffer_append(&padded, "===", (4 - length % 4) % 4);
    bool good = base64_decode(out, buffer_text(&padded), padded.length);
    out->failed |= padded.failed;
    buffer_release(&padded);
    return good;
}

static enum mstr_code check(struct json_object *wrapper, const struct buffer *octets, bool *damaged,
                            struct mstr_error *error)
{
    int64_t expected = 0;
    if (json_member(wrapper, "dataCrc32c") == NULL) {
        return MSTR_OK; /* versions with customer keys made before July 2021 have none */
    }
    if (!json_member_int64(wrapper, "dataCrc32c", &expected)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Secret Manager answered with a checksum that is no number");
    }
    *damaged = expected != (int64_t)crc32c(buffer_text(octets), octets->length);
    if (!*damaged) {
        return MSTR_OK;
    }
    return error_hint(error,
                      host->error_set(error, MSTR_E_PROTOCOL,
                                      "the payload does not fit its CRC-32C checksum: it was damaged on the way"),
                      "try again; look for a proxy that changes answers");
}

static enum mstr_code read_data(struct json_object *wrapper, struct payload *payload, bool *damaged,
                                struct mstr_error *error)
{
    size_t length = 0;
    const char *data = json_member_octets(wrapper, "data", &length);
    if (data == NULL && json_member(wrapper, "data") != NULL) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Secret Manager answered with data that is no text");
    }
    if (length > BASE64_MAX) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Secret Manager answered with more than 64 KiB");
    }
    if (data != NULL && !decode(data, length, &payload->octets)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Secret Manager answered with data that is not base64");
    }
    if (payload->octets.length > PAYLOAD_MAX) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Secret Manager answered with more than 64 KiB");
    }
    return check(wrapper, &payload->octets, damaged, error);
}

enum mstr_code payload_read(const struct mstr_http_answer *answer, const struct resource *asked,
                            struct payload *payload, bool *damaged, struct mstr_error *error)
{
    struct resource told;
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    struct json_object *wrapper = json_member(body, "payload");
    const char *name = json_member_text(body, "name");
    *damaged = false;
    buffer_clear(&payload->octets);
    enum mstr_code code =
        json_object_is_type(wrapper, json_type_object) && name != NULL
            ? read_data(wrapper, payload, damaged, error)
            : host->error_set(error, MSTR_E_PROTOCOL, "Secret Manager answered with neither name nor payload");
    if (code == MSTR_OK && (resource_parse(name, &told) != NULL || !resource_answers(&told, asked))) {
        code =
            host->error_set(error, MSTR_E_PROTOCOL, "Secret Manager answered with another secret, \"%.200s\"", name);
    }
    if (code == MSTR_OK) {
        memcpy(payload->version, told.version, sizeof(payload->version));
    }
    return json_done(body, payload->octets.failed ? MSTR_E_MEMORY : parsed, code, error);
}

void payload_release(struct payload *payload)
{
    buffer_release(&payload->octets);
}
