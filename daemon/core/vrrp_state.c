/*
 * Words for the states of a virtual router. See vrrp_state.h.
 */
#include "daemon/core/vrrp_state.h"

const char *vrrp_state_name(enum vrrp_state state)
{
    static const char *const names[VRRP_STATE_COUNT] = {
        [VRRP_INIT] = "INIT",
        [VRRP_BACKUP] = "BACKUP",
        [VRRP_MASTER] = "MASTER",
        [VRRP_FAULT] = "FAULT",
    };

    return state < VRRP_STATE_COUNT ? names[state] : "?";
}

const char *vrrp_cause_text(enum vrrp_cause cause)
{
    static const char *const texts[CAUSE_COUNT] = {
        [CAUSE_NONE] = "nothing happened yet",
        [CAUSE_START] = "it was started",
        [CAUSE_STOP] = "it was stopped",
        [CAUSE_OWNER] = "it owns the address (priority 255)",
        [CAUSE_MASTER_DOWN] = "the master fell silent",
        [CAUSE_MASTER_STOPPED] = "the master stopped",
        [CAUSE_PREEMPTED_LOWER] = "it preempts a master of lower priority",
        [CAUSE_HIGHER_PRIORITY] = "a master of higher priority speaks",
        [CAUSE_HIGHER_ADDRESS] = "a master of equal priority and higher address speaks",
        [CAUSE_FAULT] = "something it needs failed",
        [CAUSE_FAULT_OVER] = "everything it needs is back",
        [CAUSE_PAUSED] = "it stood still so long that a peer may have taken over",
        [CAUSE_RESUMED] = "it goes on where its predecessor ended",
        [CAUSE_GROUP] = "its sync group moves together",
    };

    return cause < CAUSE_COUNT ? texts[cause] : "?";
}
