#include "cli/report/info_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "cli/report/padded.h"
#include "weights/sources/names.h"

namespace velatura::cli {
namespace {

constexpr std::size_t kLabels = 12;  ///< characters of the column before what is said

std::string decimals(double value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string count_text(std::int64_t count) {
  const auto value = static_cast<double>(count);
  return count < 1'000'000 ? decimals(value / 1e3, 1) + " k" : decimals(value / 1e6, 1) + " M";
}

std::string bytes_text(double bytes) {
  const double gib = 1 << 30, mib = 1 << 20;
  return bytes < gib ? decimals(bytes / mib, 1) + " MiB" : decimals(bytes / gib, 2) + " GiB";
}

std::string cell(const std::string& text, std::size_t width) {
  return padded(text, width) + "  ";
}

// A label and what it says, which may be several lines.
std::string row(const std::string& label, const std::vector<std::string>& values,
                std::size_t width = kLabels) {
  std::string text;
  for (const std::string& value : values) {
    text += "  " + cell(text.empty() ? label : "", width) + value + "\n";
  }
  return text;
}

std::string row(const std::string& label, const std::string& value) {
  return row(label, std::vector{value});
}

std::string dtypes_text(const std::map<std::string, std::int64_t>& dtypes) {
  std::string text;
  for (const auto& [dtype, count] : dtypes) text += (text.empty() ? "" : ", ") + dtype;
  return text;
}

std::string prediction_rows(const inspection::ModelSummary& summary) {
  std::vector<std::string> lines{summary.prediction};
  for (const auto& signal : summary.prediction_signals) {
    lines.push_back("  " + signal.type + ": " + signal.reason);
  }
  return row("prediction", lines);
}

// What is worth reading in a file's metadata; the rest is counted.
std::string metadata_rows(const std::map<std::string, std::string>& metadata) {
  struct Entry {
    const char *key, *label;
  };
  static constexpr std::array<Entry, 17> known{{{"modelspec.title", "title"},
                                                {"modelspec.author", "author"},
                                                {"modelspec.license", "license"},
                                                {"modelspec.date", "date"},
                                                {"modelspec.description", "description"},
                                                {"modelspec.architecture", "architecture"},
                                                {"modelspec.resolution", "resolution"},
                                                {"modelspec.trigger_phrase", "trigger"},
                                                {"modelspec.tags", "tags"},
                                                {"modelspec.merged_from", "merged from"},
                                                {"ss_output_name", "name"},
                                                {"ss_sd_model_name", "trained on"},
                                                {"ss_base_model_version", "base model"},
                                                {"ss_network_module", "network"},
                                                {"ss_network_dim", "network dim"},
                                                {"ss_network_alpha", "alpha"},
                                                {"ss_training_comment", "comment"}}};
  std::string text;
  std::size_t rest = metadata.size();
  for (const Entry& entry : known) {
    const auto found = metadata.find(entry.key);
    if (found == metadata.end()) continue;
    text += row(entry.label, weights::shown(found->second));
    --rest;
  }
  if (rest > 0) {
    text += row("metadata", std::to_string(rest) + (rest == 1 ? " entry" : " entries") +
                                (text.empty() ? "" : " more") + ", which --json shows");
  }
  return text;
}

std::string component_rows(const inspection::ModelSummary& summary) {
  std::size_t longest = 12;
  for (const auto& component : summary.components)
    longest = std::max(longest, component.name.size());
  std::string text;
  for (const auto& component : summary.components) {
    text += "  " + cell(component.name, longest) + cell(component.class_name, 22) +
            cell(count_text(component.parameters) + " parameters", 18) +
            cell(dtypes_text(component.dtypes), 8) +
            (component.keys.fits() ? "complete" : component.keys.problems()) + "\n";
  }
  for (const std::string& role : summary.missing) {
    text += "  " + cell(role, longest) + "missing: " + weights::vae_remedy(summary.path) + "\n";
  }
  return text;
}

std::string file_rows(const std::vector<inspection::WeightFile>& files) {
  std::string text;
  for (const auto& file : files) {
    text +=
        "  " + cell(bytes_text(static_cast<double>(file.bytes)), 12) + file.path.string() + "\n";
    if (!file.sha256.empty()) text += row("", "sha256 " + file.sha256);
  }
  return text;
}

std::string low_rank_rows(const inspection::LowRankSummary& summary) {
  std::string ranks, parts;
  for (const auto& [rank, count] : summary.ranks) {
    ranks += (ranks.empty() ? "" : ", ") + std::to_string(rank);
    if (summary.ranks.size() > 1) ranks += " (" + std::to_string(count) + ")";
  }
  for (const auto& [part, count] : summary.parts) {
    parts += (parts.empty() ? "" : ", ") + std::to_string(count) + " in " + part;
  }
  std::string kinds, tags;
  for (const auto& [kind, count] : summary.kinds) {
    kinds += (kinds.empty() ? "" : ", ") + kind;
    if (summary.kinds.size() > 1) kinds += " (" + std::to_string(count) + ")";
  }
  for (const auto& [tag, count] : summary.tags)
    tags += (tags.empty() ? "" : ", ") + weights::shown(tag) + " (" + std::to_string(count) + ")";
  const auto known = [](const char* label, const std::string& value) {
    return value.empty() ? "" : row(label, value);
  };
  return known("made for", summary.made_for) + row("algorithm", kinds) + known("rank", ranks) +
         row("changes", parts) +
         row("scale", summary.has_alpha ? "alpha / rank" : "1, there is no alpha in it") +
         known("trigger", weights::shown(summary.trigger)) + known("trained with", tags);
}

// Of other programs' texts, without what terminals obey.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
  }
  return lines;
}

}  // namespace

std::string to_text(const inspection::ModelSummary& summary) {
  const std::string size = std::to_string(summary.size);
  const std::string no_size = summary.missing.empty() ? "not given" : "not known without the VAE";
  std::string text = summary.path.string() + "\n" + summary.description + "\n\n";
  text += row("why", summary.evidence) + row("pipeline", summary.pipeline) +
          row("native size", summary.size > 0 ? size + " x " + size : no_size) +
          prediction_rows(summary) +
          row("sampler", (summary.sampler.empty() ? "none for it" : summary.sampler) + " (" +
                             summary.scheduler + ")");
  if (summary.max_noise_level) {
    text += row("noise level", "0 to " + std::to_string(*summary.max_noise_level));
  }
  if (!summary.prior.empty()) text += row("prior", summary.prior);
  if (summary.memory) {
    text += row("peak memory",
                "about " + bytes_text(static_cast<double>(summary.memory->float32)) +
                    " in float32, " + bytes_text(static_cast<double>(summary.memory->bfloat16)) +
                    " in bfloat16, " + bytes_text(static_cast<double>(summary.memory->int8)) +
                    " in int8, for a picture of that size on the CPU");
  }
  return text + metadata_rows(summary.metadata) + "\n" + component_rows(summary) + "\n" +
         file_rows(summary.files);
}

std::string to_text(const inspection::FileSummary& summary) {
  std::string text = summary.file.path.string() + "\n";
  text += (summary.what.empty() ? "weights of an unknown kind" : summary.what) + "\n\n";
  text += row("why", summary.evidence);
  if (summary.low_rank) text += low_rank_rows(*summary.low_rank);
  text += metadata_rows(summary.metadata);
  text += row("tensors", std::to_string(summary.tensors) + ", " + count_text(summary.elements) +
                             " numbers, " + dtypes_text(summary.dtypes));
  std::vector<std::string> largest;
  for (const auto& tensor : summary.largest) {
    largest.push_back(tensor.name + " " + weights::shape_text(tensor.shape) + " " + tensor.dtype);
  }
  text += row("largest", largest) + row("as a model", "no: " + summary.refusal);
  return text + "\n" + file_rows({summary.file});
}

std::string to_text(const recipe::Recipe& recipe) {
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;
  const auto add = [&rows](const std::string& label, const std::string& value) {
    if (!value.empty()) rows.emplace_back(label, lines_of(value));
  };
  add("made by", recipe.made_by);
  add("command", recipe.task);
  for (const auto& [option, value] : recipe.settings) add(option, value);
  for (const auto& [option, size, sha256] : recipe.inputs) {
    std::string what = sha256.empty() ? "a file" : size;
    if (!sha256.empty()) what.append(", sha256 of its pixels ").append(sha256);
    add(option, what);
  }
  add("model hash", recipe.model_hash);
  rows.emplace_back("not mapped", recipe.unmapped);
  std::size_t width = kLabels;
  for (const auto& [label, values] : rows) width = std::max(width, label.size());
  std::string text;
  for (const auto& [label, values] : rows) text += row(label, values, width);
  return text;
}

}  // namespace velatura::cli
