"""Lets TensorBoard read an event file of event_sample: tensorboard_check.py FOLDER. Ends with 1 where it reads another."""
import glob
import io
import sys

import numpy
from PIL import Image
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.histogram import metadata as histograms
from tensorboard.plugins.pr_curve import metadata as curves
from tensorboard.plugins.pr_curve import summary as curve_summary
from tensorboard.plugins.text import metadata as texts
from tensorboard.util import tb_logging
from tensorboard.util import tensor_util

tensors = {}
path, _ = sorted(glob.glob(sys.argv[1] + "/events.out.tfevents.*"))
loaded = list(event_file_loader.EventFileLoader(path).Load())
assert loaded[0].file_version == "brain.Event:2", loaded[0]
for event in loaded:
    for value in event.summary.value:
        tensors.setdefault(value.tag, []).append((event.step, event.wall_time, value))


def values_of(tag, plugin=None):
    for step, wall_time, value in tensors[tag]:
        assert plugin is None or value.metadata.plugin_data.plugin_name == plugin, (tag, value.metadata)
        yield step, wall_time, tensor_util.make_ndarray(value.tensor)


scalars = [(step, wall_time, float(x)) for step, wall_time, x in values_of("loss/train", "scalars")]
assert [s[0] for s in scalars] == list(range(5)) and [s[1] for s in scalars] == [1.7e9 + s for s in range(5)], scalars
assert numpy.allclose([s[2] for s in scalars], [1 / (1 + s) for s in range(5)]), scalars

i = numpy.arange(1000)
numbers = (numpy.sin(i) * numpy.exp(i % 7 - 3.0)).astype(numpy.float32).astype(float)
(step, _, buckets), = values_of("weights", histograms.PLUGIN_NAME)
assert step == 2 and buckets[:, 2].sum() == 1000, buckets
assert numpy.allclose([buckets[0, 0], buckets[-1, 1]], [numbers.min(), numbers.max()]), buckets
assert (buckets[:, 0] < buckets[:, 1]).all() and (buckets[1:, 0] == buckets[:-1, 1]).all(), buckets
for k, (left, right, count) in enumerate(buckets):
    is_last = k + 1 == len(buckets)
    assert ((left <= numbers) & ((numbers < right) | is_last)).sum() == count, (left, right, count)

scores = ((i % 101).astype(numpy.float32) / numpy.float32(100)).astype(numpy.float32)
targets = (i * 7919) % 1000 < 10 * (i % 101)
(step, _, curve), = values_of("labels/cat", curves.PLUGIN_NAME)
expected = tensor_util.make_ndarray(
    curve_summary.pb("cat", labels=targets, predictions=scores, num_thresholds=11).value[0].tensor)
assert step == 3 and numpy.allclose(curve, expected, atol=1e-6), (curve, expected)
about = curves.parse_plugin_metadata(tensors["labels/cat"][0][2].metadata.plugin_data.content)
assert about.num_thresholds == 11, about

(step, _, picture), = values_of("sheet", "images")
assert step == 4 and picture[:2].tolist() == [b"2", b"1"], picture
assert numpy.asarray(Image.open(io.BytesIO(picture[2]))).tolist() == [[[255, 0, 0], [0, 0, 255]]]

(_, _, text), = values_of("options", texts.PLUGIN_NAME)
assert text.item().decode() == "**softf1** é", text
# What came before a restart is no more.
tb_logging.get_logger().setLevel("ERROR")
events = EventAccumulator(sys.argv[1])
events.Reload()
whole = [(e.step, e.value) for e in events.Scalars("loss/train")]
assert numpy.allclose(whole, [(0, 1), (1, 1 / 2), (2, 1 / 3), (3, 13), (4, 14), (5, 15)]), whole
print("tensorboard: scalars, histogram, curve, image and text are read as they were written")
