/*
 * Every message between two of our processes: its type, its exact payload, who may send it to whom.
 *
 * Objects are named by their keys (conf/model.h); no path and no command ever crosses. A message
 * is one datagram on a SOCK_SEQPACKET socket: a uint32_t type, a uint32_t zero, then exactly the payload of
 * the type's row in messages.c, and one descriptor if the row says so. channel.h refuses anything else.
 *
 * Who talks to whom:
 *
 *     supervisor <-> every child      control: start, slices, boards, held sockets, stop
 *     vrrp       <-> links            sockets, interfaces, take / release addresses
 *     checker    --> director         verdicts
 *     checker    <-> links            sockets that an unprivileged process may not make
 *     director   --> vrrp             the table is complete (also: whose end closes when vrrp is gone)
 *     vrrp       --> director         who sends connections to the other director
 *     vrrp       --> scripts          instance and group changes
 *     director   --> scripts          real server and quorum changes
 *     scripts    --> mail             all of these that are changes
 *     vrrp, checker <-> scripts       runs of recurring scripts; tracked files and processes
 */
#ifndef TANDEM_CORE_MESSAGES_H
#define TANDEM_CORE_MESSAGES_H

#include <net/if.h>
#include <stdint.h>

#include "conf/address.h"
#include "daemon/core/role.h"

enum message_type {
    /* supervisor -> child, before and after CONTROL_START */
    CONTROL_IDENTITY = 1, /* who you are */
    CONTROL_LOG,          /* + fd: write log lines here */
    CONTROL_BOARD,        /* + fd: your own board, or another's to read */
    CONTROL_PEER,         /* + fd: your end of the channel to that role */
    CONTROL_SLICE,        /* + fd: your part of the configuration; after START: a reload */
    CONTROL_HELD,         /* + fd: a socket your predecessor asked us to hold */
    CONTROL_FILE,         /* + fd: a file or listening socket opened for you (enum control_file) */
    CONTROL_SECRET_KEY,   /* reader: what the marks for secrets are made with (conf/secret.h) */
    CONTROL_RECORD,       /* + fd: reader: what the last one that was heeded left (READER_RECORD) */
    CONTROL_ADVANCE,      /* + fd: director: this part of a new configuration now, the whole later */
    CONTROL_START,        /* all has been said: confine yourself, then run */
    CONTROL_GO,           /* vrrp: you may leave INIT */
    CONTROL_TELL,         /* director: scripts knows all you have to tell it of */
    CONTROL_STOP,         /* stop gracefully, then CHILD_STOPPED, then exit 0 */
    CONTROL_SHUTDOWN,     /* scripts: the whole daemon stops; your CONTROL_STOP comes later */
    /* child -> supervisor */
    CHILD_READY,    /* confined and running (director: and the first table is complete) */
    CHILD_RELOADED, /* the slice was taken over, or refused */
    CHILD_HOLD,     /* + fd: keep this socket for my successor */
    CHILD_RELEASE,  /* forget that socket */
    CHILD_STOPPED,  /* everything is put away */
    CHILD_PATIENCE, /* the stop may take so long, counted from now */
    /* reader -> supervisor */
    READER_SLICE,   /* + fd: sealed memfd for one role */
    READER_REPORT,  /* + fd: all diagnostics as text, and the outcome; then, in a reload, ctl's part */
    READER_TEXT,    /* + fd: the configuration as understood; only if asked for (-d) */
    READER_WHOLE,   /* + fd: sealed memfd, all of it, marks for its secrets; before ctl's slice */
    READER_ADVANCE, /* + fd: sealed memfd, a slice for the director, before the whole is read */
    READER_RECORD,  /* + fd: sealed memfd for the next reader, to see by what is new; last of all */
    /* ctl <-> supervisor */
    COMMAND_RELOAD,  /* ctl asks */
    COMMAND_RESULT,  /* + fd: text for the user */
    COMMAND_UPGRADE, /* ctl asks to go over to the installed program */
    COMMAND_DUMP,    /* + fd: the supervisor asks ctl to write into this file */
    COMMAND_DUMPED,  /* it is written, or not */
    /* either way on a channel between two children, handled in channel.c */
    PEER_HELLO,
    PEER_HELLO_ACK,
    /* vrrp -> links */
    LINKS_OPEN_SOCKET, /* open the VRRP socket this instance needs */
    LINKS_STAND_BY,    /* a LINKS_TAKE may come in a moment: be ready */
    LINKS_TAKE,        /* this instance is master: addresses, GARP / NA */
    LINKS_RELEASE,     /* it is no longer: take its addresses away */
    LINKS_ANNOUNCE,    /* a master of lower priority spoke: announce again */
    LINKS_SYNCED,      /* after a HELLO: every master instance has been named by LINKS_TAKE */
    /* links -> vrrp */
    LINKS_SOCKET,       /* + fd unless error: the answer to LINKS_OPEN_SOCKET */
    LINKS_SOCKET_ERROR, /* the answer when it could not be opened */
    LINKS_INTERFACE,    /* an interface as it is now */
    LINKS_TAKEN,        /* all addresses are on, or what went wrong */
    LINKS_RELEASED,     /* all addresses are off */
    /* checker -> director */
    VERDICT,
    /* checker -> links */
    CHECK_OPEN_SOCKET, /* make the socket for this check's next attempt */
    /* links -> checker */
    CHECK_SOCKET,       /* + fd: the answer */
    CHECK_SOCKET_ERROR, /* the answer when it could not be made */
    LINKS_LOCAL_SERVER, /* an address of a virtual server with ha_suspend is on this machine, or none is */
    /* director -> vrrp */
    DIRECTOR_TABLE_FULL,
    /* vrrp -> director */
    SYNC_ROLE, /* the instance that lvs_sync_daemon follows is master, or not */
    /* vrrp -> scripts */
    NOTIFY_INSTANCE, /* its state changed */
    NOTIFY_GROUP,
    NOTIFY_INSTANCE_EVENT, /* something else happened to it */
    NOTIFY_INSTANCE_STATE, /* its state did not change in a reload: for FIFOs alone */
    NOTIFY_GROUP_STATE,
    /* director -> scripts */
    NOTIFY_REAL_SERVER,
    NOTIFY_QUORUM,
    /* vrrp, checker -> scripts */
    SCRIPT_RUN, /* run the recurring script of that key, now, once */
    /* scripts -> the one who asked */
    SCRIPT_RAN, /* the answer: exactly one a SCRIPT_RUN, unless the scripts process dies meanwhile */
    /* scripts -> vrrp, checker: at their start, at its own, and when it changes */
    TRACKED_FILE,
    TRACKED_PROCESS,
    MESSAGE_TYPE_COUNT,
};

/* ------------------------------------------------------------------ control */

enum identity_flag {
    IDENTITY_NO_TANDEM_USER = 1 << 0, /* uid and gid are nobody's */
    IDENTITY_DEBUG = 1 << 1,          /* -D: debug lines too */
    IDENTITY_CORE_DUMP = 1 << 2,      /* -m: a crash may leave a core */
    IDENTITY_KEEP_ADDRESSES = 1 << 3, /* -V: a stop leaves the virtual addresses, without a farewell */
    IDENTITY_KEEP_IPVS = 1 << 4,      /* -I: a stop leaves the IPVS table */
    IDENTITY_LOG_ADDRESSES = 1 << 5,  /* -a: links logs every address that comes or goes */
    IDENTITY_RELOAD = 1 << 6,         /* reader: its configuration is to replace one that runs */
};

/* How the process competes for the machine; zeros = as its role says. */
struct control_tuning {
    uint64_t cpus[2];           /* a bit a CPU; none in both = all */
    int16_t nice;               /* -20..19 */
    uint16_t realtime_priority; /* 1..99, SCHED_RR */
    uint32_t lock_memory;
};

struct control_identity {
    uint64_t incarnation; /* differs for every start of every child; never 0 */
    uint32_t uid;         /* become this user */
    uint32_t gid;
    uint32_t control_gid; /* group whose members may look through the control socket */
    uint32_t flags;       /* enum identity_flag */
    uint16_t index;       /* which of several processes of the role */
    uint16_t count;       /* how many there are */
    uint32_t respawns;    /* 0 = first start of this role: adopt nothing but what the board says */
    struct control_tuning tuning;
    char name[16]; /* as ps is to show it; empty = that of the program */
};

struct control_board {
    uint16_t role;
    uint16_t index;
};

struct control_peer {
    uint16_t role;
    uint16_t index;
};

struct control_held {
    uint64_t key;
};

enum control_file_kind {
    CONTROL_FILE_IPVS_JOURNAL,   /* director: read and written */
    CONTROL_FILE_CONTROL_SOCKET, /* ctl: listening unix socket */
    CONTROL_FILE_WHOLE,          /* ctl: the configuration for clients; a new one before each slice */
    CONTROL_FILE_KINDS,
};

/* struct conf_secret_key, as the children of the core know nothing of configurations. */
struct control_secret_key {
    uint8_t bytes[32];
};

struct control_file {
    uint32_t kind;
};

struct child_reloaded {
    uint32_t ok;
};

struct child_hold {
    uint64_t key;
};

struct child_patience {
    uint32_t ms;
};

enum slice_flag {
    SLICE_GOES_FIRST = 1 << 0, /* at the start: its process is ready before any other begins */
};

struct reader_slice {
    uint16_t role;
    uint16_t index;   /* which of several processes of the role */
    uint32_t objects; /* how many board slots the role needs for it */
    uint32_t flags;   /* enum slice_flag */
};

#define ADVANCE_GONE_MAX 24

/* What a reload makes of the virtual servers: those in the slice are new or other, these are gone, and all
 * others stay as they are. The whole configuration follows, or the one in force once more. */
struct advance {
    uint32_t gone_count;
    uint32_t reserved;
    uint64_t gone[ADVANCE_GONE_MAX]; /* their keys */
};

/* Exit codes of -t as design.md has them. */
enum reader_outcome {
    READER_GOOD = 0,
    READER_COMPLAINTS = 1, /* runs, but keepalived would complain too */
    READER_REFUSED = 2,    /* would not start */
};

#define READER_PROBLEM_BYTES 240

struct reader_report {
    uint32_t outcome;                   /* enum reader_outcome */
    uint32_t problems;                  /* what it would be refused for, or else complaints */
    char problem[READER_PROBLEM_BYTES]; /* the first of them: "FILE:LINE:COLUMN: error: ..."; ends in NUL */
};

struct command_id {
    uint64_t id; /* chosen by ctl, answered in COMMAND_RESULT */
};

struct command_result {
    uint64_t id;
    uint32_t ok;
    uint32_t outcome; /* enum reader_outcome, for a reload */
};

/* What signals ask for; file formats of keepalived. */
enum dump_kind {
    DUMP_DATA,     /* configuration and state of the virtual routers */
    DUMP_BALANCER, /* and of the virtual servers */
    DUMP_STATS,    /* counters of the virtual routers */
    DUMP_JSON,     /* state and counters of the virtual routers */
    DUMP_KINDS,
};

struct command_dump {
    uint64_t id;           /* chosen by the supervisor, answered in COMMAND_DUMPED */
    uint32_t kind;         /* enum dump_kind */
    uint32_t json_version; /* 1 or 2 */
    uint32_t clear;        /* 1 = the counters of DUMP_STATS begin anew */
    uint32_t reserved;
};

struct command_dumped {
    uint64_t id;
    int32_t error; /* errno; 0 = all is written */
    uint32_t reserved;
};

/* ------------------------------------------------------------------ between children */

struct peer_hello {
    uint64_t incarnation; /* of the process that said hello */
};

struct message_key {
    uint64_t key;
};

enum take_flag {
    TAKE_ADOPT = 1 << 0, /* resumed after a crash of ours: no announcement burst is due */
};

#define STAND_BY_ANYWHERE UINT32_MAX

struct links_stand_by {
    uint32_t cpu; /* where vrrp runs; STAND_BY_ANYWHERE = being awake is enough */
    uint32_t reserved;
};

struct links_take {
    uint64_t key; /* of the instance */
    uint32_t flags;
    uint32_t reserved;
    int64_t lease_ns;   /* lifetime of its addresses; 0 = no lease */
    int64_t decided_ns; /* when vrrp decided (struct mono): start of the takeover figures */
};

struct links_error {
    uint64_t key;
    int32_t error;  /* errno */
    uint32_t count; /* of addresses that failed */
};

enum interface_flag {
    INTERFACE_EXISTS = 1 << 0,
    INTERFACE_UP = 1 << 1,      /* IFF_UP */
    INTERFACE_RUNNING = 1 << 2, /* IFF_RUNNING: has carrier */
};

struct links_interface {
    uint32_t ifindex; /* 0 = does not exist now */
    uint32_t flags;
    uint32_t mtu;
    char name[IFNAMSIZ];
    struct ip_address primary_ipv4; /* first address that is no VIP; AF_UNSPEC = none */
    struct ip_address primary_ipv6; /* first link-local address, not tentative */
};

/* Why a check concluded what it did; verdict.h turns it into words. */
struct verdict {
    uint64_t key; /* of the check */
    uint32_t up;
    uint16_t reason;      /* enum verdict_reason */
    uint16_t phase;       /* enum verdict_phase */
    int32_t detail;       /* errno, HTTP status, ...: by reason */
    uint32_t wait_ms;     /* how long it took or waited */
    uint32_t weight_kind; /* enum verdict_weight: what the check says of the real server's weight */
    int32_t weight;
};

enum verdict_weight {
    VERDICT_WEIGHT_NONE,  /* nothing: the configured one */
    VERDICT_WEIGHT_IS,    /* weight is the server's, 0..65535 (misc_dynamic) */
    VERDICT_WEIGHT_ADDED, /* weight is added to the configured one (FILE_CHECK) */
};

/* A socket for one attempt of a check. */
struct check_socket {
    uint64_t key;    /* of the check */
    uint32_t serial; /* of the attempt, to be repeated in the answer */
    int32_t error;   /* errno in CHECK_SOCKET_ERROR, else 0 */
};

struct links_local_server {
    uint64_t key; /* of the virtual server */
    uint32_t local;
    uint32_t reserved;
};

struct sync_role {
    uint64_t key; /* of the instance */
    uint32_t master;
    uint32_t reserved;
};

/* State words of notify scripts and FIFOs. */
enum notify_state {
    NOTIFY_MASTER,
    NOTIFY_BACKUP,
    NOTIFY_FAULT,
    NOTIFY_STOP,
    NOTIFY_DELETED, /* removed by a reload, of instances with notify_deleted */
    /* NOTIFY_INSTANCE_EVENT only */
    NOTIFY_MASTER_RX_LOWER_PRI, /* another master, of lower priority, spoke */
    NOTIFY_MASTER_PRIORITY,     /* the effective priority changed */
    NOTIFY_BACKUP_PRIORITY,
};

struct notify_instance {
    uint64_t key; /* of the instance or group */
    uint32_t state;
    uint32_t priority; /* effective; 0 for a group */
};

struct notify_real_server {
    uint64_t virtual_server;
    uint64_t real_server;
    uint32_t up;
    uint32_t reserved;
};

struct notify_quorum {
    uint64_t virtual_server;
    uint32_t up;
    uint32_t reserved;
};

/* When the scripts process starts anew (child.h, peer_started), runs that were asked for before may never be
 * answered: that is no result, and the next may be asked for. */
struct script_run {
    uint64_t key;        /* conf_recurring_script.key */
    uint64_t serial;     /* the asker's, given back */
    int64_t patience_us; /* its start may wait so long, not to run beside others; 0 = at once */
};

enum script_outcome {
    SCRIPT_EXITED,         /* status: exit code */
    SCRIPT_KILLED,         /* status: the signal somebody else sent */
    SCRIPT_TIMED_OUT,      /* told to end just now; a run asked for while it still does is not run */
    SCRIPT_NOT_EXECUTABLE, /* status: errno; the program is not there, or not for that user: a failure */
    SCRIPT_NOT_RUN,        /* status: errno; because of us, or it still runs: no result, never a failure */
};

struct script_ran {
    uint64_t key;
    uint64_t serial;
    uint32_t outcome; /* enum script_outcome */
    int32_t status;
    int64_t duration_us;
};

struct tracked_file {
    uint64_t key;
    int32_t value; /* the number in it; 0 if there is none, or no file */
    uint32_t exists;
};

struct tracked_process {
    uint64_t key;
    int32_t count; /* how many run */
    uint32_t
        as_wanted; /* that is what quorum and quorum_max ask for, or has not been otherwise long enough */
};

/* ------------------------------------------------------------------ the table */

#define MESSAGE_PAYLOAD_MAX 256

/* Row of a type; NULL for a number that is no type. */
struct message_row {
    const char *name;
    uint32_t size;    /* of the payload */
    uint32_t from;    /* bit set of 1 << enum role that may send it */
    uint32_t to;      /* bit set of roles that may receive it */
    uint32_t with_fd; /* 1 = exactly one descriptor travels along */
};
const struct message_row *message_row(uint32_t type);

#endif
