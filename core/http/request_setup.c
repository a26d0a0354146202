/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to curl's options: what is sent, and within which bounds. */
#include "http/transfer.h"

#include "base/text.h"

#include <mstr/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    DEFAULT_CONNECT_TIMEOUT = 10 * 1000,
    STREAM_BUFFER = 128 * 1024, /* for downloads by callback; curl's own 16 KiB do for small answers */
};

static bool set_off(struct transfer *t, CURLoption option, int64_t value)
{
    return t->api->easy_setopt(t->easy, option, (curl_off_t)value) == CURLE_OK;
}

static enum mstr_code check_url(struct transfer *t)
{
    const struct mstr_http_request *request = t->request;
    if (!uri_parse(request->url, &t->uri)) {
        /* What is malformed may hold a password in any place. */
        bool shown = request->url != NULL && strchr(request->url, '@') == NULL;
        error_set(t->error, MSTR_E_CONFIG, "not an absolute http or https URL: \"%.200s\"",
                  shown ? request->url : "…");
        if (uri_is_international(request->url)) {
            error_set_hint(t->error, "write %s", URI_INTERNATIONAL);
        }
        return MSTR_E_CONFIG;
    }
    if (t->uri.user != NULL) {
        return error_set(t->error, MSTR_E_CONFIG, "the URL of host %.*s holds user information", TRANSFER_HOST(t));
    }
    if (!t->uri.https && !uri_is_loopback(&t->uri) && (request->flags & MSTR_HTTP_ALLOW_PLAIN) == 0) {
        error_set(t->error, MSTR_E_CONFIG, "plain http to %.*s is refused", TRANSFER_HOST(t));
        error_set_hint(t->error, "use https, or name the http URL as endpoint if it is meant");
        return MSTR_E_CONFIG;
    }
    return MSTR_OK;
}

/* Token characters (RFC 9110, 5.6.2). */
static bool is_token(const char *text)
{
    return !text_empty(text) && text_is_made_of(text, "!#$%&'*+-.^_`|~");
}

static bool has_header(const struct mstr_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (text_equal_nocase(request->headers[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* These announce a length even when there is nothing to send. */
static bool carries_body(const struct transfer *t)
{
    const char *method = t->request->method;
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0 ||
           t->request->body_length > 0 || t->extras->read != NULL;
}

/* A line, its NUL included. */
static size_t put_line(struct transfer *t, const char *line)
{
    buffer_append(&t->lines, line, strlen(line) + 1);
    return 1;
}

/* Writes the lines in the form of CURLOPT_HTTPHEADER: "Name: value", "Name;" for an empty value, "Name:" to leave out
 * one that curl would add. */
static bool write_lines(struct transfer *t, size_t *count)
{
    static const struct {
        const char *name;
        const char *line;
        bool with_body; /* what curl adds only there */
    } unwanted[] = {
        {"Accept", "Accept:", false}, {"Content-Type", "Content-Type:", true}, {"Expect", "Expect:", true}};
    const struct mstr_http_request *request = t->request;
    bool with_body = carries_body(t);
    for (size_t i = 0; i < request->header_count; i++) {
        const struct mstr_header *header = &request->headers[i];
        buffer_puts(&t->lines, header->name);
        buffer_puts(&t->lines, text_empty(header->value) ? ";" : ": ");
        put_line(t, header->value != NULL ? header->value : "");
    }
    *count = request->header_count;
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
        if ((with_body || !unwanted[i].with_body) && !has_header(request, unwanted[i].name)) {
            *count += put_line(t, unwanted[i].line);
        }
    }
    if (!has_header(request, "User-Agent")) {
        *count += put_line(t, "User-Agent: libmstr/" MSTR_VERSION);
    }
    if (t->request->tls_server_name != NULL && !has_header(request, "Host")) {
        /* The URL will name another host; see peer_setup.c. */
        buffer_puts(&t->lines, "Host: ");
        uri_host_header(&t->uri, &t->lines);
        *count += put_line(t, "");
    }
    return !t->lines.failed;
}

static enum mstr_code make_headers(struct transfer *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->request->header_count; i++) {
        const struct mstr_header *header = &t->request->headers[i];
        if (!is_token(header->name) ||
            (header->value != NULL && header->value[strcspn(header->value, "\r\n")] != '\0')) {
            return error_set(t->error, MSTR_E_USAGE, "malformed header \"%.60s\"",
                             is_token(header->name) ? header->name : "");
        }
    }
    if (!write_lines(t, &count)) {
        return error_set(t->error, MSTR_E_MEMORY, "out of memory");
    }
    t->headers = calloc(count, sizeof(*t->headers));
    if (t->headers == NULL) {
        return error_set(t->error, MSTR_E_MEMORY, "out of memory");
    }
    char *line = t->lines.data;
    for (size_t i = 0; i < count; i++) {
        t->headers[i].data = line;
        t->headers[i].next = i + 1 < count ? &t->headers[i + 1] : NULL;
        line += strlen(line) + 1;
    }
    return MSTR_OK;
}

static size_t read_upload(char *into, size_t size, size_t count, void *data)
{
    struct transfer *t = data;
    int64_t got = t->extras->read(into, size * count, t->extras->read_data);
    if (got < 0 || got > (int64_t)(size * count)) {
        t->stop = STOP_READER;
        return CURL_READFUNC_ABORT;
    }
    return (size_t)got;
}

static int rewind_upload(void *data, curl_off_t offset, int origin)
{
    struct transfer *t = data;
    bool done =
        offset == 0 && origin == SEEK_SET && t->extras->rewind != NULL && t->extras->rewind(t->extras->read_data);
    return done ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static bool set_upload(struct transfer *t)
{
    return transfer_set_long(t, CURLOPT_UPLOAD, 1) && set_off(t, CURLOPT_INFILESIZE_LARGE, t->extras->read_length) &&
           t->api->easy_setopt(t->easy, CURLOPT_READFUNCTION, read_upload) == CURLE_OK &&
           t->api->easy_setopt(t->easy, CURLOPT_READDATA, t) == CURLE_OK &&
           t->api->easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, rewind_upload) == CURLE_OK &&
           t->api->easy_setopt(t->easy, CURLOPT_SEEKDATA, t) == CURLE_OK;
}

static bool set_method(struct transfer *t)
{
    const struct mstr_http_request *request = t->request;
    const char *method = request->method;
    if (strcmp(method, "HEAD") == 0) {
        return transfer_set_long(t, CURLOPT_NOBODY, 1);
    }
    if (t->extras->read != NULL) {
        return set_upload(t) && transfer_set_text(t, CURLOPT_CUSTOMREQUEST, method);
    }
    if (carries_body(t)) {
        if (!set_off(t, CURLOPT_POSTFIELDSIZE_LARGE, (int64_t)request->body_length) ||
            !transfer_set_text(t, CURLOPT_POSTFIELDS, request->body_length > 0 ? request->body : "")) {
            return false;
        }
        return strcmp(method, "POST") == 0 || transfer_set_text(t, CURLOPT_CUSTOMREQUEST, method);
    }
    return strcmp(method, "GET") == 0 || transfer_set_text(t, CURLOPT_CUSTOMREQUEST, method);
}

static bool set_limits(struct transfer *t)
{
    int64_t connect = t->request->connect_timeout;
    if (connect <= 0) {
        connect = t->client->connect_timeout > 0 ? t->client->connect_timeout : DEFAULT_CONNECT_TIMEOUT;
    }
    return transfer_set_long(t, CURLOPT_TIMEOUT_MS, t->timeout + t->extras->linger) &&
           transfer_set_long(t, CURLOPT_CONNECTTIMEOUT_MS, connect < t->timeout ? connect : t->timeout);
}

/* curl's own sockets would be inherited by programs that the host program starts. */
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)data;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The name is about to be resolved, in a thread of curl's own that answers through a pair of sockets. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the prototype is libcurl's */
static int note_resolving(void *resolver, void *reserved, void *data)
{
    struct transfer *t = data;
    (void)resolver;
    (void)reserved;
    free_numbers_note(&t->before_resolving);
    return 0;
}

/* Not every libcurl speaks HTTP/2. */
static bool set_version(struct transfer *t)
{
    return (t->extras->http2 && transfer_set_long(t, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)) ||
           transfer_set_long(t, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
}

/* What holds for every request. Redirects are off and verification is on by curl's defaults. */
static bool set_basics(struct transfer *t)
{
    bool set = t->api->easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->problem) == CURLE_OK &&
               t->api->easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK &&
               t->api->easy_setopt(t->easy, CURLOPT_PRIVATE, t) == CURLE_OK &&
               transfer_set_long(t, CURLOPT_NOSIGNAL, 1) &&
               t->api->easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
               t->api->easy_setopt(t->easy, CURLOPT_RESOLVER_START_FUNCTION, note_resolving) == CURLE_OK &&
               t->api->easy_setopt(t->easy, CURLOPT_RESOLVER_START_DATA, t) == CURLE_OK &&
               transfer_set_long(t, CURLOPT_PATH_AS_IS, 1) &&
               transfer_set_long(t, CURLOPT_HTTP09_ALLOWED, 1) && /* receive.c sees what comes in its place */
               set_version(t);
#if LIBCURL_VERSION_NUM >= 0x075500
    set = set && transfer_set_text(t, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    set = set && transfer_set_long(t, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Else the end of a transfer would wait for a name resolution that is still under way. */
    set = set && transfer_set_long(t, CURLOPT_QUICK_EXIT, 1);
#endif
    return set;
}

#if LIBCURL_VERSION_NUM >= 0x075000
/* Called on a connection before each sending: the second time, the first had gone out on a kept connection that
 * broke, and whether the server acted on it is not known (RFC 9110 9.2.2). */
/* NOLINTNEXTLINE(readability-non-const-parameter): the prototype is libcurl's */
static int count_sendings(void *data, char *peer, char *local, int peer_port, int local_port)
{
    struct transfer *t = data;
    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (t->sent) {
        t->stop = STOP_REPEATED;
        return CURL_PREREQFUNC_ABORT;
    }
    t->sent = true;
    return CURL_PREREQFUNC_OK;
}

static bool set_once(struct transfer *t)
{
    return t->api->easy_setopt(t->easy, CURLOPT_PREREQFUNCTION, count_sendings) == CURLE_OK &&
           t->api->easy_setopt(t->easy, CURLOPT_PREREQDATA, t) == CURLE_OK;
}
#else
static bool set_once(struct transfer *t)
{
    return transfer_set_long(t, CURLOPT_FRESH_CONNECT, 1); /* only a kept connection makes curl send again */
}
#endif

static bool set_extras(struct transfer *t)
{
    return (!t->extras->accept_compressed || transfer_set_text(t, CURLOPT_ACCEPT_ENCODING, "")) &&
           (t->extras->write == NULL || transfer_set_long(t, CURLOPT_BUFFERSIZE, STREAM_BUFFER)) &&
           (!t->extras->send_once || set_once(t)) &&
           ((t->request->flags & MSTR_HTTP_SINGLE_SHOT) == 0 || transfer_set_long(t, CURLOPT_FRESH_CONNECT, 1));
}

enum mstr_code transfer_refused(struct transfer *t)
{
    if (t->stop == STOP_MEMORY) {
        return error_set(t->error, MSTR_E_MEMORY, "out of memory");
    }
    return error_set(t->error, MSTR_E_UNEXPECTED, "libcurl refuses an option of the request to %.*s",
                     TRANSFER_HOST(t));
}

enum mstr_code transfer_setup(struct transfer *t)
{
    enum mstr_code code = check_url(t);
    if (code == MSTR_OK && !is_token(t->request->method)) {
        code = error_set(t->error, MSTR_E_USAGE, "malformed request method");
    }
    if (code == MSTR_OK) {
        code = make_headers(t);
    }
    if (code != MSTR_OK) {
        return code;
    }
    if (!set_basics(t) || !set_limits(t) || !set_method(t) || !set_extras(t) || !transfer_receive_setup(t)) {
        return transfer_refused(t);
    }
    return transfer_peer_setup(t);
}
