/*
 * Keyword table: the checks of a real server.
 *
 * The rows that several checks share are macros. They count as built also in a check that is not: that
 * check's own keyword (keywords_server.c) says so.
 */
#include "conf/keyword_rows.h"

#include "conf/build.h"

/* When to check; the defaults differ. */
#define TIMING_ROWS(retry_default, delay_default)                                                            \
    BUILT("retry", "<INTEGER>", "real server value, else " retry_default, "0..UINT_MAX",                     \
          "extra attempts before failure", INTEGER(struct checker_draft, timing.retry, 0, UINT32_MAX)),      \
        BUILT("delay_before_retry", "<TIMER>", "real server value, else " delay_default, "s",                \
              "wait between attempts",                                                                       \
              SECONDS(struct checker_draft, timing.delay_before_retry_us, 0, SECONDS_MAX)),                  \
        BUILT("warmup", "<TIMER>", "real server value, else delay_loop", "s; random 0..warmup plus 1",       \
              "spread of first check", SECONDS(struct checker_draft, timing.warmup_us, 0, SECONDS_MAX)),     \
        BUILT("delay_loop", "<TIMER>", "real server value (60)", "s, > 0", "time between checks",            \
              SECONDS(struct checker_draft, timing.delay_loop_us, 1, SECONDS_MAX)),                          \
        BUILT("alpha", "[<BOOL>]", "real server value", "", "checker starts failed",                         \
              BOOL(struct checker_draft, timing.alpha)),                                                     \
        BUILT("log_all_failures", "[<BOOL>]", "checker_log_all_failures", "", "log every failed attempt",    \
              BOOL(struct checker_draft, timing.log_all_failures))

/* From where. */
#define SOURCE_ROWS                                                                                          \
    BUILT("connect_ip", "<IPADDR>", "real server address", "", "address to check",                           \
          ADDRESS(struct checker_draft, connect_address)),                                                   \
        BUILT("bindto", "<IPADDR>", "kernel choice", "", "source address",                                   \
              ADDRESS(struct checker_draft, bind_address)),                                                  \
        BUILT("bind_port", "<INTEGER>", "ephemeral", "1..65535", "source port",                              \
              INTEGER(struct checker_draft, bind_port, 1, 65535)),                                           \
        BUILT("bind_if", "<IFNAME>", "none", "<= 15 chars", "source interface (link-local or VRF)",          \
              INTERFACE(struct checker_draft, bind_interface)),                                              \
        BUILT("connect_timeout", "<TIMER>", "real server value (5)", "s, > 0", "connection/reply timeout",   \
              SECONDS(struct checker_draft, timing.connect_timeout_us, 1, SECONDS_MAX))

/* Where to. */
#define TARGET_ROWS                                                                                          \
    SOURCE_ROWS,                                                                                             \
        BUILT("connect_port", "<INTEGER>", "real server port", "1..65535", "port to check",                  \
              INTEGER(struct checker_draft, connect_port, 1, 65535)),                                        \
        BUILT("fwmark", "<INTEGER>", "0", "0..UINT_MAX", "SO_MARK on check packets",                         \
              INTEGER(struct checker_draft, fwmark, 0, UINT32_MAX))

#define HTTP_ROWS(url_block)                                                                                 \
    BUILT("nb_get_retry", "<INTEGER>", "", "deprecated", "deprecated alias of retry",                        \
          INTEGER(struct checker_draft, timing.retry, 0, UINT32_MAX), .deprecation = CONF_DEPRECATED_LOUD),  \
        BUILT("virtualhost", "<STRING>", "real server, virtual server", "", "Host header for all urls",      \
              TEXT(struct checker_draft, virtualhost, 0)),                                                   \
        BUILT("http_protocol", "1.0|1.1|1.0C|1.0c", "1.0", "C adds Connection: close",                       \
              "HTTP version of request", CHOICE(struct checker_draft, http_version, http_words)),            \
        BUILT("fast_recovery", "[<BOOL>]", "false", "", "recheck at once after success following failure",   \
              BOOL(struct checker_draft, fast_recovery)),                                                    \
        BUILT("url", "{block}", "required", "repeatable", "one request", OPENS(url_block), .repeats = true)

#define URL_ROWS                                                                                             \
    BUILT("path", "<STRING>", "required", "printable, must start /", "request path",                         \
          TEXT(struct url_draft, path, 0)),                                                                  \
        BUILT("digest", "<HEX32>", "none", "MD5 of body", "expected body digest (see genhash)",              \
              HANDLER(conf_handle_digest)),                                                                  \
        BUILT("status_code", "<CODE|CODE-CODE>...", "200-299", "100..599", "acceptable status codes",        \
              HANDLER(conf_handle_status_code), .repeats = true),                                            \
        BUILT("virtualhost", "<STRING>", "checker virtualhost", "", "Host header for this url",              \
              TEXT(struct url_draft, virtualhost, 0)),                                                       \
        BUILT("regex", "<PCRE>", "none", "quoted/escaped variant", "body must match",                        \
              HANDLER(conf_handle_regex), .script = true),                                                   \
        BUILT("regex_no_match", "(none)", "off", "", "body must not match",                                  \
              SET(struct url_draft, regex_no_match, 1)),                                                     \
        BUILT("regex_options", "<WORD>...", "none",                                                          \
              "allow_empty_class alt_bsux auto_callout caseless dollar_endonly dotall dupnames "             \
              "extended firstline match_unset_backref multiline never_ucp never_utf no_auto_capture "        \
              "no_auto_possess no_dotstar_anchor no_start_optimize ucp ungreedy utf never_backslash_c "      \
              "alt_circumflex alt_verbnames use_offset_limit",                                               \
              "regex compile options", HANDLER(conf_handle_regex_options), .repeats = true),                 \
        BUILT("regex_min_offset", "<INTEGER>", "0", "bytes", "earliest match start",                         \
              INTEGER(struct url_draft, regex_min_offset, 0, UINT32_MAX)),                                   \
        BUILT("regex_max_offset", "<INTEGER>", "unlimited", "bytes", "match must not start behind this",     \
              INTEGER(struct url_draft, regex_max_offset, 0, UINT32_MAX)),                                   \
        ACCEPTED("regex_stack", "<START> <MAX>", "PCRE2 default", "bytes; process-wide maximum",             \
                 "JIT stack size", "tandem searches without a stack of its own",                             \
                 HANDLER(conf_handle_setting_stack), .offset = offsetof(struct url_draft, settings),         \
                 .high = INT64_MAX)

static const struct conf_choice http_words[] = {
    {"1.0", CONF_HTTP_1_0},
    {"1.1", CONF_HTTP_1_1},
    {"1.0C", CONF_HTTP_1_0_CLOSE},
    {"1.0c", CONF_HTTP_1_0_CLOSE},
    {0},
};

const struct conf_choice conf_dns_types[] = {
    {"A", 1},    {"NS", 2},    {"CNAME", 5},  {"SOA", 6},     {"MX", 15},
    {"TXT", 16}, {"AAAA", 28}, {"RRSIG", 46}, {"DNSKEY", 48}, {0},
};

const struct conf_keyword conf_rows_misc_check[] = {
    TIMING_ROWS("0", "1"),
    BUILT("misc_path", "<SCRIPT|\"cmd args\">", "required", "quoted keyword", "command; exit 0 = up",
          SCRIPT(struct checker_draft, script), .script = true),
    BUILT("misc_timeout", "<INTEGER>", "delay_loop", "s", "kill after this; counts as failure",
          SECONDS(struct checker_draft, script_timeout_us, 1, SECONDS_MAX)),
    BUILT("misc_dynamic", "(none)", "off", "exit 2..255 => weight exit-2", "exit code sets weight",
          SET(struct checker_draft, dynamic, 1)),
    BUILT("user", "<USER> [<GROUP>]", "script_user", "", "run script as user",
          HANDLER(conf_handle_check_user)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_smtp_check[] = {
    BUILT("helo_name", "<STRING>", "host name", "<= 255 chars", "HELO argument",
          TEXT(struct checker_draft, helo_name, 255)),
    TARGET_ROWS,
    TIMING_ROWS("1", "1"),
    BUILT("host", "{block}", "", "deprecated", "extra connection target; use several SMTP_CHECKs",
          OPENS(SMTP_CHECK_HOST), .deprecation = CONF_DEPRECATED, .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_smtp_check_host[] = {
    TARGET_ROWS,
    TIMING_ROWS("1", "1"),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_tcp_check[] = {
    TARGET_ROWS,
    TIMING_ROWS("1", "1"),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_ping_check[] = {
    SOURCE_ROWS,
    ACCEPTED("connect_port", "<INTEGER>", "", "parsed, meaningless", "ignored by ping checker",
             "pings have no ports", INTEGER(struct checker_draft, settings, 1, 65535)),
    BUILT("fwmark", "<INTEGER>", "0", "0..UINT_MAX", "SO_MARK on check packets",
          INTEGER(struct checker_draft, fwmark, 0, UINT32_MAX)),
    TIMING_ROWS("1", "1"),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_udp_check[] = {
    TARGET_ROWS,
    TIMING_ROWS("1", "1"),
    BUILT("payload", "<HEXSTRING>", "empty datagram", "hex bytes, blanks allowed", "datagram content",
          HANDLER(conf_handle_payload)),
    BUILT("require_reply", "[<HEXSTRING with X wildcards>]", "off", "X nibble matches anything",
          "reply needed, optionally with this prefix", HANDLER(conf_handle_require_reply)),
    BUILT("min_reply_length", "<INTEGER>", "0", "0..65535 bytes", "shortest acceptable reply",
          INTEGER(struct checker_draft, reply_min, 0, 65535)),
    BUILT("max_reply_length", "<INTEGER>", "255", "0..65535 bytes", "longest acceptable reply",
          INTEGER(struct checker_draft, reply_max, 0, 65535)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_http_get[] = {
    TARGET_ROWS,
    TIMING_ROWS("1", "3"),
    HTTP_ROWS(HTTP_GET_URL),
    ACCEPTED("enable_sni", "[<BOOL>]", "false", "SSL only effect", "send SNI from virtualhost",
             "only SSL_GET checks use it", BOOL(struct checker_draft, settings)),
    ACCEPTED("sni_name", "<STRING>", "virtualhost", "overrides enable_sni name", "SNI host name",
             "only SSL_GET checks use it", TEXT(struct checker_draft, settings, 255), .lack = CONF_LACK_GOOD),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_http_get_url[] = {
    URL_ROWS,
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_ssl_get[] = {
    TARGET_ROWS,
    TIMING_ROWS("1", "3"),
    HTTP_ROWS(SSL_GET_URL),
    BUILT("enable_sni", "[<BOOL>]", "false", "", "send SNI from virtualhost",
          BOOL(struct checker_draft, enable_sni)),
    BUILT("sni_name", "<STRING>", "virtualhost", "overrides enable_sni name", "SNI host name",
          TEXT(struct checker_draft, sni_name, 255)),
    BUILT("tls_compliant", "[<BOOL>]", "false", "OpenSSL 3 unexpected EOF",
          "missing TLS close_notify is failure", BOOL(struct checker_draft, tls_compliant)),
    OURS("tls_verify", "[<BOOL>]", "false", "needs ca of block SSL",
         "the server's certificate must be good for its name", BOOL(struct checker_draft, tls_verify)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_ssl_get_url[] = {
    URL_ROWS,
    BUILT("tls_compliant", "[<BOOL>]", "checker tls_compliant", "", "per url close_notify strictness",
          BOOL(struct url_draft, tls_compliant)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_dns_check[] = {
    TARGET_ROWS,
    TIMING_ROWS("3", "delay_loop"),
    BUILT("type", "A|NS|CNAME|SOA|MX|TXT|AAAA|RRSIG|DNSKEY", "SOA", "", "query type",
          CHOICE(struct checker_draft, dns_type, conf_dns_types)),
    BUILT("name", "<STRING>", ".", "labels <= 63", "query name", HANDLER(conf_handle_dns_name)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_file_check[] = {
    BUILT("track_file", "<NAME>", "required", "declared track_file", "file whose value drives RS",
          HANDLER(conf_handle_check_file)),
    BUILT("weight", "<INTEGER> [reverse|noreverse]", "track_file weight",
          "-2147483647..2147483647; 0 = up/down only", "multiplier for file value",
          HANDLER(conf_handle_check_file_weight)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_bfd_check[] = {
    NOT_BUILT("name", "<NAME>", "required", "declared bfd_instance", "BFD session to follow",
              HANDLER(conf_handle_bfd_name), IN_MODEL),
    NOT_BUILT("alpha", "[<BOOL>]", "real server value", "", "start failed",
              BOOL(struct checker_draft, timing.alpha), IN_MODEL),
    END_OF_ROWS,
};
