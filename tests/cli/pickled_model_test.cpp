#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>

#include "cli/velatura.h"
#include "velatura/image.h"
#include "weights/pickles.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::uint64_t number_at(const std::string& bytes, std::size_t begin) {
  std::uint64_t number = 0;
  for (std::size_t i = 8; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[begin + i]);
  }
  return number;
}

// The tensors of a .safetensors file as torch.save would have written them.
std::string as_pickle(const std::string& safetensors) {
  const std::map<std::string, std::string> types{{"F16", "HalfStorage"}, {"F32", "FloatStorage"}};
  const std::size_t length = number_at(safetensors, 0);
  const auto header = nlohmann::json::parse(safetensors.substr(8, length));
  std::vector<std::string> items;
  std::vector<std::pair<std::string, std::string>> storages;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
    const std::size_t begin = entry.at("data_offsets")[0], end = entry.at("data_offsets")[1];
    std::vector<std::int64_t> strides(shape.size());
    std::int64_t numel = 1;
    for (std::size_t i = shape.size(); i-- > 0; numel *= shape[i]) strides[i] = numel;
    const std::string key = std::to_string(storages.size());
    storages.emplace_back(key, safetensors.substr(8 + length + begin, end - begin));
    items.push_back(text(name));
    items.push_back(tensor(storage(key, numel, types.at(entry.at("dtype"))), 0, shape, strides));
  }
  return torch_zip(pickle(dict(items)), storages).bytes();
}

// The tiny model with pickles in place of its .safetensors files.
void write_pickled_model(const fs::path& folder) {
  fs::copy(kTinyModel, folder, fs::copy_options::recursive);
  for (const auto& [component, stem, pickled] :
       {std::tuple{"unet", "diffusion_pytorch_model", "diffusion_pytorch_model"},
        std::tuple{"vae", "diffusion_pytorch_model", "diffusion_pytorch_model"},
        std::tuple{"text_encoder", "model", "pytorch_model"}}) {
    const fs::path safetensors = folder / component / (std::string(stem) + ".safetensors");
    write_text(folder / component / (std::string(pickled) + ".bin"),
               as_pickle(file_text(safetensors)));
    fs::remove(safetensors);
  }
}

TEST(PickledModel, MakesTheSamePicture) {
  const TemporaryFolder folder;
  write_pickled_model(folder / "tiny");
  const auto run = [&](const std::string& model, const std::string& name) {
    const Outcome outcome = tiny({"-m", model, "-o", folder / (name + ".png"), "--latents-out",
                                  folder / (name + ".safetensors")});
    EXPECT_TRUE(succeeded(outcome));
    return read_image(folder / (name + ".png")).pixels;
  };
  const auto expected = run(kTinyModel, "a"), found = run(folder / "tiny", "b");
  EXPECT_FALSE(expected.empty());
  EXPECT_TRUE(found == expected);
  EXPECT_TRUE(file_text(folder / "a.safetensors") == file_text(folder / "b.safetensors"));
  const Outcome info = velatura({"info", folder / "tiny"});
  EXPECT_THAT(info.out, HasSubstr("text_encoder/pytorch_model.bin"));
}

TEST(PickledModel, EmaIsOfSingleFiles) {
  EXPECT_TRUE(failed_with(tiny({"--ema", "-o", "x.png"}), 2, {"--ema", "is a diffusers folder"}));
  EXPECT_TRUE(failed_with(velatura({"info", "--ema", kTinyModel}), 2, {"--ema"}));
}

// What a run opens, executes, makes, removes or sends, as strace has it.
std::set<std::string> system_calls(const TemporaryFolder& folder, const std::string& model) {
  const std::string log = folder / "strace.log";
  const Outcome outcome = run_program(
      "/usr/bin/strace",
      {.arguments = {"-f", "-qq", "-e", "signal=none", "-o", log, "-e",
                     "trace=open,openat,creat,execve,execveat,fork,vfork,unlink,unlinkat,rename,"
                     "renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,link,linkat,chmod,"
                     "fchmodat,socket,connect,kill,ptrace",
                     VELATURA_PROGRAM, "info", model}});
  EXPECT_TRUE(failed_with(outcome, 3, {model}));
  const std::regex changing("^[0-9]+ +|0x[0-9a-f]+|/proc/[0-9]+");  // with every run
  std::set<std::string> calls;
  for (const std::string& line : lines(file_text(log))) {
    calls.insert(std::regex_replace(line, changing, ""));
  }
  return calls;
}

// Hostile files lead to the same calls as an empty one does: nothing else is opened, run or
// written.
TEST(PickledModel, HostileFilesTouchNothing) {
  if (!fs::exists("/usr/bin/strace")) GTEST_SKIP() << "strace is not installed";
  const TemporaryFolder folder;
  const std::string model = folder / "model.ckpt", proof = folder / "proof";
  write_text(model, "");
  const auto expected = system_calls(folder, model);
  const auto further_calls = [&](const std::string& file) {
    write_text(model, file);
    std::vector<std::string> further;
    const auto calls = system_calls(folder, model);
    std::set_difference(calls.begin(), calls.end(), expected.begin(), expected.end(),
                        std::back_inserter(further));
    return further;
  };
  EXPECT_THAT(expected, Contains(HasSubstr(model)));

  const std::string one = little(0x3f800000, 4), touch = "touch " + proof;
  const std::string call = text(touch) + "\x85R";
  const std::vector<std::string> pickles{
      pickle(global("os", "system") + call),
      pickle(text("posix") + text("system") + "\x93" + call, 4),
      pickle("(" + text(touch) + "ios\nsystem\n"),
      pickle("(" + global("os", "system") + text(touch) + "o"),
      pickle(global("builtins", "exec") + text("open('" + proof + "', 'w')") + "\x85R"),
      pickle(global("collections", "OrderedDict") + ")R" +
             dict({text("__reduce__"), global("os", "system")}) + "b"),
      pickle("\x82\x01" + call),
      pickle(global("torch.storage", "_load_from_bytes") + text(touch) + "\x85R"),
      "cos\nsystem\n(S'" + touch + "'\ntR.",
      pickle(dict({text("t"), tensor(storage("../../proof", 1), 0, {1}, {1})})),
      pickle(dict({text("t"), tensor(storage("/etc/passwd", 1), 0, {1}, {1})})),
      pickle(dict({text("t"), tensor(storage("0", 1 << 30), 0, {1 << 30}, {1})}))};
  for (const std::string& pickled : pickles) {
    for (const std::string& file : {pickled, torch_zip(pickled, {{"0", one}}).bytes()}) {
      EXPECT_THAT(further_calls(file), IsEmpty());
    }
  }
  ZipFile slip = torch_zip(pickle("N"), {});
  slip.items.push_back({"../../proof", "slipped"});
  EXPECT_THAT(further_calls(slip.bytes()), IsEmpty());
  EXPECT_FALSE(fs::exists(proof));
}

}  // namespace
}  // namespace velatura::testing
