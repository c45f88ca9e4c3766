#include "cli/help/topics.h"

#include <algorithm>

#include "cli/help/help.h"

namespace velatura::cli {
namespace {

const std::vector<Topic> kTopics = {
    {"models",
     "Models",
     "MODEL, the value of -m, is looked for in this order:",
     {{"a path", "a diffusers folder, or a .safetensors or .ckpt file in the original layout"},
      {"a bundled name", "a folder or file beside the program, or in $VELATURA_DATA"},
      {"a name in a models folder",
       "a file below the Stable-diffusion folder of --models-dir or $VELATURA_MODELS, with or "
       "without its extension"},
      {"a hub id",
       "org/name, org/name@revision or org/name/file in the local cache of the Hugging Face hub; "
       "nothing is ever downloaded"},
      {"nothing", "$VELATURA_MODEL, else the bundled model of the command"},
      {"its VAE",
       "the one of --vae, else X.vae.safetensors (or .ckpt, .pt) beside a single file X, else its "
       "own; a model that has none needs one of these"}}},
    {"output",
     "Output names",
     "-o takes a file, a folder (which ends in / or exists), '-' for a PNG on standard output, or "
     "a "
     "name with fields. The extension chooses the format: png, jpg or webp. Several pictures under "
     "one name are numbered from 0: cat-0.png, cat-1.png. Names are reserved before work begins, so "
     "that several runs can share a folder, on several machines too; only a file that -o names in "
     "full is replaced: other names that are taken get the next number, or -1, -2, … (--overwrite "
     "replaces them).",
     {{"{seq}", "the next number that no file of this pattern has"},
      {"{seed}", "the picture's seed"},
      {"{index}", "the picture's place in this run, from 0"},
      {"{date}", "today, as 2024-12-31; may also be in a folder's name"},
      {"{prompt}", "the prompt, shortened to a file name; may also be in a folder's name"},
      {"{seq:05}", "any number padded with zeros to this width"},
      {"{{ and }}", "braces"}}},
    {"jobs",
     "Job files",
     "Each line of the file of 'velatura batch' is a job, recognised by itself. Lines end in LF, "
     "CRLF or CR; the text is UTF-8, or UTF-16 with a byte-order mark.",
     {{"a red circle", "a prompt; blank lines are left out"},
      {"# a red circle", "a comment; a prompt that begins with # is written --prompt \"# one\""},
      {"PROMPT --NAME VALUE",
       "a prompt and options by their long names, or kohya's letters: --n (negative prompt), --w, "
       "--h, --d (seed), --s (steps), --l (guidance scale), --t (strength), --i (image), --m "
       "(mask), --ss (sampler)"},
      {"--prompt \"…\" --NAME VALUE", "the same with words and quotes as in a shell"},
      {"{\"prompt\": \"…\"}",
       "JSON, on one line or several: names of options, or the fields of a web UI's API; those "
       "that velatura does not have must be at their defaults. A picture is a file name, base64 or "
       "a data: URL"},
      {"[{…}, {…}]", "JSON objects in an array"},
      {"CSV, TSV",
       "a file named .csv, .tsv or .tab, or whose first line is names of options alone, 'prompt' "
       "among them: a job a row; an empty cell gives nothing"}}},
    {"config",
     "Config files",
     "Options are taken from the command line, else from --config FILE, else from your own "
     "$XDG_CONFIG_HOME/velatura/config.toml (~/.config/velatura/config.toml). --no-config leaves "
     "the last one out.",
     {{"steps = 25", "TOML: long names of options, with dashes or underscores; text in quotes"},
      {"quiet = true",
       "a flag; it gives way to --verbose on the command line, as others do that "
       "exclude each other"},
      {"[inpaint]", "what follows is for this command, and goes before what stands above"},
      {"replay, verify, info",
       "take from the top of your own file only what pictures do not say of themselves, such as "
       "device, threads and quiet"}}},
    {"environment",
     "Environment",
     "",
     {{"VELATURA_MODEL", "the model used when -m is not given"},
      {"VELATURA_MODELS", "a web UI's models folder, used when --models-dir is not given"},
      {"VELATURA_DATA", "the folder of bundled models, where it is not beside the program"},
      {"VELATURA_ATTENTION",
       "aten, avx2, avx512, avx512_bf16 or amx_bf16: the CPU computes attention by nothing better, for "
       "comparison; the best that it has if not set, see 'velatura selftest'"},
      {"VELATURA_WINOGRAD",
       "off: the CPU computes convolutions in float32 the plain way, for comparison; on if not set"},
      {"VELATURA_CUDA_GRAPHS",
       "on or off: whether the third step of a kind in a run on a GPU and those after it are queued as one "
       "graph for each network, where they can be; not set, in runs of 8 steps or more"},
      {"HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME",
       "where the local cache of the Hugging Face hub is, as for its own tools"},
      {"XDG_CONFIG_HOME", "where velatura/config.toml is looked for; see 'velatura help config'"},
      {"OMP_WAIT_POLICY",
       "active: CPU threads that wait spin, which is a little faster on a machine that is otherwise "
       "idle and much slower on a busy one; passive if not set"},
      {"NO_COLOR, TERM=dumb",
       "progress is written line by line, nothing is redrawn, and --show shows nothing"},
      {"TERM, COLORTERM, TERM_PROGRAM",
       "with variables of single terminals: how --show draws pictures"}}},
    {"files",
     "Files",
     "Written beside the outputs that were asked for, and read:",
     {{"outputs/", "where pictures go in the working folder if -o does not say"},
      {"$XDG_CACHE_HOME/velatura/sha256/",
       "hashes of model files, remembered as long as a file's size and times stay; below ~/.cache "
       "if that is not set; may be removed at any time"},
      {"share/velatura/models/",
       "the bundled models and CLIP's vocabulary, under the prefix where the program is installed "
       "in bin/; else models/ beside the program"},
      {"MODEL.yaml, MODEL.vae.safetensors",
       "beside MODEL.safetensors: its config and its VAE, as in web UIs"}}},
    {"exit-codes",
     "Exit codes",
     "",
     {{"0", "done"},
      {"1", "a defect in velatura"},
      {"2", "wrong usage"},
      {"3", "unusable input or model"},
      {"4", "some jobs of a batch failed, or pictures are not as they were made"},
      {"5", "not enough memory, or no such device"},
      {"6", "output could not be written"},
      {"130, 143", "interrupted, by SIGINT or SIGTERM"}}}};

}  // namespace

std::span<const Topic> topics() {
  return kTopics;
}

const Topic& topic(std::string_view name) {
  return *std::ranges::find(kTopics, name, &Topic::name);
}

std::string to_text(const Topic& topic) {
  std::string text = std::string(topic.title) + ":\n";
  if (!topic.lead.empty()) text += two_columns("", std::string(topic.lead), 2);
  for (const Topic::Entry& entry : topic.entries) {
    text += two_columns("  " + std::string(entry.name), std::string(entry.meaning), 20);
  }
  return text;
}

std::string_view examples() {
  return R"(velatura txt2img "a red circle on a white background" -o circle.png
velatura txt2img "a lighthouse" -m sd15.safetensors --steps 25 -n 4 -o dawn/
velatura img2img "a lighthouse in oil" --image photo.jpg --strength 0.6 -o oil.png
velatura batch --from-file prompts.txt --batch-size 4 -o out/
velatura convert sd15.safetensors -o sd15/
velatura info sd15.safetensors
velatura selftest --device cuda
velatura help output
)";
}

std::string program_footer() {
  std::string text = "Examples:\n";
  std::size_t begin = 0;
  for (std::size_t end; (end = examples().find('\n', begin)) != std::string::npos;) {
    text += "  " + std::string(examples().substr(begin, end + 1 - begin));
    begin = end + 1;
  }
  text += "\n" + to_text(topic("environment")) + "\n" + to_text(topic("exit-codes")) +
          "\nMore, with 'velatura help TOPIC':\n  samplers";
  for (const Topic& other : topics()) text += ", " + std::string(other.name);
  return text;
}

}  // namespace velatura::cli
