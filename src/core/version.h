#pragma once

namespace velatura {

/// velatura's own version, "0.1.0".
const char* version();

/// The libtorch velatura was built against, "2.11.0+cu130".
const char* libtorch_version();

}  // namespace velatura
