/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file error.h
 * @brief What went wrong, told so that a person can act on it.
 * @defgroup mstr_error Errors
 * @{
 *
 * Functions that can fail return an enum mstr_code and take, as their last parameter, a `mstr_error *` which may be
 * NULL. An error belongs to the caller, may be reused for any number of calls, and tells the latest failure; a call
 * that succeeds leaves it untouched. One error must not be used by two threads at the same time.
 *
 * No text of an error holds a secret.
 *
 * A refusal of the MicroStrategy server has its class by the number of its code, ERR014 and ERR0014 being the same;
 * by the code that the Intelligence Server gave; else by the HTTP status. The exceptions of the Python package
 * mstr-rest-requests, and what tells them here:
 *
 * | exception                       | codes                  | class                 | told apart by            |
 * |---------------------------------|------------------------|-----------------------|--------------------------|
 * | MSTRException                   | all others             | by HTTP status        | mstr_error_mstr_number() |
 * | LoginFailureException           | ERR003                 | MSTR_E_AUTHENTICATION | the class                |
 * | IServerException                | ERR002, ERR0013        | MSTR_E_ISERVER        | the class                |
 * | ResourceNotFoundException       | ERR004                 | MSTR_E_NOT_FOUND      | the class                |
 * | InvalidRequestException         | ERR005, ERR006, ERR007 | MSTR_E_REQUEST        | the class                |
 * | SessionException                | ERR009                 | MSTR_E_SESSION        | the class                |
 * | InsufficientPrivilegesException | ERR0014, ERR0017       | MSTR_E_DENIED         | the class                |
 * | ObjectAlreadyExistsException    | ERR0015                | MSTR_E_EXISTS         | the class                |
 * | ExecutionCancelledException     | none                   | MSTR_E_CANCELLED      | the class                |
 * | MSTRUnknownException            | a body without one     | by HTTP status        | no number                |
 */
#ifndef MSTR_ERROR_H
#define MSTR_ERROR_H

#include <mstr/provider.h> /* enum mstr_code: programs and plugins share one vocabulary */

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
/** Marks what libmstr shows to programs. */
#define MSTR_API __attribute__((visibility("default")))
#else
#define MSTR_API
#endif

/** The story of the latest failure; the caller's own, used by one thread at a time. */
typedef struct mstr_error mstr_error;

/**
 * Makes a blank error. May be called from any thread.
 * @return to be freed with mstr_error_free(); NULL without memory, which every function accepts
 */
MSTR_API mstr_error *mstr_error_new(void);

/**
 * Frees, with all texts that were asked of it.
 * @param error  NULL is accepted
 */
MSTR_API void mstr_error_free(mstr_error *error);

/**
 * Makes it blank again.
 * @param error  NULL is accepted
 */
MSTR_API void mstr_error_clear(mstr_error *error);

/**
 * Tells a failure of the program's own, as a credential callback does. Never put a secret into it.
 * @param error   may be NULL
 * @param code    the class
 * @param format  of the message, printf style; what follows it are its arguments, which may be texts of the same
 *                error
 * @return @p code
 */
MSTR_API enum mstr_code mstr_error_set(mstr_error *error, enum mstr_code code, const char *format, ...)
    MSTR_PRINTF(3, 4);

/**
 * The class.
 * @param error  may be NULL
 * @return MSTR_OK for a blank or NULL error
 */
MSTR_API enum mstr_code mstr_error_code(const mstr_error *error);

/**
 * One sentence, without final full stop: which thing, which step, why.
 * @param error  may be NULL
 * @return "" when blank. All texts live until the error is next changed or freed
 */
MSTR_API const char *mstr_error_message(const mstr_error *error);

/**
 * What the user can do.
 * @param error  may be NULL
 * @return lives until the error is next changed or freed; NULL = no more than the message says
 */
MSTR_API const char *mstr_error_hint(const mstr_error *error);

/**
 * The reference concerned, without its field.
 * @param error  may be NULL
 * @return lives until the error is next changed or freed; NULL = none
 */
MSTR_API const char *mstr_error_reference(const mstr_error *error);

/**
 * The name of the provider instance concerned.
 * @param error  may be NULL
 * @return lives until the error is next changed or freed; NULL = none
 */
MSTR_API const char *mstr_error_provider(const mstr_error *error);

/**
 * The step of a chain or of a login that failed.
 * @param error  may be NULL
 * @return lives until the error is next changed or freed; NULL = none
 */
MSTR_API const char *mstr_error_step(const mstr_error *error);

/**
 * The service's own code: ERR003, AccessDeniedException, AADSTS7000215, …
 * @param error  may be NULL
 * @return lives until the error is next changed or freed; NULL = none
 */
MSTR_API const char *mstr_error_service_code(const mstr_error *error);

/**
 * The service's id of the request: a ticket id, a request id.
 * @param error  may be NULL
 * @return lives until the error is next changed or freed; NULL = none
 */
MSTR_API const char *mstr_error_request_id(const mstr_error *error);

/**
 * The HTTP status of the answer that told the failure.
 * @param error  may be NULL
 * @return 100 to 599; 0 where no answer did
 */
MSTR_API int mstr_error_http_status(const mstr_error *error);

/**
 * The I-Server's code.
 * @param error  may be NULL
 * @return a negative number; 0 where none was given
 */
MSTR_API int32_t mstr_error_iserver_code(const mstr_error *error);

/**
 * The number of a MicroStrategy code.
 * @param error  may be NULL
 * @return 3 for ERR003 and ERR0003; 0 where none was given
 */
MSTR_API int mstr_error_mstr_number(const mstr_error *error);

/**
 * "not-found", "denied", …: the stable name of a class. May be called from any thread.
 * @param code  one that is unknown counts as MSTR_E_UNEXPECTED
 * @return static text
 */
MSTR_API const char *mstr_code_name(enum mstr_code code);

/**
 * "not found", "access denied", …: the class in words. May be called from any thread.
 * @param code  one that is unknown counts as MSTR_E_UNEXPECTED
 * @return static text
 */
MSTR_API const char *mstr_code_text(enum mstr_code code);

/**
 * Whether a failure may pass by itself: network, timeout, throttled, service unavailable. May be called from any
 * thread.
 * @param code  one that is unknown does not pass
 * @return nonzero if so
 */
MSTR_API int mstr_code_is_passing(enum mstr_code code);

/**
 * The symbolic name of an I-Server code. Below 1 microsecond; may be called from any thread.
 * @param code  e.g. -2147216959
 * @return static text; NULL for an unknown one
 */
MSTR_API const char *mstr_iserver_code_name(int32_t code);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
