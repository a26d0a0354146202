/* Credentials as containers, the metadata service and helper programs give them: what is accepted is whole and signs.
 */
#include "aws/identity/identity.h"
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
    struct identity *identity = NULL;
    struct sigv4_signature signature;
    host = &host_table;
    if (identity_from_json(&(struct identity_parts){.source = "fuzz", .outlives = size % 2 == 0}, (const char *)data,
                           size, &identity, NULL) == MSTR_OK) {
        if (identity == NULL || identity->access_key[0] == '\0' || identity->secret_key[0] == '\0' ||
            identity_sign(identity, "us-east-1", "sts", 0, &request, &signature) != MSTR_OK) {
            abort();
        }
        sigv4_release(&signature);
    } else if (identity != NULL) {
        abort();
    }
    identity_release(identity);
    return 0;
}
