/* SPDX-License-Identifier: Apache-2.0 */
/* Application Default Credentials. */
#include "gcp/identity/adc.h"

#include "base/text.h"
#include "gcp/identity/credential_file.h"
#include "gcp/identity/metadata.h"
#include "sdk/chain.h"
#include "sdk/file.h"

/* A place to look at. */
struct place {
    struct chain_step step;
    enum mstr_code (*look)(struct chain_search *walk, const char *name, struct mstr_error *error);
};

/* The identity of a file; MSTR_E_NOT_AVAILABLE when it is not there. */
static enum mstr_code load(struct chain_search *walk, const char *name, const char *path, struct mstr_error *error)
{
    struct buffer source = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    buffer_printf(&source, "%s (%s)", name, path);
    enum mstr_code code = file_read(path, buffer_text(&source), FILE_GUARDED, &text, error);
    if (code == MSTR_OK) {
        code = credential_file_parse(walk->data, buffer_text(&source), buffer_text(&text), text.length, walk->out,
                                     error);
    }
    buffer_release(&text);
    buffer_release(&source);
    return code;
}

/* A file that somebody names must be there. */
static enum mstr_code load_named(struct chain_search *walk, const char *name, const char *path,
                                 struct mstr_error *error)
{
    if (text_empty(path)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "not set");
    }
    enum mstr_code code = load(walk, name, path, error);
    return code == MSTR_E_NOT_AVAILABLE ? MSTR_E_CONFIG : code;
}

static enum mstr_code look_at_option(struct chain_search *walk, const char *name, struct mstr_error *error)
{
    return load_named(walk, name, host->option(walk->data, name), error);
}

static enum mstr_code look_at_variable(struct chain_search *walk, const char *name, struct mstr_error *error)
{
    return load_named(walk, name, host->environment(name), error);
}

static enum mstr_code look_at_gcloud(struct chain_search *walk, const char *name, struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    const char *folder = host->environment("CLOUDSDK_CONFIG");
    const char *home = host->environment("HOME");
    if (text_empty(folder) && text_empty(home)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "neither CLOUDSDK_CONFIG nor HOME is set");
    }
    buffer_printf(&path, "%s%s/application_default_credentials.json", text_empty(folder) ? home : folder,
                  text_empty(folder) ? "/.config/gcloud" : "");
    enum mstr_code code = load(walk, name, buffer_text(&path), error);
    buffer_release(&path);
    return code;
}

static enum mstr_code look_at_metadata(struct chain_search *walk, const char *name, struct mstr_error *error)
{
    (void)name;
    return metadata_find(walk->data, walk->call, walk->out, error);
}

static const struct place places[] = {
    {{.name = "credentials_file"}, look_at_option},
    {{.name = "GOOGLE_APPLICATION_CREDENTIALS"}, look_at_variable},
    {{.name = "gcloud's well-known file"}, look_at_gcloud},
    {{.name = "metadata server"}, look_at_metadata},
};
enum { PLACES = sizeof(places) / sizeof(*places) };

static enum mstr_code look(struct chain_search *walk, const void *step, struct mstr_error *error)
{
    const struct place *place = step;
    struct gcp_identity **found = walk->out;
    enum mstr_code code = place->look(walk, place->step.name, error);
    if (code != MSTR_OK) {
        return code;
    }
    (*found)->before = text_copy(buffer_text(&walk->attempts));
    if ((*found)->before == NULL) {
        gcp_identity_release(*found);
        *found = NULL;
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_puts(&walk->who, (*found)->kind->name);
    return MSTR_OK;
}

static const char set_up_hint[] =
    "set GOOGLE_APPLICATION_CREDENTIALS or credentials_file to a credential file, or run gcloud auth "
    "application-default login; see https://cloud.google.com/docs/authentication/application-default-credentials";

static const struct chain_table table = {"Google", set_up_hint, places, PLACES, sizeof(*places), look};

enum mstr_code adc_find(const struct mstr_instance *instance, const struct mstr_call *call,
                        struct mstr_report *report, struct gcp_identity **out, struct mstr_error *error)
{
    struct chain_search walk = {.call = call, .report = report, .data = instance, .out = out};
    *out = NULL;
    return chain_search(&table, &walk, error);
}
