/* SPDX-License-Identifier: Apache-2.0 */
/* Homes that cannot be used. */
#include "base/home.h"

#include "base/buffer.h"
#include "base/text.h"

#include <errno.h>
#include <sys/stat.h>

bool home_hides(const char *home, const char *path)
{
    struct buffer inside = BUFFER_INIT;
    struct stat status;
    int before = errno;
    bool hides = !text_empty(home) && text_starts_with(path, home) && buffer_printf(&inside, "%s/.", home) &&
                 stat(buffer_text(&inside), &status) != 0 && (errno == EACCES || errno == ENOENT || errno == ENOTDIR);
    buffer_release(&inside);
    errno = before;
    return hides;
}
