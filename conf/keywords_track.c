/*
 * Keyword table: scripts, processes and files that are tracked.
 */
#include "conf/keyword_rows.h"

const struct conf_keyword conf_rows_vrrp_script[] = {
    NOT_BUILT("script", "<SCRIPT|\"cmd args\">", "required", "quoted keyword", "command; exit 0 = success",
              .script = true),
    NOT_BUILT("interval", "<DECIMAL>", "1", "s, ms resolution (0 becomes 1)", "time between runs"),
    NOT_BUILT("timeout", "<DECIMAL>", "interval", "s, ms resolution (0 becomes 1)",
              "run longer than this is failure, gets killed"),
    NOT_BUILT("weight", "<INTEGER> [reverse]", "0", "-253..253; 0 = FAULT on failure",
              "default priority adjustment"),
    NOT_BUILT("rise", "<INTEGER>", "1", ">= 1", "successes needed for up"),
    NOT_BUILT("fall", "<INTEGER>", "1", ">= 1", "failures needed for down"),
    NOT_BUILT("user", "<USER> [[:]<GROUP>]", "script_user", "", "run script as this user"),
    NOT_BUILT("init_fail", "(none)", "off", "", "assume failed until first success"),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_track_process[] = {
    NOT_BUILT("process", "<PATH|NAME> [<PARAM>...]", "required",
              "comm name truncated to 15 unless full_command", "process to match, with parameters"),
    NOT_BUILT("param_match", "[initial|partial]", "exact if params given", "sets full_command",
              "how parameters are compared"),
    NOT_BUILT("weight", "<INTEGER> [reverse]", "0", "-254..254; 0 = FAULT", "default priority adjustment"),
    NOT_BUILT("quorum", "<INTEGER>", "1", "1..65535", "minimum number of processes"),
    NOT_BUILT("quorum_max", "<INTEGER>", "unlimited", "0..65535", "maximum number of processes"),
    NOT_BUILT("delay", "<DECIMAL>", "0", "s, 0.000001..3600", "sets both fork_delay and terminate_delay"),
    NOT_BUILT("terminate_delay", "<DECIMAL>", "0", "s, 0.000001..3600", "wait after process loss"),
    NOT_BUILT("fork_delay", "<DECIMAL>", "0", "s, 0.000001..3600", "wait after process gain"),
    NOT_BUILT("full_command", "(none)", "off", "", "match /proc/PID/cmdline, not comm"),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_track_file[] = {
    NOT_BUILT("file", "<PATH>", "required", "absolute; quotes ok", "file to watch (inotify on directory)"),
    NOT_BUILT("weight", "<INTEGER> [reverse]", "1", "-254..254; 0 = FAULT when non-zero",
              "default multiplier of file value"),
    NOT_BUILT("init_file", "[<INTEGER>] [overwrite]", "not created; value 0", "int range",
              "create (or overwrite) file with value at start"),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_vrrp_track_file[] = {
    NOT_BUILT("file", "<PATH>", "required", "absolute; quotes ok", "file to watch (inotify on directory)"),
    NOT_BUILT("weight", "<INTEGER> [reverse]", "1", "-254..254; 0 = FAULT when non-zero",
              "default multiplier of file value"),
    NOT_BUILT("init_file", "[<INTEGER>] [overwrite]", "not created; value 0", "int range",
              "create (or overwrite) file with value at start"),
    END_OF_ROWS,
};
