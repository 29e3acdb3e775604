/*
 * Sockets that checkers need and may not make themselves: with a mark, of a port below 1024, for pings.
 *
 *     checker --CHECK_OPEN_SOCKET--> here; CHECK_SOCKET comes back with the descriptor, or CHECK_SOCKET_ERROR
 *
 * A checker names a check; what its socket is like stands in our own slice. So a checker that was taken over
 * gets no socket but those of the configuration.
 */
#ifndef TANDEM_KERNEL_CHECK_SOCKETS_H
#define TANDEM_KERNEL_CHECK_SOCKETS_H

#include "conf/model.h"
#include "daemon/core/channel.h"

struct check_sockets;

struct check_sockets *check_sockets_new(void); /* never NULL */

/* From now on the checks are those of model, which must stay until the next call. */
void check_sockets_configure(struct check_sockets *sockets, const struct conf_model *model);

/* Makes the socket that was asked for and answers. */
void check_sockets_serve(const struct check_sockets *sockets, struct channel *checker,
                         const struct check_socket *request);

#endif
