/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The providers of stores that a program carries in itself, as a single-file build does: by each plugin's name the
 * entry point that its file would have, by each scheme the text of its manifest. They stand behind the folders in
 * which plugins are looked for, so that a file which somebody has put there counts. Constant data; both tables end
 * with a NULL name.
 */
#ifndef MSTR_PLUGIN_BUNDLE_H
#define MSTR_PLUGIN_BUNDLE_H

#include "base/text_list.h"
#include "plugin/loader.h"

struct bundle {
    const struct bundled_plugin {
        const char *name;
        provider_entry entry;
    } * plugins;
    const struct bundled_manifest {
        const char *scheme;
        const char *text;
    } * manifests;
};

/* What this build carries; the tables are empty but in a single-file build. Made by the build itself. */
extern const struct bundle bundle_of_build;

/* NULL where there is none, as without a bundle. */
provider_entry bundle_find_entry(const struct bundle *bundle, const char *plugin);
const char *bundle_find_manifest(const struct bundle *bundle, const char *scheme);
/* Adds the schemes that have a manifest. */
void bundle_list_schemes(const struct bundle *bundle, struct text_list *schemes);

#endif
