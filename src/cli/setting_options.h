#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "batch/settings.h"
#include "request/asked.h"

namespace velatura::cli {

/// Declares options of the picture commands on a command that makes pictures by settings, each once
/// and by all its names but the place of a prompt. What is given becomes settings, unchecked.
/// @param settings  under main names; must outlive the command
/// @param wanted    asked of every option
void add_setting_options(CLI::App& command, batch::Settings& settings,
                         const std::function<bool(const request::Slot&)>& wanted);

}  // namespace velatura::cli
