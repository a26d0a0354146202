/* SPDX-License-Identifier: Apache-2.0 */
/* A provider for an in-house store: GET URL/v1/secrets/NAME with a token answers {"value": TEXT}. */
#include <mstr/provider.h>
#include <stdio.h>
#include <string.h>

static const struct mstr_host *host;
static const struct mstr_option options[] = {
    {"url", MSTR_OPTION_URL, MSTR_OPTION_REQUIRED, NULL, "where the store is"},
    {"token", MSTR_OPTION_SECRET, MSTR_OPTION_REQUIRED, NULL, "what it asks for; e.g. ${file:/run/secrets/corp}"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};
/* What its refusals mean; anything else is no answer of the store. */
static const enum mstr_code classes[500] = {
    [401] = MSTR_E_AUTHENTICATION, [403] = MSTR_E_DENIED, [404] = MSTR_E_NOT_FOUND, [429] = MSTR_E_THROTTLED};

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    *self = (void *)(uintptr_t)instance; /* all the state there is: it lives as long as the provider */
    return MSTR_HAS(host, struct mstr_host, json_text)
               ? MSTR_OK
               : host->error_set(error, MSTR_E_PLUGIN, "the corp provider needs a libmstr with provider ABI 1.2");
}

/* One segment of a URL, and no query: all that can be told of a reference before the store is asked. */
static enum mstr_code read_name(const struct mstr_reference *reference, char name[1024], struct mstr_error *error)
{
    return reference->query_count > 0 ? host->error_set(error, MSTR_E_CONFIG, "there are no query keys")
                                      : host->uri_encode(reference->body, strlen(reference->body), name, 1024, error);
}

static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    char name[1024];
    (void)instance;
    return read_name(reference, name, error);
}

static enum mstr_code fetch(const struct mstr_instance *instance, const struct mstr_request *request,
                            const struct mstr_call *call, struct mstr_http_response **response)
{
    char name[1024], url[8192];
    enum mstr_code code = read_name(request->reference, name, request->error);
    int length = snprintf(url, sizeof url, "%s/v1/secrets/%s", host->option(instance, "url"), name);
    if (code == MSTR_OK && (length < 0 || (size_t)length >= sizeof url)) {
        code = host->error_set(request->error, MSTR_E_CONFIG, "the URL is too long");
    }
    struct mstr_header token = {"X-Corp-Token", host->option(instance, "token")};
    struct mstr_http_request get = {
        .size = sizeof get, .method = "GET", .url = url, .headers = &token, .header_count = 1, .timeout = 5000};
    return code == MSTR_OK ? host->http(call, &get, response, request->error) : code;
}

static void answer(const struct mstr_instance *instance, struct mstr_request *request, const struct mstr_call *call)
{
    struct mstr_http_response *response = NULL;
    char *value = NULL;
    size_t length = 0;
    enum mstr_code code = fetch(instance, request, call, &response);
    const struct mstr_http_answer *got = code == MSTR_OK ? host->http_answer(response) : NULL;
    if (code != MSTR_OK) {
        host->set_error(request, code, "%s", host->error_message(request->error));
    } else if (got->status != 200) { /* a redirect is not followed: who asks for secrets asks where it was told to */
        code = got->status < 500 ? classes[got->status] : MSTR_E_UNAVAILABLE;
        host->set_error(request, code != MSTR_OK ? code : MSTR_E_PROTOCOL, "the store answered %d", (int)got->status);
    } else if (host->json_text(got->body, got->body_length, "/value", &value, &length, NULL) != MSTR_OK) {
        host->set_error(request, MSTR_E_PROTOCOL, "the store's answer holds no value"); /* and is not quoted */
    } else {
        host->set_value(request, value, length, NULL);
    }
    host->secret_free(value); /* both are wiped */
    host->http_free(response);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    for (size_t i = 0; i < count; i++) {
        answer(self, requests[i], call);
    }
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {.abi_major = MSTR_ABI_MAJOR,
                                                  .size = sizeof provider,
                                                  .flags = MSTR_PROVIDER_THREAD_SAFE,
                                                  .option_size = sizeof(struct mstr_option),
                                                  .name = "corp",
                                                  .version = "1.0",
                                                  .summary = "the in-house store",
                                                  .options = options,
                                                  .create = create,
                                                  .resolve = resolve,
                                                  .check = check};
    host = table;
    return &provider;
}
