#include "request/device_name.h"

namespace velatura::request {

std::string device_complaint(const std::string& text) {
  const bool known = text == "auto" || text == "cpu" || text == "cuda";
  const bool numbered = text.starts_with("cuda:") && text.size() > 5 && text.size() < 8 &&
                        text.find_first_not_of("0123456789", 5) == std::string::npos;
  return known || numbered ? "" : "auto, cpu, cuda or cuda:N";
}

}  // namespace velatura::request
