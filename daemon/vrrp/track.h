/*
 * What an instance depends on besides its peers: its own interface, its address, tracked interfaces, scripts,
 * files and processes. Pure: from the configuration and what is known of these to reasons for FAULT and a sum
 * of weights.
 */
#ifndef TANDEM_VRRP_TRACK_H
#define TANDEM_VRRP_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model.h"
#include "daemon/vrrp/interfaces.h"
#include "daemon/vrrp/track_state.h"

/* Bits of reasons for FAULT. */
enum vrrp_fault {
    VRRP_FAULT_INTERFACE_ABSENT = 1 << 0,
    VRRP_FAULT_INTERFACE_DOWN = 1 << 1,
    VRRP_FAULT_NO_ADDRESS = 1 << 2,
    VRRP_FAULT_SOURCE_GONE = 1 << 3, /* track_src_ip */
    VRRP_FAULT_TRACKED = 1 << 4,
    VRRP_FAULT_NO_SOCKET = 1 << 5, /* this and the next are set by the unit, which knows */
    VRRP_FAULT_NO_LINKS = 1 << 6,
    VRRP_FAULT_SCRIPT = 1 << 7,
    VRRP_FAULT_FILE = 1 << 8,
    VRRP_FAULT_PROCESS = 1 << 9,
    VRRP_FAULT_NO_PEER = 1 << 10, /* unicast_fault_no_peer */
    VRRP_FAULT_BFD = 1 << 11,
};

/* Those whose reason has a name. */
#define VRRP_FAULTS_NAMED                                                                                    \
    (VRRP_FAULT_TRACKED | VRRP_FAULT_SCRIPT | VRRP_FAULT_FILE | VRRP_FAULT_PROCESS | VRRP_FAULT_BFD)

/* What is known of the world. */
struct vrrp_surroundings {
    const struct interfaces *interfaces;
    /* The state of the script, file or process of that key; NULL = nothing known. */
    const struct track_state *(*find)(const void *data, uint64_t key);
    const void *data;
};

struct vrrp_track {
    uint32_t faults; /* enum vrrp_fault */
    int32_t weight_sum;
    bool undecided;           /* a script that could mean FAULT has no result yet */
    const char *tracked;      /* what is behind the first of VRRP_FAULTS_NAMED */
    struct ip_address source; /* to send from; AF_UNSPEC = none */
    unsigned int ifindex;     /* of the instance's interface; 0 = none */
};

/* group is NULL for an instance that is in none. */
void vrrp_track_look(const struct conf_instance *conf, const struct conf_sync_group *group,
                     const struct vrrp_surroundings *surroundings, struct vrrp_track *track);

/* "its interface is down": the first reason there is; "" without any. */
const char *vrrp_fault_text(uint32_t faults);

#endif
