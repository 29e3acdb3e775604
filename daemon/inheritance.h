/*
 * What a supervisor hands to the program that replaces it in the same process (upgrade.c, succession.c):
 * which children there are, and the descriptors that stay open across exec: their boards, their held sockets,
 * the files of the daemon.
 *
 * It travels in a memfd whose number is in the environment. Its form is a contract between two versions: a
 * change of it, or of the boards' (board.h), changes inheritance_contract(), and the two do not try.
 */
#ifndef TANDEM_DAEMON_INHERITANCE_H
#define TANDEM_DAEMON_INHERITANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One child. Descriptors are -1 where it has none. */
struct inherited_process {
    uint16_t role;
    uint16_t index;
    int32_t pid;     /* 0 = does not run just now */
    int32_t control; /* our end; closing it is the order to stop */
    int32_t log;
    int32_t board;
    uint32_t respawns;
    int64_t started_ns;
};

/* A socket that a child asked us to hold; or, with ROLE_SUPERVISOR, one that only must not be closed before
 * the children have ended: our copy of an end of a channel between two of them, lest one sees the other's
 * end. */
struct inherited_held {
    uint64_t key;
    uint16_t role;
    uint16_t index;
    int32_t fd;
};

struct inheritance_files {
    int32_t pid_file;
    int32_t control_socket;
    int32_t journal;
    int32_t ipvs_namespace; /* of the network, that the director is in; -1 = that of all others */
};

struct inheritance {
    struct inheritance_files files;
    struct inherited_process *processes;
    size_t process_count;
    struct inherited_held *held;
    size_t held_count;
};

/* The number two versions must share. */
uint32_t inheritance_contract(void);

/* Appends; pointers into the arrays become invalid. */
void inheritance_add_process(struct inheritance *inheritance, const struct inherited_process *process);
void inheritance_add_held(struct inheritance *inheritance, const struct inherited_held *held);

/* Writes it into a memfd, names that in the environment, and lets all its descriptors outlive exec. False
 * with errno; then, and when the exec failed, inheritance_withdraw undoes it. */
bool inheritance_offer(const struct inheritance *inheritance, int *memfd);
void inheritance_withdraw(const struct inheritance *inheritance, int memfd);

/* The other side: what is in the environment, which is cleared. False if there is none. Ends the process if
 * it makes no sense: then the children see the end of their supervisor, and stop gracefully. */
bool inheritance_take(struct inheritance *inheritance);

void inheritance_free(struct inheritance *inheritance); /* the memory; descriptors are the taker's */

#endif
