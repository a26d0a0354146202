/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps a session of a profile from opening. */
#include "context/profile_check.h"

#include "base/text.h"
#include "base/uri.h"
#include "config/base_url.h"
#include "config/login_mode.h"
#include "config/schema.h"
#include "fleet/settings.h"
#include "http/client_certificate.h"
#include "http/pinned_key.h"
#include "http/trust.h"
#include "reference/template.h"

#include <string.h>

/* What a key of the profile comes to. */
struct setting {
    bool there;
    bool known;            /* else a provider must be asked, or the value is none of its kind */
    struct buffer text;    /* where it is known */
    struct buffer problem; /* why it is none of its kind */
};

static void setting_release(struct setting *setting)
{
    buffer_release(&setting->text);
    buffer_release(&setting->problem);
}

static const char *text_of(const struct setting *setting)
{
    return buffer_text(&setting->text);
}

/* A base URL is looked at as a whole by base_url_read(). */
static struct setting read_setting(const struct faults *faults, const char *section, const char *key)
{
    const struct config_value *value = config_get(context_config(faults->context), section, key);
    struct setting setting = {.there = value != NULL, .text = BUFFER_INIT, .problem = BUFFER_INIT};
    struct template *template = NULL;
    if (value != NULL && template_parse(value->text, &template, NULL) == MSTR_OK) {
        setting.known =
            template_known(template, &setting.text) && !setting.text.failed &&
            (strcmp(key, "base_url") == 0 || schema_check_value("profile", key, text_of(&setting), &setting.problem));
    }
    template_free(template);
    return setting;
}

/* Whether there is a text of the setting, and it is known. */
static bool has_text(const struct setting *setting)
{
    return setting->known && setting->text.length > 0;
}

void profile_check_chosen(struct faults *faults)
{
    const struct config *config = context_config(faults->context);
    const char *other = config_first_profile(config);
    const struct login_mode *mode = NULL;
    struct buffer section = BUFFER_INIT;
    bool absent = false;
    if (config_find_profile(config, NULL, &section, &absent, faults->now) != MSTR_OK) {
        faults_tell_section(faults, NULL);
    } else if (absent && other != NULL) {
        login_mode_choose(MSTR_LOGIN_GUESS, 0, &mode, faults->now);
        config_hint_profile(other, faults->now);
        faults_tell_section(faults, NULL);
    }
    buffer_release(&section);
}

/* What references to texts come to; literals were looked at when they were read. */
static void check_values(struct faults *faults, const char *section)
{
    const char *key = NULL;
    for (size_t i = 0; (key = config_key_at(context_config(faults->context), section, i)) != NULL; i++) {
        struct setting setting = read_setting(faults, section, key);
        if (setting.problem.length > 0) {
            error_set(faults->now, MSTR_E_CONFIG, "%s", buffer_text(&setting.problem));
            faults_tell(faults, section, key);
        }
        setting_release(&setting);
    }
}

/* Which credentials are there, a bit each. */
static unsigned check_credentials(struct faults *faults, const char *section)
{
    unsigned there = 0;
    for (unsigned i = 0; i < MSTR_CREDENTIAL_KINDS; i++) {
        enum mstr_credential_kind kind = (enum mstr_credential_kind)i;
        const char *key = mstr_credential_kind_name(kind);
        struct setting setting = read_setting(faults, section, key);
        there |= setting.there ? 1u << kind : 0;
        if (setting.known &&
            credentials_check_value(kind, text_of(&setting), setting.text.length, faults->now) != MSTR_OK) {
            faults_tell(faults, section, key);
        }
        setting_release(&setting);
    }
    return there;
}

/* A profile with neither server nor login is completed elsewhere, by a program or its environment. What a refused
 * line would have said is not missed. */
static void check_login(struct faults *faults, const char *section, unsigned there)
{
    static const unsigned logins = 1u << MSTR_CREDENTIAL_USERNAME | 1u << MSTR_CREDENTIAL_PASSWORD |
                                   1u << MSTR_CREDENTIAL_API_KEY | 1u << MSTR_CREDENTIAL_IDENTITY_TOKEN;
    bool base = (there & (1u << MSTR_CREDENTIAL_BASE_URL)) != 0;
    struct setting mode = read_setting(faults, section, "login_mode");
    const struct login_mode *chosen = NULL;
    enum mstr_login_mode wanted = MSTR_LOGIN_GUESS;
    bool whole = !config_has_problem(context_config(faults->context), section);
    bool clear = !mode.there || (mode.known && login_mode_read(text_of(&mode), &wanted));
    if (whole && (base || (there & logins) != 0) && clear &&
        login_mode_choose(wanted, there, &chosen, faults->now) != MSTR_OK) {
        faults_tell_section(faults, section);
    }
    if (whole && !base && (there & logins) != 0) {
        base_url_tell_absent(faults->now);
        faults_tell_section(faults, section);
    }
    setting_release(&mode);
}

/* Whether TLS may be needed. */
static bool check_base(struct faults *faults, const char *section)
{
    struct setting base = read_setting(faults, section, "base_url");
    struct setting allowed = read_setting(faults, section, "allow_plain_http");
    struct buffer normal = BUFFER_INIT;
    struct uri uri;
    bool plain = false;
    if (allowed.known) {
        config_boolean(text_of(&allowed), &plain);
    }
    if (has_text(&base) &&
        base_url_read(text_of(&base), plain || (allowed.there && !allowed.known), &normal, faults->now) != MSTR_OK) {
        faults_tell(faults, section, "base_url");
    }
    bool tls = !has_text(&base) || !uri_parse(text_of(&base), &uri) || uri.https;
    buffer_release(&normal);
    setting_release(&allowed);
    setting_release(&base);
    return tls;
}

/* With its key, where both are known. */
static void check_certificate(struct faults *faults, const char *section)
{
    struct setting certificate = read_setting(faults, section, "client_cert");
    struct setting key = read_setting(faults, section, "client_key");
    struct setting passphrase = read_setting(faults, section, "client_key_password");
    bool absent = !certificate.there || (certificate.known && certificate.text.length == 0);
    if (absent && has_text(&key)) {
        error_set(faults->now, MSTR_E_CONFIG, "\"client_key\" is of no use without client_cert");
        faults_tell(faults, section, "client_key");
    } else if (has_text(&certificate) && (!key.there || key.known) &&
               client_certificate_check(text_of(&certificate), has_text(&key) ? text_of(&key) : NULL,
                                        passphrase.known || !passphrase.there ? text_of(&passphrase) : NULL,
                                        faults->now) != MSTR_OK) {
        bool of_key = text_starts_with(mstr_error_message(faults->now), "client_key=");
        faults_tell(faults, section, of_key ? "client_key" : "client_cert");
    }
    setting_release(&passphrase);
    setting_release(&key);
    setting_release(&certificate);
}

static void check_trust(struct faults *faults, const char *section)
{
    const struct http_client_options *http = &context_services(faults->context)->http->options;
    struct setting file = read_setting(faults, section, "ca_file");
    const struct trust trust = trust_find(text_of(&file), http->ca_file, http->trust_environment);
    if (has_text(&file) && trust_check(&trust, faults->now) != MSTR_OK) {
        faults_tell(faults, section, "ca_file");
    }
    setting_release(&file);
}

static void check_pin(struct faults *faults, const char *section)
{
    struct setting pin = read_setting(faults, section, "pinned_key");
    if (has_text(&pin) && pinned_key_check(text_of(&pin), faults->now) != MSTR_OK) {
        faults_tell(faults, section, "pinned_key");
    }
    setting_release(&pin);
}

static void check_fleet(struct faults *faults, const char *section)
{
    struct buffer fleet = BUFFER_INIT;
    if (fleet_settings_find(context_config(faults->context), section, &fleet, faults->now) != MSTR_OK) {
        faults_tell(faults, section, "fleet");
    }
    buffer_release(&fleet);
}

void profile_check(struct faults *faults, const char *section)
{
    check_fleet(faults, section);
    check_values(faults, section);
    check_login(faults, section, check_credentials(faults, section));
    if (check_base(faults, section)) {
        check_certificate(faults, section);
        check_trust(faults, section);
        check_pin(faults, section);
    }
}
