#pragma once

#include <string>
#include <string_view>

namespace velatura {

/// An XMP packet that says the picture was made by a trained model (IPTC Extension,
/// DigitalSourceType trainedAlgorithmicMedia) and holds the receipt, if there is one.
/// @param receipt    UTF-8; empty: none
/// @param composite  only a part is such: compositeWithTrainedAlgorithmicMedia
std::string xmp_packet(std::string_view receipt, bool composite = false);

/// The receipt of a packet that xmp_packet() wrote; empty if there is none.
std::string receipt_from_xmp(std::string_view packet);

}  // namespace velatura
