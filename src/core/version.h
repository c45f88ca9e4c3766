#pragma once

namespace velatura {

/// velatura's own version, "0.1.0".
const char* version();

/// The day of the revision it was built from, "2026-11-25"; "" if it was built without its history.
const char* revision_date();

/// The libtorch velatura was built against, "2.11.0+cu130".
const char* libtorch_version();

}  // namespace velatura
