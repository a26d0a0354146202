/* What went wrong with a transfer, in the library's classes and in words that name the host. */
#include "http/transfer.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HINT_CA "set ca_file to the PEM file of the authority that signed it"

static const struct {
    CURLcode result;
    enum mstr_code code;
    const char *before; /* the host */
    const char *after;
    bool detail; /* curl's own words follow */
    const char *hint;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, MSTR_E_NETWORK, "cannot resolve host ", "", false,
     "check the name, and the DNS settings of this machine"},
    {CURLE_COULDNT_RESOLVE_PROXY, MSTR_E_NETWORK, "cannot resolve the proxy on the way to ", "", true,
     "check the proxy setting"},
    {CURLE_COULDNT_CONNECT, MSTR_E_NETWORK, "cannot connect to ", "", true,
     "check that the service runs and that no firewall is in between"},
    {CURLE_PEER_FAILED_VERIFICATION, MSTR_E_TLS, "certificate of ", " not trusted", true, HINT_CA},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, MSTR_E_TLS, "public key of ", " is not the pinned one", false,
     "if the server's key was changed on purpose, update the pin"},
    {CURLE_SSL_CONNECT_ERROR, MSTR_E_TLS, "no TLS with ", "", true, NULL},
    {CURLE_SSL_CIPHER, MSTR_E_TLS, "no TLS with ", "", true, NULL},
    {CURLE_SSL_CACERT_BADFILE, MSTR_E_CONFIG, "CA file for ", " cannot be used", true,
     "ca_file must name a readable PEM file"},
    {CURLE_SSL_CERTPROBLEM, MSTR_E_CONFIG, "client certificate for ", " cannot be used", true,
     "check client_cert, client_key and the key's passphrase"},
    {CURLE_URL_MALFORMAT, MSTR_E_CONFIG, "malformed URL of host ", "", true, NULL},
    {CURLE_SEND_ERROR, MSTR_E_NETWORK, "connection to ", " broke while sending", true, NULL},
    {CURLE_SEND_FAIL_REWIND, MSTR_E_NETWORK, "connection to ", " broke, and the body cannot be sent again", false,
     NULL},
    {CURLE_RECV_ERROR, MSTR_E_NETWORK, "connection to ", " broke", true, NULL},
    {CURLE_GOT_NOTHING, MSTR_E_NETWORK, "", " closed the connection without an answer", false, NULL},
    {CURLE_PARTIAL_FILE, MSTR_E_NETWORK, "answer of ", " was cut short", true, NULL},
    {CURLE_HTTP2, MSTR_E_NETWORK, "connection to ", " broke", true, NULL},
    {CURLE_HTTP2_STREAM, MSTR_E_NETWORK, "connection to ", " broke", true, NULL},
    {CURLE_PROXY, MSTR_E_NETWORK, "the proxy on the way to ", " failed", true, "check the proxy setting"},
    {CURLE_WEIRD_SERVER_REPLY, MSTR_E_PROTOCOL, "", " does not answer in HTTP", true, NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, MSTR_E_PROTOCOL, "", " does not answer in HTTP", true, NULL},
    {CURLE_BAD_CONTENT_ENCODING, MSTR_E_PROTOCOL, "answer of ", " is not compressed as it says", true, NULL},
    {CURLE_OUT_OF_MEMORY, MSTR_E_MEMORY, "out of memory for the request to ", "", false, NULL},
};

/* Of a connection that is used again curl knows no time of connecting. It knows when the request could be sent. */
static enum mstr_code tell_timeout(struct transfer *t)
{
    curl_off_t connected = 0;
    t->api->easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    if (connected != 0) {
        error_set(t->error, MSTR_E_TIMEOUT, "no complete answer from %.*s within %" PRId64 " ms", TRANSFER_HOST(t),
                  t->timeout);
        return MSTR_E_TIMEOUT;
    }
    error_set(t->error, MSTR_E_TIMEOUT, "cannot connect to %.*s in time", TRANSFER_HOST(t));
    error_set_hint(t->error, "check that the service runs and that no firewall is in between");
    return MSTR_E_TIMEOUT;
}

static enum mstr_code tell_stop(struct transfer *t)
{
    switch (t->stop) {
    case STOP_TOO_LARGE:
        return error_set(t->error, MSTR_E_PROTOCOL, "answer of %.*s is larger than %zu octets", TRANSFER_HOST(t),
                         response_body_limit(t->response));
    case STOP_TOO_MANY_HEADERS:
        return error_set(t->error, MSTR_E_PROTOCOL, "answer of %.*s has too large a header section",
                         TRANSFER_HOST(t));
    case STOP_MALFORMED:
        return error_set(t->error, MSTR_E_PROTOCOL, "%.*s does not answer in HTTP", TRANSFER_HOST(t));
    case STOP_READER:
        return error_set(t->error, MSTR_E_CANCELLED, "request to %.*s ended by the reader of its body",
                         TRANSFER_HOST(t));
    case STOP_WRITER:
        return error_set(t->error, MSTR_E_CANCELLED, "answer of %.*s refused by its receiver", TRANSFER_HOST(t));
    case STOP_STALLED:
        return error_set(t->error, MSTR_E_TIMEOUT, "nothing came from or went to %.*s for %" PRId64 " ms",
                         TRANSFER_HOST(t), t->extras->low_speed_timeout);
    case STOP_REPEATED:
        return error_set(t->error, MSTR_E_NETWORK, "connection to %.*s broke, and the request may have arrived",
                         TRANSFER_HOST(t));
    case STOP_CANCELLED:
        return error_set(t->error, MSTR_E_CANCELLED, "request to %.*s cancelled", TRANSFER_HOST(t));
    case STOP_MEMORY:
    case STOP_NONE:
    default:
        return error_set(t->error, MSTR_E_MEMORY, "out of memory for the answer of %.*s", TRANSFER_HOST(t));
    }
}

/* Nothing of the request was sent, so that callers may repeat it whatever its method. */
static bool is_before_connection(CURLcode result)
{
    return result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY ||
           result == CURLE_COULDNT_CONNECT;
}

/* The system's word for a connection that did not come about says all; curl's own goes on with times that differ. */
static const char *find_detail(struct transfer *t, CURLcode result)
{
    long number = 0;
    if (result == CURLE_COULDNT_CONNECT) {
        t->api->easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
    }
    if (number != 0) {
        snprintf(t->problem, sizeof(t->problem), "%s at port %u", strerror((int)number), t->uri.port);
    }
    return t->problem[0] != '\0' ? t->problem : t->api->easy_strerror(result);
}

/* curl bounds single lines itself and, in some versions, takes one that is too long for a lack of memory. */
static bool is_long_line(const struct transfer *t, CURLcode result)
{
    enum { TOO_LARGE = 100 }; /* CURLE_TOO_LARGE, since 8.6 */
    return (int)result == TOO_LARGE ||
           (result == CURLE_OUT_OF_MEMORY && t->response->line_octets > 0 && !t->response->complete) ||
           (result == CURLE_RECV_ERROR && strcmp(t->problem, "Out of memory in chunked-encoding") == 0);
}

enum mstr_code transfer_failure(struct transfer *t, CURLcode result)
{
    const char *detail = find_detail(t, result);
    if (t->stop == STOP_NONE && is_long_line(t, result)) {
        t->stop = STOP_TOO_MANY_HEADERS;
    }
    if (t->stop != STOP_NONE) {
        return tell_stop(t);
    }
    if (result == CURLE_OPERATION_TIMEDOUT) {
        return tell_timeout(t);
    }
    if (t->pin.refused) {
        error_set(t->error, MSTR_E_TLS, "certificate of %.*s is not the one with SHA-1 %.40s", TRANSFER_HOST(t),
                  t->request->leaf_sha1);
        return MSTR_E_TLS;
    }
    if (result == CURLE_SSL_CACERT_BADFILE && trust_check(&t->trust, t->error) != MSTR_OK) {
        error_prefix(t->error, "CA file for %.*s cannot be used: ", TRANSFER_HOST(t));
        return MSTR_E_CONFIG;
    }
    /* curl's class for a connection that broke in the middle of the handshake is the one for a failed handshake. */
    if (result == CURLE_SSL_CONNECT_ERROR && text_starts_with(t->problem, "OpenSSL SSL_connect:")) {
        result = CURLE_RECV_ERROR;
    }
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (failures[i].result == result) {
            error_set(t->error, failures[i].code, "%s%.*s%s%s%s", failures[i].before, TRANSFER_HOST(t),
                      failures[i].after, failures[i].detail ? ": " : "", failures[i].detail ? detail : "");
            if (is_before_connection(result)) {
                error_set_step(t->error, "connect");
            }
            if (failures[i].hint != NULL) {
                error_set_hint(t->error, "%s", failures[i].hint);
            }
            return failures[i].code;
        }
    }
    return error_set(t->error, MSTR_E_UNEXPECTED, "request to %.*s failed: %s", TRANSFER_HOST(t), detail);
}
