/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/namespaces/NAMESPACE/secrets/NAME, for several secrets side by side. */
#include "kubernetes/service/secrets.h"

#include "kubernetes/wire/status.h"
#include "sdk/host.h"
#include "sdk/request.h"

#include <stdlib.h>
#include <string.h>

/* A Secret has 1 MiB at most, which base64 and managedFields make 2. What does not say when to come again is asked
 * twice more, as reads may be. */
static const struct traffic traffic = {.retry = {.attempts = 3,
                                                 .first_pause = 200,
                                                 .longest_pause = 1000,
                                                 .jitter_high = 100,
                                                 .unanswered = PASSING_UNANSWERED,
                                                 .longest_asked = 60000},
                                       .connect_timeout = 5000,
                                       .timeout = 30000,
                                       .answer_limit = 4 << 20};

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct fetch *fetch = data;
    const struct identity *identity = fetch->identity;
    const struct cluster *cluster = &identity->cluster;
    size_t count = 0;
    (void)attempt;
    (void)error;
    fetch->headers[count++] = (struct mstr_header){"Accept", "application/json"};
    if (fetch->proof->authorization.length > 0) {
        fetch->headers[count++] = (struct mstr_header){"Authorization", buffer_text(&fetch->proof->authorization)};
    }
    for (size_t i = 0; i < identity->impersonation_count; i++) {
        fetch->headers[count++] = identity->impersonation[i];
    }
    *http = (struct mstr_http_request){.flags = cluster->plain ? MSTR_HTTP_ALLOW_PLAIN : 0,
                                       .method = "GET",
                                       .url = buffer_text(&fetch->url),
                                       .headers = fetch->headers,
                                       .header_count = count,
                                       .ca_file = cluster->ca_file,
                                       .ca_pem = cluster->ca_pem,
                                       .tls_server_name = cluster->server_name,
                                       .proxy = cluster->proxy};
    proof_show(fetch->proof, http);
    return MSTR_OK;
}

/* What was refused is proved anew once, and the request repeated if that brought another proof. */
static enum mstr_code renew(struct fetch *fetch, struct attempt *attempt, struct mstr_error *error)
{
    struct proof *fresh = NULL;
    struct mstr_error *why = host->error_new();
    enum mstr_code code = identity_prove_anew(fetch->identity, fetch->call, fetch->proof, &fresh, why);
    fetch->renewed = true;
    if (code == MSTR_OK) {
        kept_release(&fetch->proof->kept);
        fetch->proof = fresh;
        attempt->again = AGAIN_AT_ONCE;
    } else if (host->error_message(why)[0] != '\0') {
        host->error_copy(error, why);
        host->error_free(why);
        return code;
    }
    host->error_free(why);
    return MSTR_E_AUTHENTICATION;
}

static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    struct fetch *fetch = data;
    const struct status_asked asked = {fetch->name.namespace, fetch->name.name};
    if (attempt->status == 200) {
        attempt->again = AGAIN_NEVER;
        return secret_read(host->http_answer(response), asked.namespace, asked.name, &fetch->secret, error);
    }
    enum mstr_code code = status_read(response, &asked, attempt, error);
    return attempt->status == 401 && !fetch->renewed ? renew(fetch, attempt, error) : code;
}

/* What the host says in the words of its own settings, in those of a kubeconfig. */
static void add_hint(const struct fetch *fetch)
{
    static const struct {
        const char *part;
        const char *hint;
        bool proxied; /* said of a proxy, which may be another's setting */
    } hints[] = {
        {"the proxy ", "check that the proxy runs, and the proxy-url of the cluster that names it", true},
        {"subject name",
         "the certificate has another name than the server's URL: set tls-server-name of the cluster to one that it "
         "has",
         false},
        {"client certificate", "check client-certificate and client-key of the user in the kubeconfig", false},
        {"CA file",
         "check certificate-authority or its -data of the cluster, or the option ca_file: certificates in PEM",
         false},
        {"not trusted",
         "set certificate-authority-data of the cluster, or the option ca_file, to the authority that signed it",
         false},
    };
    const char *message = host->error_message(fetch->error);
    bool way = fetch->code == MSTR_E_TLS || fetch->code == MSTR_E_CONFIG || fetch->code == MSTR_E_NETWORK;
    for (size_t i = 0; way && i < sizeof(hints) / sizeof(*hints); i++) {
        bool fits = !hints[i].proxied || fetch->identity->cluster.proxy != NULL;
        if (fits && strstr(message, hints[i].part) != NULL) {
            host->error_detail(fetch->error, MSTR_DETAIL_HINT, hints[i].hint);
            return;
        }
    }
}

static bool make_url(const struct identity *identity, struct fetch *fetch)
{
    return buffer_printf(&fetch->url, "%s/api/v1/namespaces/%s/secrets/%s", identity->cluster.server,
                         fetch->name.namespace, fetch->name.name);
}

/* Those that are to be sent become requests; returns how many. A failed proof is the failure of all. */
static size_t begin(struct identity *identity, const struct mstr_call *call, struct fetch *fetches, size_t count,
                    struct request *requests)
{
    struct mstr_error *why = host->error_new();
    struct proof *proof = NULL;
    size_t sent = 0;
    enum mstr_code code = identity_prove(identity, call, &proof, why);
    for (size_t i = 0; i < count; i++) {
        struct fetch *fetch = &fetches[i];
        if (fetch->code == MSTR_OK && code != MSTR_OK) {
            fetch->code = code;
            host->error_copy(fetch->error, why);
        } else if (fetch->code == MSTR_OK && !make_url(identity, fetch)) {
            fetch->code = host->error_set(fetch->error, MSTR_E_MEMORY, "out of memory");
        } else if (fetch->code == MSTR_OK) {
            fetch->identity = identity;
            fetch->call = call;
            fetch->proof = (struct proof *)(void *)kept_retain(&proof->kept);
            requests[sent++] = (struct request){
                .traffic = &traffic, .error = fetch->error, .prepare = prepare, .read = read, .data = fetch};
        }
    }
    kept_release((struct kept *)(void *)proof);
    host->error_free(why);
    return sent;
}

void secrets_fetch(struct identity *identity, const struct mstr_call *call, struct fetch *fetches, size_t count)
{
    struct request *requests = calloc(count, sizeof(*requests));
    size_t sent = requests != NULL ? begin(identity, call, fetches, count, requests) : 0;
    request_send_many(requests, sent, call);
    for (size_t i = 0; i < sent; i++) {
        struct fetch *fetch = requests[i].data;
        fetch->code = requests[i].code;
        add_hint(fetch);
    }
    for (size_t i = 0; requests == NULL && i < count; i++) {
        fetches[i].code = host->error_set(fetches[i].error, MSTR_E_MEMORY, "out of memory");
    }
    free(requests);
}

void fetch_release(struct fetch *fetch)
{
    kept_release((struct kept *)(void *)fetch->proof);
    secret_release(&fetch->secret);
    buffer_release(&fetch->url);
}
