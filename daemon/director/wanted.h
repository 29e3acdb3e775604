/*
 * From the configuration and the states of its servers to the wanted IPVS table. Pure.
 *
 * A virtual server is one virtual service of the kernel, or with a group as many as the group has addresses
 * and firewall marks. All of them have the same destinations, but for what depends on the service: its
 * address family, which only tunnels cross, and its port, which only NAT changes.
 */
#ifndef TANDEM_DIRECTOR_WANTED_H
#define TANDEM_DIRECTOR_WANTED_H

#include "daemon/director/servers.h"
#include "daemon/director/table.h"

/* A walk over the services of a virtual server; starts as zero. */
struct wanted_cursor {
    uint32_t service;
    uint32_t step;
};

/* The next service; false at the end. */
bool wanted_next(const struct conf_virtual_server *conf, struct wanted_cursor *cursor,
                 struct ipvs_service_id *id);

/* The entry of a real server in that service; false if it cannot have one there. */
bool wanted_destination_id(const struct conf_real_server *conf, const struct ipvs_service_id *service,
                           struct ipvs_destination_id *id);

/* Makes image, which is cleared first, what the kernel should have of that service of the virtual server now.
 */
void wanted_image(const struct virtual_server *virtual_server, const struct ipvs_service_id *id,
                  struct image *image);

#endif
