/* SPDX-License-Identifier: Apache-2.0 */
/* Stands for the shared library in plugin_path_test.c: an object that holds the function whose place counts. */
#include "plugin/plugin_path.h"

__attribute__((visibility("default"))) bool own_folder(struct buffer *folder);

bool own_folder(struct buffer *folder)
{
    return plugin_path_at(NULL, 0, folder);
}
