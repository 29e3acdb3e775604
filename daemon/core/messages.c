/*
 * The table of messages. See messages.h.
 */
#include "daemon/core/messages.h"

#include <stddef.h>

#define BIT(role)                     (1U << (role))
#define SUPERVISOR                    BIT(ROLE_SUPERVISOR)
#define LINKS                         BIT(ROLE_LINKS)
#define VRRP                          BIT(ROLE_VRRP)
#define DIRECTOR                      BIT(ROLE_DIRECTOR)
#define CHECKER                       BIT(ROLE_CHECKER)
#define SCRIPTS                       BIT(ROLE_SCRIPTS)
#define MAIL                          BIT(ROLE_MAIL)
#define CTL                           BIT(ROLE_CTL)
#define READER                        BIT(ROLE_READER)
#define CHILDREN                      (LINKS | VRRP | DIRECTOR | CHECKER | SCRIPTS | MAIL | CTL)
#define NOTHING                       0
#define WITH_FD                       1
#define ROW(type, size, from, to, fd) [type] = {#type, size, from, to, fd}

static const struct message_row rows[MESSAGE_TYPE_COUNT] = {
    ROW(CONTROL_IDENTITY, sizeof(struct control_identity), SUPERVISOR, CHILDREN | READER, NOTHING),
    ROW(CONTROL_LOG, 0, SUPERVISOR, CHILDREN | READER, WITH_FD),
    ROW(CONTROL_BOARD, sizeof(struct control_board), SUPERVISOR, CHILDREN, WITH_FD),
    ROW(CONTROL_PEER, sizeof(struct control_peer), SUPERVISOR, CHILDREN, WITH_FD),
    ROW(CONTROL_SLICE, 0, SUPERVISOR, CHILDREN, WITH_FD),
    ROW(CONTROL_HELD, sizeof(struct control_held), SUPERVISOR, CHILDREN, WITH_FD),
    ROW(CONTROL_FILE, sizeof(struct control_file), SUPERVISOR, CHILDREN, WITH_FD),
    ROW(CONTROL_RECORD, 0, SUPERVISOR, READER, WITH_FD),
    ROW(CONTROL_SECRET_KEY, sizeof(struct control_secret_key), SUPERVISOR, READER, NOTHING),
    ROW(CONTROL_ADVANCE, sizeof(struct advance), SUPERVISOR, DIRECTOR, WITH_FD),
    ROW(CONTROL_START, 0, SUPERVISOR, CHILDREN | READER, NOTHING),
    ROW(CONTROL_GO, 0, SUPERVISOR, VRRP, NOTHING),
    ROW(CONTROL_TELL, 0, SUPERVISOR, DIRECTOR, NOTHING),
    ROW(CONTROL_STOP, 0, SUPERVISOR, CHILDREN | READER, NOTHING),
    ROW(CONTROL_SHUTDOWN, 0, SUPERVISOR, SCRIPTS, NOTHING),

    ROW(CHILD_READY, 0, CHILDREN, SUPERVISOR, NOTHING),
    ROW(CHILD_RELOADED, sizeof(struct child_reloaded), CHILDREN, SUPERVISOR, NOTHING),
    ROW(CHILD_HOLD, sizeof(struct child_hold), CHILDREN, SUPERVISOR, WITH_FD),
    ROW(CHILD_RELEASE, sizeof(struct child_hold), CHILDREN, SUPERVISOR, NOTHING),
    ROW(CHILD_STOPPED, 0, CHILDREN, SUPERVISOR, NOTHING),
    ROW(CHILD_PATIENCE, sizeof(struct child_patience), CHILDREN, SUPERVISOR, NOTHING),

    ROW(READER_SLICE, sizeof(struct reader_slice), READER, SUPERVISOR, WITH_FD),
    ROW(READER_REPORT, sizeof(struct reader_report), READER, SUPERVISOR, WITH_FD),
    ROW(READER_TEXT, 0, READER, SUPERVISOR, WITH_FD),
    ROW(READER_WHOLE, 0, READER, SUPERVISOR, WITH_FD),
    ROW(READER_ADVANCE, sizeof(struct advance), READER, SUPERVISOR, WITH_FD),
    ROW(READER_RECORD, 0, READER, SUPERVISOR, WITH_FD),

    ROW(COMMAND_RELOAD, sizeof(struct command_id), CTL, SUPERVISOR, NOTHING),
    ROW(COMMAND_UPGRADE, sizeof(struct command_id), CTL, SUPERVISOR, NOTHING),
    ROW(COMMAND_RESULT, sizeof(struct command_result), SUPERVISOR, CTL, WITH_FD),
    ROW(COMMAND_DUMP, sizeof(struct command_dump), SUPERVISOR, CTL, WITH_FD),
    ROW(COMMAND_DUMPED, sizeof(struct command_dumped), CTL, SUPERVISOR, NOTHING),

    ROW(PEER_HELLO, sizeof(struct peer_hello), CHILDREN, CHILDREN, NOTHING),
    ROW(PEER_HELLO_ACK, sizeof(struct peer_hello), CHILDREN, CHILDREN, NOTHING),

    ROW(LINKS_OPEN_SOCKET, sizeof(struct message_key), VRRP, LINKS, NOTHING),
    ROW(LINKS_STAND_BY, sizeof(struct links_stand_by), VRRP, LINKS, NOTHING),
    ROW(LINKS_TAKE, sizeof(struct links_take), VRRP, LINKS, NOTHING),
    ROW(LINKS_RELEASE, sizeof(struct message_key), VRRP, LINKS, NOTHING),
    ROW(LINKS_ANNOUNCE, sizeof(struct message_key), VRRP, LINKS, NOTHING),
    ROW(LINKS_SYNCED, 0, VRRP, LINKS, NOTHING),

    ROW(LINKS_SOCKET, sizeof(struct message_key), LINKS, VRRP, WITH_FD),
    ROW(LINKS_SOCKET_ERROR, sizeof(struct links_error), LINKS, VRRP, NOTHING),
    ROW(LINKS_INTERFACE, sizeof(struct links_interface), LINKS, VRRP, NOTHING),
    ROW(LINKS_TAKEN, sizeof(struct links_error), LINKS, VRRP, NOTHING),
    ROW(LINKS_RELEASED, sizeof(struct links_error), LINKS, VRRP, NOTHING),

    ROW(VERDICT, sizeof(struct verdict), CHECKER, DIRECTOR, NOTHING),
    ROW(CHECK_OPEN_SOCKET, sizeof(struct check_socket), CHECKER, LINKS, NOTHING),
    ROW(CHECK_SOCKET, sizeof(struct check_socket), LINKS, CHECKER, WITH_FD),
    ROW(CHECK_SOCKET_ERROR, sizeof(struct check_socket), LINKS, CHECKER, NOTHING),
    ROW(DIRECTOR_TABLE_FULL, 0, DIRECTOR, VRRP, NOTHING),
    ROW(LINKS_LOCAL_SERVER, sizeof(struct links_local_server), LINKS, CHECKER, NOTHING),
    ROW(SYNC_ROLE, sizeof(struct sync_role), VRRP, DIRECTOR, NOTHING),

    ROW(NOTIFY_INSTANCE, sizeof(struct notify_instance), VRRP | SCRIPTS, SCRIPTS | MAIL, NOTHING),
    ROW(NOTIFY_GROUP, sizeof(struct notify_instance), VRRP | SCRIPTS, SCRIPTS | MAIL, NOTHING),
    ROW(NOTIFY_INSTANCE_EVENT, sizeof(struct notify_instance), VRRP, SCRIPTS, NOTHING),
    ROW(NOTIFY_INSTANCE_STATE, sizeof(struct notify_instance), VRRP, SCRIPTS, NOTHING),
    ROW(NOTIFY_GROUP_STATE, sizeof(struct notify_instance), VRRP, SCRIPTS, NOTHING),
    ROW(NOTIFY_REAL_SERVER, sizeof(struct notify_real_server), DIRECTOR | SCRIPTS, SCRIPTS | MAIL, NOTHING),
    ROW(NOTIFY_QUORUM, sizeof(struct notify_quorum), DIRECTOR | SCRIPTS, SCRIPTS | MAIL, NOTHING),

    ROW(SCRIPT_RUN, sizeof(struct script_run), VRRP | CHECKER, SCRIPTS, NOTHING),
    ROW(SCRIPT_RAN, sizeof(struct script_ran), SCRIPTS, VRRP | CHECKER, NOTHING),
    ROW(TRACKED_FILE, sizeof(struct tracked_file), SCRIPTS, VRRP | CHECKER, NOTHING),
    ROW(TRACKED_PROCESS, sizeof(struct tracked_process), SCRIPTS, VRRP, NOTHING),
};

const struct message_row *message_row(uint32_t type)
{
    if (type >= MESSAGE_TYPE_COUNT || rows[type].name == NULL)
        return NULL;
    return &rows[type];
}
