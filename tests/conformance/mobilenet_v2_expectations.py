#!/usr/bin/env python3
"""What torchvision, timm and Keras say about narrow MobileNetV2s of known weights; the tests replay it without Python.

    mobilenet_v2_expectations.py update FILE [torchvision] [timm] [keras]   puts these peers' answers into the JSON
    mobilenet_v2_expectations.py check FILE [torchvision] [timm] [keras]    compares them with those in it

The weights are too many to commit, so they are a formula that both sides compute to the bit. Tensor k of `tensors`
(name, shape, centre, bound) has, in row-major order, the elements

    value(i) = float32(centre + bound * (2 u(i) - 1)),  u(i) = (bits(i) >> 8) * 2^-24,  in double before the float32,

where bits(i) is softf1's random_stream(seed, random_purpose::test, a = k).bits(i). The images are (n, size, size, 3),
NHWC, with centre 0, bound 1 and a = 1000. `bits` holds some of softf1's own, to check both sides against.

bound is sqrt(6 / fan_in) for kernels (fan_in: inputs that an output sees); centre and bound are 1 and .1 for gamma,
1 and .3 for the running variance, 0 and .1 for beta, the running mean and biases.

Outputs: `features`, pooled, before dropout, and `logits`; computed in float64 from the float32 weights and images.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np

SEED, CLASSES, WIDTH, IMAGES, IMAGE_STREAM = 20, 5, 0.35, 2, 1000
# (a, index, bits) of random_stream(20, random_purpose::test, a), printed by the C++ program.
BITS = [
    (0, 0, 0x0fb796b7), (0, 1, 0x38140d7d), (0, 2, 0x9a8c449d),
    (0, 3, 0x4bdab05b), (0, 4, 0x9f6f6cdb), (0, 1000003, 0x7b4ec9cb),
    (1, 0, 0xad812a44), (1, 1, 0x5e58c017), (1, 2, 0x6ca2e818),
    (1, 3, 0xd579ea4e), (1, 4, 0x70ff1a41), (1, 1000003, 0xc2b85f4d),
    (261, 0, 0xda9a6444), (261, 1, 0x84bc33a5), (261, 2, 0xdb2d2a80),
    (261, 3, 0xdf189c36), (261, 4, 0x21e5e260), (261, 1000003, 0xaa214ec8),
    (1000, 0, 0x761fca27), (1000, 1, 0x834b5a71), (1000, 2, 0xa24d8cd5),
    (1000, 3, 0x092920f4), (1000, 4, 0xa065d618), (1000, 1000003, 0xabd7b0d1),
]
CENTRE_AND_BOUND = {
    "gamma": (1.0, 0.1), "beta": (0.0, 0.1), "mean": (0.0, 0.1), "variance": (1.0, 0.3), "bias": (0.0, 0.1),
}


def philox(key, low, high):
    """Philox4x32-10 for arrays of 64-bit counters `low`: (n, 4) words."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    low = np.asarray(low, np.uint64)
    c = [low & mask, low >> shift, np.full_like(low, high & 0xFFFFFFFF), np.full_like(low, high >> 32)]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> shift) ^ c[1] ^ np.uint64(k[0]), p1 & mask, (p0 >> shift) ^ c[3] ^ np.uint64(k[1]), p0 & mask]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(c, 1)


def bits(a, count):
    """The first `count` words of random_stream(SEED, test = 0, a)."""
    words = philox(a, [0], 0)[0]
    high = int(words[0]) | int(words[1]) << 32
    return philox(SEED, np.arange((count + 3) // 4), high).ravel()[:count]


def values(a, shape, centre, bound):
    u = (bits(a, math.prod(shape)) >> np.uint64(8)) * 2.0**-24
    return (centre + bound * (2 * u - 1)).astype(np.float32).reshape(shape)


def images(size):
    return values(IMAGE_STREAM, (IMAGES, size, size, 3), 0.0, 1.0)


def tensor(name, shape, kind, fan_in=None):
    centre, bound = (0.0, math.sqrt(6 / fan_in)) if kind == "kernel" else CENTRE_AND_BOUND[kind]
    return [name, list(shape), centre, bound]


def numbers(x):
    return [[float(f"{v:.9g}") for v in row] for row in np.asarray(x)]


# torchvision and timm.
def torch_tensors(model):
    import torch
    result = []
    for prefix, module in model.named_modules():
        batch_norm = isinstance(module, torch.nn.BatchNorm2d)
        kinds = {"weight": "gamma" if batch_norm else "kernel", "bias": "beta" if batch_norm else "bias",
                 "running_mean": "mean", "running_var": "variance"}
        for name, x in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            if name in kinds:
                fan_in = math.prod(x.shape[1:]) if kinds[name] == "kernel" else None
                result.append(tensor(f"{prefix}.{name}", x.shape, kinds[name], fan_in))
    return result


def from_torch(model, pooled, sizes):
    import torch
    tensors = torch_tensors(model)
    state = {name: torch.from_numpy(values(k, shape, centre, bound))
             for k, (name, shape, centre, bound) in enumerate(tensors)}
    unexpected = model.load_state_dict(state, strict=False)
    assert all(name.endswith("num_batches_tracked") for name in unexpected.missing_keys), unexpected
    model.double().eval()
    cases = []
    with torch.no_grad():
        for size in sizes:
            x = torch.from_numpy(images(size)).double().permute(0, 3, 1, 2)
            cases.append({"image_size": size, "features": numbers(pooled(model, x)), "logits": numbers(model(x))})
    return {"padding": "symmetric", "batch_norm_epsilon": 1e-5, "tensors": tensors, "cases": cases}


def torchvision_answers():
    import torchvision
    model = torchvision.models.mobilenet_v2(weights=None, width_mult=WIDTH, num_classes=CLASSES)
    return {"made_with": f"torchvision {torchvision.__version__.split('+')[0]}",
            **from_torch(model, lambda m, x: m.features(x).mean((2, 3)), (64,))}


def timm_answers():
    import timm
    model = timm.create_model("mobilenetv2_035", num_classes=CLASSES)
    return {"made_with": f"timm {timm.__version__}",
            **from_torch(model, lambda m, x: m.forward_head(m.forward_features(x), pre_logits=True), (64,))}


# Keras.
def keras_model(keras, size):
    return keras.applications.MobileNetV2(input_shape=(size, size, 3), alpha=WIDTH, weights=None, classes=CLASSES,
                                          classifier_activation=None)


def keras_tensors(keras, model):
    kinds = {"gamma": "gamma", "beta": "beta", "moving_mean": "mean", "moving_variance": "variance", "bias": "bias"}
    result = []
    for layer in model.layers:
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        for variable in layer.weights:
            name = variable.name.split("/")[-1].split(":")[0]
            if name in kinds:
                result.append(tensor(f"{layer.name}/{name}", variable.shape, kinds[name]))
            else:
                fan_in = math.prod(variable.shape[:2] if depthwise else variable.shape[:-1])
                name = "depthwise_kernel" if depthwise else "kernel"
                result.append(tensor(f"{layer.name}/{name}", variable.shape, "kernel", fan_in))
    return result


def keras_answers():
    import keras
    keras.backend.set_floatx("float64")
    cases, tensors = [], None
    for size in (64, 75):  # 75: odd sizes on the way, where TensorFlow pads both sides
        model = keras_model(keras, size)
        tensors = keras_tensors(keras, model)
        state = [values(k, shape, centre, bound) for k, (_, shape, centre, bound) in enumerate(tensors)]
        for variable, x in zip([v for layer in model.layers for v in layer.weights], state, strict=True):
            variable.assign(x)
        pooled = keras.Model(model.input, model.get_layer("predictions").input)
        x = images(size).astype(np.float64)
        cases.append({"image_size": size, "features": numbers(pooled.predict(x, verbose=0)),
                      "logits": numbers(model.predict(x, verbose=0))})
    return {"made_with": f"Keras {keras.__version__}", "padding": "tensorflow_same", "batch_norm_epsilon": 1e-3,
            "tensors": tensors, "cases": cases}


# The converter, which must name the same tensors.
def check_converter(names, answers):
    source = {"torchvision": "torchvision:mobilenet_v2", "timm": "timm:mobilenetv2_035", "keras": "keras:MobileNetV2"}
    from safetensors import safe_open
    program = os.path.join(os.path.dirname(__file__), "../../examples/weights/convert.py")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "weights.safetensors")
        width = [] if names == "timm" else ["--width", str(WIDTH)]
        subprocess.run([sys.executable, program, source[names], "--weights", "none", "--classes", str(CLASSES),
                        "--out", out, *width], check=True, stdout=subprocess.DEVNULL)
        with safe_open(out, "np") as f:
            shapes = {name: f.get_slice(name).get_shape() for name in f.keys()}
            metadata = f.metadata()
    if shapes != {name: shape for name, shape, *_ in answers["tensors"]}:
        sys.exit(f"conformance: convert.py names other tensors than {names}")
    for key in ("padding", "batch_norm_epsilon"):
        if metadata[key] != str(answers[key]) and float(metadata[key]) != answers[key]:
            sys.exit(f"conformance: convert.py says {key} {metadata[key]} of {names}, expected {answers[key]}")


# Comparing and writing.
def differences(names, ours, committed):
    for key in ("padding", "batch_norm_epsilon", "tensors"):
        if ours[key] != committed[key]:
            yield f"{names}: {key}"
    for a, b in zip(ours["cases"], committed["cases"], strict=True):
        for key in ("features", "logits"):
            if not np.allclose(a[key], b[key], rtol=1e-6, atol=1e-6):
                yield f"{names}: {key} of images of {a['image_size']} pixels"


def main():
    verb, path = sys.argv[1:3]
    for a, index, expected in BITS:
        if int(bits(a, index + 1)[index]) != expected:
            sys.exit(f"conformance: bit {index} of stream {a} is not softf1's")
    committed = {}
    if os.path.exists(path):
        with open(path) as f:
            committed = json.load(f)["models"]
    answers = {"torchvision": torchvision_answers, "timm": timm_answers, "keras": keras_answers}
    ours = {names: answers[names]() for names in sys.argv[3:] or answers}
    for names in ours:
        check_converter(names, ours[names])
    if verb == "check":
        different = [text for names in ours for text in differences(names, ours[names], committed[names])]
        if different:
            sys.exit(f"conformance: {path} differs from {', '.join(different)}")
        return
    with open(path, "w") as f:
        json.dump({"seed": SEED, "classes": CLASSES, "width": WIDTH, "images": IMAGES, "image_stream": IMAGE_STREAM,
                   "bits": BITS, "models": {**committed, **ours}}, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
