/* The host's table, kept for all files of a plugin. */
#include "common/common.h"

const struct mstr_host *host;
