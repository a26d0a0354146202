/* SPDX-License-Identifier: Apache-2.0 */
/* Microsoft Entra: the token endpoints of both versions and of ADFS, and what a client may ask about them first. */
#include "azure.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "base/uri.h"

#include <stdio.h>
#include <string.h>

static const char assertion_type[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/* A request to a token endpoint, taken apart. */
struct grant {
    struct azure_call *call;
    struct json_object *tenant;
    bool first_version; /* of the endpoint; ADFS speaks it too */
    struct sim_pairs form;
    struct json_object *app;
    char resource[256];
};

static const struct azure_refusal no_form = {900144, 400, "invalid_request",
                                             "The request body must contain the following parameter: 'grant_type'."};
static const struct azure_refusal no_grant = {70003, 400, "unsupported_grant_type",
                                              "The app requested an unsupported grant type."};
static const struct azure_refusal no_tenant = {90002, 400, "invalid_request",
                                               "Tenant not found. Check to make sure you have the correct tenant ID "
                                               "and are signing into the correct cloud."};
static const struct azure_refusal bad_tenant = {900023, 400, "invalid_request",
                                                "Specified tenant identifier is neither a valid DNS name, nor a "
                                                "valid external domain."};
static const struct azure_refusal no_app = {700016, 400, "unauthorized_client",
                                            "Application with this identifier was not found in the directory."};
static const struct azure_refusal no_proof = {7000218, 401, "invalid_client",
                                              "The request body must contain the following parameter: "
                                              "'client_assertion' or 'client_secret'."};
static const struct azure_refusal wrong_secret = {7000215, 401, "invalid_client",
                                                  "Invalid client secret provided. Ensure the secret being sent in "
                                                  "the request is the client secret value, not the client secret ID, "
                                                  "for a secret added to app."};
static const struct azure_refusal old_secret = {7000222, 401, "invalid_client",
                                                "The provided client secret keys for app are expired."};
static const struct azure_refusal no_scope = {900144, 400, "invalid_request",
                                              "The request body must contain the following parameter: 'scope'."};
static const struct azure_refusal not_default = {1002012, 400, "invalid_scope",
                                                 "The provided value for scope is not valid. Client credential flows "
                                                 "must have a scope value with /.default suffixed to the resource "
                                                 "identifier."};
static const struct azure_refusal many_scopes = {70011, 400, "invalid_scope",
                                                 "The provided request must include a 'scope' input parameter. The "
                                                 "provided value is not valid: more than one resource."};
static const struct azure_refusal no_resource = {500011, 400, "invalid_resource",
                                                 "The resource principal was not found in the tenant."};
static const struct azure_refusal no_instance = {50049, 400, "invalid_instance", "Unknown or invalid instance."};

static void refuse(struct azure_call *call, const struct azure_refusal *refusal)
{
    char text[1024];
    char when[21];
    char trace[37];
    char correlation[37];
    const char *asked = sim_header(call->request, "client-request-id");
    struct json_object *body = json_object_new_object();
    struct json_object *codes = json_object_new_array();
    timestamp_format_rfc3339(sim_now(), when);
    when[10] = ' ';
    sim_uuid(trace);
    sim_uuid(correlation);
    snprintf(text, sizeof(text), "AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
             refusal->number, refusal->text, trace, asked ? asked : correlation, when);
    json_object_array_add(codes, json_object_new_int(refusal->number));
    sim_put(body, "error", refusal->word);
    sim_put(body, "error_description", text);
    json_object_object_add(body, "error_codes", codes);
    sim_put(body, "timestamp", when);
    sim_put(body, "trace_id", trace);
    sim_put(body, "correlation_id", asked ? asked : correlation);
    snprintf(text, sizeof(text), "https://login.microsoftonline.com/error?code=%d", refusal->number);
    sim_put(body, "error_uri", text);
    sim_reply_json(call->reply, refusal->status, body);
    sim_verdict(call->reply, "AADSTS%d: %s", refusal->number, refusal->text);
}

static const struct azure_refusal *check_secret(struct grant *grant, const char *secret)
{
    struct json_object *list = json_member(grant->app, "secrets");
    struct json_object *found = sim_find(list, "value", secret);
    if (!found)
        return &wrong_secret;
    return sim_flag(found, "expired") ? &old_secret : NULL;
}

static const struct azure_refusal *check_proof(struct grant *grant)
{
    const char *secret = sim_pairs_get(&grant->form, "client_secret");
    const char *type = sim_pairs_get(&grant->form, "client_assertion_type");
    const char *assertion = sim_pairs_get(&grant->form, "client_assertion");
    if (secret)
        return check_secret(grant, secret);
    if (!assertion || !type || strcmp(type, assertion_type) != 0)
        return &no_proof;
    return azure_assertion_refusal(grant->call, grant->app, assertion);
}

/* scope=RESOURCE/.default, besides which the words of OpenID may stand; the first version names the resource
 * alone. */
static const struct azure_refusal *find_resource(struct grant *grant)
{
    static const char suffix[] = "/.default";
    static const char *const words[] = {"openid", "offline_access", "profile"};
    const char *scope = sim_pairs_get(&grant->form, grant->first_version ? "resource" : "scope");
    for (const char *at = scope; at && *at;) {
        char one[256];
        size_t length = strcspn(at, " ");
        bool word = false;
        snprintf(one, sizeof(one), "%.*s", (int)length, at);
        at += length + (at[length] == ' ');
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            word = word || !strcmp(one, words[i]);
        if (word)
            continue;
        if (grant->resource[0] != '\0')
            return &many_scopes;
        if (!grant->first_version && !text_ends_with(one, suffix))
            return &not_default;
        if (!grant->first_version)
            one[strlen(one) - strlen(suffix)] = '\0';
        snprintf(grant->resource, sizeof(grant->resource), "%s", one);
    }
    return grant->resource[0] != '\0' ? NULL : &no_scope;
}

/* With a port, or a slash behind it, a resource is still known here; a vault is pickier. */
static bool is_resource(const char *resource)
{
    struct json_object *list = azure_seed("resources");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const char *known = json_object_get_string(json_object_array_get_idx(list, i));
        size_t length = strlen(known);
        if (!strncmp(resource, known, length) &&
            strspn(resource + length, ":0123456789/") == strlen(resource + length))
            return true;
    }
    return false;
}

static const struct azure_refusal *check(struct grant *grant)
{
    const char *type = sim_pairs_get(&grant->form, "grant_type");
    if (!sim_has_type(grant->call->request, "application/x-www-form-urlencoded") || !type)
        return &no_form;
    if (strcmp(type, "client_credentials") != 0)
        return &no_grant;
    grant->app = azure_find_id("apps", "client_id", sim_pairs_get(&grant->form, "client_id"));
    struct json_object *tenants = json_member(grant->app, "tenants");
    if (!grant->app || !sim_lists(tenants, json_member_text(grant->tenant, "id")))
        return &no_app;
    const struct azure_refusal *refusal = find_resource(grant);
    refusal = refusal ? refusal : check_proof(grant);
    return refusal || is_resource(grant->resource) ? refusal : &no_resource;
}

/* The second version writes numbers, the first texts. */
static void put_number(const struct grant *grant, struct json_object *answer, const char *name, int64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)number);
    json_object_object_add(answer, name,
                           grant->first_version ? json_object_new_string(text) : json_object_new_int64(number));
}

static void answer(struct grant *grant)
{
    int64_t now = sim_now() / 1000;
    int64_t lifetime = sim_knob_int("azure", "lifetime", AZURE_LIFETIME);
    int64_t refresh = sim_knob_int("azure", "refresh_in", 0);
    struct azure_token *token =
        azure_token_issue(grant->app, json_member_text(grant->tenant, "id"), grant->resource, lifetime);
    struct json_object *body = json_object_new_object();
    token->claims = sim_pairs_get(&grant->form, "claims") != NULL;
    sim_put(body, "token_type", "Bearer");
    put_number(grant, body, "expires_in", lifetime);
    put_number(grant, body, "ext_expires_in", lifetime);
    if (refresh > 0)
        put_number(grant, body, "refresh_in", refresh);
    if (grant->first_version) {
        put_number(grant, body, "expires_on", now + lifetime);
        put_number(grant, body, "not_before", now);
        sim_put(body, "resource", grant->resource);
    }
    sim_put(body, "access_token", token->text);
    sim_reply_json(grant->call->reply, 200, body);
    sim_count("azure", "tokens");
}

static void grant_token(struct azure_call *call, struct json_object *tenant, bool first_version)
{
    struct grant grant = {.call = call, .tenant = tenant, .first_version = first_version};
    sim_body_form(call->request, &grant.form);
    const struct azure_refusal *refusal = check(&grant);
    if (refusal)
        refuse(call, refusal);
    else
        answer(&grant);
    sim_pairs_release(&grant.form);
}

/* The document that clients built on MSAL ask for first. */
static void describe(struct azure_call *call, const char *tenant)
{
    static const struct {
        const char *member;
        const char *path;
    } urls[] = {{"token_endpoint", "/oauth2/v2.0/token"},
                {"authorization_endpoint", "/oauth2/v2.0/authorize"},
                {"device_authorization_endpoint", "/oauth2/v2.0/devicecode"},
                {"jwks_uri", "/discovery/v2.0/keys"},
                {"issuer", "/v2.0"}};
    char origin[512];
    struct json_object *body = json_object_new_object();
    azure_own_origin(call->request, origin, sizeof(origin));
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        char url[1024];
        snprintf(url, sizeof(url), "%s/%s%s", origin, tenant, urls[i].path);
        sim_put(body, urls[i].member, url);
    }
    sim_reply_json(call->reply, 200, body);
}

/* Which authorities there are: the host that was asked, and the names that are Microsoft's. */
static void discover(struct azure_call *call)
{
    static const char *const known[] = {"login.microsoftonline.com", "login.windows.net", "login.microsoft.com",
                                        "sts.windows.net"};
    struct uri uri;
    char host[256] = "";
    const char *asked = sim_query(call->request, "authorization_endpoint");
    const char *own = sim_header(call->request, "Host");
    if (asked && uri_parse(asked, &uri))
        snprintf(host, sizeof(host), "%.*s", (int)strcspn(uri.host, "/?#"), uri.host);
    bool found = own && !strcmp(host, own);
    struct json_object *names = json_object_new_array();
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        found = found || !strcmp(host, known[i]);
        json_object_array_add(names, json_object_new_string(known[i]));
    }
    if (!found) {
        json_object_put(names);
        refuse(call, &no_instance);
        return;
    }
    char url[512];
    struct json_object *cloud = json_object_new_object();
    struct json_object *clouds = json_object_new_array();
    struct json_object *body = json_object_new_object();
    sim_put(cloud, "preferred_network", known[0]);
    sim_put(cloud, "preferred_cache", known[1]);
    json_object_object_add(cloud, "aliases", names);
    json_object_array_add(clouds, cloud);
    snprintf(url, sizeof(url), "https://%s/common/v2.0/.well-known/openid-configuration", host);
    sim_put(body, "tenant_discovery_endpoint", url);
    sim_put(body, "api-version", "1.1");
    json_object_object_add(body, "metadata", clouds);
    sim_reply_json(call->reply, 200, body);
}

bool azure_entra(struct azure_call *call)
{
    static const struct {
        const char *path;
        const char *method;
        bool first_version;
        bool describes;
    } paths[] = {{"/oauth2/v2.0/token", "POST", false, false},
                 {"/oauth2/token", "POST", true, false},
                 {"/v2.0/.well-known/openid-configuration", "GET", false, true}};
    if (!strcmp(call->request->path, "/common/discovery/instance") && sim_is(call->request, "GET")) {
        discover(call);
        return true;
    }
    const char *name = call->request->path + 1;
    size_t length = strcspn(name, "/");
    size_t i = 0;
    while (i < sizeof(paths) / sizeof(paths[0]) && strcmp(name + length, paths[i].path) != 0)
        i++;
    if (length == 0 || i == sizeof(paths) / sizeof(paths[0]) || !sim_is(call->request, paths[i].method))
        return false;
    struct json_object *tenant = azure_tenant(name, length);
    char text[256];
    snprintf(text, sizeof(text), "%.*s", (int)length, name);
    if (!tenant)
        refuse(call, strchr(text, '.') || strchr(text, '-') ? &no_tenant : &bad_tenant);
    else if (paths[i].describes)
        describe(call, text);
    else
        grant_token(call, tenant, paths[i].first_version);
    return true;
}
