#include "image/xmp.h"

#include <array>
#include <utility>

namespace velatura {
namespace {

constexpr std::string_view kHead =
    "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
    " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
    "  <rdf:Description rdf:about=\"\"\n"
    "    xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\n"
    "    xmlns:velatura=\"urn:velatura:\">\n";
constexpr std::string_view kBeforeType =
    "   <Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/";
constexpr std::string_view kWhole = "trainedAlgorithmicMedia";
constexpr std::string_view kComposite = "compositeWithTrainedAlgorithmicMedia";
constexpr std::string_view kAfterType = "</Iptc4xmpExt:DigitalSourceType>\n";
constexpr std::string_view kTail =
    "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>";
constexpr std::string_view kOpen = "<velatura:receipt>", kClose = "</velatura:receipt>";

constexpr std::array<std::pair<char, std::string_view>, 3> kEntities = {
    {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}}};

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    std::string_view entity;
    for (const auto& [plain, name] : kEntities) {
      if (c == plain) entity = name;
    }
    entity.empty() ? escaped += c : escaped += entity;
  }
  return escaped;
}

std::string unescape(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    std::size_t used = 1;
    char c = text.front();
    for (const auto& [original, name] : kEntities) {
      if (text.starts_with(name)) {
        c = original;
        used = name.size();
      }
    }
    plain += c;
    text.remove_prefix(used);
  }
  return plain;
}

}  // namespace

std::string xmp_packet(std::string_view receipt, DigitalSource source) {
  const bool said = source != DigitalSource::unsaid;
  if (!said && receipt.empty()) return {};
  std::string packet(kHead);
  if (said) {
    packet.append(kBeforeType)
        .append(source == DigitalSource::composite ? kComposite : kWhole)
        .append(kAfterType);
  }
  if (!receipt.empty()) {
    packet.append("   ").append(kOpen).append(escape(receipt)).append(kClose).append("\n");
  }
  return packet.append(kTail);
}

std::string receipt_from_xmp(std::string_view packet) {
  const std::size_t open = packet.find(kOpen);
  if (open == packet.npos) return {};
  packet.remove_prefix(open + kOpen.size());
  const std::size_t close = packet.find(kClose);
  return close == packet.npos ? std::string() : unescape(packet.substr(0, close));
}

}  // namespace velatura
