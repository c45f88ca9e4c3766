#include "inspection/file_summary.h"

#include <algorithm>

#include "core/device.h"
#include "inspection/component_summary.h"
#include "weights/formats/checkpoint.h"
#include "weights/layouts/control_files.h"
#include "weights/layouts/ip_adapter.h"
#include "weights/sources/names.h"

namespace velatura::inspection {
namespace {

std::vector<LargeTensor> largest_tensors(const weights::WeightSource& file) {
  constexpr std::size_t count = 5;
  std::vector<LargeTensor> tensors;
  for (const std::string& name : file.names()) {
    const weights::TensorInfo info = *file.find(name);
    std::int64_t elements = 1;
    for (const std::int64_t size : info.shape) elements *= size;
    tensors.push_back({weights::shown(name), dtype_name(info.dtype), info.shape, elements});
  }
  std::stable_sort(tensors.begin(), tensors.end(), [](const LargeTensor& a, const LargeTensor& b) {
    return a.elements > b.elements;
  });
  tensors.resize(std::min(count, tensors.size()));
  return tensors;
}

void describe(const weights::ControlFiles& control, FileSummary& summary) {
  summary.what = control.description() + ", not a model of its own";
  summary.evidence = control.evidence;
}

// Of a ControlNet or a T2I-Adapter: what is told of its weight file.
FileSummary summarise_folder(const std::filesystem::path& path, const std::string& refusal,
                             bool hash) {
  const auto control = weights::open_control(path);
  FileSummary summary = summarise_file(control.weight_files.front(), refusal, hash);
  describe(control, summary);
  return summary;
}

}  // namespace

FileSummary summarise_file(const std::filesystem::path& path, const std::string& refusal,
                           bool hash) {
  if (std::filesystem::is_directory(path)) return summarise_folder(path, refusal, hash);
  const auto [source, metadata] = weights::open_checkpoint(path);
  weights::Recognition recognition = weights::recognise(*source);
  FileSummary summary{.what = std::move(recognition.what),
                      .evidence = std::move(recognition.evidence),
                      .refusal = refusal,
                      .tensors = source->names().size(),
                      .dtypes = elements_by_dtype(*source),
                      .largest = largest_tensors(*source),
                      .low_rank = summarise_low_rank(source, metadata),
                      .metadata = metadata,
                      .file = inspect_weight_file(path, hash)};
  if (recognition.option == "control") describe(weights::open_control(path), summary);
  if (weights::is_ip_adapter(*source)) {
    summary.what = weights::describe_ip_adapter(weights::ip_adapter_part(source));
  }
  for (const auto& [dtype, count] : summary.dtypes) summary.elements += count;
  return summary;
}

}  // namespace velatura::inspection
