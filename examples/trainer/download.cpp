// softf1 download: the images of a table, from where its URLs say.
#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <softf1/data/download.hpp>
#include <softf1/data/download_table.hpp>
#include <softf1/io/csv_rows.hpp>
#include <softf1/io/csv_writer.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/version.hpp>

#include "options.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace program {

namespace {

namespace data = softf1::data;
using softf1::io_error;

/// What was asked for and what came of it, row by row.
struct download_report {
  std::vector<data::download_item> items;
  data::download_result result;
  std::string failures;  ///< a file; empty where there is none to write

  bool failed(std::size_t i) const { return result.items[i].state == data::download_state::failed; }
  std::size_t there() const { return result.fetched + result.present; }
};

data::download_result fetch(download_options const& o, std::vector<data::download_item> const& items) {
  progress_bar bar("download", "images", o.quiet);
  interruptible const guard;
  return data::download_images(items, o.out,
                               {.jobs = o.jobs,
                                .per_host = o.per_host,
                                .rate_limit = o.rate_limit,
                                .timeout = o.timeout,
                                .stall_timeout = std::min(o.timeout, o.stall_timeout),
                                .retries = o.retries,
                                .max_redirects = o.max_redirects,
                                .max_bytes = o.max_size,
                                .allow_private = o.allow_private,
                                .user_agent = o.user_agent.empty() ? "softf1/" SOFTF1_VERSION : o.user_agent,
                                .seed = o.seed,
                                .progress = [&](std::size_t done, std::size_t of) { bar.show(done, of); },
                                .stop_requested = interruptible::requested});
}

std::string failures_csv(download_report const& report) {
  std::string text = "id,url,reason,attempts\n";
  for (std::size_t i = 0; i < report.items.size(); ++i) {
    if (!report.failed(i)) continue;
    auto const& outcome = report.result.items[i];
    text += softf1::io::csv_line(std::vector<std::string>{report.items[i].id, report.items[i].url, outcome.reason,
                                                          std::to_string(outcome.attempts)});
  }
  return text;
}

std::string table_without_failures(download_options const& o, download_report const& report) {
  std::vector<bool> failed;
  for (std::size_t i = 0; i < report.items.size(); ++i) failed.push_back(report.failed(i));
  return softf1::csv_without_rows(o.csv, failed, data::detail::parse_separator(o.separator));
}

/// Images by what their bytes are.
std::map<std::string, std::size_t> count_formats(data::download_result const& result) {
  std::map<std::string, std::size_t> counts;
  for (auto const& outcome : result.items)
    if (!outcome.extension.empty()) ++counts[outcome.extension];
  return counts;
}

/// Images that tables look for under another name.
std::size_t count_renamed(download_report const& report) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < report.items.size(); ++i) {
    auto const& file = report.result.items[i].file;
    count += !report.failed(i) && file != report.items[i].id && file != report.items[i].id + ".jpg";
  }
  return count;
}

std::string reasons_text(download_report const& report) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < report.items.size(); ++i)
    if (report.failed(i)) ++counts[report.result.items[i].reason];
  std::vector<std::pair<std::string, std::size_t>> reasons(counts.begin(), counts.end());
  std::stable_sort(reasons.begin(), reasons.end(), [](auto const& a, auto const& b) { return a.second > b.second; });
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t k = 0; k < reasons.size() && k < shown; ++k)
    text += fmt::format("  {}  {}\n", reasons[k].second, reasons[k].first);
  if (reasons.size() > shown) text += fmt::format("  and {} more reasons\n", reasons.size() - shown);
  return text;
}

std::string text_of(download_options const& o, download_report const& report) {
  auto const& result = report.result;
  auto text =
      fmt::format("{} rows: {} images fetched ({:.1f} MB), {} were there, {} failed\n", report.items.size(),
                  result.fetched, static_cast<double>(result.bytes_fetched) / 1e6, result.present, result.failed);
  for (auto const& [extension, count] : count_formats(result))
    if (extension != "jpg") text += fmt::format("{} images are {} files, whatever their name says\n", count, extension);
  if (auto const renamed = count_renamed(report); renamed > 0)
    text += fmt::format("{} images have other names than their ids, which tables will not find\n", renamed);
  text += reasons_text(report);
  if (result.failed > 0) text += fmt::format("failures: {}\n", report.failures);
  if (!o.drop_failed.empty())
    text += fmt::format("the table without them: {} ({} rows)\n", o.drop_failed, report.items.size() - result.failed);
  return text;
}

softf1::io::json_value to_json(download_options const& o, download_report const& report) {
  using softf1::io::json_value;
  auto const& result = report.result;
  json_value form{{"table", o.csv},
                  {"images", o.out},
                  {"rows", report.items.size()},
                  {"fetched", result.fetched},
                  {"present", result.present},
                  {"failed", result.failed},
                  {"bytes_fetched", result.bytes_fetched}};
  auto& formats = form["formats"] = json_value::object();
  for (auto const& [extension, count] : count_formats(result)) formats[extension] = count;
  auto& failures = form["failures"] = json_value::array();
  for (std::size_t i = 0; i < report.items.size(); ++i)
    if (report.failed(i))
      failures.push_back({{"id", report.items[i].id},
                          {"url", report.items[i].url},
                          {"reason", result.items[i].reason},
                          {"attempts", result.items[i].attempts}});
  return form;
}

}  // namespace

void run(download_options const& o) {
  download_report report;
  report.items = data::read_download_items(o.csv, {o.id_column, o.url_column, o.encoding, o.separator});
  if (report.items.empty()) throw io_error("download: " + o.csv + " has no rows");
  report.failures = o.failures.empty() ? (std::filesystem::path(o.out) / "failures.csv").string() : o.failures;
  output_files files({{"--csv", o.csv}});
  // Found out before hours of work: whether results go to one file, or over the table.
  output_files({{"--csv", o.csv}}).claim("--failures", report.failures);
  if (!o.drop_failed.empty()) output_files({{"--csv", o.csv}}).claim("--drop-failed", o.drop_failed);

  report.result = fetch(o, report.items);
  if (report.result.stopped)
    throw io_error(fmt::format("interrupted: {} of {} images are there, and the same command goes on from there",
                               report.there(), report.items.size()));
  // A list of an earlier run would go on telling of failures that are no more.
  if (report.result.failed > 0 || std::filesystem::exists(report.failures))
    files.add("--failures", report.failures, failures_csv(report));
  bool const any = report.there() > 0;
  if (any && !o.drop_failed.empty()) files.add("--drop-failed", o.drop_failed, table_without_failures(o, report));
  if (!o.json.empty()) files.add("--json", o.json, softf1::io::json_text(to_json(o, report)));
  files.commit();
  if (!any)
    throw io_error(fmt::format("none of the {} images of {} could be fetched: {} (see {})", report.items.size(), o.csv,
                               report.result.items.front().reason, report.failures));
  if (!o.quiet && !files.take_standard_output()) print(text_of(o, report));
}

}  // namespace program
