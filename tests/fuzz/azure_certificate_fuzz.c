/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate files, PEM and PKCS#12: what is accepted is a key with its own certificate. */
#include "azure/identity/certificate.h"
#include "plugin/host.h"

#include "sdk/host.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate certificate;
    host = &host_table;
    if (certificate_read("it", data, size, NULL, &certificate, NULL) == MSTR_OK) {
        if (X509_check_private_key(sk_X509_value(certificate.chain, 0), certificate.key) != 1) {
            abort();
        }
        certificate_release(&certificate);
    } else if (certificate.key != NULL || certificate.chain != NULL) {
        abort();
    }
    return 0;
}
