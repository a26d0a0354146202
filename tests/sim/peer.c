/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a client in TLS has shown a certificate of, which the simulator's authority must have made. */
#include "core.h"

#include "base/text.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>

static char *common_name(const gnutls_datum_t *der)
{
    gnutls_x509_crt_t certificate;
    char name[256];
    size_t size = sizeof(name);
    char *result = NULL;
    if (gnutls_x509_crt_init(&certificate) != GNUTLS_E_SUCCESS)
        return NULL;
    if (gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
        gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) ==
            GNUTLS_E_SUCCESS)
        result = text_copy(name);
    gnutls_x509_crt_deinit(certificate);
    return result;
}

void sim_peer_read(struct MHD_Connection *connection, struct sim_request *request)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    unsigned count = 0;
    unsigned faults = 0;
    const gnutls_datum_t *chain = info ? gnutls_certificate_get_peers(info->tls_session, &count) : NULL;
    if (!chain || count == 0)
        return;
    if (gnutls_certificate_verify_peers2(info->tls_session, &faults) == GNUTLS_E_SUCCESS && faults == 0)
        request->peer = common_name(&chain[0]);
    request->foreign_peer = !request->peer;
}
