// The rings of a channel as they lie in memory now: indices, flags, what has not been read, and as
// much of the past as is still there. Works on a copy, because both sides go on writing; a ring in
// which nothing makes sense is described as that. One thread.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "words.hpp"

namespace vmbus::dump {

/// `half` is a control page and its data. `history` packets before the write index are shown, last
/// one first; those that the reader has not released are marked.
Lines ring_words(base::Bytes half, std::size_t history);

/// A file with both halves, as `channels/<relid>/ring` is. False and one line in `why` when it
/// cannot be read.
bool add_ring_file(const std::string& file, std::size_t history, Lines& lines, std::string& why);

/// Every ring of every device below `devices`, which is as /sys/bus/vmbus/devices.
bool add_devices(const std::string& devices, std::size_t history, Lines& lines, std::string& why);

}  // namespace vmbus::dump
