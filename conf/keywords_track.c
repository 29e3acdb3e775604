/*
 * Keyword table: scripts, processes and files that are tracked.
 */
#include "conf/keyword_rows.h"

#include "conf/build.h"

#define DELAY_MAX 3600000000LL

const struct conf_keyword conf_rows_vrrp_script[] = {
    BUILT("script", "<SCRIPT|\"cmd args\">", "required", "quoted keyword", "command; exit 0 = success",
          HANDLER(conf_handle_track_command), .script = true),
    BUILT("interval", "<DECIMAL>", "1", "s, ms resolution (0 becomes 1)", "time between runs",
          SECONDS(struct track_draft, interval_us, 0, SECONDS_MAX)),
    BUILT("timeout", "<DECIMAL>", "interval", "s, ms resolution (0 becomes 1)",
          "run longer than this is failure, gets killed",
          SECONDS(struct track_draft, timeout_us, 0, SECONDS_MAX)),
    BUILT("weight", "<INTEGER> [reverse]", "0", "-253..253; 0 = FAULT on failure",
          "default priority adjustment", HANDLER(conf_handle_track_weight)),
    BUILT("rise", "<INTEGER>", "1", ">= 1", "successes needed for up",
          INTEGER(struct track_draft, rise, 1, INT32_MAX)),
    BUILT("fall", "<INTEGER>", "1", ">= 1", "failures needed for down",
          INTEGER(struct track_draft, fall, 1, INT32_MAX)),
    BUILT("user", "<USER> [[:]<GROUP>]", "script_user", "", "run script as this user",
          HANDLER(conf_handle_track_user)),
    BUILT("init_fail", "(none)", "off", "", "assume failed until first success",
          SET(struct track_draft, init_fail, 1)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_track_process[] = {
    BUILT("process", "<PATH|NAME> [<PARAM>...]", "required", "comm name truncated to 15 unless full_command",
          "process to match, with parameters", HANDLER(conf_handle_track_process)),
    BUILT("param_match", "[initial|partial]", "exact if params given", "sets full_command",
          "how parameters are compared", HANDLER(conf_handle_param_match)),
    BUILT("weight", "<INTEGER> [reverse]", "0", "-254..254; 0 = FAULT", "default priority adjustment",
          HANDLER(conf_handle_track_weight)),
    BUILT("quorum", "<INTEGER>", "1", "1..65535", "minimum number of processes",
          INTEGER(struct track_draft, quorum, 1, 65535)),
    BUILT("quorum_max", "<INTEGER>", "unlimited", "0..65535", "maximum number of processes",
          INTEGER(struct track_draft, quorum_max, 0, 65535)),
    BUILT("delay", "<DECIMAL>", "0", "s, 0.000001..3600", "sets both fork_delay and terminate_delay",
          HANDLER(conf_handle_process_delay)),
    BUILT("terminate_delay", "<DECIMAL>", "0", "s, 0.000001..3600", "wait after process loss",
          SECONDS(struct track_draft, terminate_delay_us, 1, DELAY_MAX)),
    BUILT("fork_delay", "<DECIMAL>", "0", "s, 0.000001..3600", "wait after process gain",
          SECONDS(struct track_draft, fork_delay_us, 1, DELAY_MAX)),
    BUILT("full_command", "(none)", "off", "", "match /proc/PID/cmdline, not comm",
          SET(struct track_draft, full_command, 1)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_track_file[] = {
    BUILT("file", "<PATH>", "required", "absolute; quotes ok", "file to watch (inotify on directory)",
          TEXT(struct track_draft, path, 4095)),
    BUILT("weight", "<INTEGER> [reverse]", "1", "-254..254; 0 = FAULT when non-zero",
          "default multiplier of file value", HANDLER(conf_handle_track_weight)),
    BUILT("init_file", "[<INTEGER>] [overwrite]", "not created; value 0", "int range",
          "create (or overwrite) file with value at start", HANDLER(conf_handle_track_init)),
    END_OF_ROWS,
};
