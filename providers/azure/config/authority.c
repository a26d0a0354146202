/* Authorities and their tenants. */
#include "azure/config/authority.h"

#include "azure/config/cloud.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uri.h"

#include <string.h>

enum { REGION_TIMEOUT = 2000 }; /* ms */
static const char public_authority[] = "https://login.microsoftonline.com";
static const char location_url[] = "http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01";

static enum mstr_code refuse(const char *from, const char *text, const char *why, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_CONFIG, "%s: \"%.200s\" %s", from, text, why);
    host->error_detail(error, MSTR_DETAIL_HINT,
                       "write the authority as https://HOST, such as "
                       "https://login.microsoftonline.com");
    return MSTR_E_CONFIG;
}

enum mstr_code authority_find(const struct mstr_instance *instance, struct authority *authority,
                              struct mstr_error *error)
{
    const struct ask ask = {.instance = instance};
    const char *from = "authority";
    const char *text = credential_setting(&ask, "authority_host", "AZURE_AUTHORITY_HOST", &from);
    struct uri uri;
    text = text != NULL ? text : public_authority;
    size_t prefix = strstr(text, "://") == NULL ? strlen("https://") : 0;
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '/') {
        length--;
    }
    if (length == 0 || prefix + length > AUTHORITY_MAX) {
        return refuse(from, text, "is no URL", error);
    }
    memcpy(authority->url, "https://", prefix);
    memcpy(authority->url + prefix, text, length);
    authority->url[prefix + length] = '\0';
    if (!uri_parse(authority->url, &uri) || uri.user != NULL || uri.query != NULL || uri.fragment ||
        !azure_set(authority->host, sizeof(authority->host), uri.host, uri.host_length)) {
        return refuse(from, text, "is no URL of an authority", error);
    }
    return uri.https || uri_is_loopback(&uri) ? MSTR_OK : refuse(from, text, "must be https", error);
}

bool authority_is_adfs(const char *tenant)
{
    return text_equal_nocase(tenant, "adfs");
}

bool authority_is_tenant(const char *tenant)
{
    return !text_empty(tenant) && strlen(tenant) <= TENANT_MAX && text_is_made_of(tenant, ".-");
}

static bool is_allowed(const struct ask *ask, const char *tenant)
{
    const char *list =
        credential_setting(ask, "additionally_allowed_tenants", "AZURE_ADDITIONALLY_ALLOWED_TENANTS", NULL);
    while (list != NULL && *list != '\0') {
        char one[TENANT_MAX + 1];
        size_t length = strcspn(list, ";");
        if (azure_set(one, sizeof(one), list, length)) {
            const char *text = text_trim(one);
            if (strcmp(text, "*") == 0 || text_equal_nocase(text, tenant)) {
                return true;
            }
        }
        list += length + (list[length] == ';');
    }
    return false;
}

static bool hints_are_off(void)
{
    return !text_empty(host->environment("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH"));
}

/* Another tenant for sure: vaults name theirs by id, and a domain may stand for that very one. */
static bool is_foreign(const char *asked, const char *own)
{
    bool comparable = (strchr(own, '.') != NULL) == (strchr(asked, '.') != NULL);
    return asked[0] != '\0' && own[0] != '\0' && comparable && !text_equal_nocase(asked, own);
}

enum mstr_code authority_tenant(const struct ask *ask, const char *own, char tenant[TENANT_MAX + 1],
                                struct mstr_error *error)
{
    const char *asked = hints_are_off() ? "" : ask->demand->tenant;
    bool foreign = is_foreign(asked, own);
    if (own[0] != '\0' && !authority_is_tenant(own)) {
        host->error_set(error, MSTR_E_CONFIG, "\"%.128s\" is no tenant", own);
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "a tenant is its id or a domain: letters, digits, dots and hyphens");
        return MSTR_E_CONFIG;
    }
    if (foreign && (authority_is_adfs(own) || !is_allowed(ask, asked))) {
        host->error_set(error, MSTR_E_AUTHENTICATION,
                        "the vault belongs to tenant %s, but the identity is configured for %s", asked, own);
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "set the tenant to the vault's, or allow it in AZURE_ADDITIONALLY_ALLOWED_TENANTS");
        return MSTR_E_AUTHENTICATION;
    }
    const char *chosen = foreign || own[0] == '\0' ? asked : own;
    azure_set(tenant, TENANT_MAX + 1, chosen, strlen(chosen));
    return MSTR_OK;
}

/* Where this machine stands, as the platform tells: by a variable of App Service, or the instance metadata. */
static bool detect_region(const struct ask *ask, struct buffer *region)
{
    static const struct mstr_header metadata = {"Metadata", "true"};
    const struct mstr_http_request request = {.method = "GET",
                                              .url = location_url,
                                              .headers = &metadata,
                                              .header_count = 1,
                                              .flags = MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN,
                                              .connect_timeout = REGION_TIMEOUT,
                                              .timeout = REGION_TIMEOUT};
    struct mstr_http_response *response = NULL;
    const char *named = host->environment("REGION_NAME");
    if (!text_empty(named)) {
        return buffer_puts(region, named);
    }
    if (credential_http(ask, request, &response, NULL) == MSTR_OK && host->http_answer(response)->status == 200) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        struct json_object *body = json_parse(answer->body, answer->body_length);
        const char *location = json_member_text(body, "location");
        buffer_puts(region, location != NULL ? location : "");
        json_release(body);
    }
    host->http_free(response);
    return region->length > 0;
}

/* The region to ask, "" for none; one that cannot be told is none. */
static enum mstr_code find_region(const struct ask *ask, struct buffer *region, struct mstr_error *error)
{
    const char *named = host->environment("AZURE_REGIONAL_AUTHORITY_NAME");
    if (text_empty(named)) {
        return MSTR_OK;
    }
    if (text_equal_nocase(named, "TryAutoDetect")) {
        if (!detect_region(ask, region)) {
            host->log(ask->instance, MSTR_LEVEL_WARN, "no region was found, the global authority is asked");
        }
    } else {
        buffer_puts(region, named);
    }
    return text_is_made_of(buffer_text(region), "-")
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "AZURE_REGIONAL_AUTHORITY_NAME: \"%.60s\" is no region",
                                 buffer_text(region));
}

enum mstr_code authority_endpoint(const struct ask *ask, const char *tenant, bool regional, struct buffer *url,
                                  struct mstr_error *error)
{
    struct authority authority;
    struct buffer region = BUFFER_INIT;
    enum mstr_code code = authority_find(ask->instance, &authority, error);
    if (code == MSTR_OK && regional && !authority_is_adfs(tenant)) {
        code = find_region(ask, &region, error);
    }
    if (code == MSTR_OK && region.length > 0) {
        bool public = cloud_is_public_authority(authority.host);
        buffer_printf(url, "https://%s.%s", buffer_text(&region),
                      public ? "login.microsoft.com" : strstr(authority.url, "://") + strlen("://"));
    } else if (code == MSTR_OK) {
        buffer_puts(url, authority.url);
    }
    if (code == MSTR_OK) {
        buffer_printf(url, authority_is_adfs(tenant) ? "/%s/oauth2/token" : "/%s/oauth2/v2.0/token", tenant);
        code = url->failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
    }
    buffer_release(&region);
    return code;
}
