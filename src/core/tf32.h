#pragma once

namespace velatura {

/// Whether a GPU may round what it multiplies in float32 to TensorFloat-32, which has float32's range and
/// float16's 10 bits.
void allow_tf32(bool allowed);

/// It is allowed while this lives; afterwards as before.
class Tf32Allowed {
 public:
  Tf32Allowed();
  ~Tf32Allowed();
  Tf32Allowed(const Tf32Allowed&) = delete;
  Tf32Allowed& operator=(const Tf32Allowed&) = delete;

 private:
  bool before_;
};

}  // namespace velatura
