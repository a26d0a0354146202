/* The metadata server. */
#include "gcp/metadata.h"

#include "gcp/oauth.h"
#include "util/text.h"
#include "util/uri.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { PING_TIMEOUT = 1000, TIMEOUT = 3000, ATTEMPTS = 6, FIRST_PAUSE = 200 };

static const struct mstr_header flavor = {"Metadata-Flavor", "Google"};

static const char *variable(const char *name)
{
    const char *value = host->environment(name);
    return text_empty(value) ? NULL : value;
}

static bool product_is_google(void)
{
    char text[6] = "";
    int fd = open("/sys/class/dmi/id/product_name", O_RDONLY | O_CLOEXEC);
    bool google = fd >= 0 && read(fd, text, sizeof(text)) == (ssize_t)sizeof(text) && memcmp(text, "Google", 6) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return google;
}

/* Signs that cost no network; NULL = none. */
static const char *residency(void)
{
    static const char *const signs[] = {"GCE_METADATA_HOST", "GCE_METADATA_ROOT", "K_SERVICE", "CLOUD_RUN_JOB",
                                        "FUNCTION_NAME"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
        if (variable(signs[i]) != NULL) {
            return signs[i];
        }
    }
    return product_is_google() ? "the machine's product name" : NULL;
}

static enum mstr_code get(const struct credential *credential, const struct mstr_call *call, const char *url,
                          int64_t timeout, struct mstr_http_response **response, struct mstr_error *error)
{
    const struct mstr_http_request request = {.method = "GET",
                                              .url = url,
                                              .headers = &flavor,
                                              .header_count = 1,
                                              .flags = MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN,
                                              .connect_timeout = timeout,
                                              .timeout = timeout};
    return gcp_http(credential, call, request, response, error);
}

static bool has_flavor(struct mstr_http_response *response)
{
    const char *value = host->http_header(response, flavor.name);
    return value != NULL && text_equal_nocase(value, flavor.value);
}

/* Whether something at the metadata address says that it is Google's. */
static bool ping(const struct mstr_instance *instance, const struct mstr_call *call)
{
    const struct credential asker = {.instance = instance};
    const char *address = variable("GCE_METADATA_IP");
    struct mstr_http_response *response = NULL;
    struct buffer url = BUFFER_INIT;
    buffer_printf(&url, "http://%s/", address != NULL ? address : "169.254.169.254");
    bool found = get(&asker, call, buffer_text(&url), PING_TIMEOUT, &response, NULL) == MSTR_OK &&
                 host->http_answer(response)->status == 200 && has_flavor(response);
    host->http_free(response);
    buffer_release(&url);
    return found;
}

enum mstr_code metadata_find(const struct mstr_instance *instance, const struct mstr_call *call,
                             struct credential **out, struct mstr_error *error)
{
    enum { UNKNOWN, PRESENT, ABSENT };
    static atomic_int known = UNKNOWN;
    const char *no_check = host->environment("NO_GCE_CHECK");
    if (no_check != NULL && strcmp(no_check, "true") == 0) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "NO_GCE_CHECK is set");
    }
    if (residency() == NULL) {
        if (known == UNKNOWN) {
            bool found = ping(instance, call);
            if (!found && (host->cancelled(call) || host->remaining(call) == 0)) {
                return host->error_set(error, host->cancelled(call) ? MSTR_E_CANCELLED : MSTR_E_TIMEOUT,
                                       "no time was left to look for a metadata server");
            }
            known = found ? PRESENT : ABSENT;
        }
        if (known == ABSENT) {
            return host->error_set(error, MSTR_E_NOT_AVAILABLE, "not on Google Cloud: no metadata server answers");
        }
    }
    return credential_new(instance, &credential_metadata, "metadata server", NULL, out, error);
}

static bool token_url(struct buffer *url)
{
    const char *name = variable("GCE_METADATA_HOST");
    name = name != NULL ? name : variable("GCE_METADATA_ROOT");
    buffer_printf(url, "http://%s/computeMetadata/v1/instance/service-accounts/default/token?scopes=",
                  name != NULL ? name : "metadata.google.internal");
    return uri_encode(url, SCOPE_CLOUD_PLATFORM, strlen(SCOPE_CLOUD_PLATFORM));
}

static enum mstr_code refusal(const struct mstr_http_answer *answer, struct mstr_error *error)
{
    static const struct {
        int status;
        enum mstr_code code;
        const char *hint;
    } known[] = {
        {404, MSTR_E_NOT_AVAILABLE, "attach a service account to this machine, or annotate the Kubernetes one"},
        {403, MSTR_E_DENIED, "the metadata server refuses tokens here: check the scopes and workload identity"},
        {429, MSTR_E_THROTTLED, NULL},
    };
    enum mstr_code code = answer->status >= 500 ? MSTR_E_UNAVAILABLE : MSTR_E_PROTOCOL;
    const char *hint = NULL;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].status == answer->status) {
            code = known[i].code;
            hint = known[i].hint;
        }
    }
    host->error_set(error, code, "the metadata server answered %d to the request for a token", (int)answer->status);
    host->error_detail(error, MSTR_DETAIL_HINT, hint);
    return code;
}

static enum mstr_code attempt(const struct credential *credential, const char *url, const struct mstr_call *call,
                              struct token *token, bool *passing, struct mstr_error *error)
{
    struct mstr_http_response *response = NULL;
    enum mstr_code code = get(credential, call, url, TIMEOUT, &response, error);
    *passing = gcp_is_passing(code);
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        if (!has_flavor(response)) {
            code = host->error_set(error, MSTR_E_PROTOCOL,
                                   "what answers at the metadata address is not Google's: no Metadata-Flavor header");
        } else if (answer->status == 200) {
            code = oauth_read_token(answer, "the metadata server", token, error);
        } else {
            *passing = oauth_is_passing(answer);
            code = refusal(answer, error);
        }
    }
    host->http_free(response);
    return code;
}

/* A Kubernetes node's metadata server refuses connections during a pod's first seconds. */
static enum mstr_code fetch(struct credential *credential, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    struct buffer url = BUFFER_INIT;
    bool passing = true;
    enum mstr_code code = MSTR_E_MEMORY;
    if (!token_url(&url)) {
        buffer_release(&url);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    for (int attempts = 0; passing && attempts < ATTEMPTS; attempts++) {
        if (attempts > 0 && host->sleep(call, (int64_t)FIRST_PAUSE << (attempts - 1)) != MSTR_OK) {
            break;
        }
        code = attempt(credential, buffer_text(&url), call, token, &passing, error);
        passing = passing && code != MSTR_OK;
    }
    buffer_release(&url);
    return code;
}

const struct credential_type credential_metadata = {"metadata server", NULL, fetch, NULL};
