"""One optimizer step of GPT-2 small in PyTorch: what the times of the GPU check are compared with.

It has the model, starting values and tokens of org.seqpe.bench.gpu.TimesPart (FormulaValues), so that the losses of the
first steps must agree with those that the part has written, if it has. Then it times steps as PyTorch's users write
them: scaled_dot_product_attention, fused AdamW, clip_grad_norm_, eager and compiled, in float32, TF32 and under autocast
to bfloat16. A step's time is that of a block of steps without waiting in between; the figure is the blocks' median.
"""

import argparse
import json
import math
import os
import statistics
import sys
import time
import traceback

import torch
import torch.nn.functional as F

LEARNING_RATE, WEIGHT_DECAY, CLIP, EPSILON = 3e-4, 0.1, 1.0, 1e-8
NORM_EPSILON = 1e-5
RECORDED = 3
SIZES = {
    "full": dict(layers=12, width=768, heads=12, shapes=[(32, 512), (16, 1024)], words=50257, padded=50304, block=4, blocks=4, warmup=3),
    "tiny": dict(layers=1, width=32, heads=2, shapes=[(2, 32), (1, 64)], words=61, padded=64, block=1, blocks=2, warmup=1),
}


# ---------------------------------------------------------------- FormulaValues


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def shifted(value, bits):
    """A shift to the right that fills with zeros."""
    return (value >> bits) & ((1 << 64 - bits) - 1)


def mix(value):
    """SplitMix64's mixing, of a tensor of int64, whose products wrap."""
    value = (value ^ shifted(value, 30)) * signed(0xBF58476D1CE4E5B9)
    value = (value ^ shifted(value, 27)) * signed(0x94D049BB133111EB)
    return value ^ shifted(value, 31)


def bits(stream, index):
    return mix(mix(torch.full_like(index[:1], stream)) + index * signed(0x9E3779B97F4A7C15))


def java_hash(text):
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value


def values(name, shape, start, std, device):
    size = math.prod(shape)
    out = torch.empty(size, device=device)
    for first in range(0, size, 1 << 24):
        index = torch.arange(first, min(size, first + (1 << 24)), device=device)
        unit = shifted(bits(java_hash(name), index), 40).double() * 2.0**-24
        out[first : first + index.numel()] = (start + std * math.sqrt(3) * (2 * unit - 1)).float()
    return out.view(shape)


def batch(number, rows, length, words, device):
    tokens = shifted(bits(number, torch.arange(rows * (length + 1), device=device)), 1) % words
    tokens = tokens.view(rows, length + 1)
    return tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()


# ---------------------------------------------------------------- the model


class Block(torch.nn.Module):
    def __init__(self, number, width, heads, layers, device):
        super().__init__()
        name = f"transformer.h.{number}"
        self.heads = heads

        def parameter(suffix, shape, std, start=0.0):
            return torch.nn.Parameter(values(name + suffix, shape, start, std, device))

        def matrix(suffix, inner, outer, std):
            # nn.Linear's layout of a matrix that GPT-2 keeps as [in, out].
            return torch.nn.Parameter(values(name + suffix, (inner, outer), 0.0, std, device).t().contiguous())

        residual = 0.02 / math.sqrt(2.0 * layers)
        self.norm1, self.norm1_bias = parameter(".ln_1.weight", (width,), 0.0, 1.0), parameter(".ln_1.bias", (width,), 0.0)
        self.norm2, self.norm2_bias = parameter(".ln_2.weight", (width,), 0.0, 1.0), parameter(".ln_2.bias", (width,), 0.0)
        self.qkv, self.qkv_bias = matrix(".attn.c_attn.weight", width, 3 * width, 0.02), parameter(".attn.c_attn.bias", (3 * width,), 0.0)
        self.out, self.out_bias = matrix(".attn.c_proj.weight", width, width, residual), parameter(".attn.c_proj.bias", (width,), 0.0)
        self.fc, self.fc_bias = matrix(".mlp.c_fc.weight", width, 4 * width, 0.02), parameter(".mlp.c_fc.bias", (4 * width,), 0.0)
        self.proj, self.proj_bias = matrix(".mlp.c_proj.weight", 4 * width, width, residual), parameter(".mlp.c_proj.bias", (width,), 0.0)

    def forward(self, x):
        rows, length, width = x.shape
        normed = F.layer_norm(x, (width,), self.norm1, self.norm1_bias, NORM_EPSILON)
        qkv = F.linear(normed, self.qkv, self.qkv_bias).view(rows, length, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        attended = attended.transpose(1, 2).reshape(rows, length, width)
        x = x + F.linear(attended, self.out, self.out_bias)
        normed = F.layer_norm(x, (width,), self.norm2, self.norm2_bias, NORM_EPSILON)
        return x + F.linear(F.gelu(F.linear(normed, self.fc, self.fc_bias), approximate="tanh"), self.proj, self.proj_bias)


class Gpt2(torch.nn.Module):
    def __init__(self, layers, width, heads, length, words, device):
        super().__init__()
        self.tokens = torch.nn.Parameter(values("transformer.wte.weight", (words, width), 0.0, 0.02, device))
        self.positions = torch.nn.Parameter(values("transformer.wpe.weight", (length, width), 0.0, 0.02, device))
        self.blocks = torch.nn.ModuleList(Block(i, width, heads, layers, device) for i in range(layers))
        self.norm = torch.nn.Parameter(torch.ones(width, device=device))
        self.norm_bias = torch.nn.Parameter(torch.zeros(width, device=device))

    def forward(self, tokens, targets):
        x = F.embedding(tokens, self.tokens) + self.positions
        for block in self.blocks:
            x = block(x)
        x = F.layer_norm(x, (x.shape[-1],), self.norm, self.norm_bias, NORM_EPSILON)
        logits = F.linear(x, self.tokens)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]).float(), targets.view(-1))


class Training:
    def __init__(self, sizes, shape, words, precision, compiled, device):
        self.precision, self.device = precision, device
        torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
        rows, length = shape
        self.model = Gpt2(sizes["layers"], sizes["width"], sizes["heads"], length, words, device)
        self.forward = torch.compile(self.model, dynamic=False) if compiled else self.model
        parameters = list(self.model.parameters())
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in parameters if p.dim() > 1], "weight_decay": WEIGHT_DECAY},
                {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
            ],
            lr=LEARNING_RATE,
            betas=(0.9, 0.999),
            eps=EPSILON,
            fused=True,
        )
        self.batches = [batch(i, rows, length, words, device) for i in range(4)]

    def step(self, number):
        tokens, targets = self.batches[number % len(self.batches)]
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            loss = self.forward(tokens, targets)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        return loss, norm


# ---------------------------------------------------------------- the part


class Part:
    def __init__(self, arguments):
        self.began = time.monotonic()
        self.seconds, self.file = arguments.seconds, arguments.figures
        self.sizes = SIZES[arguments.sizes]
        self.figures, self.failures = {}, []
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            with open(arguments.ours) as lines:
                self.ours = json.load(lines)
        except (OSError, TypeError, ValueError):
            self.ours = {}

    def elapsed(self):
        return time.monotonic() - self.began

    def put(self, name, value):
        self.figures[name] = value
        if self.file:
            with open(self.file + ".new", "w") as lines:
                json.dump(self.figures, lines)
                lines.write("\n")
            os.replace(self.file + ".new", self.file)

    def fail(self, text):
        print("FAILED:", text)
        self.failures.append(text)
        self.put("failures", self.failures)

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def run(self):
        print(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name() if self.device == 'cuda' else 'the processor'}")
        self.put("torch", torch.__version__)
        words, padded, (first, second) = self.sizes["words"], self.sizes["padded"], self.sizes["shapes"]
        plan = [
            (first, words, "float32", False),
            (first, words, "bfloat16", False),
            (first, words, "tf32", False),
            (first, words, "bfloat16", True),
            (second, words, "bfloat16", False),
            (second, words, "float32", False),
            (first, padded, "bfloat16", False),
            (first, padded, "bfloat16", True),
            (first, words, "float32", True),
            (first, words, "tf32", True),
            (second, words, "bfloat16", True),
            (second, words, "tf32", False),
            (first, padded, "float32", False),
        ]
        print(f"{'ms a step':<44} {'median':>9} {'best':>9} {'tokens/s':>10} {'MiB':>8} {'setup, s':>9}")
        for shape, size, precision, compiled in plan:
            name = f"{shape[0]}x{shape[1]}-{size}-{precision}-{'compiled' if compiled else 'eager'}"
            # Compiling takes tens of seconds the first time.
            if self.elapsed() > self.seconds - (30 if compiled else 6):
                print("No time is left for", name)
                continue
            try:
                self.measure(name, shape, size, precision, compiled)
            except Exception as failure:
                traceback.print_exc(limit=-4, file=sys.stdout)
                self.fail(f"{name}: {failure!r}")
            if self.device == "cuda":
                torch.cuda.empty_cache()
        self.ratios()
        return 1 if self.failures else 0

    def measure(self, name, shape, words, precision, compiled):
        began = time.monotonic()
        if self.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        if compiled:
            torch._dynamo.reset()
        training = Training(self.sizes, shape, words, precision, compiled, self.device)
        losses, norms = [], []
        for i in range(RECORDED):
            loss, norm = training.step(i)
            losses.append(loss.item())
            norms.append(norm.item())
        setup = time.monotonic() - began
        for i in range(self.sizes["warmup"]):
            training.step(i)
        self.wait()
        times = []
        for _ in range(self.sizes["blocks"]):
            start = time.perf_counter()
            for i in range(self.sizes["block"]):
                training.step(i)
            self.wait()
            times.append((time.perf_counter() - start) / self.sizes["block"])
        median = statistics.median(times)
        memory = torch.cuda.max_memory_reserved() >> 20 if self.device == "cuda" else 0
        print(f"{name:<44} {median * 1e3:9.2f} {min(times) * 1e3:9.2f} {shape[0] * shape[1] / median:10.0f} {memory:8d} {setup:9.1f}")
        print(f"  losses {losses}, gradient norms {norms}", flush=True)
        self.put(name, dict(milliseconds=median * 1e3, best=min(times) * 1e3, tokensPerSecond=shape[0] * shape[1] / median, mebibytes=memory, losses=losses, norms=norms))
        if not compiled:
            self.agree(name, shape, words, precision, losses, norms)

    def agree(self, name, shape, words, precision, losses, norms):
        """Whether the other side began with the same losses and norms, at the same precision."""
        theirs = self.ours.get(f"learned-{shape[0]}x{shape[1]}-{words}-{precision}", {})
        if "losses" not in theirs:
            return
        loss = max(abs(a - b) / abs(b) for a, b in zip(theirs["losses"], losses))
        norm = max(abs(a - b) / abs(b) for a, b in zip(theirs["norms"], norms))
        print(f"  the device's losses are within {loss:.1e}, its gradient norms within {norm:.1e}")
        self.put("agreement-" + name, dict(losses=loss, norms=norm))
        bound, norm_bound = (1e-4, 1e-3) if precision == "float32" else (5e-3, 5e-2)
        if not (loss <= bound and norm <= norm_bound):
            self.fail(f"{name}: the device's losses differ by {loss:.1e}, its gradient norms by {norm:.1e}: expected at most {bound} and {norm_bound}")

    def ratios(self):
        """Times of the CUDA device over PyTorch's, of the same shape: below 1 where the device is faster."""
        ratios = {}
        for name, mine in self.figures.items():
            if not isinstance(mine, dict) or "milliseconds" not in mine:
                continue
            shape, words, precision, _ = name.split("-")
            for encoding in ("learned", "rope", "seqpe"):
                # TF32 and float32 both stand beside the device's float32.
                theirs = self.ours.get(f"{encoding}-{shape}-{words}-{precision.replace('tf32', 'float32')}", {})
                if "milliseconds" in theirs:
                    ratios[f"{encoding} / {name}"] = theirs["milliseconds"] / mine["milliseconds"]
        if ratios:
            print("Time of the device / PyTorch's:")
        for name, ratio in ratios.items():
            print(f"  {name:<50} {ratio:6.2f}")
        self.put("ratios", ratios)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", choices=sorted(SIZES), default="full")
    parser.add_argument("--seconds", type=float, default=90, help="after these nothing new begins")
    parser.add_argument("--ours", help="the figures of the part times")
    parser.add_argument("--figures", help="where figures go, as JSON")
    return Part(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
