/*
 * The tables of keywords_*.c, one a block; keywords.c gathers them. A row without a
 * name ends a table.
 */
#ifndef TANDEM_CONF_KEYWORD_TABLES_H
#define TANDEM_CONF_KEYWORD_TABLES_H

#include "conf/keywords.h"

/* Types of DNS queries: what a DNS_CHECK asks for, and what is printed. */
extern const struct conf_choice conf_dns_types[];

extern const struct conf_keyword conf_rows_root[];
extern const struct conf_keyword conf_rows_global[];
extern const struct conf_keyword conf_rows_notification_email[];
extern const struct conf_keyword conf_rows_track_group[];
extern const struct conf_keyword conf_rows_track_group_group[];
extern const struct conf_keyword conf_rows_sync_group[];
extern const struct conf_keyword conf_rows_sync_group_group[];
extern const struct conf_keyword conf_rows_garp_group[];
extern const struct conf_keyword conf_rows_garp_group_interfaces[];
extern const struct conf_keyword conf_rows_instance[];
extern const struct conf_keyword conf_rows_unicast_peer[];
extern const struct conf_keyword conf_rows_virtual_ipaddress[];
extern const struct conf_keyword conf_rows_virtual_routes[];
extern const struct conf_keyword conf_rows_virtual_rules[];
extern const struct conf_keyword conf_rows_authentication[];
extern const struct conf_keyword conf_rows_auth_hmac[];
extern const struct conf_keyword conf_rows_vrrp_script[];
extern const struct conf_keyword conf_rows_track_process[];
extern const struct conf_keyword conf_rows_track_file[];
extern const struct conf_keyword conf_rows_ssl[];
extern const struct conf_keyword conf_rows_virtual_server_group[];
extern const struct conf_keyword conf_rows_virtual_server[];
extern const struct conf_keyword conf_rows_real_server[];
extern const struct conf_keyword conf_rows_bfd_instance[];
extern const struct conf_keyword conf_rows_linkbeat_interfaces[];
extern const struct conf_keyword conf_rows_interface_delays[];
extern const struct conf_keyword conf_rows_static_ipaddress[];
extern const struct conf_keyword conf_rows_static_routes[];
extern const struct conf_keyword conf_rows_static_rules[];
extern const struct conf_keyword conf_rows_entry_address[];
extern const struct conf_keyword conf_rows_entry_route[];
extern const struct conf_keyword conf_rows_entry_rule[];
extern const struct conf_keyword conf_rows_language[];
extern const struct conf_keyword conf_rows_tracked_interface[];
extern const struct conf_keyword conf_rows_tracked_script[];
extern const struct conf_keyword conf_rows_tracked_file[];
extern const struct conf_keyword conf_rows_tracked_process[];
extern const struct conf_keyword conf_rows_tracked_bfd[];
extern const struct conf_keyword conf_rows_misc_check[];
extern const struct conf_keyword conf_rows_smtp_check[];
extern const struct conf_keyword conf_rows_tcp_check[];
extern const struct conf_keyword conf_rows_ping_check[];
extern const struct conf_keyword conf_rows_udp_check[];
extern const struct conf_keyword conf_rows_http_get[];
extern const struct conf_keyword conf_rows_ssl_get[];
extern const struct conf_keyword conf_rows_dns_check[];
extern const struct conf_keyword conf_rows_file_check[];
extern const struct conf_keyword conf_rows_bfd_check[];
extern const struct conf_keyword conf_rows_smtp_check_host[];
extern const struct conf_keyword conf_rows_http_get_url[];
extern const struct conf_keyword conf_rows_ssl_get_url[];

#endif
