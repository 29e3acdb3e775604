/*
 * What each role keeps on its board: one record type a role. Times are struct mono in nanoseconds
 * (0 = never) unless the name says wall (CLOCK_REALTIME).
 *
 * From a release on, a record only grows at its end, where 0 means "not known": an upgraded daemon goes on
 * from the boards of the version before it. Any other change needs another BOARD_MAGIC (board.c), and costs
 * the upgrade a restart.
 */
#ifndef TANDEM_CORE_BOARD_RECORDS_H
#define TANDEM_CORE_BOARD_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "conf/address.h"
#include "daemon/core/role.h"

#define VRRP_AH_SENDERS 4

/* auth_type AH: the highest number of each sender that was believed, and the highest anybody used, so that a
 * successor neither believes a number twice nor uses one again. All zero is a fresh one. */
struct vrrp_ah_marks {
    uint32_t highest; /* sent by us, or believed */
    uint32_t clock;   /* counts believed packets, for dropping the sender heard longest ago */
    struct {
        uint8_t address[4]; /* IPv4; all zero = unused */
        uint32_t sequence;
        uint32_t heard; /* .clock when it was last believed */
    } senders[VRRP_AH_SENDERS];
};

enum vrrp_record_kind {
    VRRP_RECORD_INSTANCE,
    VRRP_RECORD_TRACKED,
};

/* Adverts that were wrong, by what was wrong; all but those of the address list were not obeyed. */
struct vrrp_errors {
    uint64_t length;
    uint64_t ttl;
    uint64_t type;     /* no advert */
    uint64_t interval; /* version 2 */
    uint64_t address_list;
    uint64_t auth_type;     /* of a kind no authentication has */
    uint64_t auth_mismatch; /* of another kind than ours */
    uint64_t auth_failure;
    uint64_t auth_missing; /* from here: auth_hmac */
    uint64_t auth_malformed;
    uint64_t auth_unknown_key;
    uint64_t auth_invalid_hmac;
    uint64_t auth_stale;
    uint64_t auth_replay;
};

/* vrrp: by instance key. */
struct vrrp_record {
    uint32_t kind;  /* VRRP_RECORD_INSTANCE */
    uint32_t state; /* enum vrrp_state (vrrp_state.h) */
    uint8_t effective_priority;
    uint8_t master_priority;
    uint8_t checksum_form;    /* the peer's, learned: enum vrrp_checksum_form */
    uint8_t cause;            /* of the last transition: enum vrrp_cause */
    struct ip_address master; /* who is master, as far as known */
    struct ip_address source; /* the address we send from */
    int64_t state_since_ns;
    int64_t state_since_wall_ns;
    int64_t last_advert_sent_ns;
    int64_t last_advert_received_ns;
    int64_t master_interval_ns;    /* learned */
    int64_t advert_interval_ns;    /* ours */
    int64_t peer_down_interval_ns; /* the shortest time after which a peer takes over from us */
    uint64_t adverts_sent;
    uint64_t adverts_received;
    uint64_t adverts_refused; /* checksum, length, version, authentication, TTL, ... */
    uint64_t became_master;
    uint64_t released_master;
    uint64_t priority_zero_sent;
    uint64_t priority_zero_received;
    struct vrrp_errors errors;
    uint64_t late_max_ns; /* how late our timer ever was */
    uint64_t pauses;      /* times the pause guard acted */
    struct vrrp_ah_marks ah;
};

/* vrrp, too: by the key of a tracked script, file or process. */
struct track_record {
    uint32_t kind;         /* VRRP_RECORD_TRACKED */
    uint32_t tracked_kind; /* enum conf_tracked_kind */
    uint32_t verdict;      /* enum track_verdict (vrrp_state.h) */
    uint32_t contrary;     /* results in a row that say otherwise */
    int32_t value;         /* of a file; how many processes */
    uint32_t outcome;      /* of the last run of a script: enum script_outcome */
    int32_t status;        /* of the last run, as in SCRIPT_RAN */
    uint32_t reserved;
    int64_t duration_us; /* of the last run */
    int64_t since_ns;    /* the last change of the verdict, or of a file's number */
    int64_t since_wall_ns;
    int64_t last_run_ns;
    uint64_t runs;
    uint64_t no_results; /* runs that said nothing, because of us */
    uint64_t transitions;
};

/* Both kinds of record on the board of vrrp; the kind comes first in each. */
union vrrp_board_record {
    struct vrrp_record instance;
    struct track_record tracked;
};

_Static_assert(sizeof(struct track_record) <= sizeof(struct vrrp_record),
               "an instance's record is written and read as what it is");

/* links: by instance key. */
struct links_record {
    uint32_t addresses_wanted;
    uint32_t addresses_present;
    uint32_t addresses_failed;
    int32_t last_error; /* errno of the last failure */
    int64_t lease_ns;   /* lifetime in force; 0 = none */
    int64_t lease_refreshed_ns;
    uint32_t lease_refused;     /* 1 = refreshing would cost more than 1 % of a core */
    uint32_t announcing;        /* 1 = GARP / NA still to be sent */
    int64_t taken_ns;           /* decision to all addresses on, of the last take */
    int64_t first_announced_ns; /* decision to the first GARP / NA */
    uint64_t garps_sent;
    uint64_t nas_sent;
    uint64_t addresses_restored; /* removed by somebody else, put back */
    uint32_t routes_wanted;
    uint32_t routes_present;
    uint32_t rules_wanted;
    uint32_t rules_present;
};

enum director_record_kind {
    DIRECTOR_RECORD_TABLE, /* key 0: the whole */
    DIRECTOR_RECORD_VIRTUAL_SERVER,
    DIRECTOR_RECORD_REAL_SERVER,
};

/* director: by virtual or real server key. */
struct director_record {
    uint32_t kind; /* enum director_record_kind */
    uint32_t up;   /* virtual server: has quorum; real server: all its checks pass; table: IPVS is there */
    uint32_t
        live_weight;    /* virtual server: sum over its live real servers; real server: weight in the table */
    uint32_t in_table;  /* present in the kernel */
    int32_t last_error; /* errno of the last refusal */
    uint32_t sorry_in_use;      /* virtual server: its sorry server answers */
    uint32_t services;          /* virtual server: of the kernel; several with a group */
    uint32_t services_in_table; /* of them */
    uint32_t weight;            /* real server: while it is up */
    uint32_t reserved;
    int64_t since_ns;
    int64_t since_wall_ns;
    uint64_t changes;
    uint64_t mended; /* table: entries of ours found missing or altered, and mended */
};

/* checker: by check key. */
struct checker_record {
    uint32_t up;
    uint32_t known;  /* 0 = no result yet */
    uint16_t reason; /* enum verdict_reason of the last attempt */
    uint16_t phase;  /* enum verdict_phase */
    int32_t detail;
    uint32_t wait_ms;     /* how long the last attempt took */
    uint32_t failures;    /* in a row */
    uint32_t weight_kind; /* enum verdict_weight (messages.h) of what was last told */
    int32_t weight;
    int64_t since_ns;
    int64_t since_wall_ns;
    int64_t last_run_ns;
    uint64_t runs;
    uint64_t transitions;
    uint32_t resting; /* ha_suspend: no address of its virtual server is here */
    uint32_t reserved;
};

enum process_state {
    PROCESS_ABSENT,   /* not needed, or ended */
    PROCESS_STARTING, /* spawned, not yet ready */
    PROCESS_READY,
    PROCESS_STOPPING,
    PROCESS_WAITING, /* died too often: restarted later */
};

/* supervisor: by supervisor_record_key. */
struct supervisor_record {
    uint16_t role; /* enum role */
    uint16_t index;
    uint32_t state; /* enum process_state */
    int32_t pid;
    int32_t last_status; /* of the last death, as wait(2) gives it */
    uint32_t respawns;   /* deaths that were repaired */
    uint32_t poisoned;   /* 1 = died three times in ten seconds */
    int64_t started_wall_ns;
};

static inline uint64_t supervisor_record_key(enum role role, uint16_t index)
{
    return ((uint64_t)role << 16 | index) + 1;
}

#define RELOAD_PROBLEM_BYTES 240

/* supervisor, too: by RELOAD_RECORD_KEY; what became of the last reload, and when the next is due. */
struct reload_record {
    int64_t taken_wall_ns;   /* when the configuration in force was read */
    int64_t refused_wall_ns; /* when the last reload was refused; 0 = none was since then */
    int64_t refused_ns;
    int64_t due_wall_ns; /* when reload_time_file asks for the next; 0 = never */
    uint32_t problems;   /* for which it was refused */
    uint32_t reserved;
    char problem[RELOAD_PROBLEM_BYTES]; /* the first of them: "FILE:LINE:COLUMN: error: ..."; ends in NUL */
};

#define RELOAD_RECORD_KEY UINT64_MAX

/* Both kinds of record on the supervisor's board. */
union supervisor_board_record {
    struct supervisor_record process;
    struct reload_record reload;
};

/* scripts, mail: by place; an event that was heard and not yet passed on to all it is for (notify/ledger.h).
 */
struct notify_record {
    uint64_t sequence; /* oldest first */
    int64_t heard_wall_ns;
    uint32_t type; /* enum message_type */
    uint32_t left; /* what is still to begin; 0 = nothing: the place is vacant */
    _Alignas(8) unsigned char payload[32];
};

/* ctl: by instance key; what the counters on vrrp's board were when somebody had them begin anew. */
struct ctl_record {
    uint64_t adverts_sent;
    uint64_t adverts_received;
    uint64_t became_master;
    uint64_t released_master;
    uint64_t priority_zero_sent;
    uint64_t priority_zero_received;
    struct vrrp_errors errors;
};

/* reader: none at all. */
struct empty_record {
    uint64_t reserved;
};

static inline size_t board_record_size(enum role role)
{
    switch (role) {
    case ROLE_VRRP:
        return sizeof(union vrrp_board_record);
    case ROLE_LINKS:
        return sizeof(struct links_record);
    case ROLE_DIRECTOR:
        return sizeof(struct director_record);
    case ROLE_CHECKER:
        return sizeof(struct checker_record);
    case ROLE_SUPERVISOR:
        return sizeof(union supervisor_board_record);
    case ROLE_SCRIPTS:
    case ROLE_MAIL:
        return sizeof(struct notify_record);
    case ROLE_CTL:
        return sizeof(struct ctl_record);
    case ROLE_READER:
    case ROLE_COUNT:
        break;
    }
    return sizeof(struct empty_record);
}

#endif
