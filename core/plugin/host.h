/*
 * The services that plugins get: the table of mstr/provider.h over the library's own floors.
 */
#ifndef MSTR_PLUGIN_HOST_H
#define MSTR_PLUGIN_HOST_H

#include "base/error.h"

#include <mstr/context.h>
#include <mstr/provider.h>

extern const struct mstr_host host_table;

/* Where host_table.report_step() tells its steps. */
struct mstr_report {
    mstr_report_fn each;
    void *data;
    struct call *call; /* whose secrets no step tells; NULL = none */
};

#endif
