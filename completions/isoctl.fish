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
            __isoctl_parse_subcommand -r 2 'i/interactive' 'detach-keys=' 'json' 'socket=' 'f/file=' 'name=' 'e/env=+' 't/tty' 'version' 'h/help'
        case 'spawn'
            __isoctl_parse_subcommand -r 2 'json' 'socket=' 'f/file=' 'name=' 'e/env=+' 't/tty' 'version' 'h/help'
        case 'ps'
            __isoctl_parse_subcommand 0 'json' 'socket=' 'version' 'h/help'
        case 'inspect'
            __isoctl_parse_subcommand 1 'json' 'socket=' 'version' 'h/help'
        case 'kill'
            __isoctl_parse_subcommand 1 's/signal=' 'json' 'socket=' 'version' 'h/help'
        case 'stop'
            __isoctl_parse_subcommand 1 'grace=' 'only' 'json' 'socket=' 'version' 'h/help'
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
            case 'learn'
                __isoctl_parse_subcommand -r 1 'root=' 'user=' 'group=' 'directory=' 'e/env=+' 'duration=' 'signal=' 'o/output=' 'name=' 'writable=+' 'tmpfs=+' 'capability=+' 'allow=+' 'network=' 'memory=' 'json' 'socket=' 'version' 'h/help'
            case 'lint'
                __isoctl_parse_subcommand -r 1 'strict' 'json' 'socket=' 'version' 'h/help'
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
        case 'freeze'
            __isoctl_parse_subcommand -r 1 'json' 'socket=' 'version' 'h/help'
        case 'thaw'
            __isoctl_parse_subcommand -r 1 'json' 'socket=' 'version' 'h/help'
        case 'update'
            __isoctl_parse_subcommand 1 'memory-max=' 'memory-high=' 'memory-low=' 'memory-min=' 'memory-swap=' 'cpu-max=' 'cpu-weight=' 'cpus=' 'pids-max=' 'io=+' 'set=+' 'f/file=' 'dry-run' 'json' 'socket=' 'version' 'h/help'
        case 'events'
            __isoctl_parse_subcommand -r 1 'since=' 'json' 'socket=' 'version' 'h/help'
        case 'top'
            __isoctl_parse_subcommand 0 'once' 'sort=' 'reverse' 'interval=' 'json' 'socket=' 'version' 'h/help'
        case 'exec'
            __isoctl_parse_subcommand -r 2 'i/interactive' 't/tty' 'u/user=' 'e/env=+' 'w/directory=' 'json' 'socket=' 'version' 'h/help'
        case 'attach'
            __isoctl_parse_subcommand 1 'detach-keys=' 'json' 'socket=' 'version' 'h/help'
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
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'freeze' -d 'Have all processes of tenants stand still, until they are thawed.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'thaw' -d 'Let the processes of frozen tenants run again.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'update' -d 'Change what a running tenant may use: all of what is asked, or nothing.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'events' -d 'Tell what happens to tenants, as it happens.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'top' -d 'Watch the tenants: what they use, and what they wait for.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'exec' -d 'Run a further command in a running tenant.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'attach' -d 'Put this terminal in front of a tenant that has one.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" i interactive' -l 'interactive' -s 'i' -d 'Pass standard input on, which is done in any case.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" detach-keys' -l 'detach-keys' -d 'The keys that detach: characters, or ctrl- and a letter, with commas.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" f file' -l 'file' -s 'f' -d 'A policy file; - is standard input.' -rfa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" name' -l 'name' -d 'The tenant\'s name, where the policy\'s isn\'t wanted.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run"' -s 'e' -l 'env' -d 'A variable of the command\'s environment.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" t tty' -l 'tty' -s 't' -d 'Give the command a terminal of its own, for isoctl attach.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl run" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" f file' -l 'file' -s 'f' -d 'A policy file; - is standard input.' -rfa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" name' -l 'name' -d 'The tenant\'s name, where the policy\'s isn\'t wanted.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn"' -s 'e' -l 'env' -d 'A variable of the command\'s environment.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl spawn" t tty' -l 'tty' -s 't' -d 'Give the command a terminal of its own, for isoctl attach.'
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
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl stop" only' -l 'only' -d 'End this one only: those that come after it run on.'
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
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl policy" -eq 1' -fa 'learn' -d 'Run a program, and print the smallest policy that runs it.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl policy" -eq 1' -fa 'lint' -d 'Warn of what policies give away, without the daemon.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl policy check" -ge 1' -fa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy check" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy check" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy check" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" root' -l 'root' -d 'A root file system to run it on instead of the host\'s; the policy has it as its base.' -rfa '(__isoctl_complete_directories)'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" user' -l 'user' -d 'Whom it runs as: a name or a number of its root.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" group' -l 'group' -d 'The group instead of the user\'s own.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" directory' -l 'directory' -d 'Its working directory.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn"' -s 'e' -l 'env' -d 'A variable of its environment, which goes into the policy.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" duration' -l 'duration' -d 'Ask it to end after this time, such as 30s.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" signal' -l 'signal' -d 'The signal that asks it to end.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" o output' -l 'output' -s 'o' -d 'Where the policy goes; standard output otherwise.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'yaml\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" name' -l 'name' -d 'The tenant\'s name in the policy; the program\'s otherwise.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn"' -l 'writable' -d 'A path of the host that it may really write in the run.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn"' -l 'tmpfs' -d 'A directory that is empty and in memory in the run.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn"' -l 'capability' -d 'A capability that it holds in the run, such as CAP_SETUID.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn"' -l 'allow' -d 'A system call that the run allows although the default refuses it.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" network' -l 'network' -d 'Its network in the run: host or none.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" memory' -l 'memory' -d 'The memory of the run, overlay and all.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy learn" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl policy lint" -ge 1' -fa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy lint" strict' -l 'strict' -d 'Let warnings count for the exit status.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy lint" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy lint" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy lint" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl policy lint" h help' -s 'h' -l 'help' -d 'Show help information.'
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
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl freeze" -ge 1' -fka '(__isoctl_custom_completion ---completion freeze -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl freeze" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl freeze" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl freeze" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl freeze" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl thaw" -ge 1' -fka '(__isoctl_custom_completion ---completion thaw -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl thaw" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl thaw" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl thaw" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl thaw" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl update" -eq 1' -fka '(__isoctl_custom_completion ---completion update -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" memory-max' -l 'memory-max' -d 'The hard limit of memory.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" memory-high' -l 'memory-high' -d 'Above this it is slowed down and reclaimed from.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" memory-low' -l 'memory-low' -d 'Memory that is reclaimed only if nothing else is left.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" memory-min' -l 'memory-min' -d 'Memory that is never reclaimed: its reservation.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" memory-swap' -l 'memory-swap' -d 'Swap space.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" cpu-max' -l 'cpu-max' -d 'Processor time; 100% is one processor.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" cpu-weight' -l 'cpu-weight' -d 'Its share of processor time against others\', 1 to 10000.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" cpus' -l 'cpus' -d 'The processors that it may run on, for example 0-3,8.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" pids-max' -l 'pids-max' -d 'Processes and threads.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update"' -l 'io' -d 'A key of an entry of io, for example /srv:weight=500 or /srv:limit.iops=none; /srv:none takes the entry away.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update"' -l 'set' -d 'Any other key, for example memory.zswap=max.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" f file' -l 'file' -s 'f' -d 'A policy file; - is standard input.' -rfa '(set -l exts \'yaml\' \'yml\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" dry-run' -l 'dry-run' -d 'Only tell what would change.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl update" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl events" -ge 1' -fka '(__isoctl_custom_completion ---completion events -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl events" since' -l 'since' -d 'Tell first what happened in the last time, for example 10min.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl events" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl events" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl events" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl events" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl top" once' -l 'once' -d 'Print the page once.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl top" sort' -l 'sort' -d 'What the page is ordered by.' -rfka 'cpu held memory io wait pids name state'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl top" reverse' -l 'reverse' -d 'Turn the order round.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl top" interval' -l 'interval' -d 'How long a page stands, for example 500ms.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl top" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl top" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl top" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl top" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec" i interactive' -l 'interactive' -s 'i' -d 'Pass standard input on; without it the command\'s is empty.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec" t tty' -l 'tty' -s 't' -d 'Give it a terminal of its own; standard input must be one.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec" u user' -l 'user' -s 'u' -d 'Another user than the tenant\'s, from the tenant\'s own /etc/passwd, or a number; only for root.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec"' -s 'e' -l 'env' -d 'A variable, added to the tenant\'s environment.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec" directory w' -s 'w' -l 'directory' -d 'The working directory, within the tenant.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl exec" -eq 1' -fka '(__isoctl_custom_completion ---completion exec -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl exec" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl attach" detach-keys' -l 'detach-keys' -d 'The keys that detach: characters, or ctrl- and a letter, with commas.' -rfka ''
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_positional "isoctl attach" -eq 1' -fka '(__isoctl_custom_completion ---completion attach -- positional@0 (count (__isoctl_tokens -pc)) (__isoctl_tokens -tC))'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl attach" json' -l 'json' -d 'Print JSON; errors too, on standard error.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl attach" socket' -l 'socket' -d 'The daemon\'s control socket.' -rF
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl attach" version' -l 'version' -d 'Show the version.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl attach" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'isoctl' -n '__isoctl_should_offer_completions_for_flags_or_options "isoctl help" version' -l 'version' -d 'Show the version.'
