/*
 * What the three files of the address manager share; nobody else includes it.
 */
#ifndef TANDEM_KERNEL_ADDRESS_MANAGER_PARTS_H
#define TANDEM_KERNEL_ADDRESS_MANAGER_PARTS_H

#include "daemon/kernel/address_manager.h"
#include "daemon/kernel/announcer.h"
#include "daemon/kernel/vip.h"
#include "daemon/kernel/vip_work.h"

/* An interface that carries VIPs. */
struct vip_interface {
    char name[IFNAMSIZ];
    uint32_t ifindex; /* 0 = does not exist */
    uint32_t flags;   /* IFF_* */
    UT_hash_handle hh;
};

struct address_manager {
    const struct address_manager_callbacks *callbacks;
    void *data;
    const struct interface_table *table;
    struct vip_work_queue *queue;
    struct announcer *announcer;
    struct vip_instance *instances;
    struct vip *by_place;
    struct vip_interface *interfaces;
    struct loop_timer *upkeep;
    struct mono paused_at; /* end of the last pause of this process; unset = none */
    struct span pause;     /* how long it lasted at least */
    bool stopping;
    bool leaving;
};

/* ------------------------------------------------------------------ address_manager.c */

/* Queues work for all addresses the predicate names; VIP_REMOVE goes backwards: no address has to be
 * promoted. */
void address_manager_queue(struct address_manager *manager, struct vip_instance *instance, enum vip_work work,
                           bool (*which)(const struct vip *vip));

/* It is on its interface, as far as the kernel told. */
bool vip_is_present(const struct vip *vip);

/* Queues a burst for all addresses that are on. */
void address_manager_burst(struct address_manager *manager, struct vip_instance *instance, uint32_t times);

/* Announces once those that are on other interfaces than the instance's. */
void address_manager_announce_others(struct address_manager *manager, struct vip_instance *instance);

/* Writes the instance's record to the board. */
void address_manager_record(struct address_manager *manager, struct vip_instance *instance);

/* ------------------------------------------------------------------ address_events.c */

/* Makes the interfaces of the configured addresses known, and finds out where each address belongs. */
void address_manager_find_interfaces(struct address_manager *manager);

/* Takes the address out of the index. */
void address_manager_unplace(struct address_manager *manager, struct vip *vip);

/* Puts back what is missing, as far as vrrp is alive to answer for it. */
void address_manager_mend(struct address_manager *manager);

/* ------------------------------------------------------------------ address_upkeep.c */

void address_manager_upkeep(void *manager); /* the timer */

/* Arms the timer for what falls due next. */
void address_manager_plan(struct address_manager *manager);

/* The instance was renewed, at the cost it has noted: plans the next, or ends a lease that costs too much. */
void address_manager_renewed(struct address_manager *manager, struct vip_instance *instance);

/* True if vrrp lives and says that the instance is master. */
bool address_manager_is_vouched_for(struct address_manager *manager, const struct vip_instance *instance);

/* Notices, by its timer's lateness, that this process stood still. */
void address_manager_notice_pause(struct address_manager *manager);

#endif
