/* SPDX-License-Identifier: Apache-2.0 */
/* Looks into a bundle. */
#include "plugin/bundle.h"

#include <string.h>

/* In the place of no bundle. */
static const struct bundled_plugin no_plugins[] = {{NULL, NULL}};
static const struct bundled_manifest no_manifests[] = {{NULL, NULL}};
static const struct bundle nothing = {no_plugins, no_manifests};

provider_entry bundle_find_entry(const struct bundle *bundle, const char *plugin)
{
    const struct bundled_plugin *at = (bundle != NULL ? bundle : &nothing)->plugins;
    while (at->name != NULL && strcmp(at->name, plugin) != 0) {
        at++;
    }
    return at->entry;
}

const char *bundle_find_manifest(const struct bundle *bundle, const char *scheme)
{
    const struct bundled_manifest *at = (bundle != NULL ? bundle : &nothing)->manifests;
    while (at->scheme != NULL && strcmp(at->scheme, scheme) != 0) {
        at++;
    }
    return at->text;
}

void bundle_list_schemes(const struct bundle *bundle, struct text_list *schemes)
{
    const struct bundled_manifest *at = (bundle != NULL ? bundle : &nothing)->manifests;
    for (; at->scheme != NULL; at++) {
        text_list_add(schemes, at->scheme, strlen(at->scheme));
    }
}
