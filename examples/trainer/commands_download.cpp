// The sub-command that downloads images.
#include "command_parts.hpp"

#include <softf1/core/named.hpp>

namespace program {

namespace {

void check_jobs(std::string const& text) { check_whole<std::size_t>(text, 1000, 1); }
void check_tries(std::string const& text) { check_whole<std::size_t>(text, 100); }
void check_bytes(std::string const& text) { check_whole<std::size_t>(text, 4'000'000'000, 1); }
void check_seconds(std::string const& text) {
  double const x = softf1::parse_number(text, "a time");
  if (!(x > 0 && x <= 86400)) throw softf1::value_error("must be above 0 and at most 86400 seconds, got " + text);
}
void check_requests(std::string const& text) {
  double const x = softf1::parse_number(text, "a rate");
  if (!(x >= 0 && x <= 1e6)) throw softf1::value_error("must lie in 0..1000000, got " + text);
}

void add_table(CLI::App& command, download_options& o) {
  auto const text = [&](char const* name, std::string& value, char const* type, char const* help) {
    return command.add_option(name, value, help)->type_name(type)->group("Data");
  };
  add_file(command, "--csv", o.csv, "The table: CSV with a header, a row an image")->required()->group("Data");
  text("--url-column", o.url_column, "NAME",
       "The column of URLs; without it, one named url, image_url, poster_url, poster or image");
  text("--id-column", o.id_column, "NAME",
       "The column of ids; without it, one named id, imdbId, image ..., else the first");
  text("--separator", o.separator, "CHAR", "What separates columns: a character or tab; without it, found");
  text("--encoding", o.encoding, "NAME", "utf-8 or iso-8859-1; without it, UTF-8 where the bytes are");
}

void add_transfers(CLI::App& command, download_options& o) {
  auto const add = [&](char const* name, auto& value, char const* type, void (*check)(std::string const&),
                       char const* help) {
    command.add_option(name, value, help)
        ->check(accepted_by(check))
        ->capture_default_str()
        ->type_name(type)
        ->group("Download");
  };
  add("--jobs", o.jobs, "N", check_jobs, "Downloads at a time");
  add("--per-host", o.per_host, "N", check_jobs, "Of them from one host");
  add("--rate-limit", o.rate_limit, "R", check_requests, "Downloads that begin in a second; 0 for any number");
  add("--timeout", o.timeout, "SECONDS", check_seconds, "For one attempt");
  add("--stall-timeout", o.stall_timeout, "SECONDS", check_seconds, "Without any data");
  add("--retries", o.retries, "N", check_tries, "Attempts after the first, with growing pauses");
  add("--max-size", o.max_size, "BYTES", check_bytes, "Larger files are refused");
  add("--max-redirects", o.max_redirects, "N", check_tries, "Redirects that are followed");
  command.add_option("--user-agent", o.user_agent, "What servers are told; without it, softf1 and its version")
      ->type_name("TEXT")
      ->group("Download");
  command
      .add_flag("--allow-private", o.allow_private, "Connect to addresses of this machine and of private networks, too")
      ->group("Download");
}

}  // namespace

void add_download(CLI::App& root, request& result) {
  auto const [command, o] = add_command<download_options>(
      root, result, "download", "Fetch the images of a table from the URLs in one of its columns",
      R"(Writes DIR/<id>.jpg, whatever the format: images are recognised by their bytes. What is there is neither
fetched again nor replaced, so that a run that was stopped (Ctrl-C) goes on when it is repeated. Rows that fail are
listed, with the reason; the status is 0 unless no image is there at all. Proxies of the environment are not used.

Example:
  softf1 download --csv MovieGenre.csv --url-column Poster --id-column imdbId --out posters --drop-failed posters.csv)");
  add_table(*command, *o);
  add_transfers(*command, *o);
  command->add_option("--out", o->out, "The folder of the images")->required()->type_name("DIR")->group("Output");
  add_file(*command, "--failures", o->failures,
           "Where rows that fail are listed (id, url, reason, attempts); without it DIR/failures.csv")
      ->group("Output");
  add_file(*command, "--drop-failed", o->drop_failed, "Where the table is written without the rows that fail")
      ->group("Output");
  add_common(root, *command, *o, "Write numbers of images, and failures");
}

}  // namespace program
