/* SPDX-License-Identifier: Apache-2.0 */
/* Workload and workforce identity federation (AIP-4117): a subject token from elsewhere, exchanged at STS. */
#include "base/text.h"
#include "base/uri.h"
#include "gcp/config/url_policy.h"
#include "gcp/identity/kinds.h"
#include "gcp/identity/subject.h"
#include "gcp/wire/iam.h"
#include "gcp/wire/oauth.h"

#include <stdlib.h>
#include <string.h>

enum { LIFETIME_MIN = 600, LIFETIME_MAX = 43200 };
static const char aws_token_type[] = "urn:ietf:params:aws:token-type:aws4_request";

static const struct subject_source *const sources[] = {&subject_file, &subject_url, &subject_executable,
                                                       &subject_certificate};

static enum mstr_code wrong(const struct gcp_identity *identity, const char *what, struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_CONFIG, "%s: %s", identity->source, what);
}

/* AWS is told by the type of its token; the others by the one member that they have. NULL tells why there is none. */
static const struct subject_source *choose_source(const struct gcp_identity *identity, struct mstr_error *error)
{
    struct json_object *given = json_member(identity->config, "credential_source");
    const struct subject_source *found = NULL;
    size_t count = 0;
    if (given == NULL) {
        return &subject_program;
    }
    if (!json_object_is_type(given, json_type_object)) {
        wrong(identity, "\"credential_source\" is no object", error);
        return NULL;
    }
    if (strcmp(json_member_text(identity->config, "subject_token_type"), aws_token_type) == 0) {
        return &subject_aws;
    }
    if (json_member(given, "environment_id") != NULL) {
        wrong(identity, "\"environment_id\" is for AWS subject tokens", error);
        return NULL;
    }
    for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
        if (json_member(given, sources[i]->member) != NULL) {
            found = sources[i];
            count++;
        }
    }
    if (count != 1) {
        wrong(identity, "\"credential_source\" needs exactly one of file, url, executable and certificate", error);
    }
    return count == 1 ? found : NULL;
}

static enum mstr_code make_state(struct gcp_identity *identity, struct mstr_error *error)
{
    struct external_account *account = calloc(1, sizeof(*account));
    if (account == NULL || !kept_config_init(&account->aws_files)) {
        free(account);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    identity->state = account;
    account->source = choose_source(identity, error);
    return account->source != NULL
               ? account->source->check(identity, json_member(identity->config, "credential_source"), error)
               : MSTR_E_CONFIG;
}

static void close(struct gcp_identity *identity)
{
    struct external_account *account = identity->state;
    if (account != NULL) {
        kept_config_destroy(&account->aws_files);
    }
    free(account);
}

static const char *impersonation_url(const struct gcp_identity *identity)
{
    const char *url = json_member_text(identity->config, "service_account_impersonation_url");
    return text_empty(url) ? NULL : url;
}

static int64_t lifetime(const struct gcp_identity *identity)
{
    int64_t seconds = 0;
    json_member_int64(json_member(identity->config, "service_account_impersonation"), "token_lifetime_seconds",
                      &seconds);
    return seconds;
}

static bool token_url(const struct gcp_identity *identity, struct buffer *url)
{
    const char *given = json_member_text(identity->config, "token_url");
    const char *type = json_member_text(identity->config, "subject_token_type");
    bool mutual = type != NULL && strcmp(type, "urn:ietf:params:oauth:token-type:mtls") == 0;
    return text_empty(given)
               ? buffer_printf(url, "https://sts.%s%s/v1/token", mutual ? "mtls." : "", identity->universe)
               : buffer_puts(url, given);
}

static enum mstr_code check_urls(const struct gcp_identity *identity, struct mstr_error *error)
{
    const char *impersonation = impersonation_url(identity);
    struct buffer url = BUFFER_INIT;
    enum mstr_code code =
        token_url(identity, &url)
            ? url_policy_google(buffer_text(&url), "token_url", identity->source, "sts", identity->universe, error)
            : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK && impersonation != NULL) {
        code = url_policy_google(impersonation, "service_account_impersonation_url", identity->source,
                                 "iamcredentials", identity->universe, error);
    }
    buffer_release(&url);
    return code;
}

static bool is_workforce(const char *audience)
{
    return text_starts_with(audience, "//iam.googleapis.com/locations/") && strstr(audience, "/workforcePools/");
}

static enum mstr_code open(struct gcp_identity *identity, struct mstr_error *error)
{
    const char *audience = gcp_identity_need(identity, "audience", error);
    if (audience == NULL || gcp_identity_need(identity, "subject_token_type", error) == NULL) {
        return MSTR_E_CONFIG;
    }
    if (json_member(identity->config, "workforce_pool_user_project") != NULL && !is_workforce(audience)) {
        return wrong(identity, "\"workforce_pool_user_project\" is for the audience of a workforce pool", error);
    }
    int64_t seconds = lifetime(identity);
    if (seconds != 0 && (seconds < LIFETIME_MIN || seconds > LIFETIME_MAX)) {
        return wrong(identity, "\"token_lifetime_seconds\" must be 600 to 43200", error);
    }
    enum mstr_code code = check_urls(identity, error);
    identity->principal = iam_email(impersonation_url(identity));
    return code == MSTR_OK ? make_state(identity, error) : code;
}

/* The project that a workforce user's requests count for; a client of its own has one already. */
static void put_options(const struct gcp_identity *identity, struct buffer *form)
{
    const char *project = json_member_text(identity->config, "workforce_pool_user_project");
    if (text_empty(project) || !text_empty(json_member_text(identity->config, "client_id"))) {
        return;
    }
    struct buffer options = BUFFER_INIT;
    json_put_member(&options, "userProject", project);
    buffer_putc(&options, '}');
    uri_form_add(form, "options", buffer_text(&options));
    buffer_release(&options);
}

static enum mstr_code exchange(const struct gcp_identity *identity, const struct subject *subject,
                               const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct buffer form = BUFFER_INIT;
    struct buffer url = BUFFER_INIT;
    const char *client = json_member_text(identity->config, "client_id");
    uri_form_add(&form, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    uri_form_add(&form, "audience", json_member_text(identity->config, "audience"));
    uri_form_add(&form, "scope", SCOPE_CLOUD_PLATFORM);
    uri_form_add(&form, "requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
    uri_form_add(&form, "subject_token", buffer_text(&subject->token));
    uri_form_add(&form, "subject_token_type", json_member_text(identity->config, "subject_token_type"));
    put_options(identity, &form);
    const struct oauth_request request = {.form = &form,
                                          .url = token_url(identity, &url) ? buffer_text(&url) : "",
                                          .client_id = text_empty(client) ? NULL : client,
                                          .client_secret = json_member_text(identity->config, "client_secret"),
                                          .cert_file = subject->cert_file,
                                          .key_file = subject->key_file};
    enum mstr_code code = oauth_token(identity->instance, &request, call, token, error);
    buffer_release(&url);
    buffer_release(&form);
    return code;
}

/* The whole chain each time: subject tokens rotate and are never kept. */
static enum mstr_code fetch(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    const struct external_account *account = identity->state;
    struct subject subject = {.token = BUFFER_INIT};
    struct token federated = {.text = NULL};
    const char *step = "subject token";
    enum mstr_code code =
        account->source->fetch(identity, json_member(identity->config, "credential_source"), call, &subject, error);
    code =
        code == MSTR_E_NOT_AVAILABLE ? MSTR_E_CONFIG : code; /* this identity is here: it is its source that fails */
    if (code == MSTR_OK) {
        step = "token exchange";
        code = exchange(identity, &subject, call, impersonation_url(identity) ? &federated : token, error);
    }
    if (code == MSTR_OK && impersonation_url(identity) != NULL) {
        step = "impersonation";
        const struct iam_request request = {.url = impersonation_url(identity),
                                            .bearer = federated.text,
                                            .lifetime = lifetime(identity),
                                            .cert_file = subject.cert_file,
                                            .key_file = subject.key_file};
        code = iam_generate_token(identity->instance, &request, call, token, error);
    }
    if (code != MSTR_OK) {
        host->error_detail(error, MSTR_DETAIL_STEP, step);
    }
    token_release(&federated);
    free(subject.cert_file);
    free(subject.key_file);
    buffer_release(&subject.token);
    return code;
}

const struct gcp_identity_kind external_account_identity = {"external_account", open, fetch, close};
