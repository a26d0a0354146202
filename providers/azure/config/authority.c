/* SPDX-License-Identifier: Apache-2.0 */
/* Authorities and their tenants. */
#include "azure/config/authority.h"

#include "azure/config/field.h"
#include "azure/config/setting.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <string.h>

static const char public_authority[] = "https://login.microsoftonline.com";

static enum mstr_code refuse(const char *from, const char *text, const char *why, struct mstr_error *error)
{
    return error_hint(error, host->error_set(error, MSTR_E_CONFIG, "%s: \"%.200s\" %s", from, text, why),
                      "write the authority as https://HOST, such as "
                      "https://login.microsoftonline.com");
}

enum mstr_code authority_find(const struct mstr_instance *instance, struct authority *authority,
                              struct mstr_error *error)
{
    const char *from = NULL;
    const char *text = setting_find(instance, "authority_host", "AZURE_AUTHORITY_HOST", &from);
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
        !field_set(authority->host, sizeof(authority->host), uri.host, uri.host_length)) {
        return refuse(from, text, uri_fault(authority->url, "is no URL of an authority"), error);
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

static bool is_allowed(const struct mstr_instance *instance, const char *tenant)
{
    const char *list =
        setting_find(instance, "additionally_allowed_tenants", "AZURE_ADDITIONALLY_ALLOWED_TENANTS", NULL);
    while (list != NULL && *list != '\0') {
        char one[TENANT_MAX + 1];
        size_t length = strcspn(list, ";");
        if (field_set(one, sizeof(one), list, length)) {
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
    return setting_variable("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH") != NULL;
}

/* Another tenant for sure: vaults name theirs by id, and a domain may stand for that very one. */
static bool is_foreign(const char *asked, const char *own)
{
    bool comparable = (strchr(own, '.') != NULL) == (strchr(asked, '.') != NULL);
    return asked[0] != '\0' && own[0] != '\0' && comparable && !text_equal_nocase(asked, own);
}

enum mstr_code authority_check_tenant(const char *tenant, struct mstr_error *error)
{
    return authority_is_tenant(tenant)
               ? MSTR_OK
               : error_hint(error, host->error_set(error, MSTR_E_CONFIG, "\"%.128s\" is no tenant", tenant),
                            "a tenant is its id or a domain: letters, digits, dots and hyphens");
}

enum mstr_code authority_tenant(const struct mstr_instance *instance, const char *asked, const char *own,
                                char tenant[TENANT_MAX + 1], struct mstr_error *error)
{
    asked = hints_are_off() ? "" : asked;
    bool foreign = is_foreign(asked, own);
    if (own[0] != '\0' && authority_check_tenant(own, error) != MSTR_OK) {
        return MSTR_E_CONFIG;
    }
    if (foreign && (authority_is_adfs(own) || !is_allowed(instance, asked))) {
        return error_hint(error,
                          host->error_set(error, MSTR_E_AUTHENTICATION,
                                          "the vault belongs to tenant %s, but the identity is configured for %s",
                                          asked, own),
                          "set the tenant to the vault's, or allow it in AZURE_ADDITIONALLY_ALLOWED_TENANTS");
    }
    const char *chosen = foreign || own[0] == '\0' ? asked : own;
    field_set(tenant, TENANT_MAX + 1, chosen, strlen(chosen));
    return MSTR_OK;
}
