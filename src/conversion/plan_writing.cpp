#include "conversion/plan_writing.h"

#include "core/data_files.h"
#include "core/device.h"
#include "inspection/single_file_check.h"
#include "samplers/names.h"
#include "tokenizer/clip_tokenizer.h"
#include "tokenizer/write_tokenizer_folder.h"
#include "velatura/error.h"
#include "weights/formats/checkpoint.h"
#include "weights/layouts/model_spec.h"
#include "weights/layouts/original_layout.h"
#include "weights/layouts/prior_files.h"
#include "weights/layouts/single_file.h"
#include "weights/sources/cast_source.h"
#include "weights/sources/names.h"
#include "weights/write/write_diffusers_folder.h"
#include "weights/write/write_safetensors.h"

namespace velatura::conversion {
namespace {

namespace fs = std::filesystem;
using Source = std::shared_ptr<const weights::WeightSource>;
using Metadata = std::map<std::string, std::string>;

void count(const weights::WeightSource& source, ModelWriting& writing) {
  for (const std::string& name : source.names()) {
    const auto info = source.find(name).value();
    ++writing.tensors;
    ++writing.dtypes[dtype_name(info.dtype)];
    writing.bytes += weights::byte_size(info);
  }
}

ModelWriting as_file(const Source& source, const Metadata& metadata) {
  ModelWriting writing;
  count(*source, writing);
  writing.write = [=](const fs::path& path, const std::function<void()>& on_written) {
    weights::write_safetensors(path, *source, source->names(), metadata, on_written);
  };
  return writing;
}

tokenizer::ClipVocabulary clip_vocabulary(const std::string& pad_token) {
  return tokenizer::read_clip_vocabulary(
      find_data_file("clip_vocabulary/bpe_simple_vocab_16e6.txt.gz"), pad_token);
}

// Single files hold no tokenizer: who reads one takes CLIP's.
bool is_own_tokenizer(const weights::TokenizerFiles& files, const weights::TokenizerFiles& read) {
  if (files.folder.empty()) return files.pad_token != read.pad_token;
  const tokenizer::ClipTokenizer clips(clip_vocabulary(read.pad_token));
  return !tokenizer::ClipTokenizer::from_folder(files.folder).equals(clips);
}

void write_tokenizer(const weights::TokenizerFiles& files, const fs::path& folder) {
  if (files.folder.empty()) {
    tokenizer::write_tokenizer_folder(folder, clip_vocabulary(files.pad_token));
    return;
  }
  std::error_code failed;
  fs::create_directories(folder, failed);
  for (const auto& entry : fs::directory_iterator(files.folder)) {
    if (!entry.is_regular_file()) continue;
    fs::copy_file(entry.path(), folder / entry.path().filename(), failed);
    if (failed) throw OutputError(folder.string() + ": " + failed.message());
  }
}

ModelWriting as_folder(const weights::ModelFiles& files, std::uint64_t max_shard_size) {
  ModelWriting writing;
  for (const weights::Part& part : files.parts) count(*part.weights, writing);
  writing.write = [=](const fs::path& folder, const std::function<void()>& on_written) {
    for (const auto& [role, tokenizer] : files.tokenizers) {
      write_tokenizer(tokenizer, folder / role);
    }
    weights::write_diffusers_folder(folder, files, max_shard_size, on_written);
  };
  return writing;
}

ModelWriting as_checkpoint(const weights::ModelFiles& files, const Conversion& conversion,
                           Observer& observer) {
  if (weights::takes_prior(files.pipeline_class) || !files.imagines_for().empty()) {
    throw UsageError("layout checkpoint: models of " + files.pipeline_class +
                         " have no layout but diffusers', which is a folder",
                     {"layout"});
  }
  const Source source = weights::in_original_layout(files);
  Metadata metadata = weights::model_spec(files, conversion.output.stem().string());
  for (const auto& [key, value] : conversion.metadata) metadata[key] = value;
  const auto read = weights::read_checkpoint({source, metadata}, conversion.output);
  inspection::check_comes_back(files, read);
  if (const auto lost = inspection::lost_settings(files, read); !lost.empty()) {
    observer.on_warning("a single file cannot hold these settings of the scheduler: " + lost);
  }
  for (const auto& [role, tokenizer] : files.tokenizers) {
    if (!is_own_tokenizer(tokenizer, read.tokenizer(role))) continue;
    observer.on_warning("a single file cannot hold the model's own tokenizer, CLIP's will be used");
  }
  return as_file(source, metadata);
}

weights::ModelFiles open_input(const Conversion& conversion) {
  weights::ModelFiles files = weights::open_model(conversion.input, conversion.weights);
  if (conversion.prediction) {
    ConfigObject& scheduler = files.configs.at("scheduler");
    scheduler = scheduler.with("prediction_type", samplers::name_of(*conversion.prediction));
  }
  return conversion.dtype ? weights::in_dtype(std::move(files), *conversion.dtype) : files;
}

}  // namespace

ModelWriting plan_writing(const Conversion& conversion, Observer& observer) {
  if (conversion.layout == ModelLayout::safetensors) {
    auto [source, metadata] = weights::open_checkpoint(conversion.input);
    if (conversion.dtype) source = weights::with_dtype(source, *conversion.dtype);
    for (const auto& [key, value] : conversion.metadata) metadata[key] = value;
    return as_file(source, metadata);
  }
  const weights::ModelFiles files = open_input(conversion);
  for (const auto& warning : files.warnings) observer.on_warning(warning);
  if (!files.left_out.empty()) {
    observer.on_warning("left out, as no part of the model: " +
                        weights::some_of(files.left_out, 3));
  }
  if (files.lacks_vae()) {
    observer.on_warning(
        "the model has no VAE, and what is written has none either; --vae FILE adds one");
  }
  if (!fs::is_directory(conversion.input)) check_complete(files);
  ModelWriting writing = conversion.layout == ModelLayout::diffusers
                             ? as_folder(files, conversion.max_shard_size)
                             : as_checkpoint(files, conversion, observer);
  writing.description = files.description;
  return writing;
}

}  // namespace velatura::conversion
