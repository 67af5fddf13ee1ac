// The sub-command that shows augmented images.
#include "command_parts.hpp"

namespace program {

namespace {

void check_cells(std::string const& text) { check_whole<std::size_t>(text, 100, 1); }
void check_side(std::string const& text) { check_whole<std::size_t>(text, 4096, 8); }

std::string missing(preview_options& o) {
  return o.set.has_features() ? "--features and --arff have no images to show" : wrong_source(o.set);
}

}  // namespace

void add_preview(CLI::App& root, request& result) {
  auto const [command, o] = add_command<preview_options>(
      root, result, "preview", "Draw a sheet of images as training shows them to the network",
      R"(A row an image; the first column is the image as it is, each other one an epoch of training. The steps of
--augment, joined by +, each with its options (name:key=value,key=value): random_crop, random_resized_crop, flip,
rotate, rand_augment, brightness, saturation, contrast, hue, erase. `tutorial` is a crop out of 255 pixels, flip and
the four of colour; `none` is none.

Example:
  softf1 preview --csv posters.csv --images images --augment tutorial --out sheet.jpg)");
  add_image_set(*command, o->set, true);
  command->add_option("--augment", o->augment, "The steps")
      ->check(accepted_by(check_augmentation))
      ->capture_default_str()
      ->type_name("STEPS")
      ->group("Images");
  command
      ->add_option("--crops", o->crops, "In place of that, the crops of an evaluation: ten_crop:resize=255, flip ...")
      ->check(accepted_by(check_crops))
      ->type_name("NAMES")
      ->group("Images");
  command->add_option("--image-size", o->image_size, "Pixels of a side")
      ->check(accepted_by(check_side))
      ->capture_default_str()
      ->type_name("N")
      ->group("Images");
  auto const choice = [command = command](char const* name, std::string& value, std::vector<std::string> const& names,
                                          char const* help) {
    command->add_option(name, value, help)
        ->check(CLI::IsMember(names).description(""))
        ->type_name("NAME")
        ->group("Images");
  };
  choice("--resize", o->resize, {"stretch", "crop"}, "How an image becomes a square: stretch or crop");
  choice("--resize-filter", o->filter, {"antialiased", "bilinear"}, "antialiased or bilinear");
  auto const cells = [command = command](char const* name, std::size_t& value, char const* help) {
    command->add_option(name, value, help)
        ->check(accepted_by(check_cells))
        ->capture_default_str()
        ->type_name("N")
        ->group("Sheet");
  };
  cells("--rows", o->rows, "Images, from all over the table");
  cells("--columns", o->columns, "Columns, the original among them");
  command->add_option("--epoch", o->epoch, "The epoch of the second column")
      ->capture_default_str()
      ->type_name("N")
      ->group("Sheet");
  command->add_option("--out", o->out, "The sheet, as .jpg or .png")
      ->capture_default_str()
      ->type_name("FILE")
      ->group("Output");
  add_common(root, *command, *o, "Write which rows are shown and what is done to them");
  require(*command, result, o, missing);
}

}  // namespace program
