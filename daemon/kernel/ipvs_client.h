/*
 * Conversation with the kernel's IPVS over generic netlink, without ever waiting.
 *
 * Requests are queued in order and go out by ipvs_client_send, many to a send; the kernel works them off in
 * that order. Answers are matched by sequence number and come as callbacks from the event loop. A callback
 * may queue further requests. Netlink answers nothing to what ended with EINTR, as stopping a sync daemon
 * does that had not begun to run: a request that was passed over is reported with EINTR when a later one is
 * answered.
 *
 * The caller is the director's reconciler; nothing else in tandem writes the IPVS table.
 */
#ifndef TANDEM_KERNEL_IPVS_CLIENT_H
#define TANDEM_KERNEL_IPVS_CLIENT_H

#include "daemon/core/loop.h"
#include "daemon/kernel/ipvs_entry.h"

struct ipvs_client;

struct ipvs_client_callbacks {
    /* Answer to ipvs_client_find: error is 0, ENOENT when the kernel has no IPVS, or another errno. */
    void (*found)(int error, void *data);
    /* One entry of a dump of services, and its end. error ENOENT: IPVS is gone from the kernel. */
    void (*service)(const struct ipvs_service *service, void *data);
    void (*services_end)(int error, void *data);
    /* The same for the destinations of one service; tag is the caller's. A service that is not there has
     * none. */
    void (*destination)(void *tag, const struct ipvs_destination *destination, void *data);
    void (*destinations_end)(void *tag, int error, void *data);
    /* The same for the synchronisation daemons that run. */
    void (*daemon)(const struct ipvs_daemon *daemon, void *data);
    void (*daemons_end)(int error, void *data);
    /* An order was carried out (error 0) or refused. */
    void (*ordered)(const struct ipvs_order *order, int error, void *data);
    /* A change was made (error 0) or refused. */
    void (*answered)(void *tag, const struct ipvs_change *change, int error, void *data);
    /* Everything queued was answered. */
    void (*idle)(void *data);
    /* Answers were lost (socket overrun). All requests are forgotten, their tags are the caller's again. */
    void (*lost)(int error, void *data);
};

/* NULL with errno if there is no generic netlink socket. callbacks must stay valid; what is never asked for
 * needs none. */
struct ipvs_client *ipvs_client_new(struct loop *loop, const struct ipvs_client_callbacks *callbacks,
                                    void *data);
void ipvs_client_free(struct ipvs_client *client); /* NULL allowed */

/* Asks for the IPVS family; the kernel loads the ip_vs module if it can. The others need a success of this
 * one. */
void ipvs_client_find(struct ipvs_client *client);
void ipvs_client_dump_services(struct ipvs_client *client);
void ipvs_client_dump_destinations(struct ipvs_client *client, const struct ipvs_service_id *service,
                                   void *tag);
void ipvs_client_change(struct ipvs_client *client, const struct ipvs_change *change, void *tag);

void ipvs_client_dump_daemons(struct ipvs_client *client);
void ipvs_client_order(struct ipvs_client *client, const struct ipvs_order *order);

/* Sends what is queued, as far as the answers will fit the socket; the rest follows by itself. */
void ipvs_client_send(struct ipvs_client *client);

bool ipvs_client_is_idle(const struct ipvs_client *client);

#endif
