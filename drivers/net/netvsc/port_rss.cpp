#include <rte_ethdev.h>

#include <cerrno>
#include <cstring>

#include "net/netvsc/ethdev_rss.hpp"
#include "net/netvsc/log.hpp"
#include "net/netvsc/port.hpp"

namespace vmbus::netvsc {

/// Channels that a table may name: those with a receive queue.
std::uint16_t Port::receiving_lanes() const noexcept {
    const std::uint16_t open = session_ == nullptr ? std::uint16_t{1} : session_->lanes();
    return std::max(std::uint16_t{1}, std::min(ethdev_.data->nb_rx_queues, open));
}

/// What the application has configured: the key it gave or the one there was, and an even table.
void Port::choose_rss() noexcept {
    const rte_eth_conf& conf = ethdev_.data->dev_conf;
    const rte_eth_rss_conf& wanted = conf.rx_adv_conf.rss_conf;
    const bool on = (conf.rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) != 0;
    const RssCapabilities& host = session_->facts().rss;
    rss_.hash_types = on ? hash_types_of(wanted.rss_hf) & host.hash_types : 0;
    if (on && wanted.rss_key != nullptr && wanted.rss_key_len == rss_.key.size()) {
        std::memcpy(rss_.key.data(), wanted.rss_key, rss_.key.size());
    }
    rss_.table = even_table(host.table_entries, receiving_lanes());
}

/// Tells the host, unless it knows: each telling stops all its queues for a moment.
int Port::apply_rss() noexcept {
    if (session_->lanes() == 1) {
        return 0;  // there is nothing to choose from
    }
    RssSettings settings = rss_;
    if (ethdev_.data->nb_rx_queues < 2) {
        settings.hash_types = 0;
    }
    if (settings.hash_types == 0) {
        settings.table.clear();
    }
    if (told_rss_ == settings) {
        return 0;
    }
    told_rss_.reset();
    const int error = alive() ? rss::set(session_->rndis(), settings) : -ENODEV;
    if (error == 0) {
        told_rss_ = std::move(settings);
        publish();
    } else {
        log_line(LogType::kDriver, RTE_LOG_ERR, "%s: setting RSS: %s", device_.name(),
                 std::strerror(-error));
    }
    return error;
}

int Port::change_rss(RssSettings settings) noexcept {
    if (session_ == nullptr) {
        return -ENODEV;
    }
    std::swap(rss_, settings);
    const int error = apply_rss();
    if (error != 0) {
        rss_ = std::move(settings);
        apply_rss();  // the host has at least been told to stop the old one
    } else {
        vf_.set_rss(rss_);
    }
    return error;
}

int Port::update_hash(const rte_eth_rss_conf& conf) noexcept {
    RssSettings settings = rss_;
    if (conf.rss_key != nullptr) {
        if (conf.rss_key_len != settings.key.size()) {
            return -EINVAL;
        }
        std::memcpy(settings.key.data(), conf.rss_key, settings.key.size());
    }
    settings.hash_types = hash_types_of(conf.rss_hf);
    return change_rss(std::move(settings));
}

int Port::update_reta(const rte_eth_rss_reta_entry64* update, std::uint16_t size) noexcept {
    RssSettings settings = rss_;
    return update_table(settings.table, update, size, receiving_lanes())
               ? change_rss(std::move(settings))
               : -EINVAL;
}

}  // namespace vmbus::netvsc
