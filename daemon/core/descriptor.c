/*
 * Passing descriptors on. See descriptor.h.
 */
#include "daemon/core/descriptor.h"

#include <string.h>
#include <unistd.h>

ssize_t descriptor_send(int socket, const void *bytes, size_t length, int fd, int flags)
{
    union descriptor_control control = {0};
    struct iovec part = {(void *)bytes, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        struct cmsghdr *header;

        message.msg_control = control.bytes;
        message.msg_controllen = sizeof(control.bytes);
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof(int));
    }
    return sendmsg(socket, &message, flags);
}

int descriptor_take(struct msghdr *message, bool *surplus)
{
    int taken = -1;

    *surplus = false;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            if (taken < 0) {
                taken = fd;
                continue;
            }
            *surplus = true;
            close(fd);
        }
    }
    return taken;
}
