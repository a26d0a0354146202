/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mstr.h
 * @brief All of libmstr's public interface.
 */
#ifndef MSTR_MSTR_H
#define MSTR_MSTR_H

#include <mstr/changeset.h>
#include <mstr/context.h>
#include <mstr/credential.h>
#include <mstr/error.h>
#include <mstr/event.h>
#include <mstr/execution.h>
#include <mstr/paging.h>
#include <mstr/persistence.h>
#include <mstr/pool.h>
#include <mstr/provider.h>
#include <mstr/request.h>
#include <mstr/secret.h>
#include <mstr/session.h>
#include <mstr/transport.h>
#include <mstr/version.h>

#endif
