/* Application Default Credentials. */
#include "gcp/identity/adc.h"

#include "base/text.h"
#include "gcp/identity/credential_file.h"
#include "gcp/identity/metadata.h"
#include "sdk/file.h"

#include <string.h>

static const char set_up_hint[] =
    "set GOOGLE_APPLICATION_CREDENTIALS or credentials_file to a credential file, or run gcloud auth "
    "application-default login; see https://cloud.google.com/docs/authentication/application-default-credentials";

/* What a search has at hand. */
struct search {
    const struct mstr_instance *instance;
    const struct mstr_call *call;
    struct buffer tried; /* one clause for each place that was passed over */
};

/* A place to look at. MSTR_E_NOT_AVAILABLE passes on to the next one. */
struct place {
    const char *name;
    enum mstr_code (*look)(struct search *search, struct gcp_identity **out, struct mstr_error *error);
};

static enum mstr_code load(struct search *search, const char *origin, const char *path, struct gcp_identity **out,
                           struct mstr_error *error)
{
    struct buffer source = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    buffer_printf(&source, "%s (%s)", origin, path);
    enum mstr_code code = file_read(path, buffer_text(&source), FILE_GUARDED, &text, error);
    if (code == MSTR_OK) {
        code = credential_file_parse(search->instance, buffer_text(&source), buffer_text(&text), text.length, out,
                                     error);
    }
    buffer_release(&text);
    buffer_release(&source);
    return code;
}

/* A file that somebody names must be there. */
static enum mstr_code load_named(struct search *search, const char *origin, const char *path,
                                 struct gcp_identity **out, struct mstr_error *error)
{
    if (text_empty(path)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "not set");
    }
    enum mstr_code code = load(search, origin, path, out, error);
    if (code == MSTR_E_NOT_AVAILABLE) {
        struct buffer message = BUFFER_INIT;
        buffer_puts(&message, host->error_message(error));
        code = host->error_set(error, MSTR_E_CONFIG, "%s", buffer_text(&message));
        buffer_release(&message);
    }
    return code;
}

static enum mstr_code look_at_option(struct search *search, struct gcp_identity **out, struct mstr_error *error)
{
    return load_named(search, "credentials_file", host->option(search->instance, "credentials_file"), out, error);
}

static enum mstr_code look_at_variable(struct search *search, struct gcp_identity **out, struct mstr_error *error)
{
    static const char name[] = "GOOGLE_APPLICATION_CREDENTIALS";
    return load_named(search, name, host->environment(name), out, error);
}

static enum mstr_code look_at_gcloud(struct search *search, struct gcp_identity **out, struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    const char *folder = host->environment("CLOUDSDK_CONFIG");
    const char *home = host->environment("HOME");
    if (text_empty(folder) && text_empty(home)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "neither CLOUDSDK_CONFIG nor HOME is set");
    }
    buffer_printf(&path, "%s%s/application_default_credentials.json", text_empty(folder) ? home : folder,
                  text_empty(folder) ? "/.config/gcloud" : "");
    enum mstr_code code = load(search, "gcloud's file", buffer_text(&path), out, error);
    buffer_release(&path);
    return code;
}

static enum mstr_code look_at_metadata(struct search *search, struct gcp_identity **out, struct mstr_error *error)
{
    return metadata_find(search->instance, search->call, out, error);
}

static const struct place places[] = {
    {"credentials_file", look_at_option},
    {"GOOGLE_APPLICATION_CREDENTIALS", look_at_variable},
    {"gcloud's well-known file", look_at_gcloud},
    {"metadata server", look_at_metadata},
};

static enum mstr_code look(struct search *search, const struct place *place, struct mstr_report *report,
                           struct gcp_identity **out, struct mstr_error *error)
{
    int64_t start = host->monotonic();
    enum mstr_code code = place->look(search, out, error);
    enum mstr_step outcome = code == MSTR_OK                ? MSTR_STEP_USED
                             : code == MSTR_E_NOT_AVAILABLE ? MSTR_STEP_SKIPPED
                                                            : MSTR_STEP_FAILED;
    if (report != NULL) {
        host->report_step(report, outcome, place->name,
                          code == MSTR_OK ? (*out)->kind->name : host->error_message(error),
                          host->error_text(error, MSTR_DETAIL_HINT), host->monotonic() - start);
    }
    buffer_printf(&search->tried, "%s%s: %s", search->tried.length > 0 ? "; " : "", place->name,
                  code != MSTR_OK ? host->error_message(error) : "");
    return code;
}

enum mstr_code adc_find(const struct mstr_instance *instance, const struct mstr_call *call,
                        struct mstr_report *report, struct gcp_identity **out, struct mstr_error *error)
{
    struct search search = {instance, call, BUFFER_INIT};
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    *out = NULL;
    for (size_t i = 0; code == MSTR_E_NOT_AVAILABLE && i < sizeof(places) / sizeof(*places); i++) {
        struct mstr_error *why = host->error_new();
        code = look(&search, &places[i], report, out, why);
        if (code != MSTR_OK && code != MSTR_E_NOT_AVAILABLE) {
            host->error_copy(error, why);
            host->error_detail(error, MSTR_DETAIL_STEP, places[i].name);
        }
        host->error_free(why);
    }
    if (code == MSTR_E_NOT_AVAILABLE) {
        host->error_set(error, code, "no Google identity is configured here (%s)", buffer_text(&search.tried));
        host->error_detail(error, MSTR_DETAIL_HINT, set_up_hint);
    }
    buffer_release(&search.tried);
    return code;
}
