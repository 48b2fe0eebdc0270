"""The same entry as ``main``, computing KSG on a CUDA device where there is one: the GPU queue, and local GPUs."""

from __future__ import annotations

import sys

from containers.gpu_batch.main import main

if __name__ == "__main__":
    sys.exit(main(device="gpu"))
