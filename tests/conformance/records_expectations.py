#!/usr/bin/env python3
"""records_expectations.py OUT | --update: records that TensorFlow writes, and what it reads of ours.

records_sample.tfrecord is written by TensorFlow; tests/data/record_source.cpp reads it. Ends with 1 where TensorFlow
writes other bytes than the committed ones, or reads other records from OUT.sequence_example and OUT.example, which
record_sample.cpp wrote. --update replaces the sample.
"""
import os
import sys
import tempfile

import tensorflow as tf

LABELS = [[1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 1, 1]]


def image(k):
    pixels = tf.reshape(tf.cast(tf.range(8 * 8 * 3) * (k + 1) % 256, tf.uint8), (8, 8, 3))
    return tf.io.encode_jpeg(pixels).numpy() if k % 2 == 0 else tf.io.encode_png(pixels).numpy()


def name(k):
    return "folder/%d.%s" % (k, "jpg" if k % 2 == 0 else "png")


def texts(value):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def integers(values):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def sequence_example(k):
    context = {"image_path": texts(name(k).encode()), "image_data": texts(image(k))}
    steps = tf.train.FeatureList(feature=[integers([v]) for v in LABELS[k]])
    return tf.train.SequenceExample(context=tf.train.Features(feature=context),
                                    feature_lists=tf.train.FeatureLists(feature_list={"image_label": steps}))


def example(k):
    labels = integers(LABELS[k]) if k < 3 else tf.train.Feature(float_list=tf.train.FloatList(value=LABELS[k]))
    features = {"image_path": texts(name(k).encode()), "image_data": texts(image(k)), "image_label": labels,
                "height": integers([8])}
    return tf.train.Example(features=tf.train.Features(feature=features))


def write_sample(path):
    with tf.io.TFRecordWriter(path) as writer:
        for k in range(4):
            message = (sequence_example if k < 2 else example)(k)
            writer.write(message.SerializeToString(deterministic=True))


def read_back(path, message):
    """Paths, images and labels of a file, by TensorFlow's own parsers."""
    rows = {}
    for record in tf.data.TFRecordDataset(path):
        text = {"image_path": tf.io.FixedLenFeature([], tf.string), "image_data": tf.io.FixedLenFeature([], tf.string)}
        if message == "example":
            row = tf.io.parse_single_example(record, {**text, "image_label": tf.io.FixedLenFeature([3], tf.int64)})
            labels = row["image_label"]
        else:
            row, lists = tf.io.parse_single_sequence_example(
                record, text, {"image_label": tf.io.FixedLenSequenceFeature([], tf.int64)})
            labels = lists["image_label"]
        rows[row["image_path"].numpy().decode()] = (row["image_data"].numpy(), labels.numpy().tolist())
    return rows


def main():
    sample = os.path.join(os.path.dirname(os.path.abspath(__file__)), "records_sample.tfrecord")
    if sys.argv[1] == "--update":
        write_sample(sample)
        return 0
    with tempfile.NamedTemporaryFile() as fresh:
        write_sample(fresh.name)
        if open(fresh.name, "rb").read() != open(sample, "rb").read():
            print("records: TensorFlow writes other bytes than", sample)
            return 1
    expected = {name(k): (image(k), LABELS[k]) for k in range(4)}
    for message in ("sequence_example", "example"):
        if read_back(sys.argv[1] + "." + message, message) != expected:
            print("records: TensorFlow reads other records than were written as", message)
            return 1
    print("records: TensorFlow reads what is written here")
    return 0


if __name__ == "__main__":
    sys.exit(main())
