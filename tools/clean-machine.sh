# shellcheck shell=bash
# Sourced, not run: a clean Debian 12 in a folder, with this machine's package sources, in which one can type what a
# newcomer would. Root only.

# make_clean_machine FOLDER [PACKAGE...]: nothing but what every Debian has, and these. Beside it stays a copy that nobody
# has touched, for the next one.
make_clean_machine() {
    local root=$1 untouched
    untouched=$(dirname "$root")/untouched
    shift
    take_proxy
    [[ -e $untouched.complete ]] || bootstrap "$untouched" || return
    rm -rf --one-file-system "$root"
    cp -a "$untouched" "$root"
    : >"$root.log"
    inside "$root" apt-get -qq update
    (($# == 0)) || install_inside "$root" "$@"
}

bootstrap() {
    local root=$1 mirror each
    tools/setup deb || return # debootstrap
    rm -rf --one-file-system "$root"
    mkdir -p "$root"
    # shellcheck disable=SC2016 # apt-get's own
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
    debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || {
        tail -n 20 "$root.log" >&2
        return 1
    }
    rm -f "$root/etc/apt/sources.list" # debootstrap's own
    for each in sources.list sources.list.d apt.conf.d keyrings trusted.gpg.d; do
        [[ ! -e /etc/apt/$each ]] || cp -a "/etc/apt/$each" "$root/etc/apt/"
    done
    cp -an /usr/share/keyrings/. "$root/usr/share/keyrings/"
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    touch "$root.complete"
}

# What apt knows and debootstrap has to be told.
take_proxy() {
    local http='' https=''
    eval "$(apt-config shell http Acquire::http::Proxy https Acquire::https::Proxy)"
    [[ -z $http ]] || export http_proxy=$http
    [[ -z $https ]] || export https_proxy=$https
}

install_inside() {
    local root=$1
    shift
    inside "$root" apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@" >>"$root.log" 2>&1 || {
        tail -n 20 "$root.log" >&2
        return 1
    }
}

# inside FOLDER COMMAND...: mounts and processes are in namespaces of their own and end with it.
inside() {
    local root=$1
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount --pid --ipc --fork --kill-child --propagation private sh -euc '
        root=$1; shift
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} "$@"' \
        inside "$root" "$@"
}
