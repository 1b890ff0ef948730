// What the bytes of a packet mean, in words: one line for the packet, indented lines for what it
// carries. Bytes that make no sense are shown as what they are and never trusted: every length is
// checked, so that a hostile recording is as good an input as any. Pure functions.
//
//   packet_words    a packet of a ring with the bytes that it points to; calls the others
//   nvsp_words      an NVSP message
//   rndis_words     one RNDIS message or several behind each other
//   frame_words     an Ethernet frame
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace vmbus::dump {

using Lines = std::vector<std::string>;

/// `packet` is a packet without its footer; `data` what it pointed to, as in a record file.
Lines packet_words(base::Bytes packet, base::Bytes data);

std::string nvsp_words(base::Bytes message);

/// A data message without its frame is described as far as it goes.
Lines rndis_words(base::Bytes messages);

std::string frame_words(base::Bytes frame);

/// " 01 02 03", at most `most` bytes of it.
std::string hex_words(base::Bytes bytes, std::size_t most);

}  // namespace vmbus::dump
