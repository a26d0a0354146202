/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file context.h
 * @brief Configuration, providers, cache and HTTP client that the sessions of a program share.
 * @defgroup mstr_context Context
 * @{
 */
#ifndef MSTR_CONTEXT_H
#define MSTR_CONTEXT_H

#include <mstr/credential.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * One context a program is usual. Every function on it may be called from many threads at once, except
 * mstr_context_free(), which must come last. Nothing is loaded or contacted before a reference asks for it.
 */
typedef struct mstr_context mstr_context;

/** Stops an operation from another thread. */
typedef struct mstr_cancel mstr_cancel;

/**
 * Makes one, which has not been used. Each takes a file descriptor.
 * @return to be freed with mstr_cancel_free(); NULL without memory or descriptors
 */
MSTR_API mstr_cancel *mstr_cancel_new(void);

/**
 * Frees.
 * @param cancel  no operation that was given it may still run; NULL is accepted
 */
MSTR_API void mstr_cancel_free(mstr_cancel *cancel);

/**
 * Every operation that was given @p cancel ends within 50 ms, now and in future: with MSTR_E_CANCELLED, unless it is
 * done, or a value that the cache may still serve will do. May be called from any thread, and from a signal handler:
 * errno is kept.
 * @param cancel  not NULL; there is no way back
 */
MSTR_API void mstr_cancel_now(mstr_cancel *cancel);

/**
 * Receives log lines. Called from any thread, several at once.
 * @param level   of the line
 * @param scope   the part of the library or the provider instance
 * @param message one line without its newline, free of secrets; lives during the call
 * @param data    mstr_context_options::log_data
 */
typedef void (*mstr_log_fn)(enum mstr_level level, const char *scope, const char *message, void *data);

/** Options of a context; zero is the default of each member. Begin with MSTR_CONTEXT_OPTIONS_INIT. */
typedef struct mstr_context_options {
    uint32_t size;           /**< of the structure, octets */
    uint32_t flags;          /**< MSTR_CONTEXT_… */
    const char *config_file; /**< read in place of all other files; NULL = $MSTR_CONFIG or the usual ones */
    const char *plugin_path; /**< colon-separated folders, searched before all others */
    const char *ca_file;     /**< PEM bundle, or folder of hashed names, to trust in place of the system's and of what
                                  the environment names */
    mstr_log_fn log;         /**< NULL = no log */
    void *log_data;          /**< handed to log */
    enum mstr_level log_level; /**< least severe level that is told */
    const char *profile; /**< the profile that MSTR_… variables stand over, and that sessions use unless they name
                              one; NULL = $MSTR_PROFILE, or "default" */
    int64_t timeout;     /**< ms for reading the configuration; 0 = 30 s */
    mstr_cancel *cancel; /**< ends the reading; NULL = cannot be cancelled */
    const char *agent;   /**< whether an agent is asked for values: "auto", "off", "require", or the absolute path of
                              the socket of one; NULL = $MSTR_AGENT, the section [agent], or "off" */
} mstr_context_options;
/** The defaults. */
#define MSTR_CONTEXT_OPTIONS_INIT                                                                                    \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_context_options), 0, NULL, NULL, NULL, NULL, NULL, MSTR_LEVEL_ERROR, NULL, 0, NULL,    \
            NULL                                                                                                     \
    }

/** Read no configuration file at all. */
#define MSTR_CONTEXT_NO_CONFIG 1u
/** Let nobody who sets variables decide where this program's traffic goes: neither MSTR_… variables count, nor those
 * that name proxies (HTTPS_PROXY, NO_PROXY, …) and certificates (SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE,
 * …), so no proxy is used but one that is set. What a cloud's own variables say within its provider, ${env:…} and
 * MSTR_TRUSTED_FOLDERS still count. Implied in a set-user-id program. */
#define MSTR_CONTEXT_NO_ENVIRONMENT 2u
/** Ask an agent where there is one, unless somebody says otherwise: "auto" in the place of "off". */
#define MSTR_CONTEXT_USE_AGENT 4u

/** Options of one call; pass NULL for the defaults. Begin with MSTR_CALL_OPTIONS_INIT: as with every structure, one
 * whose size was not set, or with flags that this version does not know or a number that has no meaning, such as a
 * negative time, is refused with MSTR_E_USAGE. */
typedef struct mstr_call_options {
    uint32_t size;       /**< of the structure, octets */
    uint32_t flags;      /**< MSTR_CALL_… */
    int64_t timeout;     /**< ms for the whole operation; 0 = 30 s, or the session's own timeout
                          *   where a session takes these options, unless it says otherwise */
    mstr_cancel *cancel; /**< NULL = cannot be cancelled */
} mstr_call_options;
/** The defaults. */
#define MSTR_CALL_OPTIONS_INIT                                                                                       \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_call_options), 0, 0, NULL                                                              \
    }

/** Pass over the cache and refresh it. */
#define MSTR_CALL_NO_CACHE 1u
/** Let mstr_session_logout() leave a delegated session to its creator, as mstr_session_close() does. */
#define MSTR_CALL_LEAVE_DELEGATED 2u

/**
 * Makes a context and reads the configuration.
 * @param options   NULL for the defaults; copied, but log_data must live as long as the context
 * @param[out] out  the context, to be freed with mstr_context_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for options that do not fit; MSTR_E_CONFIG (the error names file, line and the
 *         nearest valid name); MSTR_E_TIMEOUT or MSTR_E_CANCELLED where a pipe stands for a file; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_context_new(const mstr_context_options *options, mstr_context **out, mstr_error *error);

/**
 * Frees it and wipes its cache.
 * @param context  its sessions must have been freed before, and no thread may use it any more; NULL is accepted
 */
MSTR_API void mstr_context_free(mstr_context *context);

/**
 * Fetches one secret by its reference, from the cache if it is fresh there.
 * @param context    whose configuration, providers and cache serve it
 * @param reference  e.g. `aws-sm:prod/mstr#password`
 * @param options    limits and MSTR_CALL_NO_CACHE; NULL = 30 s
 * @param[out] out   the value, to be released with mstr_secret_release(); NULL when this fails
 * @param error      where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_CONFIG for a malformed reference or unknown scheme; MSTR_E_PLUGIN; MSTR_E_USAGE for
 *         options that do not fit; else what the store told
 */
MSTR_API enum mstr_code mstr_context_get(mstr_context *context, const char *reference,
                                         const mstr_call_options *options, mstr_secret **out, mstr_error *error);

/** One of several secrets wanted at once. */
typedef struct mstr_lookup {
    const char *reference; /**< in */
    mstr_secret *secret;   /**< out: to be released by the caller; NULL when it failed */
    enum mstr_code code;   /**< out */
    mstr_error *error;     /**< in: where to tell this one's failure; may be NULL */
} mstr_lookup;

/**
 * Fetches several at once: grouped by provider, each secret only once, providers side by side.
 * @param context  whose configuration, providers and cache serve them
 * @param lookups  the caller's; each tells its own fate
 * @param count    how many there are
 * @param size     sizeof(mstr_lookup), from one element to the next
 * @param options  limits of all together; NULL = 30 s
 * @return MSTR_OK when all succeeded, else the code of the first that failed; MSTR_E_USAGE for a size too small,
 *         options that do not fit, or no array where @p count is not 0
 */
MSTR_API enum mstr_code mstr_context_get_many(mstr_context *context, mstr_lookup *lookups, size_t count, size_t size,
                                              const mstr_call_options *options);

/**
 * Forgets what the cache and the providers keep of a reference, identities included. A fetch that is under way goes
 * on; its value is not kept.
 * @param context    whose cache and providers forget
 * @param reference  NULL = everything; a malformed one is passed over
 */
MSTR_API void mstr_context_invalidate(mstr_context *context, const char *reference);

/**
 * Adds a provider that lives in the program itself, under the scheme @p name, as though a section [provider name]
 * had named it. Must come before the first reference to it.
 * @param context  which gets the provider
 * @param name     copied
 * @param entry    called once with the host's table, as a plugin's entry point is; what it returns lives as long as
 *                 the context
 * @param options  name and value pairs, ended by a NULL name; NULL = none; copied
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for a name that is no scheme, or no entry point; MSTR_E_EXISTS; MSTR_E_PLUGIN when
 *         the table breaks the contract; MSTR_E_CONFIG for its options; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_context_register(mstr_context *context, const char *name,
                                              const struct mstr_provider *(*entry)(const struct mstr_host *host),
                                              const struct mstr_header *options, mstr_error *error);

/** What is known of one provider instance. Texts live during the callback. */
typedef struct mstr_provider_info {
    uint32_t size;                     /**< of the structure, octets */
    uint32_t abi_major;                /**< 0 when it could not be loaded */
    const char *name;                  /**< scheme */
    const char *plugin;                /**< plugin name: aws, exec, … */
    const char *service;               /**< or NULL */
    const char *file;                  /**< of the loaded object, "built in", or NULL when it was not found */
    const char *version;               /**< or NULL */
    const char *summary;               /**< its manifest's or the plugin's, or NULL */
    const struct mstr_option *options; /**< or NULL */
    const char *problem;               /**< why it cannot be used, or NULL */
    uint32_t option_size; /**< octets from one option to the next, which a newer plugin may have enlarged */
} mstr_provider_info;

/**
 * Hears of a provider instance.
 * @param info what is known of it
 * @param data as given to mstr_context_providers()
 * @return nonzero to end the telling, which then ends with MSTR_E_CANCELLED
 */
typedef int (*mstr_provider_fn)(const mstr_provider_info *info, void *data);

/**
 * Tells all instances, built in, installed and configured, loading each plugin.
 * @param context  whose providers they are
 * @param each     called on this thread; one that cannot be loaded is told too, with its problem
 * @param data     handed to @p each
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_CANCELLED when @p each wished so; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_context_providers(mstr_context *context, mstr_provider_fn each, void *data,
                                               mstr_error *error);

/** What a provider wants to know of a person, such as an MFA code. Texts live during the callback. */
typedef struct mstr_question {
    uint32_t size;    /**< of the structure, octets */
    uint32_t flags;   /**< 0 so far */
    const char *text; /**< one line without a colon at its end; holds no secret */
    int64_t timeout;  /**< ms that are left of the operation; an answer after that comes too late */
    int cancelled;    /**< a descriptor that poll() finds readable once the operation is cancelled; -1 = none */
} mstr_question;

/**
 * Asks a person. Called on whichever thread needs the answer, by a context one at a time, with no lock held.
 * @param question    what is asked
 * @param[out] answer where to write the answer and its NUL; it is wiped after use. Copies are yours to wipe
 * @param size        octets of it
 * @param data        as given to mstr_context_set_prompt()
 * @return MSTR_OK; MSTR_E_NOT_AVAILABLE when there is nobody to ask; MSTR_E_TIMEOUT; MSTR_E_CANCELLED when the person
 *         declined or the operation was cancelled; MSTR_E_USAGE when the answer does not fit
 */
typedef enum mstr_code (*mstr_prompt_fn)(const mstr_question *question, char *answer, size_t size, void *data);

/**
 * Tells how to ask a person, for profiles that need an MFA code. Without it such a profile fails with a message that
 * says so. Questions count against the timeout of the operation that asks them: give it minutes.
 * @param context  whose providers may ask
 * @param prompt   NULL = there is nobody to ask
 * @param data     handed to @p prompt; must live until another prompt is set or the context is freed
 */
MSTR_API void mstr_context_set_prompt(mstr_context *context, mstr_prompt_fn prompt, void *data);

/** A token by which somebody else vouches for the program, as federated identities exchange one for a cloud's. Texts
 *  live during the callback. */
typedef struct mstr_subject {
    uint32_t size;        /**< of the structure, octets */
    uint32_t flags;       /**< 0 so far */
    const char *audience; /**< whom it must be for, as the identity's configuration says */
    const char *type;     /**< which kind it must be, such as urn:ietf:params:oauth:token-type:jwt */
    int64_t timeout;      /**< ms that are left of the operation */
    int cancelled;        /**< a descriptor that poll() finds readable once the operation is cancelled; -1 = none */
} mstr_subject;

/**
 * Gives such a token. Called on whichever thread needs one, by several at once, with no lock held.
 * @param subject    what is asked for
 * @param[out] token where to write it and its NUL; it is wiped after use. Copies are yours to wipe
 * @param size       octets of it, 64 KiB
 * @param data       as given to mstr_context_set_subject_token()
 * @return MSTR_OK; MSTR_E_NOT_AVAILABLE when there is none; else why not
 */
typedef enum mstr_code (*mstr_subject_token_fn)(const mstr_subject *subject, char *token, size_t size, void *data);

/**
 * Tells where subject tokens come from, for identities whose configuration names no source: an external_account of
 * Google without a credential_source (RFC 8693). Must come before the first reference, on one thread.
 * @param context  whose providers may ask for one
 * @param give     NULL = there are none
 * @param data     handed to @p give; must live until the context is freed
 */
MSTR_API void mstr_context_set_subject_token(mstr_context *context, mstr_subject_token_fn give, void *data);

/** One step on the way of a reference. Texts live during the callback. */
typedef struct mstr_explain_step {
    uint32_t size;          /**< of the structure, octets */
    enum mstr_step outcome; /**< what became of it */
    const char *name;       /**< e.g. "syntax", or of an identity */
    const char *detail;     /**< or NULL */
    const char *hint;       /**< or NULL */
    int64_t milliseconds;   /**< that it took */
} mstr_explain_step;

/**
 * Hears of a step.
 * @param step what came of it
 * @param data as given to mstr_context_explain()
 * @return nonzero to hear of no further step; the walk then ends with MSTR_E_CANCELLED as soon as it can
 */
typedef int (*mstr_explain_fn)(const mstr_explain_step *step, void *data);

/**
 * Walks the whole way of a reference, from its syntax to the store, and tells each step.
 * @param context    whose configuration and providers serve it
 * @param reference  as for mstr_context_get()
 * @param options    limits; NULL = 30 s
 * @param each       called on this thread, step by step
 * @param data       handed to @p each
 * @param error      where to tell a failure; may be NULL
 * @return MSTR_OK when the value could be read; MSTR_E_CANCELLED when @p each wished so; else as mstr_context_get()
 *         would fail
 */
MSTR_API enum mstr_code mstr_context_explain(mstr_context *context, const char *reference,
                                             const mstr_call_options *options, mstr_explain_fn each, void *data,
                                             mstr_error *error);

/** Counters since the context was made. */
typedef struct mstr_context_stats {
    uint32_t size;       /**< of the structure, octets */
    uint32_t reserved;   /**< 0 */
    uint64_t hits;       /**< values served from the cache while fresh */
    uint64_t stale_hits; /**< old values served during a refresh or a failure of the store */
    uint64_t misses;     /**< callers that had to wait for a fetch */
    uint64_t fetches;    /**< secrets asked of providers */
    uint64_t failures;   /**< fetches that failed */
    uint64_t entries;    /**< secrets now held */
} mstr_context_stats;

/**
 * Tells the counters.
 * @param context     whose they are
 * @param[out] stats  its size is set; what it has room for is filled in
 */
MSTR_API void mstr_context_get_stats(mstr_context *context, mstr_context_stats *stats);

/* --- configuration as it was read ------------------------------------------------------------------------------- */

/** One setting, or one problem. Values of secret settings are NULL; references are shown as written. */
typedef struct mstr_config_item {
    uint32_t size;       /**< of the structure, octets */
    uint32_t line;       /**< in the file; 0 = none */
    const char *file;    /**< or "environment" */
    const char *section; /**< e.g. "profile default" */
    const char *key;     /**< or NULL */
    const char *value;   /**< NULL where it may be secret */
    const char *problem; /**< NULL for a setting */
    const char *hint;    /**< what to do about the problem; NULL where it says so itself */
} mstr_config_item;

/**
 * Hears of a setting, problem, path or weakening.
 * @param item lives during the call, and its texts
 * @param data as given to mstr_config_visit() or mstr_context_section()
 * @return nonzero to end the telling, which then ends with MSTR_E_CANCELLED
 */
typedef int (*mstr_config_fn)(const mstr_config_item *item, void *data);

/**
 * Tells every effective setting, or with MSTR_CONFIG_PROBLEMS every problem of every file. Works without a context,
 * so that a broken configuration can be told about as a whole. Problems include what would keep a session of a
 * profile from opening, what nobody can have meant, and what only a plugin knows, so the plugins of the [provider
 * NAME] sections and of the references are loaded; nothing is resolved. May be called from any thread.
 * @param options  where the configuration is, as for mstr_context_new(); NULL for the defaults
 * @param flags    MSTR_CONFIG_…, one or more; with none the files are read, and nothing is told
 * @param each     called on this thread, item by item
 * @param data     handed to @p each
 * @param error    where to tell the first problem; may be NULL
 * @return MSTR_OK; MSTR_E_CONFIG or MSTR_E_PLUGIN as the first problem is, or what a provider's check says of a
 *         reference; MSTR_E_CANCELLED when @p each wished so; MSTR_E_USAGE for options or flags that do not fit;
 * MSTR_E_TIMEOUT; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_config_visit(const mstr_context_options *options, uint32_t flags, mstr_config_fn each,
                                          void *data, mstr_error *error);
/** Each effective setting. */
#define MSTR_CONFIG_SETTINGS 1u
/** Each problem, with what to do about it. */
#define MSTR_CONFIG_PROBLEMS 2u
#define MSTR_CONFIG_PATHS    4u /**< each file that is looked for; problem tells whether it is absent */
/** Each thing that takes protection away, such as a folder of MSTR_TRUSTED_FOLDERS or a literal secret in a file that
 * others may read, or a proxy on the way to this machine: key and value name it, problem tells what that means. None
 * of them is an error. */
#define MSTR_CONFIG_WEAKENINGS 8u
/** Whom TLS trusts in place of the system's roots or besides them: key is "sessions", of the selected profile, or
 * "providers", value the source, such as SSL_CERT_FILE=/etc/ca.pem. Nothing where the system's are all. A source that
 * is of no use is told with its problem, here and by MSTR_CONFIG_PROBLEMS. */
#define MSTR_CONFIG_TRUST 16u

/**
 * Reads a duration as the configuration and `mstr --timeout` have it, for programs that read some of their own. May
 * be called from any thread.
 *
 *     duration = 1*DIGIT [ "ms" / "s" / "m" / "h" ]
 *
 * Milliseconds, seconds, minutes or hours, in small letters and without blanks; a bare number is seconds. From 0 to
 * 366 days: whether 0 makes sense is the caller's affair.
 * @param text               NULL is no duration
 * @param[out] milliseconds  left alone on failure; NULL to check the text alone
 * @return MSTR_OK, or MSTR_E_USAGE for any other text; there is no more to tell
 */
MSTR_API enum mstr_code mstr_duration_parse(const char *text, int64_t *milliseconds);

/**
 * A setting as text, with its references resolved: e.g. ("env worker", "DB_PASSWORD").
 * @param context   whose configuration it is
 * @param section   without brackets; NULL = @p key is a reference, or text in which each `${REFERENCE}` is replaced
 *                  where it holds "${". In a section "env NAME" a value may be a reference by itself, too
 * @param key       within the section
 * @param options   limits; NULL = 30 s
 * @param[out] out  the text, to be released with mstr_secret_release(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_CONFIG when there is no such setting; MSTR_E_USAGE for options that do not fit; else as
 *         mstr_context_get() fails
 */
MSTR_API enum mstr_code mstr_context_setting(mstr_context *context, const char *section, const char *key,
                                             const mstr_call_options *options, mstr_secret **out, mstr_error *error);
/** One of several texts that are wanted at once: a setting, or what a reference alone stands for. */
typedef struct mstr_setting {
    const char *section; /**< in: e.g. "env worker"; NULL = key is a reference, or text with `${…}` in it */
    const char *key;     /**< in */
    mstr_secret *value;  /**< out: to be released by the caller; NULL when it failed */
    enum mstr_code code; /**< out */
    mstr_error *error;   /**< in: where to tell this one's failure; may be NULL */
} mstr_setting;

/**
 * mstr_context_setting() for several: the references in all of them are resolved at once.
 * @param context   whose configuration it is
 * @param settings  the caller's; each tells its own fate
 * @param count     how many there are
 * @param size      sizeof(mstr_setting), from one element to the next
 * @param options   limits of all together; NULL = 30 s
 * @return MSTR_OK when all succeeded, else the code of the first that failed; MSTR_E_USAGE for a size too small,
 *         options that do not fit, or no array where @p count is not 0
 */
MSTR_API enum mstr_code mstr_context_settings(mstr_context *context, mstr_setting *settings, size_t count,
                                              size_t size, const mstr_call_options *options);

/**
 * Tells the keys of a section in their order, with value NULL.
 * @param context  whose configuration it is
 * @param section  without brackets
 * @param each     called on this thread, key by key
 * @param data     handed to @p each
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_CONFIG when there is no such section; MSTR_E_CANCELLED when @p each wished so
 */
MSTR_API enum mstr_code mstr_context_section(mstr_context *context, const char *section, mstr_config_fn each,
                                             void *data, mstr_error *error);

/**
 * Whether a text begins with the name of a provider that there is and a colon, so that it is meant for a reference.
 * Loads nothing.
 * @param context  whose providers count
 * @param text     e.g. `aws-sm:prod/mstr`; NULL is none
 * @return nonzero if so, also where the provider's manifest is there and its plugin is not
 */
MSTR_API int mstr_context_knows(mstr_context *context, const char *text);

/**
 * Whether patterns let all references of a text through, for programs that resolve what others wrote. `text:` needs
 * none.
 * @param context  whose providers say what is local
 * @param allow    patterns with blanks between them, as `allow` in the section [agent] has them; NULL = whatever is
 *                 not local
 * @param text     a reference, or text with `${…}` in it
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_DENIED for a reference that no pattern matches; MSTR_E_CONFIG for what is no pattern or no
 *         reference; MSTR_E_PLUGIN; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_context_allows(mstr_context *context, const char *allow, const char *text,
                                            mstr_error *error);

/**
 * Opens a file for reading if nobody but root and this user could have written it, or have put another in its place,
 * as configurations are opened. May be called from any thread.
 * @param path             may be relative to the working directory
 * @param[out] descriptor  to be closed by the caller; -1 when this fails
 * @param error            where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_DENIED where others could have; MSTR_E_NOT_FOUND where it is absent or cannot be read;
 *         MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_trusted_open(const char *path, int *descriptor, mstr_error *error);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
