/*
 * What a new process does between its birth and exec: it becomes another user's, with nothing of ours but the
 * words and the environment.
 *
 * It gets its own session, default signals, /dev/null for stdin, stdout and stderr and no other
 * descriptor, the ordinary scheduling class, the limits the daemon was started with, umask 0177 (what
 * keepalived's scripts have), directory "/", and the supplementary groups it is given, mostly none. It may
 * gain privileges by exec as any process of that user: sudo and ip work.
 *
 * Nothing here allocates memory: a process that still shares ours (spawn.h) comes this way too.
 */
#ifndef TANDEM_NOTIFY_PROGRAM_H
#define TANDEM_NOTIFY_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/model.h"

struct program {
    char *const *words; /* NULL-terminated; a first word without a slash is looked for (script_path.h) */
    uint32_t uid;
    uint32_t gid;
    const uint32_t *groups; /* supplementary ones */
    size_t group_count;
    bool keep_links;   /* run the path as it is, not what its links lead to */
    bool must_be_safe; /* refuse what somebody other than root could have changed */
    bool ends_with_us; /* SIGTERM when the process that started it dies */
};

/* What is said about a program that did not run fits into this. */
#define PROGRAM_REASON_BYTES 4352

struct program_refusal {
    int error; /* errno */
    char reason[PROGRAM_REASON_BYTES];
};

/* What the kernel could not give us just now: whose fault a refusal is. */
bool program_lacks_resources(int error);

/* The supplementary groups of a script as malloc()ed memory for the caller to free; NULL if it has none. */
uint32_t *program_groups(const struct conf_script *script);

/* Remembers limits and environment as they are, before the daemon changes them for itself. Once, at start. */
void program_prepare(void);

/* How much is looked at again before exec. */
enum program_care {
    PROGRAM_CARE_ALL,   /* whether it can be executed, to say in words why not; every signal */
    PROGRAM_CARE_QUICK, /* the rest is as it was when program_settle was called */
};

/* For PROGRAM_CARE_QUICK: notes once which signals are ignored and which limits were changed. */
void program_settle(void);

/* In the new process: becomes the program. Returns only if that cannot be, with *refusal filled. kept is a
 * descriptor that becomes PROGRAM_KEPT_FD until exec; -1 = none. */
#define PROGRAM_KEPT_FD 3
void program_become(const struct program *program, enum program_care care, int kept,
                    struct program_refusal *refusal);

#endif
