/* A provider for an imagined store: GET <url>/v1/secrets/<name> with a token gives the secret's octets. */
#include <mstr/provider.h>
#include <stdio.h>

static const struct mstr_host *host;
static const struct mstr_option options[] = {
    {"url", MSTR_OPTION_URL, MSTR_OPTION_REQUIRED, NULL, "where the vault is"},
    {"token", MSTR_OPTION_SECRET, MSTR_OPTION_REQUIRED, NULL, "what it asks for; e.g. ${file:/run/secrets/vault}"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)error;
    *self = (void *)(uintptr_t)instance; /* all the state there is: it lives as long as the provider */
    return MSTR_OK;
}

static void answer(const struct mstr_instance *instance, struct mstr_request *request, const struct mstr_call *call)
{
    char url[8192];
    int length =
        snprintf(url, sizeof url, "%s/v1/secrets/%s", host->option(instance, "url"), request->reference->body);
    if (length < 0 || (size_t)length >= sizeof url) {
        host->set_error(request, MSTR_E_CONFIG, "the secret's name is too long");
        return;
    }
    struct mstr_header token = {"X-Vault-Token", host->option(instance, "token")};
    struct mstr_http_request get = {
        .size = sizeof get, .method = "GET", .url = url, .headers = &token, .header_count = 1, .timeout = 5000};
    struct mstr_http_response *response = NULL;
    if (host->http(call, &get, &response, request->error) != MSTR_OK) {
        host->set_error(request, host->error_code(request->error), "%s", host->error_message(request->error));
        return;
    }
    const struct mstr_http_answer *got = host->http_answer(response);
    if (got->status == 200) {
        host->set_value(request, got->body, got->body_length, NULL);
    } else {
        enum mstr_code code = got->status == 404 ? MSTR_E_NOT_FOUND : MSTR_E_UNAVAILABLE;
        host->set_error(request, got->status == 403 ? MSTR_E_DENIED : code, "the vault answered %d",
                        (int)got->status);
    }
    host->http_free(response); /* wipes it */
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    for (size_t i = 0; i < count; i++) {
        answer(self, requests[i], call);
    }
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof provider,
        .flags = MSTR_PROVIDER_THREAD_SAFE,
        .option_size = sizeof(struct mstr_option),
        .name = "vault",
        .version = "1.0",
        .summary = "the example vault",
        .options = options,
        .create = create,
        .resolve = resolve,
    };
    host = table;
    return &provider;
}
