/*
 * The blocks of the language and the index of their keywords: see keywords.h.
 */
#include "conf/keywords.h"

#include <stdlib.h>
#include <string.h>

#include "conf/build.h"
#include "conf/keyword_tables.h"

/* More than twice the number of rows. */
#define SLOT_BITS 11
#define SLOTS     (1U << SLOT_BITS)

#define BLOCK(id, words, up, table, ...)                                                                     \
    [CONF_BLOCK_##id] = {.path = words, .parent = up, .rows = table, __VA_ARGS__}

static const struct conf_block_info blocks[CONF_BLOCK_COUNT] = {
    BLOCK(ROOT, "the top level", CONF_BLOCK_NONE, conf_rows_root),
    BLOCK(GLOBAL, "global_defs", CONF_BLOCK_ROOT, conf_rows_global, .begin = conf_begin_global),
    BLOCK(NOTIFICATION_EMAIL, "global_defs/notification_email", CONF_BLOCK_GLOBAL,
          conf_rows_notification_email, .list = true, .entry = conf_entry_recipient),
    BLOCK(TRACK_GROUP, "track_group", CONF_BLOCK_ROOT, conf_rows_track_group,
          .begin = conf_begin_track_group),
    BLOCK(TRACK_GROUP_GROUP, "track_group/group", CONF_BLOCK_TRACK_GROUP, conf_rows_track_group_group,
          .list = true, .entry = conf_entry_track_member),
    BLOCK(SYNC_GROUP, "vrrp_sync_group", CONF_BLOCK_ROOT, conf_rows_sync_group, .begin = conf_begin_group),
    BLOCK(SYNC_GROUP_GROUP, "vrrp_sync_group/group", CONF_BLOCK_SYNC_GROUP, conf_rows_sync_group_group,
          .list = true, .entry = conf_entry_member),
    BLOCK(SYNC_GROUP_TRACK_INTERFACE, "vrrp_sync_group/track_interface", CONF_BLOCK_SYNC_GROUP,
          conf_rows_tracked_interface, .list = true, .entry = conf_entry_group_interface),
    BLOCK(SYNC_GROUP_TRACK_SCRIPT, "vrrp_sync_group/track_script", CONF_BLOCK_SYNC_GROUP,
          conf_rows_tracked_script, .list = true, .entry = conf_entry_group_script),
    BLOCK(SYNC_GROUP_TRACK_FILE, "vrrp_sync_group/track_file", CONF_BLOCK_SYNC_GROUP, conf_rows_tracked_file,
          .list = true, .entry = conf_entry_group_file),
    BLOCK(SYNC_GROUP_TRACK_PROCESS, "vrrp_sync_group/track_process", CONF_BLOCK_SYNC_GROUP,
          conf_rows_tracked_process, .list = true, .entry = conf_entry_group_process),
    BLOCK(SYNC_GROUP_TRACK_BFD, "vrrp_sync_group/track_bfd", CONF_BLOCK_SYNC_GROUP, conf_rows_tracked_bfd,
          .list = true, .entry = conf_entry_group_bfd),
    BLOCK(GARP_GROUP, "garp_group", CONF_BLOCK_ROOT, conf_rows_garp_group, .begin = conf_begin_garp_group,
          .end = conf_end_garp_group),
    BLOCK(GARP_GROUP_INTERFACES, "garp_group/interfaces", CONF_BLOCK_GARP_GROUP,
          conf_rows_garp_group_interfaces, .list = true, .entry = conf_entry_garp_interfaces),
    BLOCK(INSTANCE, "vrrp_instance", CONF_BLOCK_ROOT, conf_rows_instance, .apart = true,
          .begin = conf_begin_instance, .end = conf_end_instance),
    BLOCK(INSTANCE_TRACK_INTERFACE, "vrrp_instance/track_interface", CONF_BLOCK_INSTANCE,
          conf_rows_tracked_interface, .list = true, .entry = conf_entry_instance_interface),
    BLOCK(INSTANCE_TRACK_SCRIPT, "vrrp_instance/track_script", CONF_BLOCK_INSTANCE, conf_rows_tracked_script,
          .list = true, .entry = conf_entry_instance_script),
    BLOCK(INSTANCE_TRACK_FILE, "vrrp_instance/track_file", CONF_BLOCK_INSTANCE, conf_rows_tracked_file,
          .list = true, .entry = conf_entry_instance_file),
    BLOCK(INSTANCE_TRACK_PROCESS, "vrrp_instance/track_process", CONF_BLOCK_INSTANCE,
          conf_rows_tracked_process, .list = true, .entry = conf_entry_instance_process),
    BLOCK(INSTANCE_TRACK_BFD, "vrrp_instance/track_bfd", CONF_BLOCK_INSTANCE, conf_rows_tracked_bfd,
          .list = true, .entry = conf_entry_instance_bfd),
    BLOCK(UNICAST_PEER, "vrrp_instance/unicast_peer", CONF_BLOCK_INSTANCE, conf_rows_unicast_peer,
          .list = true, .entry = conf_entry_peer),
    BLOCK(VIRTUAL_IPADDRESS, "vrrp_instance/virtual_ipaddress", CONF_BLOCK_INSTANCE,
          conf_rows_virtual_ipaddress, .list = true, .entry = conf_entry_vip),
    BLOCK(VIRTUAL_IPADDRESS_EXCLUDED, "vrrp_instance/virtual_ipaddress_excluded", CONF_BLOCK_INSTANCE,
          conf_rows_virtual_ipaddress, .list = true, .entry = conf_entry_vip_excluded),
    BLOCK(VIRTUAL_ROUTES, "vrrp_instance/virtual_routes", CONF_BLOCK_INSTANCE, conf_rows_virtual_routes,
          .list = true, .entry = conf_entry_route),
    BLOCK(VIRTUAL_RULES, "vrrp_instance/virtual_rules", CONF_BLOCK_INSTANCE, conf_rows_virtual_rules,
          .list = true, .entry = conf_entry_rule),
    BLOCK(AUTHENTICATION, "vrrp_instance/authentication", CONF_BLOCK_INSTANCE, conf_rows_authentication),
    BLOCK(AUTH_HMAC, "vrrp_instance/auth_hmac", CONF_BLOCK_INSTANCE, conf_rows_auth_hmac,
          .begin = conf_begin_hmac),
    BLOCK(VRRP_SCRIPT, "vrrp_script", CONF_BLOCK_ROOT, conf_rows_vrrp_script, .begin = conf_begin_vrrp_script,
          .end = conf_end_vrrp_script),
    BLOCK(TRACK_PROCESS, "vrrp_track_process", CONF_BLOCK_ROOT, conf_rows_track_process,
          .begin = conf_begin_track_process, .end = conf_end_track_process),
    BLOCK(TRACK_FILE, "track_file", CONF_BLOCK_ROOT, conf_rows_track_file, .begin = conf_begin_track_file,
          .end = conf_end_track_file),
    BLOCK(VRRP_TRACK_FILE, "vrrp_track_file", CONF_BLOCK_ROOT, conf_rows_track_file,
          .begin = conf_begin_track_file, .end = conf_end_track_file),
    BLOCK(SSL, "SSL", CONF_BLOCK_ROOT, conf_rows_ssl, .begin = conf_begin_tls),
    BLOCK(VIRTUAL_SERVER_GROUP, "virtual_server_group", CONF_BLOCK_ROOT, conf_rows_virtual_server_group,
          .list = true, .begin = conf_begin_service_group, .entry = conf_entry_service),
    BLOCK(VIRTUAL_SERVER, "virtual_server", CONF_BLOCK_ROOT, conf_rows_virtual_server, .apart = true,
          .begin = conf_begin_server, .settle = conf_settle_server, .end = conf_end_server),
    BLOCK(REAL_SERVER, "virtual_server/real_server", CONF_BLOCK_VIRTUAL_SERVER, conf_rows_real_server,
          .apart = true, .begin = conf_begin_real, .end = conf_end_real),
    BLOCK(MISC_CHECK, "virtual_server/real_server/MISC_CHECK", CONF_BLOCK_REAL_SERVER, conf_rows_misc_check,
          .begin = conf_begin_misc_check, .end = conf_end_check),
    BLOCK(SMTP_CHECK, "virtual_server/real_server/SMTP_CHECK", CONF_BLOCK_REAL_SERVER, conf_rows_smtp_check,
          .begin = conf_begin_smtp_check, .end = conf_end_check),
    BLOCK(SMTP_CHECK_HOST, "virtual_server/real_server/SMTP_CHECK/host", CONF_BLOCK_SMTP_CHECK,
          conf_rows_smtp_check_host, .begin = conf_begin_smtp_host),
    BLOCK(TCP_CHECK, "virtual_server/real_server/TCP_CHECK", CONF_BLOCK_REAL_SERVER, conf_rows_tcp_check,
          .begin = conf_begin_tcp_check, .end = conf_end_check),
    BLOCK(PING_CHECK, "virtual_server/real_server/PING_CHECK", CONF_BLOCK_REAL_SERVER, conf_rows_ping_check,
          .begin = conf_begin_ping_check, .end = conf_end_check),
    BLOCK(UDP_CHECK, "virtual_server/real_server/UDP_CHECK", CONF_BLOCK_REAL_SERVER, conf_rows_udp_check,
          .begin = conf_begin_udp_check, .end = conf_end_check),
    BLOCK(HTTP_GET, "virtual_server/real_server/HTTP_GET", CONF_BLOCK_REAL_SERVER, conf_rows_http_get,
          .begin = conf_begin_http_get, .end = conf_end_check),
    BLOCK(HTTP_GET_URL, "virtual_server/real_server/HTTP_GET/url", CONF_BLOCK_HTTP_GET,
          conf_rows_http_get_url, .begin = conf_begin_url, .end = conf_end_url),
    BLOCK(SSL_GET, "virtual_server/real_server/SSL_GET", CONF_BLOCK_REAL_SERVER, conf_rows_ssl_get,
          .begin = conf_begin_ssl_get, .end = conf_end_check),
    BLOCK(SSL_GET_URL, "virtual_server/real_server/SSL_GET/url", CONF_BLOCK_SSL_GET, conf_rows_ssl_get_url,
          .begin = conf_begin_url, .end = conf_end_url),
    BLOCK(DNS_CHECK, "virtual_server/real_server/DNS_CHECK", CONF_BLOCK_REAL_SERVER, conf_rows_dns_check,
          .begin = conf_begin_dns_check, .end = conf_end_check),
    BLOCK(BFD_CHECK, "virtual_server/real_server/BFD_CHECK", CONF_BLOCK_REAL_SERVER, conf_rows_bfd_check,
          .begin = conf_begin_bfd_check, .end = conf_end_check),
    BLOCK(BFD_INSTANCE, "bfd_instance", CONF_BLOCK_ROOT, conf_rows_bfd_instance, .begin = conf_begin_bfd,
          .end = conf_end_bfd),
    BLOCK(FILE_CHECK, "virtual_server/real_server/FILE_CHECK", CONF_BLOCK_REAL_SERVER, conf_rows_file_check,
          .begin = conf_begin_file_check, .end = conf_end_check),
    BLOCK(LINKBEAT_INTERFACES, "linkbeat_interfaces", CONF_BLOCK_ROOT, conf_rows_linkbeat_interfaces,
          .list = true, .entry = conf_entry_linkbeat),
    BLOCK(INTERFACE_DELAYS, "interface_up_down_delays", CONF_BLOCK_ROOT, conf_rows_interface_delays,
          .list = true, .entry = conf_entry_interface_delay),
    BLOCK(STATIC_IPADDRESS, "static_ipaddress", CONF_BLOCK_ROOT, conf_rows_static_ipaddress, .list = true,
          .entry = conf_entry_static_address),
    BLOCK(STATIC_ROUTES, "static_routes", CONF_BLOCK_ROOT, conf_rows_static_routes, .list = true,
          .entry = conf_entry_static_route),
    BLOCK(STATIC_RULES, "static_rules", CONF_BLOCK_ROOT, conf_rows_static_rules, .list = true,
          .entry = conf_entry_static_rule),
    BLOCK(ENTRY_ADDRESS, "(entry:address)", CONF_BLOCK_NONE, conf_rows_entry_address),
    BLOCK(ENTRY_ROUTE, "(entry:route)", CONF_BLOCK_NONE, conf_rows_entry_route),
    BLOCK(ENTRY_RULE, "(entry:rule)", CONF_BLOCK_NONE, conf_rows_entry_rule),
    BLOCK(LANGUAGE, "(language)", CONF_BLOCK_NONE, conf_rows_language),
};

const struct conf_block_info *conf_block_info(enum conf_block block)
{
    return &blocks[block];
}

/* ------------------------------------------------------------------ the index */

struct slot {
    const struct conf_keyword *row;
    size_t length; /* of its name */
    enum conf_block block;
    enum conf_block apart; /* what it opens, if that is apart */
};

struct conf_keyword_index {
    struct slot slots[SLOTS];
};

/* A few bytes tell the keywords of a block apart well enough. */
static size_t hash_name(enum conf_block block, const char *name, size_t length)
{
    uint32_t hash = (uint32_t)block * 31 + (uint32_t)length;

    hash = hash * 33 + (unsigned char)name[0];
    hash = hash * 33 + (unsigned char)name[length / 4];
    hash = hash * 33 + (unsigned char)name[length / 2];
    hash = hash * 33 + (unsigned char)name[length - 1];
    return hash * 2654435769U >> (32 - SLOT_BITS);
}

static void add_row(struct conf_keyword_index *index, enum conf_block block, const struct conf_keyword *row)
{
    size_t length = strlen(row->name), at = hash_name(block, row->name, length);

    while (index->slots[at].row != NULL)
        at = (at + 1) & (SLOTS - 1);
    index->slots[at] =
        (struct slot){row, length, block, blocks[row->opens].apart ? row->opens : CONF_BLOCK_NONE};
}

struct conf_keyword_index *conf_keyword_index_new(void)
{
    struct conf_keyword_index *index = calloc(1, sizeof(*index));

    if (index == NULL)
        return NULL;
    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_COUNT; block++) {
        for (const struct conf_keyword *row = blocks[block].rows; row->name != NULL; row++)
            add_row(index, block, row);
    }
    return index;
}

void conf_keyword_index_free(struct conf_keyword_index *index)
{
    free(index);
}

uint16_t conf_keyword_number(const struct conf_keyword_index *index, enum conf_block block, const char *name,
                             size_t length)
{
    size_t at;

    if (length == 0)
        return 0;
    for (at = hash_name(block, name, length); index->slots[at].row != NULL; at = (at + 1) & (SLOTS - 1)) {
        const struct slot *slot = &index->slots[at];

        if (slot->block == block && slot->length == length && memcmp(slot->row->name, name, length) == 0)
            return (uint16_t)(at + 1);
    }
    return 0;
}

const struct conf_keyword *conf_keyword_numbered(const struct conf_keyword_index *index, uint16_t number)
{
    return number == 0 ? NULL : index->slots[number - 1].row;
}

enum conf_block conf_keyword_apart(const struct conf_keyword_index *index, uint16_t number)
{
    return number == 0 ? CONF_BLOCK_NONE : index->slots[number - 1].apart;
}

const struct conf_keyword *conf_keyword_find(const struct conf_keyword_index *index, enum conf_block block,
                                             const char *name)
{
    return conf_keyword_numbered(index, conf_keyword_number(index, block, name, strlen(name)));
}

enum conf_block conf_keyword_home(const struct conf_keyword_index *index, const char *name)
{
    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_ENTRY_ADDRESS; block++) {
        if (conf_keyword_find(index, block, name) != NULL)
            return block;
    }
    return CONF_BLOCK_NONE;
}
