# shellcheck shell=bash
# Sourced, not run: fetches the distribution's source package of DPDK, for what its binary packages
# leave out.

# apt in a state folder of its own: the machine's binary sources read as source repositories, so that
# its mirrors and keys are kept and no file of the system is touched.
private_apt() {
    local state=$1
    shift
    apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$state/sources.list.d" \
            -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
            -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
}

write_source_repositories() {
    local state=$1 file
    mkdir -p "$state"/{sources.list.d,lists/partial,cache/archives/partial}
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
        [[ -e $file ]] || continue
        sed -E -e 's/^deb([[:space:]])/deb-src\1/' -e 's/^(Types:).*/\1 deb-src/' \
            "$file" >"$state/sources.list.d/${file##*/}"
    done
}

installed_dpdk_source_version() {
    dpkg-query -W -f '${source:Version}' libdpdk-dev
}

# download_dpdk_source VERSION WORK: the upstream tarball becomes WORK/dpdk.tar.xz.
download_dpdk_source() {
    local debian_version=$1 work=$2
    chmod 755 "$work"
    write_source_repositories "$work/apt"
    mkdir "$work/download"
    [[ $EUID -ne 0 ]] || chown _apt "$work/download"
    private_apt "$work/apt" update || true # a foreign repository without sources does no harm
    (cd "$work/download" && private_apt "$work/apt" source --download-only "dpdk=$debian_version") ||
        return
    mv "$work"/download/dpdk_*.orig.tar.xz "$work/dpdk.tar.xz"
}

# extract_dpdk_source WORK INTO FILE...: files by their place in DPDK's source tree, into one folder.
extract_dpdk_source() {
    local work=$1 into=$2
    shift 2
    mkdir -p "$into"
    tar -C "$into" -xf "$work/dpdk.tar.xz" --no-same-owner --wildcards \
        --transform 's|.*/||' "${@/#/*/}"
}
