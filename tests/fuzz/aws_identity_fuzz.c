/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and keys as AWS's sources of them answer: containers, the metadata service, STS for web identities; and what
 * references to both services name. */
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
    static const char *const services[][2] = {{"secretsmanager", "aws-sm:name"}, {"ssm", "aws-ssm:name"}};
    const char *const *service = services[size > 0 && data[0] >= 0x80];
    identity_fuzz(surroundings, sizeof(surroundings) / sizeof(*surroundings), service[0], service[1], data, size);
    return 0;
}
