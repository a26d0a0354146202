/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key Vault: which vault a request is for, and whom it lets in. A vault is known by its host, NAME.SUFFIX, and wants
 * tokens for https://SUFFIX; under any other host, such as localhost, the vault "corp" of Azure's public cloud
 * answers, and calls itself by its own name as ever.
 */
#include "azure.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { WINDOW_MS = 10000 };

static const char *const suffixes[] = {"vault.localhost", "vault.azure.net", "vault.azure.cn",
                                       "vault.usgovcloudapi.net"};
static const char *const versions[] = {"2016-10-01", "7.0", "7.1", "7.2",        "7.3",
                                       "7.4",        "7.5", "7.6", "2025-07-01", "2026-04-01"};
static int64_t window_start;
static int64_t window_count;

void azure_vault_load(void)
{
    window_start = 0;
    window_count = 0;
}

/* A request on its way in. */
struct visit {
    struct azure_call *call;
    struct json_object *vault;
    const char *name;
    char resource[256]; /* that tokens must be for */
};

void azure_vault_error(struct azure_call *call, int status, const char *code, const char *inner, const char *format,
                       ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    struct json_object *body = json_object_new_object();
    struct json_object *error = json_object_new_object();
    sim_put(error, "code", code);
    sim_put(error, "message", message);
    if (inner) {
        struct json_object *object = json_object_new_object();
        sim_put(object, "code", inner);
        json_object_object_add(error, "innererror", object);
    }
    json_object_object_add(body, "error", error);
    sim_reply_json(call->reply, status, body);
    sim_verdict(call->reply, "%s: %s", inner ? inner : code, message);
}

struct json_object *azure_vault_named(const char *name)
{
    return azure_find_id("vaults", "name", name);
}

/* False if the host is one of a vault that does not exist. */
static bool find_vault(struct visit *visit)
{
    char host[256];
    const char *sent = sim_header(visit->call->request, "Host");
    const char *suffix = suffixes[1];
    snprintf(host, sizeof(host), "%s", sent ? sent : "");
    host[strcspn(host, ":")] = '\0';
    char *dot = strchr(host, '.');
    bool named = false;
    for (size_t i = 0; dot && !named && i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        named = text_equal_nocase(dot + 1, suffixes[i]);
        suffix = named ? suffixes[i] : suffix;
    }
    if (named) {
        *dot = '\0';
        azure_own_origin(visit->call->request, visit->call->vault_url, sizeof(visit->call->vault_url));
    } else {
        snprintf(visit->call->vault_url, sizeof(visit->call->vault_url), "https://corp.%s", suffix);
    }
    visit->vault = azure_vault_named(named ? host : "corp");
    visit->name = json_member_text(visit->vault, "name");
    snprintf(visit->resource, sizeof(visit->resource), "https://%s", suffix);
    return visit->vault != NULL;
}

/* A vault on a port of its own is that port's vault; Azure's have none. */
static bool names_port(const struct visit *visit)
{
    return sim_knob_bool("azure", "resource_port", text_ends_with(visit->resource, "/vault.localhost"));
}

/* What a vault says it wants, which for a malicious one is what it should not have. */
static void challenge(struct visit *visit, const char *code)
{
    char text[1024];
    char origin[512];
    char resource[320];
    const char *foreign = json_member_text(visit->vault, "names_resource");
    const char *host = sim_header(visit->call->request, "Host");
    const char *port = host ? strchr(host, ':') : NULL;
    snprintf(resource, sizeof(resource), "%s%s", foreign ? foreign : visit->resource,
             !foreign && names_port(visit) && port ? port : "");
    snprintf(origin, sizeof(origin), "https://%s%s", port ? "localhost" : "login.microsoftonline.com",
             port ? port : "");
    bool scope = sim_knob_bool("azure", "challenge_scope", false);
    snprintf(text, sizeof(text), "Bearer authorization=\"%s/%s\", %s=\"%s%s\"", origin,
             json_member_text(visit->vault, "tenant"), scope ? "scope" : "resource", resource,
             scope ? "/.default" : "");
    sim_reply_header(visit->call->reply, "WWW-Authenticate", text);
    azure_vault_error(visit->call, 401, "Unauthorized", NULL, "%s", code);
}

/* Conditional access has changed its mind: the token must be got anew. */
static void challenge_claims(struct visit *visit)
{
    static const char claims[] = "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1700000000\"}}}";
    struct buffer text = BUFFER_INIT;
    buffer_puts(&text, "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/"
                       "authorize\", error=\"insufficient_claims\", claims=\"");
    base64_encode(&text, claims, strlen(claims));
    buffer_putc(&text, '"');
    sim_reply_header(visit->call->reply, "WWW-Authenticate", buffer_text(&text));
    buffer_release(&text);
    azure_vault_error(visit->call, 401, "Unauthorized", NULL, "[TokenExpired] Continuous access evaluation failed.");
}

/* The token's audience must be the resource itself; where the challenge names a port, with it. */
static bool is_for(const struct visit *visit, const struct azure_token *token)
{
    size_t length = strlen(visit->resource);
    const char *rest = token->audience + length;
    return !strncmp(token->audience, visit->resource, length) &&
           (*rest == '\0' || (*rest == ':' && names_port(visit)));
}

static const struct azure_token *find_caller(struct visit *visit)
{
    const char *header = sim_header(visit->call->request, "Authorization");
    const char *tenant = json_member_text(visit->vault, "tenant");
    char text[640];
    if (!header || !text_starts_with(header, "Bearer ")) {
        challenge(visit, "AKV10000: Request is missing a Bearer or PoP token.");
        return NULL;
    }
    sim_count("azure", sim_flag(visit->vault, "malicious") ? "stolen_tokens" : "bearers");
    const struct azure_token *token = azure_token_named(header + strlen("Bearer "));
    if (!token) {
        challenge(visit, "AKV10001: The token is malformed or its signature does not hold.");
    } else if (sim_flag(visit->vault, "malicious")) {
        return token; /* whatever it is for */
    } else if (token->expires <= sim_now()) {
        challenge(visit, "AKV10001: The token has expired.");
    } else if (!is_for(visit, token)) {
        snprintf(text, sizeof(text), "AKV10022: Invalid audience. Expected %s, found: %s.", visit->resource,
                 token->audience);
        challenge(visit, text);
    } else if (strcmp(token->tenant, tenant) != 0) {
        snprintf(text, sizeof(text),
                 "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/%s/, found "
                 "https://sts.windows.net/%s/.",
                 tenant, token->tenant);
        challenge(visit, text);
    } else if (sim_knob_bool("azure", "claims_challenge", false) && !token->claims) {
        challenge_claims(visit);
    } else {
        return token;
    }
    return NULL;
}

static bool network_allows(struct visit *visit)
{
    if (sim_flag(visit->vault, "firewall")) {
        azure_vault_error(visit->call, 403, "Forbidden", "ForbiddenByFirewall",
                          "Client address is not authorized and caller is not a trusted service.\r\nClient address: "
                          "127.0.0.1\r\nCaller: appid=***\r\nVault: %s;location=westeurope",
                          visit->name);
        return false;
    }
    if (sim_flag(visit->vault, "private")) {
        azure_vault_error(visit->call, 403, "Forbidden", "ForbiddenByConnection",
                          "Public network access is disabled and request is not from a trusted service nor via an "
                          "approved private link.\r\nVault: %s;location=westeurope",
                          visit->name);
        return false;
    }
    return true;
}

/* Of ten seconds; those refused do not count. */
static bool is_within_limits(struct visit *visit)
{
    char text[24];
    int64_t limit = sim_knob_int("azure", "limit", -1);
    int64_t retry_after = sim_knob_int("azure", "retry_after", -1);
    if (sim_now() - window_start >= WINDOW_MS || sim_now() < window_start) {
        window_start = sim_now();
        window_count = 0;
    }
    if (limit < 0 || window_count < limit) {
        window_count++;
        return true;
    }
    if (retry_after >= 0) {
        snprintf(text, sizeof(text), "%lld", (long long)retry_after);
        sim_reply_header(visit->call->reply, "Retry-After", text);
    }
    azure_vault_error(visit->call, 429, "Throttled", NULL,
                      "Request was not processed because too many requests were received. Reason: "
                      "VaultRequestTypeLimitReached");
    return false;
}

static bool version_is_known(struct visit *visit)
{
    const char *version = sim_query(visit->call->request, "api-version");
    for (size_t i = 0; version && i < sizeof(versions) / sizeof(versions[0]); i++)
        if (!strcmp(versions[i], version))
            return true;
    azure_vault_error(visit->call, 400, "BadParameter", NULL, "%s%s%s",
                      version ? "The specified version (" : "api-version must be specified", version ? version : "",
                      version ? ") is not recognized. Consider using the latest supported version (2026-04-01)."
                              : "");
    return false;
}

static void add_headers(struct azure_call *call)
{
    static const char *const fixed[][2] = {
        {"Cache-Control", "no-cache"},
        {"Pragma", "no-cache"},
        {"Expires", "-1"},
        {"Strict-Transport-Security", "max-age=31536000;includeSubDomains"},
        {"x-ms-keyvault-region", "westeurope"},
        {"x-ms-keyvault-service-version", "1.9.2.1"},
        {"x-ms-keyvault-network-info", "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;"}};
    char id[37];
    const char *own = sim_header(call->request, "x-ms-client-request-id");
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        sim_reply_header(call->reply, fixed[i][0], fixed[i][1]);
    sim_uuid(id);
    sim_reply_header(call->reply, "x-ms-request-id", id);
    if (own)
        sim_reply_header(call->reply, "x-ms-client-request-id", own);
}

bool azure_vault(struct azure_call *call)
{
    struct visit visit = {.call = call};
    const char *path = call->request->path;
    if (!text_starts_with(path, "/secrets") && !text_starts_with(path, "/deletedsecrets"))
        return false;
    add_headers(call);
    if (!find_vault(&visit)) {
        azure_vault_error(call, 404, "VaultNotFound", NULL, "No vault of the simulator has this host.");
        return true;
    }
    const struct azure_token *caller = find_caller(&visit);
    if (caller && network_allows(&visit) && version_is_known(&visit) && is_within_limits(&visit))
        azure_secrets_answer(call, visit.vault, path, caller);
    return true;
}
