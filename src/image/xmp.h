#pragma once

#include <string>
#include <string_view>

#include "velatura/image.h"

namespace velatura {

/// An XMP packet that says where the picture comes from (IPTC Extension, DigitalSourceType) and
/// holds the receipt, if there is one; empty if there is nothing to say.
/// @param receipt  UTF-8; empty: none
std::string xmp_packet(std::string_view receipt,
                       DigitalSource source = DigitalSource::trained_model);

/// The receipt of a packet that xmp_packet() wrote; empty if there is none.
std::string receipt_from_xmp(std::string_view packet);

}  // namespace velatura
