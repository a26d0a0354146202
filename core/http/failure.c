/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong with a transfer, in the library's classes and in words that name the host. */
#include "http/transfer.h"

#include "base/text.h"
#include "http/client_certificate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SPARE_DESCRIPTORS = 4 };

#define HINT_CA    "set ca_file to the PEM file of the authority that signed it"
#define HINT_PROXY "check that the proxy runs, and the setting \"%s\" that names it"

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
    {CURLE_COULDNT_CONNECT, MSTR_E_NETWORK, "cannot connect to ", "", true,
     "check that the service runs and that no firewall is in between"},
    {CURLE_PEER_FAILED_VERIFICATION, MSTR_E_TLS, "certificate of ", " not trusted", true, HINT_CA},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, MSTR_E_TLS, "public key of ", " is not the pinned one", false,
     "if the server's key was changed on purpose, update the pin"},
    {CURLE_SSL_CONNECT_ERROR, MSTR_E_TLS, "no TLS with ", "", true, NULL},
    {CURLE_SSL_CIPHER, MSTR_E_TLS, "no TLS with ", "", true, NULL},
    {CURLE_SSL_CACERT_BADFILE, MSTR_E_CONFIG, "CA file for ", " cannot be used", true,
     "ca_file must name a readable PEM file; without one it is the system's (Debian: package ca-certificates)"},
    {CURLE_SSL_CERTPROBLEM, MSTR_E_CONFIG, "client certificate for ", " cannot be used", true,
     CLIENT_CERTIFICATE_HINT},
    {CURLE_URL_MALFORMAT, MSTR_E_CONFIG, "malformed URL of host ", "", true, NULL},
    {CURLE_SEND_ERROR, MSTR_E_NETWORK, "connection to ", " broke while sending", true, NULL},
    {CURLE_SEND_FAIL_REWIND, MSTR_E_NETWORK, "connection to ", " broke, and the body cannot be sent again", false,
     NULL},
    {CURLE_RECV_ERROR, MSTR_E_NETWORK, "connection to ", " broke", true, NULL},
    {CURLE_GOT_NOTHING, MSTR_E_NETWORK, "", " closed the connection without an answer", false, NULL},
    {CURLE_PARTIAL_FILE, MSTR_E_NETWORK, "answer of ", " was cut short", true, NULL},
    {CURLE_HTTP2, MSTR_E_NETWORK, "connection to ", " broke", true, NULL},
    {CURLE_HTTP2_STREAM, MSTR_E_NETWORK, "connection to ", " broke", true, NULL},
    {CURLE_WEIRD_SERVER_REPLY, MSTR_E_PROTOCOL, "", " does not answer in HTTP", true, NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, MSTR_E_PROTOCOL, "", " does not answer in HTTP", true, NULL},
    {CURLE_BAD_CONTENT_ENCODING, MSTR_E_PROTOCOL, "answer of ", " is not compressed as it says", true, NULL},
    {CURLE_OUT_OF_MEMORY, MSTR_E_MEMORY, "out of memory for the request to ", "", false, NULL},
};

/* What ends a connection in the words of OpenSSL, which say more than curl's class. */
static const char *const client_certificate_alerts[] = {
    "certificate required", "bad certificate",     "unsupported certificate",
    "certificate revoked",  "certificate expired", "certificate unknown",
    "unknown ca",           "access denied"};

/* What servers say on a port of https to whom asks in plain http, where they do not just hang up or send an alert:
 * nginx, Go, Apache, Tomcat. */
static const char *const tls_pages[] = {
    "The plain HTTP request was sent to HTTPS port", "Client sent an HTTP request to an HTTPS server",
    "speaking plain HTTP to an SSL-enabled server port", "This combination of host and port requires TLS"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool holds_any(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(text, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Of a connection that is used again curl knows no time of connecting. It knows when the request could be sent. */
bool transfer_is_sent(const struct transfer *t)
{
    curl_off_t ready = 0;
    t->api->easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    return ready != 0;
}

/* The status with which a proxy answered to CONNECT; 0 = none. */
static long connect_status(const struct transfer *t)
{
    long status = 0;
    t->api->easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status;
}

static enum mstr_code tell_timeout(struct transfer *t)
{
    if (transfer_is_sent(t)) {
        error_set(t->error, MSTR_E_TIMEOUT, "no complete answer from %.*s within %" PRId64 " ms", TRANSFER_HOST(t),
                  t->timeout);
        return MSTR_E_TIMEOUT;
    }
    if (t->tls.begun) {
        error_set(t->error, MSTR_E_TIMEOUT, "%.*s took the connection, but did not speak TLS in time",
                  TRANSFER_HOST(t));
        error_set_hint(t->error, "check that port %u is one of https", t->uri.port);
        return MSTR_E_TIMEOUT;
    }
    error_set(t->error, MSTR_E_TIMEOUT, "cannot connect to %.*s in time", TRANSFER_HOST(t));
    error_set_hint(t->error, "check that the service runs and that no firewall is in between");
    return MSTR_E_TIMEOUT;
}

/* Whether it failed on the way, for which the host itself is not to blame. In plain http it is the proxy to whom all
 * is said; a tunnel is the host's once it stands. Of SOCKS curl knows best. */
static bool is_proxys(const struct transfer *t, CURLcode result)
{
    static const CURLcode others[] = {CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,      CURLE_OUT_OF_MEMORY,
                                      CURLE_URL_MALFORMAT,      CURLE_BAD_CONTENT_ENCODING, CURLE_PARTIAL_FILE};
    if (t->proxy.url == NULL) {
        return false;
    }
    if (result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_PROXY || result == CURLE_PROXY) {
        return true;
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        if (others[i] == result) {
            return false;
        }
    }
    bool sent = transfer_is_sent(t);
    return t->proxy.http &&
           (t->uri.https ? !sent && connect_status(t) / 100 != 2 : !sent || result != CURLE_OPERATION_TIMEDOUT);
}

#define PROXY_NAME(transfer) (int)(transfer)->proxy.name_length, (transfer)->proxy.name

static enum mstr_code tell_proxy_status(struct transfer *t, long status)
{
    error_set(t->error, MSTR_E_NETWORK, "the proxy %.*s does not lead to %.*s: status %ld", PROXY_NAME(t),
              TRANSFER_HOST(t), status);
    if (status == 407) {
        error_set_hint(t->error,
                       "it asks for user name and password: set proxy_username and proxy_password, or write "
                       "them into the URL of %s",
                       t->proxy.source);
    } else {
        error_set_hint(t->error, HINT_PROXY, t->proxy.source);
    }
    return MSTR_E_NETWORK;
}

static enum mstr_code tell_proxy(struct transfer *t, CURLcode result, const char *detail)
{
    static const struct {
        CURLcode result;
        enum mstr_code code;
        const char *before; /* the proxy */
        const char *after;  /* then the host */
        bool detail;
    } proxy_failures[] = {
        {CURLE_COULDNT_RESOLVE_PROXY, MSTR_E_NETWORK, "cannot resolve the proxy", "on the way to", false},
        {CURLE_COULDNT_CONNECT, MSTR_E_NETWORK, "cannot connect to the proxy", "on the way to", true},
        {CURLE_OPERATION_TIMEDOUT, MSTR_E_TIMEOUT, "the proxy", "did not lead in time to", false},
        {CURLE_PEER_FAILED_VERIFICATION, MSTR_E_TLS, "no trusted certificate of the proxy", "on the way to", true},
        {CURLE_SSL_CONNECT_ERROR, MSTR_E_TLS, "no TLS with the proxy", "on the way to", true},
        {CURLE_OK, MSTR_E_NETWORK, "the proxy", "failed on the way to", true}, /* all others */
    };
    size_t row = 0;
    long status = connect_status(t);
    if (status >= 300) {
        return tell_proxy_status(t, status);
    }
    while (proxy_failures[row].result != result && proxy_failures[row].result != CURLE_OK) {
        row++;
    }
    error_set(t->error, proxy_failures[row].code, "%s %.*s %s %.*s%s%s", proxy_failures[row].before, PROXY_NAME(t),
              proxy_failures[row].after, TRANSFER_HOST(t), proxy_failures[row].detail ? ": " : "",
              proxy_failures[row].detail ? detail : "");
    if (!transfer_is_sent(t)) {
        error_set_step(t->error, "connect");
    }
    error_set_hint(t->error, HINT_PROXY, t->proxy.source);
    return proxy_failures[row].code;
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
    case STOP_PLAIN:
        error_set(t->error, MSTR_E_TLS, "%.*s expects https at port %u, and was asked in plain http",
                  TRANSFER_HOST(t), t->uri.port);
        error_set_hint(t->error, "let the URL begin with https://");
        return MSTR_E_TLS;
    case STOP_PROXY:
        return tell_proxy_status(t, t->response->answer.status);
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
    return result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_CONNECT;
}

/* The system's word for a connection that did not come about says all; curl's own goes on with times that differ. */
static const char *find_detail(struct transfer *t, CURLcode result)
{
    long number = 0;
    if (result == CURLE_COULDNT_CONNECT) {
        t->api->easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
    }
    if (number != 0 && t->proxy.url != NULL) {
        snprintf(t->problem, sizeof(t->problem), "%s", strerror((int)number));
    } else if (number != 0) {
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

/* The server wants a certificate, and there is none or another. Where it says so, it does by an alert; with TLS 1.3
 * it may have hung up before that was read. */
static enum mstr_code tell_client_certificate(struct transfer *t, bool alert)
{
    enum mstr_code code = alert ? MSTR_E_TLS : MSTR_E_NETWORK;
    bool shown = transfer_shows_certificate(t);
    error_set(t->error, code, "%.*s %s: %s", TRANSFER_HOST(t),
              shown   ? "refuses the client certificate"
              : alert ? "demands a client certificate"
                      : "asked for a client certificate and broke the connection",
              t->problem);
    error_set_hint(t->error, shown ? "check client_cert, and which authorities the server takes certificates of"
                                   : "set client_cert and client_key");
    return code;
}

/* A connection, a name and a file of certificates take a few descriptors; curl tells a lack of them as a host that is
 * not known or a file that is none. What the transfer had open is closed by now, but for what it takes more. */
static bool lacks_descriptors(void)
{
    int taken[SPARE_DESCRIPTORS];
    size_t count = 0;
    while (count < SPARE_DESCRIPTORS && (taken[count] = eventfd(0, EFD_CLOEXEC)) >= 0) {
        count++;
    }
    bool lacking = count < SPARE_DESCRIPTORS && (errno == EMFILE || errno == ENFILE);
    for (size_t i = 0; i < count; i++) {
        close(taken[i]);
    }
    return lacking;
}

static enum mstr_code tell_descriptors(struct transfer *t)
{
    error_set(t->error, MSTR_E_NETWORK, "no request to %.*s: too many open files", TRANSFER_HOST(t));
    error_set_step(t->error, "connect");
    error_set_hint(t->error, CURL_API_HINT_OPEN_FILES);
    return MSTR_E_NETWORK;
}

/* Failures of TLS whose cause is in OpenSSL's words, or known by what went before. MSTR_OK where it is not. */
static enum mstr_code tell_tls(struct transfer *t, CURLcode result)
{
    const char *alert = strstr(t->problem, " alert ");
    bool broken = result == CURLE_SSL_CONNECT_ERROR || result == CURLE_RECV_ERROR || result == CURLE_SEND_ERROR ||
                  result == CURLE_GOT_NOTHING;
    bool asked = t->tls.asked != NULL && *t->tls.asked && !transfer_shows_certificate(t);
    if (!t->uri.https || !broken) {
        return MSTR_OK;
    }
    if (alert != NULL && holds_any(alert, client_certificate_alerts, COUNT(client_certificate_alerts))) {
        return tell_client_certificate(t, true);
    }
    if (asked && t->response->section_count == 0) {
        return tell_client_certificate(t, alert != NULL);
    }
    if (strstr(t->problem, "wrong version number") != NULL || strstr(t->problem, "packet length too long") != NULL) {
        error_set(t->error, MSTR_E_TLS, "%.*s does not speak TLS at port %u, which may be one of plain http: %s",
                  TRANSFER_HOST(t), t->uri.port, t->problem);
        error_set_hint(t->error, "let the URL name a port of https, or begin with http:// if plain http is meant");
        return MSTR_E_TLS;
    }
    return MSTR_OK;
}

/* What else might be done, where the failure's own row knows nothing. */
static const char *guess_hint(const struct transfer *t, CURLcode result)
{
    bool hung_up = result == CURLE_GOT_NOTHING || result == CURLE_RECV_ERROR;
    return hung_up && !t->uri.https && !uri_is_link_local(&t->uri)
               ? "if this is a port of https, let the URL begin with https://"
               : NULL;
}

enum stop transfer_judge(const struct transfer *t)
{
    int status = t->response->answer.status;
    if (t->response->section_count == 0) {
        return STOP_MALFORMED; /* octets without a header, as HTTP/0.9 had them */
    }
    if (status == 407 && t->proxy.url != NULL) {
        return STOP_PROXY;
    }
    return status == 400 && !t->uri.https && holds_any(buffer_text(&t->response->body), tls_pages, COUNT(tls_pages))
               ? STOP_PLAIN
               : STOP_NONE;
}

static enum mstr_code tell_row(struct transfer *t, CURLcode result, const char *detail)
{
    for (size_t i = 0; i < COUNT(failures); i++) {
        if (failures[i].result == result) {
            const char *hint = failures[i].hint != NULL ? failures[i].hint : guess_hint(t, result);
            error_set(t->error, failures[i].code, "%s%.*s%s%s%s", failures[i].before, TRANSFER_HOST(t),
                      failures[i].after, failures[i].detail ? ": " : "", failures[i].detail ? detail : "");
            if (is_before_connection(result)) {
                error_set_step(t->error, "connect");
            }
            if (hint != NULL) {
                error_set_hint(t->error, "%s", hint);
            }
            return failures[i].code;
        }
    }
    return error_set(t->error, MSTR_E_UNEXPECTED, "request to %.*s failed: %s", TRANSFER_HOST(t), detail);
}

/* What is wrong with it, better than curl knows; MSTR_OK where nothing is found. */
static enum mstr_code examine_client_certificate(const struct transfer *t)
{
    const struct mstr_http_request *request = t->request;
    const char *passphrase = t->extras->key_passphrase != NULL ? t->extras->key_passphrase : "";
    enum mstr_code code =
        client_certificate_check(request->client_cert_file, request->client_key_file, passphrase, t->error);
    if (code == MSTR_E_CONFIG) {
        error_prefix(t->error, "client certificate for %.*s cannot be used: ", TRANSFER_HOST(t));
    }
    return code;
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
    bool opening = result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY ||
                   result == CURLE_COULDNT_CONNECT || result == CURLE_SSL_CACERT_BADFILE;
    if (opening && lacks_descriptors()) {
        return tell_descriptors(t);
    }
    if (is_proxys(t, result)) {
        return tell_proxy(t, result, detail);
    }
    if (result == CURLE_OPERATION_TIMEDOUT) {
        return tell_timeout(t);
    }
    if (t->tls.refused) {
        error_set(t->error, MSTR_E_TLS, "certificate of %.*s is not the one with SHA-1 %.40s", TRANSFER_HOST(t),
                  t->request->leaf_sha1);
        return MSTR_E_TLS;
    }
    enum mstr_code code = tell_tls(t, result);
    if (code != MSTR_OK) {
        return code;
    }
    if (result == CURLE_SSL_CACERT_BADFILE && trust_check(&t->trust, t->error) != MSTR_OK) {
        error_prefix(t->error, "CA file for %.*s cannot be used: ", TRANSFER_HOST(t));
        return MSTR_E_CONFIG;
    }
    if (result == CURLE_SSL_CERTPROBLEM && t->request->client_cert_file != NULL &&
        examine_client_certificate(t) != MSTR_OK) {
        return mstr_error_code(t->error);
    }
    /* curl's class for a connection that broke in the middle of the handshake is the one for a failed handshake. */
    if (result == CURLE_SSL_CONNECT_ERROR && text_starts_with(t->problem, "OpenSSL SSL_connect:")) {
        result = CURLE_RECV_ERROR;
    }
    return tell_row(t, result, detail);
}
