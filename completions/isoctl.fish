function __isoctl_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __isoctl_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __isoctl_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __isoctl_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __isoctl_parse_tokens -S
    set -l unparsed_tokens (__isoctl_tokens -pc)
    switch $unparsed_tokens[1]
    case 'isoctl'
        __isoctl_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'run'
            __isoctl_parse_subcommand -r 2 'json' 'socket=' 'f/file=' 'name=' 'e/env=+' 'version' 'h/help'
        case 'spawn'
            __isoctl_parse_subcommand -r 2 'json' 'socket=' 'f/file=' 'name=' 'e/env=+' 'version' 'h/help'
        case 'ps'
            __isoctl_parse_subcommand 0 'json' 'socket=' 'version' 'h/help'
        case 'inspect'
            __isoctl_parse_subcommand 1 'json' 'socket=' 'version' 'h/help'
        case 'kill'
            __isoctl_parse_subcommand 1 's/signal=' 'json' 'socket=' 'version' 'h/help'
        case 'stop'
            __isoctl_parse_subcommand 1 'grace=' 'json' 'socket=' 'version' 'h/help'
        case 'wait'
            __isoctl_parse_subcommand 1 'json' 'socket=' 'version' 'h/help'
        case 'forget'
            __isoctl_parse_subcommand 1 'json' 'socket=' 'version' 'h/help'
        case 'logs'
            __isoctl_parse_subcommand 1 'f/follow' 'n/lines=' 'since=' 'json' 'socket=' 'version' 'h/help'
        case 'policy'
            __isoctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'check'
                __isoctl_parse_subcommand -r 1 'json' 'socket=' 'version' 'h/help'
            end
        case 'io'
            __isoctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'devices'
                __isoctl_parse_subcommand 0 'json' 'socket=' 'version' 'h/help'
            case 'calibrate'
                __isoctl_parse_subcommand 1 'destroy' 'thorough' 'save' 'save-to=' 'svg=' 'json' 'socket=' 'version' 'h/help'
            case 'plan'
                __isoctl_parse_subcommand -r 1 'calibrations=' 'json' 'socket=' 'version' 'h/help'
            case 'top'
                __isoctl_parse_subcommand 0 'once' 'all' 'interval=' 'json' 'socket=' 'version' 'h/help'
            end
        case 'doctor'
            __isoctl_parse_subcommand 0 'all' 'json' 'socket=' 'version' 'h/help'
        case 'version'
            __isoctl_parse_subcommand 0 'json' 'socket=' 'version' 'h/help'
        case 'help'
            __isoctl_parse_subcommand -r 1 'version'
        end
    end
end

function __isoctl_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __isoctl_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __isoctl_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __isoctl_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__isoctl_tokens -p)
    if test -z "$(__isoctl_tokens -t)"
        set -l index (count (__isoctl_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'isoctl' -f
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'run' -d 'Run a tenant in the foreground.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'spawn' -d 'Start a tenant in the background.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'ps' -d 'List the tenants and what they use.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'inspect' -d 'Show all about a tenant: its limits as the kernel reports them, and more.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'kill' -d 'Send a signal to a tenant\'s command.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'stop' -d 'End a tenant: its stop signal, and after a grace its whole group is killed.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'wait' -d 'Wait for a tenant\'s end, and return its command\'s status.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'forget' -d 'Drop the record of a tenant that has ended.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'logs' -d 'Show what a tenant has written to its output.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'policy' -d 'Work with policy files.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'io' -d 'Look at disks, measure them, plan what is promised of them, and watch it.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'doctor' -d 'Tell what this host can enforce, what it lacks, and how to mend that.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'version' -d 'Show the versions of isoctl and of the daemon, and what it stands on.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" f file' -l 'file' -s 'f' -d 'A policy file; - is standard input.' -rfa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" name' -l 'name' -d 'The tenant\'s name, where the policy\'s isn\'t wanted.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run"' -s 'e' -l 'env' -d 'A variable of the command\'s environment.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" f file' -l 'file' -s 'f' -d 'A policy file; - is standard input.' -rfa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" name' -l 'name' -d 'The tenant\'s name, where the policy\'s isn\'t wanted.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn"' -s 'e' -l 'env' -d 'A variable of the command\'s environment.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl ps" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl ps" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl ps" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl ps" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl inspect" -eq 1' -fka '(__isoctl_custom_completion ---completion inspect -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl inspect" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl inspect" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl inspect" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl inspect" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl kill" s signal' -l 'signal' -s 's' -d 'The signal, by name or number.' -rfka 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl kill" -eq 1' -fka '(__isoctl_custom_completion ---completion kill -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl kill" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl kill" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl kill" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl kill" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl stop" grace' -l 'grace' -d 'How long to wait before the kill, for example 10s or 500ms.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl stop" -eq 1' -fka '(__isoctl_custom_completion ---completion stop -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl stop" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl stop" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl stop" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl stop" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl wait" -eq 1' -fka '(__isoctl_custom_completion ---completion wait -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl wait" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl wait" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl wait" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl wait" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl forget" -eq 1' -fka '(__isoctl_custom_completion ---completion forget -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl forget" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl forget" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl forget" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl forget" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl logs" f follow' -l 'follow' -s 'f' -d 'Go on showing what is written, until the tenant ends.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl logs" lines n' -s 'n' -l 'lines' -d 'Show no more than the last lines.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl logs" since' -l 'since' -d 'Show what is newer, for example -1h or 10:30; journal only.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl logs" -eq 1' -fka '(__isoctl_custom_completion ---completion logs -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl logs" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl logs" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl logs" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl logs" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl policy" -eq 1' -fa 'check' -d 'Check policy files, without the daemon.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl policy check" -ge 1' -fa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy check" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy check" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy check" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl io" -eq 1' -fa 'devices' -d 'List the disks, and which promises about IO can be kept on them.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl io" -eq 1' -fa 'calibrate' -d 'Measure a disk: its rates, cost model and load-latency curve.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl io" -eq 1' -fa 'plan' -d 'Tell whether disks can keep what policies promise about IO, and what is left.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl io" -eq 1' -fa 'top' -d 'Watch the disks: who uses them, who is held back and why, and who keeps its target.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io devices" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io devices" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io devices" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io devices" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl io calibrate" -eq 1' -F
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" destroy' -l 'destroy' -d 'Measure the device itself. What is on it is lost.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" thorough' -l 'thorough' -d 'Take several minutes: more samples, more points, writes too, a search for burst credits.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" save' -l 'save' -d 'Keep the result for the daemon, in /var/lib/isolated/io or --save-to.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" save-to' -l 'save-to' -d 'Keep the result in this directory.' -rfa '(__isoctl_complete_directories)'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" svg' -l 'svg' -d 'Draw the load-latency curve as an SVG image.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io calibrate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl io plan" -ge 1' -fa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io plan" calibrations' -l 'calibrations' -d 'Where the calibrations are.' -rfa '(__isoctl_complete_directories)'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io plan" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io plan" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io plan" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io plan" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io top" once' -l 'once' -d 'Print the page once.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io top" all' -l 'all' -d 'Show tenants that do nothing and were promised nothing, too.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io top" interval' -l 'interval' -d 'How long a page stands, for example 500ms.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io top" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io top" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io top" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl io top" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl doctor" all' -l 'all' -d 'Show every check, and not only what is wrong.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl doctor" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl doctor" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl doctor" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl doctor" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl version" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl version" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl version" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl version" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl help" version' -l 'version' -d 'Show the version.'
