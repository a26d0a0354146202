/* SPDX-License-Identifier: Apache-2.0 */
/* From where an identity may be used. */
#include "gcp/identity/allowed_locations.h"

#include "base/text.h"
#include "gcp/wire/http.h"
#include "gcp/wire/metadata_client.h"
#include "gcp/wire/service_error.h"

#include <string.h>

static const char anywhere[] = "0x0";

/* The text out of a boundary as files and answers write it; NULL where it is none that a header can hold. */
static const char *encoded(struct json_object *boundary)
{
    size_t length = 0;
    const char *text = json_member_octets(boundary, "encodedLocations", &length);
    return text != NULL && length <= LOCATIONS_MAX && token_fits_header(text, length) ? text : NULL;
}

/* As a service account, by its email, or as anybody of a pool. Users have no boundary: nothing is appended. */
static enum mstr_code put_url(const struct gcp_identity *identity, const struct mstr_call *call, struct buffer *url,
                              struct mstr_error *error)
{
    static const char pools[] = "//iam.googleapis.com/";
    const char *impersonated = json_member_text(identity->config, "service_account_impersonation_url");
    const char *audience = json_member_text(identity->config, "audience");
    const char *providers = audience != NULL ? strstr(audience, "/providers/") : NULL;
    struct buffer email = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (!text_empty(impersonated)) {
        buffer_append(url, impersonated, (size_t)(strrchr(impersonated, ':') - impersonated));
    } else if (identity->config == NULL) {
        code = metadata_text(identity->instance, call, "instance/service-accounts/default/email", &email, error);
    } else if (json_member(identity->config, "client_email") != NULL) {
        buffer_puts(&email, json_member_text(identity->config, "client_email"));
    } else if (providers != NULL && text_starts_with(audience, pools)) {
        buffer_printf(url, "https://iamcredentials." UNIVERSE_DEFAULT "/v1/%.*s",
                      (int)(providers - audience - (ptrdiff_t)strlen(pools)), audience + strlen(pools));
    }
    if (email.length > 0) {
        buffer_printf(url, "https://iamcredentials." UNIVERSE_DEFAULT "/v1/projects/-/serviceAccounts/%s",
                      buffer_text(&email));
    }
    buffer_puts(url, url->length > 0 ? "/allowedLocations" : "");
    buffer_release(&email);
    return code;
}

struct lookup {
    char *out;
    struct buffer name; /* for messages: for whom it is made */
};

static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    const struct lookup *lookup = data;
    const struct mstr_http_answer *answer = host->http_answer(response);
    if (attempt->status != 200) {
        return service_error_read(response, buffer_text(&lookup->name), NULL, attempt, error);
    }
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *text = encoded(body);
    enum mstr_code code = text != NULL ? MSTR_OK
                                       : host->error_set(error, MSTR_E_PROTOCOL, "%s told no encodedLocations",
                                                         buffer_text(&lookup->name));
    strcpy(lookup->out, text != NULL ? text : "");
    return json_done(body, parsed, code, error);
}

/* As Google's libraries read such a switch. */
static enum mstr_code is_asked_for(bool *asked, struct mstr_error *error)
{
    static const char name[] = "GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED";
    const char *value = host->environment(name);
    bool off = text_empty(value) || text_equal_nocase(value, "false") || strcmp(value, "0") == 0;
    *asked = !off && (text_equal_nocase(value, "true") || strcmp(value, "1") == 0);
    return off || *asked ? MSTR_OK : host->error_set(error, MSTR_E_CONFIG, "%s must be true or false", name);
}

static enum mstr_code ask(const struct gcp_identity *identity, const struct token *token,
                          const struct mstr_call *call, char out[LOCATIONS_MAX + 1], struct mstr_error *error)
{
    struct lookup lookup = {.name = BUFFER_INIT};
    struct mstr_error *why = host->error_new();
    struct buffer url = BUFFER_INIT;
    struct buffer bearer = BUFFER_INIT;
    enum mstr_code code = put_url(identity, call, &url, why);
    lookup.out = out;
    buffer_printf(&lookup.name, "%s: the lookup of allowed locations", identity->source);
    if (code == MSTR_OK && url.length > 0) {
        buffer_printf(&bearer, "Bearer %s", token->text);
        const struct mstr_header header = {"Authorization", buffer_text(&bearer)};
        const struct mstr_http_request get = {
            .method = "GET", .url = buffer_text(&url), .headers = &header, .header_count = 1};
        struct request request = {.traffic = &gcp_http_traffic,
                                  .ca_file = gcp_http_ca_file(identity->instance),
                                  .error = why,
                                  .fixed = &get,
                                  .read = read};
        request.data = &lookup;
        code = request_send(&request, call);
    }
    if (code != MSTR_OK) {
        gcp_identity_fail(identity, why, code, error);
    }
    host->error_free(why);
    buffer_release(&bearer);
    buffer_release(&url);
    buffer_release(&lookup.name);
    return code;
}

/* What is known; true if it is so by this token. */
static bool recall(struct gcp_identity *identity, const struct token *token, char out[LOCATIONS_MAX + 1])
{
    pthread_mutex_lock(&identity->token.renewable.mutex);
    bool fresh = identity->located == token->expires;
    strcpy(out, identity->locations);
    pthread_mutex_unlock(&identity->token.renewable.mutex);
    return fresh;
}

static void remember(struct gcp_identity *identity, const struct token *token, const char *locations)
{
    pthread_mutex_lock(&identity->token.renewable.mutex);
    identity->located = token->expires;
    strcpy(identity->locations, locations);
    pthread_mutex_unlock(&identity->token.renewable.mutex);
}

enum mstr_code allowed_locations_find(struct gcp_identity *identity, const struct token *token,
                                      const struct mstr_call *call, char out[LOCATIONS_MAX + 1],
                                      struct mstr_error *error)
{
    bool asked = false;
    char found[LOCATIONS_MAX + 1] = "";
    struct json_object *told = json_member(identity->config, "trust_boundary");
    const char *text = encoded(told);
    enum mstr_code code = is_asked_for(&asked, error);
    if (code == MSTR_OK && told != NULL && text == NULL) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: \"trust_boundary\" has no usable \"encodedLocations\"",
                               identity->source);
    }
    strcpy(out, text != NULL ? text : "");
    if (code == MSTR_OK && asked && strcmp(identity->universe, UNIVERSE_DEFAULT) == 0 &&
        !recall(identity, token, out)) {
        code = ask(identity, token, call, found, error);
        if (code == MSTR_OK) {
            strcpy(out, found);
        }
        code = out[0] != '\0' ? MSTR_OK : code;
    }
    if (code == MSTR_OK) {
        remember(identity, token, out);
    }
    out[0] = strcmp(out, anywhere) == 0 ? '\0' : out[0];
    return code;
}
