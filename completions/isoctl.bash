#!/bin/bash

__isoctl_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__isoctl_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__isoctl_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__isoctl_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_isoctl() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __isoctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    run|spawn|ps|inspect|kill|stop|wait|forget|logs|policy|io|doctor|version|freeze|thaw|update|events|top|exec|attach|help)
        # Offer subcommand argument completions
        "_isoctl_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'run spawn ps inspect kill stop wait forget logs policy io doctor version freeze thaw update events top exec attach help' -- "${cur}"))
        ;;
    esac
}

_isoctl_run() {
    repeating_flags=()
    non_repeating_flags=(--interactive -i --json --tty -t --version -h --help)
    repeating_options=(-e --env)
    non_repeating_options=(--detach-keys --socket --file -f --name)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--detach-keys')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    '--file'|'-f')
        __isoctl_add_completions -o plusdirs -fX '!*.@(yaml|yml)'
        return
        ;;
    '--name')
        return
        ;;
    '-e'|'--env')
        return
        ;;
    esac
}

_isoctl_spawn() {
    repeating_flags=()
    non_repeating_flags=(--json --tty -t --version -h --help)
    repeating_options=(-e --env)
    non_repeating_options=(--socket --file -f --name)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    '--file'|'-f')
        __isoctl_add_completions -o plusdirs -fX '!*.@(yaml|yml)'
        return
        ;;
    '--name')
        return
        ;;
    '-e'|'--env')
        return
        ;;
    esac
}

_isoctl_ps() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac
}

_isoctl_inspect() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion inspect -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_kill() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--signal -s --socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--signal'|'-s')
        __isoctl_add_completions -W 'HUP'$'\n''INT'$'\n''QUIT'$'\n''ILL'$'\n''TRAP'$'\n''ABRT'$'\n''BUS'$'\n''FPE'$'\n''KILL'$'\n''USR1'$'\n''SEGV'$'\n''USR2'$'\n''PIPE'$'\n''ALRM'$'\n''TERM'$'\n''STKFLT'$'\n''CHLD'$'\n''CONT'$'\n''STOP'$'\n''TSTP'$'\n''TTIN'$'\n''TTOU'$'\n''URG'$'\n''XCPU'$'\n''XFSZ'$'\n''VTALRM'$'\n''PROF'$'\n''WINCH'$'\n''IO'$'\n''PWR'$'\n''SYS'
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion kill -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_stop() {
    repeating_flags=()
    non_repeating_flags=(--only --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--grace --socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--grace')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion stop -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_wait() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion wait -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_forget() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion forget -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_logs() {
    repeating_flags=()
    non_repeating_flags=(--follow -f --json --version -h --help)
    repeating_options=()
    non_repeating_options=(-n --lines --since --socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '-n'|'--lines')
        return
        ;;
    '--since')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion logs -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_policy() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __isoctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    check|learn|lint)
        # Offer subcommand argument completions
        "_isoctl_policy_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'check learn lint' -- "${cur}"))
        ;;
    esac
}

_isoctl_policy_check() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __isoctl_add_completions -o plusdirs -fX '!*.@(yaml|yml)'
        return
        ;;
    esac
}

_isoctl_policy_learn() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=(-e --env --writable --tmpfs --capability --allow)
    non_repeating_options=(--root --user --group --directory --duration --signal --output -o --name --network --memory --socket)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--root')
        __isoctl_add_completions -d
        return
        ;;
    '--user')
        return
        ;;
    '--group')
        return
        ;;
    '--directory')
        return
        ;;
    '-e'|'--env')
        return
        ;;
    '--duration')
        return
        ;;
    '--signal')
        return
        ;;
    '--output'|'-o')
        __isoctl_add_completions -o plusdirs -fX '!*.@(yaml)'
        return
        ;;
    '--name')
        return
        ;;
    '--writable')
        return
        ;;
    '--tmpfs')
        return
        ;;
    '--capability')
        return
        ;;
    '--allow')
        return
        ;;
    '--network')
        return
        ;;
    '--memory')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac
}

_isoctl_policy_lint() {
    repeating_flags=()
    non_repeating_flags=(--strict --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __isoctl_add_completions -o plusdirs -fX '!*.@(yaml|yml)'
        return
        ;;
    esac
}

_isoctl_io() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __isoctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    devices|calibrate|plan|top)
        # Offer subcommand argument completions
        "_isoctl_io_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'devices calibrate plan top' -- "${cur}"))
        ;;
    esac
}

_isoctl_io_devices() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac
}

_isoctl_io_calibrate() {
    repeating_flags=()
    non_repeating_flags=(--destroy --thorough --save --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--save-to --svg --socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--save-to')
        __isoctl_add_completions -d
        return
        ;;
    '--svg')
        __isoctl_add_completions -f
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -f
        return
        ;;
    esac
}

_isoctl_io_plan() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--calibrations --socket)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--calibrations')
        __isoctl_add_completions -d
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __isoctl_add_completions -o plusdirs -fX '!*.@(yaml|yml)'
        return
        ;;
    esac
}

_isoctl_io_top() {
    repeating_flags=()
    non_repeating_flags=(--once --all --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--interval --socket)
    __isoctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--interval')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac
}

_isoctl_doctor() {
    repeating_flags=()
    non_repeating_flags=(--all --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac
}

_isoctl_version() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac
}

_isoctl_freeze() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion freeze -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_thaw() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--socket)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion thaw -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_update() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --json --version -h --help)
    repeating_options=(--io --set)
    non_repeating_options=(--memory-max --memory-high --memory-low --memory-min --memory-swap --cpu-max --cpu-weight --cpus --pids-max --file -f --socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--memory-max')
        return
        ;;
    '--memory-high')
        return
        ;;
    '--memory-low')
        return
        ;;
    '--memory-min')
        return
        ;;
    '--memory-swap')
        return
        ;;
    '--cpu-max')
        return
        ;;
    '--cpu-weight')
        return
        ;;
    '--cpus')
        return
        ;;
    '--pids-max')
        return
        ;;
    '--io')
        return
        ;;
    '--set')
        return
        ;;
    '--file'|'-f')
        __isoctl_add_completions -o plusdirs -fX '!*.@(yaml|yml)'
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion update -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_events() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--since --socket)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--since')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion events -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_top() {
    repeating_flags=()
    non_repeating_flags=(--once --reverse --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--sort --interval --socket)
    __isoctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sort')
        __isoctl_add_completions -W 'cpu'$'\n''held'$'\n''memory'$'\n''io'$'\n''wait'$'\n''pids'$'\n''name'$'\n''state'
        return
        ;;
    '--interval')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac
}

_isoctl_exec() {
    repeating_flags=()
    non_repeating_flags=(--interactive -i --tty -t --json --version -h --help)
    repeating_options=(-e --env)
    non_repeating_options=(--user -u -w --directory --socket)
    __isoctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--user'|'-u')
        return
        ;;
    '-e'|'--env')
        return
        ;;
    '-w'|'--directory')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion exec -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_attach() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--detach-keys --socket)
    __isoctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--detach-keys')
        return
        ;;
    '--socket')
        __isoctl_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __isoctl_add_completions -W "$(__isoctl_custom_complete ---completion attach -- positional@0 "${COMP_CWORD}" "$(__isoctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_isoctl_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __isoctl_offer_flags_options -1
}

complete -o filenames -F _isoctl isoctl
