"""Lets ONNX Runtime run what onnx_samples wrote: onnx_check.py FOLDER. Ends with 1 where it computes something else."""
import glob
import json
import os
import sys

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file

folder = sys.argv[1]
expected = load_file(folder + "/expected.safetensors")
onnxruntime.set_default_logger_severity(3)
worst, failed, count = 0.0, 0, 0


def check(name, output, got):
    global worst, failed
    want = expected[name + "/" + output]
    # To 1e-4, of what is larger than 1 its part.
    error = float(numpy.max(numpy.abs(got - want) / numpy.maximum(1, numpy.abs(want)))) if got.shape == want.shape else 9
    worst = max(worst, error)
    if not error <= 1e-4:
        failed += 1
        print(f"onnx: {name}: {output} differs by {error}, shapes {got.shape} and {want.shape}")


for path in sorted(glob.glob(folder + "/*.onnx")):
    name, count = os.path.basename(path)[:-5], count + 1
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    source, = session.get_inputs()
    x = expected[name + "/" + source.name]
    if source.name == "pixels":
        x = x.transpose(0, 3, 1, 2)
    assert source.shape[1:] == list(x.shape[1:]), (source.shape, x.shape)
    answer = dict(zip([o.name for o in session.get_outputs()], session.run(None, {source.name: x})))
    about = session.get_modelmeta().custom_metadata_map
    if "y" in answer:
        check(name, "y", answer["y"])
        continue
    check(name, "logits", answer["logits"])
    about = json.loads(about["softf1"])
    logits = answer["logits"].astype(float)
    if about["task"] == "multiclass":
        exponentials = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        assert about["thresholds"]["logit"] == [None] * 3, about
    else:
        probabilities = 1 / (1 + numpy.exp(-logits))
        assert about["thresholds"]["logit"] == [0.25, -1, "inf"], about
        assert numpy.allclose(about["thresholds"]["probability"][:2], 1 / (1 + numpy.exp([-0.25, 1]))), about
    assert numpy.allclose(answer["probabilities"], probabilities, atol=1e-5), name
    assert about["labels"] == ["cat", "dog", "büffel"] and about["extractor"]["architecture"] in name, about
    assert ("preprocessing" in about) == (source.name == "pixels") == (source.shape[0] == "batch"), about
    # Alone as in a batch.
    if source.shape[0] == "batch":
        alone, = session.run(["logits"], {source.name: x[:1]})
        assert numpy.allclose(alone, logits[:1], atol=1e-4), name

print(f"onnx: ONNX Runtime {onnxruntime.__version__} gives what softf1 gives for {count} files, within {worst:.1e}")
sys.exit(1 if failed or count < 60 else 0)
