#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Convert : public ::testing::Test {
 protected:
  std::string checkpoint(const std::string& configs = "stable-diffusion-1",
                         const std::string& channels = "4") const {
    const std::string path = folder / "m.safetensors";
    EXPECT_TRUE(
        succeeded(run_program(VELATURA_MAKE_CHECKPOINT, {.arguments = {configs, channels, path}})));
    return path;
  }
  Outcome convert(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "convert");
    return velatura(arguments);
  }
  // In a shell, so that limits can be set before.
  Outcome convert_after(const std::string& limits, const std::string& input,
                        const std::string& output) const {
    return run_program(
        "/bin/sh", {.arguments = {"-c", limits + "; exec '" VELATURA_PROGRAM "' convert '" + input +
                                            "' -o '" + output + "'"}});
  }
  // Of a single file: its tensors' names and metadata.
  static nlohmann::json header(const std::string& path) {
    const std::string bytes = file_text(path);
    std::size_t size = 0;
    for (int i = 7; i >= 0; --i) size = size << 8 | static_cast<unsigned char>(bytes[i]);
    return nlohmann::json::parse(bytes.substr(8, size));
  }
  static std::string data(const std::string& path) {
    const std::string bytes = file_text(path);
    return bytes.substr(8 + static_cast<unsigned char>(bytes[0]) +
                        256 * static_cast<unsigned char>(bytes[1]) +
                        65536 * static_cast<unsigned char>(bytes[2]));
  }

  const TemporaryFolder folder;
};

TEST_F(Convert, FileToFolderToFileIsTheSameFile) {
  const std::string file = checkpoint();
  const Outcome to_folder = convert({file, "-o", folder / "d/"});
  ASSERT_TRUE(succeeded(to_folder));
  EXPECT_EQ(to_folder.out, folder / "d/" + "\n");
  EXPECT_THAT(to_folder.err, HasSubstr("left out, as no part of the model: model_ema.decay"));
  for (const char* name :
       {"d/model_index.json", "d/unet/diffusion_pytorch_model.safetensors", "d/vae/config.json",
        "d/text_encoder/model.safetensors", "d/scheduler/scheduler_config.json",
        "d/tokenizer/vocab.json", "d/tokenizer/merges.txt", "d/tokenizer/tokenizer_config.json"}) {
    EXPECT_THAT(folder.files(), Contains(name));
  }
  ASSERT_TRUE(succeeded(convert({folder / "d", "-o", folder / "a.safetensors"})));
  ASSERT_TRUE(succeeded(convert({file, "-o", folder / "b.safetensors"})));
  EXPECT_EQ(data(folder / "a.safetensors"), data(folder / "b.safetensors"));
  auto before = header(file), after = header(folder / "a.safetensors");
  EXPECT_EQ(after.size(), before.size() - 1);
  for (const auto& [name, tensor] : after.items()) {
    if (name == "__metadata__") continue;
    EXPECT_EQ(tensor.at("shape"), before.at(name).at("shape")) << name;
  }
  EXPECT_EQ(after.at("__metadata__").at("modelspec.title"), "a");
  EXPECT_EQ(header(folder / "b.safetensors").at("__metadata__").at("note"), "kept");
}

TEST_F(Convert, ATokenizerThatASingleFileCannotHoldIsSaid) {
  ASSERT_TRUE(succeeded(convert({checkpoint(), "-o", folder / "d/"})));
  EXPECT_THAT(convert({folder / "d", "-o", folder / "a.safetensors"}).err,
              Not(HasSubstr("tokenizer")));
  auto vocabulary = nlohmann::json::parse(file_text(folder / "d/tokenizer/vocab.json"));
  vocabulary["cat</w>"].swap(vocabulary["dog</w>"]);
  write_text(folder / "d/tokenizer/vocab.json", vocabulary.dump());
  EXPECT_THAT(convert({folder / "d", "-o", folder / "b.safetensors"}).err,
              HasSubstr("cannot hold the model's own tokenizer"));
}

TEST_F(Convert, MetadataAndTypeAreAsAskedFor) {
  const std::string out = folder / "o.safetensors";
  const Outcome outcome =
      convert({checkpoint(), "-o", out, "--dtype", "bfloat16", "--metadata", "a=b=c", "--metadata",
               "modelspec.title=mine", "--json", "--no-progress"});
  ASSERT_TRUE(succeeded(outcome));
  const auto object = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(object.at("output"), out);
  EXPECT_EQ(object.at("layout"), "original");
  EXPECT_EQ(object.at("tensors"), 1130);
  EXPECT_EQ(object.at("dtypes").at("bfloat16"), 1130);
  EXPECT_EQ(object.at("files").at(0).at("bytes"), fs::file_size(out));
  EXPECT_TRUE(object.at("seconds").is_number());
  const auto written = header(out);
  EXPECT_EQ(written.at("__metadata__").at("a"), "b=c");
  EXPECT_EQ(written.at("__metadata__").at("modelspec.title"), "mine");
  EXPECT_EQ(written.at("model.diffusion_model.out.0.bias").at("dtype"), "BF16");
}

TEST_F(Convert, FoldersOfAnyModelCanBeRewritten) {
  const std::string out = folder / "o";
  ASSERT_TRUE(succeeded(
      convert({kTinyModel, "-o", out, "--dtype", "float32", "--max-shard-size", "20KB"})));
  EXPECT_TRUE(fs::exists(out + "/unet/diffusion_pytorch_model.safetensors.index.json"));
  EXPECT_EQ(file_text(out + "/tokenizer/vocab.json"),
            file_text(kTinyModel + "/tokenizer/vocab.json"));
  // The same numbers: the same picture.
  const std::string first = folder / "1.png", second = folder / "2.png";
  ASSERT_TRUE(succeeded(tiny({"-o", first})));
  ASSERT_TRUE(succeeded(tiny({"-m", out, "-o", second})));
  const auto pixels = [](const std::string& png) {
    const std::string bytes = file_text(png);
    return bytes.substr(bytes.find("IDAT"));
  };
  EXPECT_EQ(pixels(first), pixels(second));
}

TEST_F(Convert, SafetensorsKeepsEveryTensor) {
  const std::string file = checkpoint(), out = folder / "o.safetensors";
  ASSERT_TRUE(succeeded(convert({file, "-o", out, "--to", "safetensors"})));
  EXPECT_EQ(file_text(out), file_text(file));
  ASSERT_TRUE(succeeded(convert({kTinyModel + "/vae/diffusion_pytorch_model.safetensors", "-o", out,
                                 "--to", "safetensors", "--dtype", "float32", "--force"})));
  EXPECT_EQ(header(out).at("encoder.conv_in.weight").at("dtype"), "F32");
}

TEST_F(Convert, PredictionAndVaeCanBeOthers) {
  const std::string file = checkpoint();
  ASSERT_TRUE(succeeded(convert({file, "-o", folder / "d", "--prediction", "v"})));
  const auto scheduler =
      nlohmann::json::parse(file_text(folder / "d/scheduler/scheduler_config.json"));
  EXPECT_EQ(scheduler.at("prediction_type"), "v_prediction");
  const std::string out = folder / "o.safetensors";
  ASSERT_TRUE(succeeded(convert({folder / "d", "-o", out, "--vae", folder / "d"})));
  EXPECT_EQ(header(out).at("__metadata__").at("modelspec.prediction_type"), "v");
  EXPECT_TRUE(
      failed_with(convert({file, "-o", folder / "x.safetensors", "--vae", kTinyModel, "-q"}), 3,
                  {"VAE is not complete"}));
  EXPECT_FALSE(fs::exists(folder / "x.safetensors"));
}

TEST_F(Convert, RefusesWhatASingleFileCannotHold) {
  const std::string out = folder / "o.safetensors";
  EXPECT_TRUE(failed_with(convert({kTinyModel, "-o", out}), 3,
                          {"unet", "conv_in.weight is [8, 4, 3, 3]", "neither Stable Diffusion 1.x",
                           "fit into a single file; a diffusers folder holds any"}));
  ASSERT_TRUE(succeeded(convert({checkpoint(), "-o", folder / "d"})));
  const std::string path = folder / "d/unet/config.json";
  auto config = nlohmann::json::parse(file_text(path));
  config["sample_size"] = 96;
  write_text(path, config.dump());
  EXPECT_TRUE(succeeded(convert({folder / "d", "-o", folder / "wide.safetensors"})));
  config["attention_head_dim"] = 5;
  write_text(path, config.dump());
  EXPECT_TRUE(failed_with(convert({folder / "d", "-o", out}), 3,
                          {"unet/config.json", "attention_head_dim is 5, not 8"}));
  config["attention_head_dim"] = 8;
  write_text(path, config.dump());
  const std::string scheduler = folder / "d/scheduler/scheduler_config.json";
  config = nlohmann::json::parse(file_text(scheduler));
  config["prediction_type"] = "sample";
  write_text(scheduler, config.dump());
  EXPECT_TRUE(failed_with(convert({folder / "d", "-o", out}), 3, {"predicts sample"}));
  EXPECT_FALSE(fs::exists(out));
  config["prediction_type"] = "epsilon";
  config["rescale_betas_zero_snr"] = true;
  config["beta_end"] = 0.5;
  write_text(scheduler, config.dump());
  const Outcome warned = convert({folder / "d", "-o", out});
  ASSERT_TRUE(succeeded(warned));
  EXPECT_THAT(warned.err, HasSubstr("beta_end 0.5, rescale_betas_zero_snr true"));
}

TEST_F(Convert, ReplacesOnlyWhenTold) {
  const std::string file = checkpoint(), out = folder / "d";
  ASSERT_TRUE(succeeded(convert({kTinyModel, "-o", out})));
  EXPECT_TRUE(failed_with(convert({kTinyModel, "-o", out}), 2, {"there already", "--force"}));
  write_text(out + "/left", "over");
  ASSERT_TRUE(succeeded(convert({kTinyModel, "-o", out, "--force"})));
  EXPECT_FALSE(fs::exists(out + "/left"));
  ASSERT_TRUE(succeeded(convert({out, "-o", out, "--force", "--dtype", "float32"})));  // in place
  EXPECT_TRUE(succeeded(velatura({"info", out})));
  fs::create_directory(folder / "other");
  write_text(folder / "other/file", "mine");
  EXPECT_TRUE(failed_with(convert({kTinyModel, "-o", folder / "other", "--force"}), 2,
                          {"without a model in it"}));
  write_text(folder / "text", "mine");
  EXPECT_TRUE(
      failed_with(convert({kTinyModel, "-o", folder / "text", "--force"}), 2, {"is a file"}));
  EXPECT_EQ(file_text(folder / "other/file") + file_text(folder / "text"), "minemine");
}

TEST_F(Convert, OptionsThatDoNotGoTogetherAreUsageErrors) {
  const std::string file = folder / "o.safetensors", place = folder / "o";
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{"-o", file, "--to", "diffusers"}, "is a folder"},
      {{"-o", place, "--to", "original"}, "must end in .safetensors"},
      {{"-o", file, "--max-shard-size", "1GB"}, "--max-shard-size"},
      {{"-o", place, "--max-shard-size", "1XB"}, "--max-shard-size 1XB"},
      {{"-o", place, "--max-shard-size", "0"}, "--max-shard-size 0"},
      {{"-o", place, "--metadata", "a=b"}, "--metadata"},
      {{"-o", file, "--metadata", "=b"}, "KEY=VALUE"},
      {{"-o", file, "--to", "safetensors", "--vae", "x"}, "--vae"},
      {{"-o", file, "--to", "safetensors", "--prediction", "v"}, "--prediction"},
      {{"-o", place, "--to", "onnx"}, "--to onnx"},
      {{"-o", place, "--dtype", "int8"}, "--dtype int8"},
      {{}, "--output"}};
  for (auto [arguments, part] : wrong) {
    arguments.insert(arguments.begin(), kTinyModel);
    EXPECT_TRUE(failed_with(convert(arguments), 2, {part}));
  }
  EXPECT_TRUE(failed_with(convert({folder / "nothing", "-o", place}), 3, {"nothing"}));
  EXPECT_THAT(folder.files(), ElementsAre());
}

// A signal at the limit stands for any that kills.
TEST_F(Convert, KilledRunsLeaveNothingUnderTheName) {
  const std::string file = checkpoint();
  for (const std::string& out : {folder / "d", folder / "o.safetensors"}) {
    EXPECT_EQ(convert_after("ulimit -f 100", file, out).exit_code, 128 + SIGXFSZ);
    EXPECT_FALSE(fs::exists(out));
    EXPECT_TRUE(succeeded(convert({file, "-o", out})));
    EXPECT_TRUE(fs::exists(out));
  }
  for (const std::string& name : folder.files()) EXPECT_FALSE(name.starts_with(".velatura"));
}

// A file of nothing but a hole, larger than any disk these tests run on.
TEST_F(Convert, MissingSpaceIsSaidBeforeAnythingIsWritten) {
  const std::string size = std::to_string(std::uint64_t{8} << 40), path = folder / "m.safetensors";
  std::string header =
      R"({"a":{"dtype":"U8","shape":[)" + size + R"(],"data_offsets":[0,)" + size + "]}}";
  write_text(path,
             std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header);
  std::error_code failed;
  fs::resize_file(path, 8 + header.size() + (std::uint64_t{8} << 40), failed);
  if (failed) GTEST_SKIP() << "the file system has no such files: " << failed.message();
  EXPECT_TRUE(failed_with(convert({path, "-o", folder / "o.safetensors", "--to", "safetensors"}), 6,
                          {"8796093 MB are needed"}));
  EXPECT_THAT(folder.files(), ElementsAre("m.safetensors"));
}

TEST_F(Convert, FullDiskIsAnOutputErrorAndLeavesNothing) {
  const std::string file = checkpoint(), limits = "trap '' XFSZ; ulimit -f 100";
  for (const std::string& out : {folder / "d", folder / "o.safetensors"}) {
    const Outcome outcome = convert_after(limits, file, out);
    EXPECT_EQ(outcome.exit_code, 6);
    EXPECT_THAT(outcome.err, HasSubstr("File too large"));
  }
  EXPECT_THAT(folder.files(), ElementsAre("m.safetensors"));
}

}  // namespace
}  // namespace velatura::testing
