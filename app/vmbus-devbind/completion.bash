# Completion of vmbus-devbind for bash: commands, options, and the NICs of this machine by interface name
# and UUID, read from sysfs.

_vmbus_devbind_devices() {
    local class=f8615163-df3e-46c5-913f-f2d2f965ed0e root=${VMBUS_DEVBIND_SYSFS:-/sys} device net
    for device in "$root"/bus/vmbus/devices/*; do
        [[ -r $device/class_id && $(<"$device/class_id") == "{$class}" ]] || continue
        echo "${device##*/}"
        for net in "$device"/net/*; do
            [[ -e $net ]] && echo "${net##*/}"
        done
    done
}

_vmbus_devbind() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb="" each
    local verbs="status bind unbind restore persist unpersist args doctor watch"
    local change="--force --dry-run --sysfs-root --help"
    for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " $verbs " == *" $each "* ]] && verb=$each && break
    done
    COMPREPLY=()
    case $before in
        --sysfs-root) mapfile -t COMPREPLY < <(compgen -d -- "$word") && return ;;
        --plugin) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;
        -b | --bind) mapfile -t COMPREPLY < <(compgen -W "uio_hv_generic hv_netvsc" -- "$word") && return ;;
        --timeout | --interval | --duration) return ;;
    esac
    local words=""
    case $verb in
        "") words="$verbs -s -b -u --force --dry-run --timeout --sysfs-root --version --help $(_vmbus_devbind_devices)" ;;
        status) words="--json --sysfs-root --help $(_vmbus_devbind_devices)" ;;
        bind | unbind | restore) words="$change --timeout $(_vmbus_devbind_devices)" ;;
        persist | unpersist) words="$change $(_vmbus_devbind_devices)" ;;
        args) words="--plugin --sysfs-root --help $(_vmbus_devbind_devices)" ;;
        doctor) words="--json --plugin --sysfs-root --help" ;;
        watch) words="--json --interval --duration --sysfs-root --help" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _vmbus_devbind vmbus-devbind
