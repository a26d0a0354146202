/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and keys as AWS's sources of them answer: containers, the metadata service, STS for web identities. */
#include "identity_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct surrounding surroundings[] = {
        {{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/keys"}, {"AWS_REGION", "us-east-1"}}},
        {{{"AWS_REGION", "us-east-1"}}},
        {{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/etc/hostname"},
          {"AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r"},
          {"AWS_REGION", "us-east-1"}}},
    };
    identity_fuzz(surroundings, sizeof(surroundings) / sizeof(*surroundings), "secretsmanager", "aws-sm:name", data,
                  size);
    return 0;
}
