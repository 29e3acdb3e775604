/*
 * A channel: one end of a SOCK_SEQPACKET socket that carries typed messages between two processes.
 *
 * Receiving: a message whose type, size, sender, receiver or descriptor is not what its row in
 * messages.c says is refused, logged and dropped. Sending never waits: what the socket does not take
 * is queued and goes out in order.
 *
 * Channels between two children outlive a child's death (the supervisor holds copies of both
 * ends), so the successor finds the same channel. It says PEER_HELLO with its incarnation; until the
 * other side's acknowledgement with that number arrives, whatever was meant for its predecessor is
 * dropped. The other side's hello callback runs, and tells the newcomer what it must know.
 *
 * Threads of ownership: a channel owns its descriptor; a handler owns the descriptor it is given
 * (fd >= 0) and closes it.
 */
#ifndef TANDEM_CORE_CHANNEL_H
#define TANDEM_CORE_CHANNEL_H

#include <stdbool.h>

#include "daemon/core/loop.h"
#include "daemon/core/messages.h"

#define CHANNEL_CONTROL_FD 3 /* where a child finds its control channel after exec */

struct channel;

struct channel_callbacks {
    /* payload has exactly the size of the type's row; fd is -1 for types without. */
    void (*message)(struct channel *channel, enum message_type type, const void *payload, int fd, void *data);
    /* The other process started (again): say what a newcomer must know. May be NULL. */
    void (*hello)(struct channel *channel, void *data);
    /* The other end is gone for good; the channel is still to be freed. May be NULL. */
    void (*closed)(struct channel *channel, void *data);
};

/* Takes over fd and makes it non-blocking. callbacks must stay valid. */
struct channel *channel_new(struct loop *loop, int fd, enum role own, enum role other,
                            const struct channel_callbacks *callbacks, void *data);
void channel_free(struct channel *channel); /* NULL allowed; queued messages are lost */

/* Sends, or queues, a message of a type without descriptor; payload has the size of the type's row.
 * Does nothing on a NULL channel: a role the configuration does not need has none. */
void channel_send(struct channel *channel, enum message_type type, const void *payload);

/* The same for a type with a descriptor, which stays the caller's. */
void channel_send_fd(struct channel *channel, enum message_type type, const void *payload, int fd);

/* Starts the acquaintance after a start or restart of this process. */
void channel_hello(struct channel *channel, uint64_t incarnation);

/* The same for one who is also to hear what its predecessor was told and did not read: nothing is dropped. */
void channel_hello_as_heir(struct channel *channel, uint64_t incarnation);

/* True once nothing is queued. */
bool channel_is_flushed(const struct channel *channel);

enum role channel_other(const struct channel *channel); /* who is at the other end */

/* Its descriptor, which stays the channel's. */
int channel_fd(const struct channel *channel);

/* Waits for one message of that channel and hands it to the callbacks: for a child's start, before its
 * loop runs. False when the other end is gone. */
bool channel_receive_blocking(struct channel *channel);

/*
 * What comes on it can wait: hands over what is there now, and then wakes up for nothing of it until span is
 * over, or until it is told to rest again. For one who awaits many answers and is awake often enough anyway:
 * each would cost a wake. Does nothing on a NULL channel.
 */
void channel_rest(struct channel *channel, struct span span);

/* Hands over one message if one is waiting: to hear the last words of a process that ended. False if none is.
 */
bool channel_receive_now(struct channel *channel);

/* Whether this process was given a control channel: a program started by hand was not. */
bool channel_control_is_given(void);

/* A connected pair of channel sockets, close-on-exec. 0, or -1 with errno. */
int channel_pair(int fds[2]);

#endif
