// Writes the records of records_sample.tfrecord anew, as OUT.sequence_example and OUT.example.
#include <cstdio>
#include <string>

#include <softf1/data/record_source.hpp>
#include <softf1/data/record_writer.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: record_sample OUT\n", stderr), 2;
  std::string const out = argv[1];
  auto const set = softf1::read_records("tests/conformance/records_sample.tfrecord");
  softf1::write_records(out + ".sequence_example", set.table, *set.images);
  softf1::write_records(out + ".example", set.table, *set.images, {.message = softf1::record_message::example});
}
