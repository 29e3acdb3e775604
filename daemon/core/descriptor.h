/*
 * Descriptors that travel over Unix sockets.
 */
#ifndef TANDEM_CORE_DESCRIPTOR_H
#define TANDEM_CORE_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* One descriptor as a control message. */
union descriptor_control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* Sends the bytes and, unless it is -1, fd; flags and result are those of sendmsg(2). */
ssize_t descriptor_send(int socket, const void *bytes, size_t length, int fd, int flags);

/* What came along with a received message, or -1; any beyond the first are closed. *surplus says there were.
 */
int descriptor_take(struct msghdr *message, bool *surplus);

#endif
