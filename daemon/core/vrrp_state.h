/*
 * The states of a virtual router, and why it came into one: RFC 9568 section 6.4 in the configuration's
 * words.
 *
 * Below the state machine (daemon/vrrp/router.h), because the board carries both and others read them: links
 * whether a lease may be refreshed, ctl and the status line to show them.
 */
#ifndef TANDEM_CORE_VRRP_STATE_H
#define TANDEM_CORE_VRRP_STATE_H

enum vrrp_state {
    VRRP_INIT, /* before the first start, after the stop */
    VRRP_BACKUP,
    VRRP_MASTER,
    VRRP_FAULT,
    VRRP_STATE_COUNT,
};

/* Why the last transition happened: for log lines, explain and the board. */
enum vrrp_cause {
    CAUSE_NONE,
    CAUSE_START,
    CAUSE_STOP,
    CAUSE_OWNER,           /* priority 255 starts as master */
    CAUSE_MASTER_DOWN,     /* the master fell silent */
    CAUSE_MASTER_STOPPED,  /* it sent priority 0, then nothing */
    CAUSE_PREEMPTED_LOWER, /* we preempt a master of lower priority */
    CAUSE_HIGHER_PRIORITY, /* a master of higher priority speaks */
    CAUSE_HIGHER_ADDRESS,  /* equal priority, higher address */
    CAUSE_FAULT,
    CAUSE_FAULT_OVER,
    CAUSE_PAUSED,
    CAUSE_RESUMED,
    CAUSE_GROUP,
    CAUSE_COUNT,
};

/* What is known of a tracked script, file or process. */
enum track_verdict {
    TRACK_UNKNOWN,
    TRACK_UP, /* of a file: its number is known */
    TRACK_DOWN,
    TRACK_VERDICT_COUNT,
};

const char *vrrp_state_name(enum vrrp_state state); /* "MASTER"; "?" for a number that is none */
const char *vrrp_cause_text(enum vrrp_cause cause); /* "the master fell silent"; likewise */

#endif
