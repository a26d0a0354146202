/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as containers, the metadata service and helper programs give them: what is accepted is whole and signs. */
#include "aws/wire/keys.h"
#include "plugin/host.h"

#include "sdk/host.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mstr_header headers[] = {{"Host", "sts.us-east-1.amazonaws.com"}};
    static const struct sigv4_request request = {
        .method = "POST", .path = "/", .headers = headers, .header_count = 1, .body = "", .body_length = 0};
    struct aws_keys *keys = NULL;
    struct sigv4_signature signature;
    host = &host_table;
    if (aws_keys_from_json(&(struct aws_keys_parts){.identity = "fuzz", .outlives = size % 2 == 0},
                           (const char *)data, size, &keys, NULL) == MSTR_OK) {
        if (keys == NULL || keys->access_key[0] == '\0' || keys->secret_key[0] == '\0' ||
            aws_keys_sign(keys, "us-east-1", "sts", 0, &request, &signature) != MSTR_OK) {
            abort();
        }
        sigv4_release(&signature);
    } else if (keys != NULL) {
        abort();
    }
    aws_keys_release(keys);
    return 0;
}
