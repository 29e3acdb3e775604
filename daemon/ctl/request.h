/*
 * What a user of the control socket may say: one line of JSON a request, {"verb":"status"}.
 *
 * Pure: bytes in, a request or the reason why it is none out.
 */
#ifndef TANDEM_CTL_REQUEST_H
#define TANDEM_CTL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CTL_REQUEST_MAX     4096 /* bytes of a line, the newline not counted */
#define CTL_DESCRIPTORS_MAX 2    /* that go with an answer */

enum ctl_verb {
    CTL_STATUS,
    CTL_STATS,
    CTL_VERSION,
    CTL_CONFIG, /* the answer has a descriptor with it: the configuration, a whole slice (conf/slice.h) */
    CTL_RELOAD, /* so has this, if it was done: the configuration before, and the one now */
    CTL_UPGRADE,
    CTL_VERB_COUNT,
};

/* "status": the word of a request. */
const char *ctl_verb_name(enum ctl_verb verb);

/* Parses a line of length bytes without its newline. NULL and *verb set, or why it is no request (static
 * text). */
const char *ctl_request_parse(const char *line, size_t length, enum ctl_verb *verb);

/* Who is at the other end of a connection, as the kernel says. */
struct ctl_user {
    uint32_t uid;
    uint32_t gid;
    const gid_t *groups; /* supplementary ones */
    size_t group_count;
};

/* Root may do anything, members of control_gid may look. NULL = allowed, or the refusal (static text). */
const char *ctl_refusal(const struct ctl_user *user, uint32_t control_gid, enum ctl_verb verb);

#endif
