"""The arithmetic and the bytes of a call, and the share of a device's peak that a measured time reaches.

Counted are the instructions that the brute-force kernel cannot do without, one floating-point operation each: none is
a fused multiply-add, so that the ceiling is half of the FLOP/s in a data sheet; minima and maxima run at half rate on
NVIDIA's chips (16 lanes of 32), which is not counted and keeps a perfect kernel near 60 % at k = 4. Sorted lists skip
work: for them the share says how much faster than brute force could ever be the call was, and may pass 1.
"""

from __future__ import annotations

from dataclasses import dataclass

_CORES = {  # single-precision lanes of one multiprocessor, by compute capability; CUDA C++ Programming Guide
    (7, 0): 64, (7, 5): 64, (8, 0): 64, (8, 6): 128, (8, 7): 128, (8, 9): 128, (9, 0): 128, (10, 0): 128,
    (10, 3): 128, (12, 0): 128, (12, 1): 128,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peak:
    """What a device can do at most: single-precision operations (no fused pair) and bytes of its memory, per second."""

    name: str
    flops_per_s: float
    bytes_per_s: float


def work(n_rows: int, n_given_dims: int, n_surrogates: int, *, k: int = 4, n_x_dims: int = 1) -> tuple[int, int]:
    """(flops, bytes) of one variable in ``n_surrogates`` orders, y of one dimension; brute force, float32.

    Per pair of rows and surrogate: a difference, and a maximum with the distance in (y, z), for each of two passes
    (absolute values are free); 2 k - 1 minima and maxima; comparison and count in (x, z), (y, z) and z. The distances
    in z and (y, z) are made once. Bytes: orders up, x written and read once, matrices written and read once, the sums.
    """
    pairs = n_rows * n_rows
    search = 2 * n_x_dims + 2 * k - 1
    count = 2 * n_x_dims + 2 * (3 if n_given_dims else 2)
    flops = pairs * (n_surrogates * (search + count) + 2 * (n_given_dims + 1))
    values = n_rows * n_surrogates
    moved = 4 * values + 2 * 4 * n_x_dims * values + 2 * 2 * 4 * pairs + 2 * 8 * values // 4
    return flops, moved


def peak_of(device: str) -> Peak | None:
    """Peak of a CUDA device from its own properties; None for another device or an unknown chip."""
    from causeway.analysis.information.neighbours.gpu_device import count_devices

    if not device.startswith("cuda") or not count_devices()[0]:
        return None
    import torch

    chip = torch.cuda.get_device_properties(torch.device(device))
    lanes = _CORES.get((chip.major, chip.minor))
    clock_khz, memory_khz = getattr(chip, "clock_rate", 0), getattr(chip, "memory_clock_rate", 0)
    if lanes is None or not clock_khz or not memory_khz:
        return None
    memory = 2 * 1e3 * memory_khz * chip.memory_bus_width / 8  # two transfers per clock
    return Peak(str(chip.name), 1e3 * clock_khz * chip.multi_processor_count * lanes, memory)


def share_of_peak(flops: int, moved: int, seconds: float, peak: Peak) -> float:
    """Least time that the device needs for this work by either limit, over the time it took."""
    return max(flops / peak.flops_per_s, moved / peak.bytes_per_s) / seconds
