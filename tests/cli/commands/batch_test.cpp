#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <span>

#include "cli/picture_command.h"
#include "terminal/base64.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// `velatura batch` on a file `jobs.txt`, in a folder with pictures to begin with.
class Batch : public ::testing::Test {
 protected:
  Batch() { write_image(folder_ / "in.png", scene(32, 32), {}); }

  Child child(const std::vector<std::string>& more = {}) const {
    Child run{.arguments = {"batch", "--from-file", "jobs.txt", "-m", kTinyModel, "--steps", "2",
                            "--device", "cpu", "--threads", "1", "-o", "out/"},
              .folder = folder_.path()};
    run.arguments.insert(run.arguments.end(), more.begin(), more.end());
    return run;
  }
  Outcome run(const std::string& jobs, const std::vector<std::string>& more = {}) const {
    write_text(folder_ / "jobs.txt", jobs);
    return run_velatura(child(more));
  }

  // Names of the pictures that are there.
  std::vector<std::string> pictures(const std::string& folder = "out") const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path() / folder)) {
      if (entry.path().extension() == ".png") names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }
  json receipt(const std::string& name) const {
    return json::parse(read_metadata(folder_ / name).receipt);
  }

  TemporaryFolder folder_;
};

TEST_F(Batch, MakesEveryLineWhateverItsForm) {
  const Outcome outcome =
      run("a red circle --d 1\n\n# nothing\n"
          "--prompt \"a blue star\" --seed 2 --n_iter 2 --cfg_scale 3\n"
          "{\"prompt\": \"a ring\", \"seed\": 5, \"steps\": 3, \"sampler_name\": \"Euler a\"}\n");
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(lines(outcome.out), ElementsAre("out/00000-1.png", "out/00001-2.png",
                                              "out/00002-3.png", "out/00003-5.png"));
  EXPECT_EQ(receipt("out/00000-1.png")["prompt"], "a red circle");
  EXPECT_EQ(receipt("out/00000-1.png")["steps"], 2);
  EXPECT_EQ(receipt("out/00002-3.png")["guidance_scale"], 3);
  EXPECT_EQ(receipt("out/00003-5.png")["sampler"], "euler_a");
  EXPECT_EQ(receipt("out/00003-5.png")["steps"], 3);
}

TEST_F(Batch, APictureIsWhatItsCommandMakes) {
  ASSERT_TRUE(succeeded(run("a red circle --d 5 --l 3\n")));
  Child alone = tiny_run({"-g", "3", "-o", folder_ / "alone.png"});
  ASSERT_TRUE(succeeded(run_velatura(alone)));
  EXPECT_EQ(file_text(folder_ / "out/00000-5.png"), file_text(folder_ / "alone.png"));
}

TEST_F(Batch, LinesMadeTogetherAreWhatTheyAreAlone) {
  const std::string jobs =
      "a red circle --d 5\na blue star --d 6\na ring --d 9\na cat --s 3 --d 1\n";
  ASSERT_TRUE(succeeded(run(jobs, {"--batch-size", "4", "--json"})));
  ASSERT_TRUE(succeeded(run(jobs, {"-o", "alone/"})));
  ASSERT_EQ(pictures(), pictures("alone"));
  for (const std::string& name : pictures()) {
    const Image together = read_image(folder_ / ("out/" + name));
    const Image alone = read_image(folder_ / ("alone/" + name));
    ASSERT_EQ(together.pixels.size(), alone.pixels.size());
    for (std::size_t i = 0; i < alone.pixels.size(); ++i)
      ASSERT_NEAR(together.pixels[i], alone.pixels[i], 1) << name;
  }
}

TEST_F(Batch, ALineIsAnyPictureCommand) {
  const std::string inpaint = VELATURA_FIXTURES "/models/tiny-inpaint";
  write_gray_image(folder_ / "mask.png", hole(32, 32));
  const Outcome outcome =
      run("a star --i in.png --d 1 --t 0.6\n"
          "{\"prompt\": \"a star\", \"image\": \"in.png\", \"mask\": \"mask.png\", \"seed\": 1, "
          "\"model\": \"" +
          inpaint +
          "\"}\n"
          "{\"task\": \"upscale\", \"init_images\": [\"in.png\"], \"seed\": 1, \"model\": "
          "\"" VELATURA_FIXTURES "/models/tiny-upscale\"}\n");
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(receipt("out/00000-1.png")["task"], "img2img");
  EXPECT_EQ(receipt("out/00001-1.png")["task"], "inpaint");
  EXPECT_EQ(receipt("out/00001-1.png")["model"]["name"], "tiny-inpaint");
  EXPECT_EQ(receipt("out/00002-1.png")["task"], "upscale");
}

TEST_F(Batch, DefaultsComeFromTheCommandLine) {
  ASSERT_TRUE(succeeded(run("a star --d 1\na ring\n", {"--seed", "9", "--negative-prompt", "blur",
                                                       "--image", "in.png", "--strength", "1"})));
  EXPECT_THAT(pictures(), ElementsAre("00000-1.png", "00001-9.png"));
  EXPECT_EQ(receipt("out/00001-9.png")["negative_prompt"], "blur");
  ASSERT_TRUE(succeeded(run("{\"prompt\": \"a star\", \"negative_prompt\": \"\", \"seed\": 4}\n",
                            {"--negative-prompt", "blur"})));
  EXPECT_EQ(receipt("out/00000-4.png")["negative_prompt"], "");
  EXPECT_EQ(receipt("out/00001-9.png")["task"], "img2img");
}

TEST_F(Batch, WithoutAnOutputTheFolderIsNamedAfterTheFile) {
  write_text(folder_ / "jobs.txt", "a star --d 1\n");
  Child run = child();
  run.arguments.resize(run.arguments.size() - 2);
  ASSERT_TRUE(succeeded(run_velatura(run)));
  EXPECT_THAT(pictures("outputs/jobs"), ElementsAre("00000-1.png"));
}

TEST_F(Batch, ReadsTablesAndArrays) {
  const std::string array = "[{\"prompt\": \"a ring\", \"seed\": 1},\n {\"prompt\": \"a star\"}]";
  ASSERT_TRUE(succeeded(run(array, {"--seed", "4"})));
  EXPECT_EQ(receipt("out/00000-1.png")["prompt"], "a ring");
  EXPECT_EQ(receipt("out/00001-4.png")["prompt"], "a star");
  Child child = this->child({"-o", "table/"});
  child.arguments[2] = "-";
  child.input = "prompt,negative_prompt,seed\n\"a ring, big\",blurry,1\n";
  ASSERT_TRUE(succeeded(run_velatura(child)));
  EXPECT_EQ(receipt("table/00000-1.png")["prompt"], "a ring, big");
  EXPECT_EQ(receipt("table/00000-1.png")["negative_prompt"], "blurry");
}

TEST_F(Batch, WhatLooksLikeAnOptionIsNotDrawn) {
  const Outcome outcome = run("a cat -W 20000\na cat \u2014steps 2\n[1,2]\n{\"prompt\": 5}\n");
  EXPECT_EQ(outcome.exit_code, 3);
  const auto messages = lines(outcome.err);
  ASSERT_EQ(messages.size(), 5u);
  EXPECT_THAT(messages[0], HasSubstr("jobs.txt:1: '-W': the option is written --width"));
  EXPECT_THAT(messages[1], HasSubstr("jobs.txt:2: '\u2014steps': the option is written --steps"));
  EXPECT_THAT(messages[2], HasSubstr("jobs.txt:3: a JSON array"));
  EXPECT_THAT(messages[3], HasSubstr("jobs.txt:4: 'prompt': expected text"));
}

TEST_F(Batch, APictureInBase64IsThatOfItsFile) {
  const std::string png = file_text(folder_ / "in.png");
  const std::string base64 = terminal::base64(std::as_bytes(std::span(png)));
  const std::string end = "\"], \"seed\": 3, \"denoising_strength\": 0.9}\n";
  ASSERT_TRUE(succeeded(run("{\"prompt\": \"x\", \"init_images\": [\"in.png" + end)));
  for (const std::string head : {"", "data:image/png;base64,"}) {
    const Outcome again = run("{\"prompt\": \"x\", \"init_images\": [\"" + head + base64 + end);
    ASSERT_TRUE(succeeded(again));
    EXPECT_EQ(again.out, "") << "the same picture is there already";
  }
  const Outcome broken =
      run("{\"prompt\": \"x\", \"image\": \"data:image/png;base64,aGVsbG8=\"}\n");
  EXPECT_EQ(broken.exit_code, 3);
  EXPECT_THAT(broken.err, HasSubstr("jobs.txt:1: the picture in image: "));
}

TEST_F(Batch, ALabelsScheduleGoesBeforeTheDefaults) {
  ASSERT_TRUE(
      succeeded(run("a ring --sampler Euler Karras --d 1\n", {"--schedule", "exponential"})));
  EXPECT_EQ(receipt("out/00000-1.png")["schedule"], "karras");
}

TEST_F(Batch, ReadsStandardInput) {
  Child run = child();
  run.arguments.erase(run.arguments.begin() + 1);  // --from-file
  run.arguments[1] = "-";
  run.input = "a star --d 1\n";
  ASSERT_TRUE(succeeded(run_velatura(run)));
  EXPECT_THAT(pictures(), ElementsAre("00000-1.png"));
}

TEST_F(Batch, TheSameCommandAgainMakesWhatIsMissing) {
  ASSERT_TRUE(succeeded(run("a star --d 1\na ring --d 2\na cat\n")));
  const auto first = pictures();
  const auto time = fs::last_write_time(folder_ / "out/00001-2.png");
  fs::remove(folder_ / "out/00000-1.png");
  const Outcome again = run("a star --d 1\na ring --d 2\na cat\n");
  EXPECT_THAT(lines(again.out), ElementsAre("out/00000-1.png"));
  EXPECT_THAT(again.err, HasSubstr("2 pictures of 3 there already"));
  EXPECT_EQ(pictures(), first);
  EXPECT_EQ(fs::last_write_time(folder_ / "out/00001-2.png"), time);
}

TEST_F(Batch, AChangedLineIsMadeAnewAndNoOther) {
  ASSERT_TRUE(succeeded(run("a star --d 1\na ring --d 2\n")));
  EXPECT_THAT(lines(run("a star --d 1\na red ring --d 2\n").out), ElementsAre("out/00001-2.png"));
  EXPECT_EQ(receipt("out/00001-2.png")["prompt"], "a red ring");
  EXPECT_THAT(lines(run("a star --d 1\na red ring --d 2\n", {"--guidance-scale", "3"}).out),
              ElementsAre("out/00000-1.png", "out/00001-2.png"));
}

TEST_F(Batch, AnotherPictureToBeginWithIsAChange) {
  const std::vector<std::string> image = {"--image", "in.png"};
  ASSERT_TRUE(succeeded(run("a star --d 1\n", image)));
  EXPECT_THAT(run("a star --d 1\n", image).out, IsEmpty());
  write_image(folder_ / "in.png", scene(32, 40), {});
  EXPECT_THAT(lines(run("a star --d 1\n", image).out), ElementsAre("out/00000-1.png"));
}

TEST_F(Batch, WrongLinesAreSaidBeforeAnythingIsDone) {
  const Outcome outcome =
      run("a star --stepz 3\na ring\n{\"prompt\": 3,\na cat --i gone.png\na dog --s 0\n"
          "a dog --device cuda\na --w 33\n");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("jobs.txt:1: --stepz: txt2img has no such option, did you "
                                     "mean '--steps'?"));
  EXPECT_THAT(outcome.err, HasSubstr("jobs.txt:3: "));
  EXPECT_THAT(outcome.err, HasSubstr("jobs.txt:4: --image gone.png"));
  EXPECT_THAT(outcome.err, HasSubstr("jobs.txt:5: "));
  EXPECT_THAT(outcome.err, HasSubstr("jobs.txt:6: --device is for the whole run"));
  EXPECT_THAT(outcome.err, HasSubstr("jobs.txt:7: --width 33 is not a multiple of 8"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("jobs.txt:2:")));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(Batch, KeepGoingLeavesWrongLinesOut) {
  const Outcome outcome = run("a star --stepz 3\na ring --d 2\n", {"--keep-going"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(pictures(), ElementsAre("00000-2.png"));
  EXPECT_THAT(outcome.err, HasSubstr("1 job failed"));
}

TEST_F(Batch, WhatALinesModelCannotMakeIsSaidBeforeItIsLoaded) {
  write_image(folder_ / "one.png", scene(1, 1), {});
  write_gray_image(folder_ / "black.png", hole(32, 32, 0));
  write_text(folder_ / "lfs.safetensors", "version https://git-lfs.github.com/spec/v1\n");
  write_text(folder_ / "vae.safetensors", "no weights");
  fs::copy(kTinyModel, folder_.path() / "mixed", fs::copy_options::recursive);
  const std::string file = "/diffusion_pytorch_model.safetensors";
  fs::copy_file(kTinyModel + "/vae" + file, folder_ / ("mixed/unet" + file),
                fs::copy_options::overwrite_existing);
  const std::string models = VELATURA_FIXTURES "/models/";
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"("sampler": "Euler a", "schedule": "karras")", "sampler euler_a has no schedule karras"},
      {R"("sampler": "lcm", "timestep_spacing": "leading")", "has no timestep spacing"},
      {R"("sampler": "euler", "eta": 0.5)", "sampler euler has no eta"},
      {R"("sampler": "lcm", "steps": 900)", "the model was distilled from"},
      {R"("image": "in.png", "strength": 0.05)", "strength 0.05 leaves none of the 2 steps"},
      {R"("image": "one.png")", "the picture is 1x1 pixels"},
      {R"("image": "in.png", "mask": "black.png", "mask_crop": 8)", "the mask is black"},
      {R"("image": "in.png", "mask": "black.png", "mask_crop": 8, "no_paste": true)", "mask-crop"},
      {R"("clip_skip": 50)", "--clip-skip 50: the text encoder has 3 layers"},
      {R"("width": 33)", "--width 33 is not a multiple of 8"},
      {R"("vae": "nowhere.safetensors")", "nowhere.safetensors"},
      {R"("vae": "vae.safetensors")", "vae.safetensors"},
      {R"("task": "depth2img", "image": "in.png")", "it is an ordinary model"},
      {R"("task": "upscale", "image": "in.png")", "it is an ordinary model"},
      {R"("model": ")" + models + R"(tiny-inpaint")", "it is an inpainting model"},
      {R"("task": "depth2img", "image": "in.png", "model": ")" + models + R"(tiny-depth")",
       "give --depth-estimator or --depth-map"},
      {R"("task": "upscale", "image": "in.png", "noise_level": 900, "model": ")" + models +
           R"(tiny-upscale")",
       "--noise-level 900"},
      {R"("task": "upscale", "image": "in.png", "tile": 16, "tile_overlap": 12, "model": ")" +
           models + R"(tiny-upscale")",
       "--tile-overlap 12"},
      {R"("model": "mixed")", "the weights do not fit the model"},
      {R"("model": "lfs.safetensors")", "LFS"}};
  std::string jobs;
  for (const auto& [line, reason] : cases) jobs += "{\"prompt\": \"a star\", " + line + "}\n";
  const Outcome outcome = run(jobs + "a ring\n");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  const auto said = lines(outcome.err);
  ASSERT_EQ(said.size(), cases.size() + 1) << outcome.err;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_THAT(said[i], HasSubstr("jobs.txt:" + std::to_string(i + 1) + ": "));
    EXPECT_THAT(said[i], HasSubstr(cases[i].second)) << cases[i].first;
  }
  EXPECT_EQ(run("a ring\n", {"--vae-tile", "33"}).exit_code, 3);
}

TEST_F(Batch, ALineThatFailsDoesNotStopTheRest) {
  // That they are no numbers shows only once they are computed with.
  fs::copy(kTinyModel, folder_.path() / "broken", fs::copy_options::recursive);
  const std::string file = folder_ / "broken/unet/diffusion_pytorch_model.safetensors";
  std::string weights = file_text(file);
  std::fill(weights.end() - 4000, weights.end(), '\xFF');
  write_text(file, weights);
  const std::string jobs = "a star --model broken --d 1\na ring --d 2\n";
  const Outcome outcome = run(jobs);
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, Not(HasSubstr("trying once more"))) << "it cannot go otherwise";
  EXPECT_THAT(outcome.err, HasSubstr("line 1 failed: "));
  EXPECT_THAT(outcome.err, HasSubstr("1 job failed, 1 of 2 pictures there"));
  EXPECT_THAT(pictures(), ElementsAre("00001-2.png"));
  EXPECT_THAT(file_text(folder_ / "out/jobs.journal.jsonl"), HasSubstr("\"event\":\"failed\""));

  fs::remove_all(folder_ / "out");
  EXPECT_EQ(run(jobs, {"--fail-fast"}).exit_code, 4);
  EXPECT_THAT(pictures(), IsEmpty());
}

TEST_F(Batch, ADryRunSaysWhatWouldBeMadeAndMakesNothing) {
  const Outcome outcome = run("a star --d 1\na ring --n_iter 2\n", {"--dry-run"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.out, HasSubstr("out/00000-1.png"));
  EXPECT_THAT(outcome.out, HasSubstr("random seed"));
  EXPECT_THAT(outcome.err, HasSubstr("3 pictures to make, 0 there"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  ASSERT_TRUE(succeeded(run("a star --d 1\na ring --n_iter 2\n")));
  EXPECT_THAT(run("a star --d 1\na ring --n_iter 2\n", {"--dry-run"}).err,
              HasSubstr("0 pictures to make, 3 there"));
}

TEST_F(Batch, ADryRunNamesTheFilesThatItWillRead) {
  const std::string depth_model = VELATURA_FIXTURES "/models/tiny-depth", vae = kTinyModel + "/vae",
                    net = VELATURA_FIXTURES "/models/tiny-control/net";
  write_gray_image(folder_ / "depth.png", depth_ramp(32, 32));
  const auto line = [](const std::string& more) {
    return R"({"prompt": "a star", "seed": 1, "image": "in.png", )" + more + "}\n";
  };
  const std::string jobs = line(R"("vae": ")" + vae + "\"") +
                           line(R"("depth-map": "depth.png", "model": ")" + depth_model + "\"") +
                           line(R"("control-image": "in.png", "control": ")" + net + "\"") +
                           "a cat --d 2\n";
  const Outcome outcome = run(jobs, {"--dry-run"});
  ASSERT_TRUE(succeeded(outcome));
  std::vector<std::string> read;
  for (const std::string& said : lines(outcome.out))
    if (said.starts_with("read ")) read.push_back(said);
  EXPECT_THAT(read, ElementsAre("read   in.png", "read   " + kTinyModel, "read   " + vae,
                                "read   depth.png", "read   " + depth_model, "read   " + net));
  ASSERT_TRUE(succeeded(run("a star --d 1\n")));
  EXPECT_THAT(run("a star --d 1\n", {"--dry-run"}).out, Not(HasSubstr("read ")));
}

TEST_F(Batch, ADryRunAsJsonHasEverySettingOfThePictures) {
  write_gray_image(folder_ / "mask.png", hole(32, 32));
  const std::string jobs =
      "a star --d 1 --l 3\n{\"prompt\": \"b\", \"image\": \"in.png\", \"mask\": \"mask.png\", "
      "\"seed\": 18446744073709551615, \"sampler_name\": \"DPM++ 2M Karras\"}\na ring\n";
  const Outcome planned = run(jobs, {"--dry-run", "--json"});
  ASSERT_TRUE(succeeded(planned));
  const Outcome made = run(jobs, {"--json"});
  ASSERT_TRUE(succeeded(made));
  const auto plans = lines(planned.out), pictures = lines(made.out);
  ASSERT_EQ(plans.size(), 3u);
  ASSERT_EQ(pictures.size(), 3u);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    json plan = json::parse(plans[i]), picture = json::parse(pictures[i]);
    EXPECT_EQ(plan["done"], false);
    EXPECT_EQ(plan["files"]["model"], kTinyModel);
    for (const char* key : {"line", "prompt", "task"}) EXPECT_EQ(plan[key], picture[key]) << key;
    const bool random = i == 2;
    EXPECT_EQ(plan["seed"], random ? json() : picture["seed"]);
    EXPECT_EQ(plan["path"], random ? json() : picture["path"]);
    if (random) picture["settings"]["seed"] = nullptr;
    EXPECT_EQ(plan["settings"], picture["settings"]) << i;
  }
  EXPECT_EQ(json::parse(plans[1])["files"]["mask"], "mask.png");
  EXPECT_EQ(json::parse(plans[1])["settings"]["schedule"], "karras");
  EXPECT_EQ(json::parse(lines(run(jobs, {"--dry-run", "--json"}).out)[0])["done"], true);
}

TEST_F(Batch, ShardsMakeTheWholeTogether) {
  const std::string jobs = "a star --d 1\na ring --d 2\na cat --d 3\n";
  ASSERT_TRUE(succeeded(run(jobs, {"--shard", "1/2"})));
  EXPECT_THAT(pictures(), ElementsAre("00000-1.png", "00002-3.png"));
  Child slurm = child();
  slurm.environment = {{"SLURM_ARRAY_TASK_ID", "5"},
                       {"SLURM_ARRAY_TASK_MIN", "4"},
                       {"SLURM_ARRAY_TASK_MAX", "5"},
                       {"SLURM_ARRAY_TASK_COUNT", "2"}};
  const Outcome second = run_velatura(slurm);
  ASSERT_TRUE(succeeded(second));
  EXPECT_THAT(second.err, HasSubstr("shard 2/2, from SLURM_ARRAY_TASK_ID"));
  EXPECT_THAT(pictures(), ElementsAre("00000-1.png", "00001-2.png", "00002-3.png"));
  EXPECT_THAT(run(jobs).out, IsEmpty());
}

TEST_F(Batch, EventsAreJsonLines) {
  ASSERT_TRUE(succeeded(run("a star --d 1\n", {"--sampler", "ddim", "--events", "events.jsonl"})));
  std::vector<std::string> names;
  for (const std::string& line : lines(file_text(folder_ / "events.jsonl")))
    names.push_back(json::parse(line).at("event"));
  EXPECT_THAT(names, ElementsAre("begin", "started", "step", "step", "saved", "done"));
  const json saved = json::parse(lines(file_text(folder_ / "events.jsonl"))[4]);
  EXPECT_EQ(saved["path"], "out/00000-1.png");
  EXPECT_EQ(saved["line"], 1);
  EXPECT_EQ(saved["width"], 32);
  const Outcome to_stdout = run("a ring --d 2\n", {"--events", "1", "--quiet"});
  EXPECT_THAT(to_stdout.out, HasSubstr("\"event\":\"done\""));
  const Outcome only_events = run("a ring --d 3\n", {"--events", "-"});
  ASSERT_TRUE(succeeded(only_events));
  for (const std::string& line : lines(only_events.out)) EXPECT_TRUE(json::accept(line)) << line;
  EXPECT_THAT(only_events.out, HasSubstr("\"path\":\"out/00000-3.png\""));
  EXPECT_FALSE(fs::exists(folder_ / "-"));
  EXPECT_TRUE(failed_with(run("a ring\n", {"--events", "-", "--json"}), 2, {"--events -"}));
}

TEST_F(Batch, EventsThatCannotBeWrittenAreAnErrorBeforeWork) {
  for (const std::string target : {"77", "0", "/dev/full", "no/such/folder/e", "/dev/null/e"}) {
    const Outcome outcome = run("a cat --d 2\n", {"--events", target, "-o", "new/"});
    EXPECT_TRUE(failed_with(outcome, 6, {"--events " + target})) << target;
    EXPECT_FALSE(fs::exists(folder_ / "new")) << target;
  }
}

TEST_F(Batch, JsonNamesTheLine) {
  const Outcome outcome = run("\na star --d 1\n", {"--json"});
  const json object = json::parse(outcome.out);
  EXPECT_EQ(object["line"], 2);
  EXPECT_EQ(object["path"], "out/00000-1.png");
  EXPECT_EQ(object["prompt"], "a star");
}

TEST_F(Batch, PicturesOfOtherFilesAreNotReplaced) {
  ASSERT_TRUE(succeeded(run("a star --d 1\n")));
  fs::create_directory(folder_.path() / "other");
  write_text(folder_ / "other/jobs.txt", "a ring --d 1\n");
  Child other = child();
  other.arguments[2] = "other/jobs.txt";
  EXPECT_TRUE(failed_with(run_velatura(other), 2, {"are those of", "jobs.txt"}));
  fs::remove(folder_ / "out/jobs.journal.jsonl");
  EXPECT_TRUE(failed_with(run("a ring --d 1\n"), 2, {"out/00000-1.png", "not from this batch"}));
  EXPECT_TRUE(succeeded(run("a ring --d 1\n", {"--overwrite"})));
}

TEST_F(Batch, KilledAndRunAgainItIsAsIfNothingHadBeen) {
  std::string jobs;
  for (int i = 0; i < 10; ++i) jobs += "a star --d " + std::to_string(i) + "\n";
  ASSERT_TRUE(succeeded(run(jobs, {"-o", "whole/"})));
  for (int kill = 0; kill < 4; ++kill) {
    Child killed = on_terminal(child());
    killed.signal = SIGKILL;
    killed.signal_when = "picture 2/";
    EXPECT_EQ(run_velatura(killed).exit_code, 128 + SIGKILL);
  }
  ASSERT_TRUE(succeeded(run(jobs)));
  ASSERT_EQ(pictures(), pictures("whole"));
  for (const std::string& name : pictures())
    EXPECT_EQ(file_text(folder_ / ("out/" + name)), file_text(folder_ / ("whole/" + name)));
  EXPECT_THAT(folder_.files(), Each(Not(HasSubstr(".velatura-"))));
}

TEST_F(Batch, TheFirstInterruptFinishesWhatIsInWork) {
  std::string jobs;
  for (int i = 0; i < 20; ++i) jobs += "a star --d " + std::to_string(i) + "\n";
  write_text(folder_ / "jobs.txt", jobs);
  Child interrupted = on_terminal(child());
  interrupted.signal = SIGINT;
  interrupted.signal_when = "picture 3/20";
  const Outcome outcome = run_velatura(interrupted);
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_THAT(outcome.err, HasSubstr("finishing what is in work"));
  EXPECT_THAT(outcome.err, HasSubstr("run the same command again"));
  EXPECT_THAT(pictures(), Contains("00001-1.png"));
  EXPECT_LT(pictures().size(), 20u);
  EXPECT_TRUE(succeeded(run(jobs)));
  EXPECT_EQ(pictures().size(), 20u);
}

TEST_F(Batch, ADiskThatIsFullEndsTheRunAndLeavesNoHalfFile) {
  write_text(folder_ / "jobs.txt", "a star --d 1\na ring --d 2\n");
  // No file may grow beyond 1 KiB: the journal fits, a picture does not.
  Child limited = child();
  limited.arguments.insert(
      limited.arguments.begin(),
      {"-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"", VELATURA_PROGRAM});
  const Outcome outcome = run_program("/bin/bash", limited);
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_THAT(outcome.err, HasSubstr("out/00000-1.png: "));
  EXPECT_THAT(pictures(), IsEmpty());
  EXPECT_THAT(folder_.files(), Each(Not(HasSubstr(".velatura-"))));
  EXPECT_TRUE(succeeded(run_velatura(child())));
  EXPECT_EQ(pictures().size(), 2u);
}

TEST_F(Batch, WhatCannotBeIsRefused) {
  EXPECT_TRUE(failed_with(velatura({"batch"}), 2, {"--from-file"}));
  EXPECT_TRUE(failed_with(velatura({"batch", "-f", "gone.txt"}), 3, {"gone.txt"}));
  EXPECT_TRUE(failed_with(run("a star\n", {"-o", "-"}), 2, {"a batch writes files"}));
  EXPECT_TRUE(failed_with(run("a star\n", {"-o", "/proc/velatura/"}), 6, {"/proc/velatura"}));
  EXPECT_TRUE(failed_with(run("a star\n", {"--shard", "3/2"}), 2, {"--shard 3/2"}));
  EXPECT_TRUE(failed_with(run("a star\n", {"--sampler", "eulr"}), 2, {"eulr"}));
  const Outcome no_model = run("a star\n", {"-m", "/gone"});
  EXPECT_EQ(no_model.exit_code, 3);
  EXPECT_THAT(no_model.err, HasSubstr("jobs.txt:1: model /gone"));
}

}  // namespace
}  // namespace velatura::testing
