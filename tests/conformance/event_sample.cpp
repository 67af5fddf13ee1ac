// Writes the event file that tensorboard_check.py lets TensorBoard read: event_sample FOLDER.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <softf1/report/event_file.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  softf1::event_writer writer(argv[1], {}, 1.7e9);
  for (int step = 0; step < 5; ++step) writer.scalar("loss/train", step, 1.0 / (1 + step), 1.7e9 + step);
  std::vector<float> values, scores;
  std::vector<std::uint8_t> targets;
  for (int i = 0; i < 1000; ++i) {
    values.push_back(static_cast<float>(std::sin(i) * std::exp(i % 7 - 3)));
    scores.push_back(static_cast<float>(i % 101) / 100);
    targets.push_back((i * 7919) % 1000 < 10 * (i % 101));
  }
  values.push_back(std::numeric_limits<float>::quiet_NaN());
  writer.histogram("weights", 2, values, 1.7e9);
  writer.pr_curve("labels/cat", 3, scores, targets, 11, 1.7e9);
  // A red pixel and a blue one.
  constexpr std::uint8_t png[] = {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
                                  0x44, 0x52, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00,
                                  0x00, 0x7b, 0x40, 0xe8, 0xdd, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78,
                                  0x9c, 0x63, 0xf8, 0xcf, 0x00, 0x04, 0xff, 0x01, 0x07, 0x00, 0x01, 0xff, 0xe2, 0x23,
                                  0x9e, 0x59, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
  writer.image("sheet", 4, std::as_bytes(std::span(png)), 1, 2, 1.7e9);
  writer.text("options", 0, "**softf1** \xc3\xa9", 1.7e9);
  // The run goes on from step 3, in a file of its own.
  softf1::event_writer second(argv[1], {}, 1.7e9 + 1);
  second.restart(3, 1.7e9 + 10);
  for (int step = 3; step < 6; ++step) second.scalar("loss/train", step, 10.0 + step, 1.7e9 + 10 + step);
}
