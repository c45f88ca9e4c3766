#pragma once

#include <map>
#include <memory>
#include <string>

#include "weights/formats/mapped_tensor.h"
#include "weights/formats/torch_container.h"
#include "weights/sources/table_source.h"

namespace velatura::weights {

/// Whether a file begins as those of torch.save do.
bool is_torch_checkpoint(std::span<const std::byte> file);

/// A file of torch.save (.ckpt, .pt, .bin), in the zip form or the one before it, none of it
/// trusted. Its tensors are those of the dict that was saved, or of the dict under `state_dict` in
/// it; where that has none itself, those of the dicts in it, under both keys with a dot between
/// (`image_proj.proj.weight`). Everything else in the file is passed over. Tensors alias the mapping
/// where they can.
class TorchCheckpoint final : public TableSource<TensorPlace> {
 public:
  /// @throws InputError: one line naming the file, the entry, opcode or tensor, and the reason
  explicit TorchCheckpoint(std::shared_ptr<const MappedFile> file);

  std::string where() const override { return file_->where(); }

  /// `global_step` where training noted it.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  void add_tensors(const PickledDict& dict, const std::string& prefix, const TorchContent& content);
  TensorInfo info_of(const std::string& name, const TensorPlace& place) const override;
  at::Tensor make(const std::string& name, const TensorPlace& place) const override;

  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace velatura::weights
